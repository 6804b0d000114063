/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "report/each_image.h"
#include "report/gc_view.h"
#include "report/json_out.h"
#include "report/json_parts.h"
#include "report/moment.h"
#include "report/text_out.h"

#include <inttypes.h>

struct asked {
    FILE *out;
    struct text_out text;
    struct json_out *json; /* NULL: text */
    const char *at;        /* NULL: the end */
    struct gc_options gc;
    bool at_is_known; /* in some image */
    uint32_t n_told, n_without;
};

static void tell(struct asked *a, const struct gc_view *v)
{
    if (a->json) {
        gc_json(a->json, v);
        return;
    }
    if (a->n_told > 0)
        fputc('\n', a->out);
    gc_text(&a->text, v);
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
    i->gc = a->gc;
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
    if (a->json || a->n_without == 0)
        return;
    if (a->n_told == 0 && a->at)
        fputs("no object had been announced by then\n", a->out);
    else if (a->n_told == 0)
        fputs("no process announced a counted object (see include/ouro.h: "
              "OURO_NEW)\n",
              a->out);
    else
        fprintf(a->out,
                "\n%" PRIu32 " more process%s without counted objects\n",
                a->n_without, a->n_without == 1 ? "" : "es");
}

static int ask(struct asked *a, const char *recording, uint32_t pid)
{
    const struct image_query q = {
        .pid = pid, .prepare = image_open, .visit = visit, .to = a};
    struct json_out j;
    if (a->json) {
        a->json = &j;
        json_out_begin(&j, a->out);
        json_out_open_object(&j);
        json_text(&j, "schema", "ouro-gc/1");
        json_out_key(&j, "processes");
        json_out_open_array(&j);
    }
    const int code = each_image(recording, &q);
    if (a->json) {
        json_out_close(&j);
        json_out_close(&j);
        json_out_end(&j);
    }
    if (code == RC_CLEAN && a->at && !a->at_is_known)
        return cmd_usage(&cmd_gc,
                         "--at=%s: no checkpoint of that name, and no time in "
                         "seconds",
                         a->at);
    say_without(a);
    return code;
}

enum { THRESHOLD = CMD_LONG, AT, PID };

static int run(int argc, char **argv, FILE *out)
{
    static const char *const words[] = {"text", "json"};
    struct cmd_line l = {
        .cmd = &cmd_gc, .argc = argc, .argv = argv, .out = out};
    struct json_out json;
    struct asked a = {.out = out, .text = {out, text_wants_colour(out)}};
    long pid = 0;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;)
        switch (id) {
        case 'f':
            if (cmd_word(l.value, words, 2) < 0)
                return cmd_usage(&cmd_gc, "--format=%s: text or json", l.value);
            a.json = cmd_word(l.value, words, 2) == 1 ? &json : NULL;
            break;
        case THRESHOLD:
            if (!cmd_thresholds(l.value, a.gc.threshold))
                return cmd_usage(&cmd_gc,
                                 "--threshold=%s: three numbers, as in "
                                 "700,10,10",
                                 l.value);
            a.gc.fixed = true;
            break;
        case AT:
            a.at = l.value;
            break;
        case PID:
            if (!cmd_number(l.value, 1, INT32_MAX, &pid))
                return cmd_usage(&cmd_gc, "--pid=%s: no process number",
                                 l.value);
            break;
        default:
            return l.status;
        }
    const char *recording = cmd_recording(&l);
    return recording ? ask(&a, recording, (uint32_t)pid) : l.status;
}

static const struct cmd_option options[] = {
    {THRESHOLD, "threshold", "A,B,C",
     "collect by these thresholds, whatever the program\n"
     "says (default: 700,10,10, and as it says)"},
    {AT, "at", "WHEN", "up to a checkpoint, by its name, or a time in seconds"},
    {'f', "format", "FORMAT", "text (the default) or json"},
    {PID, "pid", "N", "of this process only"},
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
