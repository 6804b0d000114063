/* SPDX-License-Identifier: MIT */
#include "commands/image_command.h"
#include "err.h"
#include "report/gc_view.h"
#include "report/moment.h"

#include <inttypes.h>

struct asked {
    struct image_command c;
    const char *at;   /* NULL: the end */
    bool at_is_known; /* in some image */
    uint32_t n_told, n_without;
};

static void tell(struct asked *a, const struct gc_view *v)
{
    if (a->c.as_json) {
        gc_json(&a->c.json, v);
        return;
    }
    if (a->n_told > 0)
        fputc('\n', a->c.out);
    gc_text(&a->c.text, v);
}

/* Processes that count nothing are only counted. */
static bool says_nothing(const struct image *i)
{
    return i->shadow.totals.objects_created == 0 && i->shadow.n_objects == 0;
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    struct gc_view v;
    i->gc = a->c.gc;
    i->counts_only = true;
    if (a->at) {
        switch (moment_find(&i->trace, a->at, &i->gc.until, &i->damage)) {
        case MOMENT_DAMAGED:
            return RC_TRACE;
        case MOMENT_UNKNOWN:
            return RC_CLEAN;
        case MOMENT_FOUND:
            i->gc.ends = a->at_is_known = true;
        }
    }
    if (image_replay(i) != 0)
        return RC_TRACE;
    if (says_nothing(i)) {
        a->n_without++;
        return RC_CLEAN;
    }
    const int rc = gc_view_make(&v, i, a->at);
    if (rc == 0)
        tell(a, &v);
    a->n_told++;
    gc_view_release(&v);
    return rc == 0 ? RC_CLEAN : RC_TRACE;
}

static void say_without(const struct asked *a)
{
    if (a->c.as_json || a->n_without == 0)
        return;
    if (a->n_told == 0 && a->at)
        fputs("no object had been announced by then\n", a->c.out);
    else if (a->n_told == 0)
        fputs("no process announced a counted object (see include/ouro.h: "
              "OURO_NEW)\n",
              a->c.out);
    else
        fprintf(a->c.out,
                "\n%" PRIu32 " more process%s without counted objects\n",
                a->n_without, a->n_without == 1 ? "" : "es");
}

static int ask(struct asked *a, const char *recording)
{
    const int code = image_command_ask(&a->c, recording, image_open, visit, a);
    if (code == RC_CLEAN && a->at && !a->at_is_known)
        return cmd_usage(&cmd_gc,
                         "--at=%s: no checkpoint of that name, and no time in "
                         "seconds",
                         a->at);
    say_without(a);
    return code;
}

enum { AT = CMD_LONG };

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_gc, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.c = image_command_of(&cmd_gc, "ouro-gc/1", out)};
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == AT)
            a.at = l.value;
        else if (id == CMD_STOP || !image_command_option(&a.c, &l, id))
            return l.status;
    }
    const char *recording = cmd_recording(&l);
    return recording ? ask(&a, recording) : l.status;
}

static const struct cmd_option options[] = {
    IMAGE_THRESHOLD_OPTION,
    {AT, "at", "WHEN", "up to a checkpoint, by its name, or a time in seconds"},
    IMAGE_FORMAT_OPTION,
    IMAGE_PID_OPTION,
    {0},
};

const struct cmd cmd_gc = {
    .name = "gc",
    .args = "[options] [RECORDING]",
    .summary = "say what Python's gc module would: generations, collections",
    .options = options,
    .details =
        "The collections are replayed at the recorded creations of objects, "
        "as\n"
        "CPython schedules them; after the last event one of generation 2 is\n"
        "run. A line each: when, which generation, how many objects it looked\n"
        "at, what it found, the counts before it.\n"
        "Exit codes: 0 said; 2 usage; 3 missing or damaged, in whole or in\n"
        "part; 4 out of memory.\n",
    .run = run,
};
