/* SPDX-License-Identifier: MIT */
#include "commands/image_command.h"
#include "err.h"
#include "report/delta.h"

#include <string.h>

struct asked {
    struct image_command c;
    const char *from, *to;
    bool all;
    bool from_is_known, to_is_known; /* in some image */
    uint32_t n_told;
};

/* RC_CLEAN also where this image has no such moment: *known says so. */
static int find(struct image *i, struct delta_moment *m, const char *when,
                bool *known)
{
    *m = (struct delta_moment){.name = when};
    *known = strcmp(when, "end") == 0;
    if (*known)
        return RC_CLEAN;
    switch (moment_find(&i->trace, when, &m->stamp, &i->damage)) {
    case MOMENT_DAMAGED:
        return RC_TRACE;
    case MOMENT_UNKNOWN:
        return RC_CLEAN;
    case MOMENT_FOUND:
        break;
    }
    m->ends = *known = true;
    return RC_CLEAN;
}

static void tell(struct asked *a, const struct delta *d)
{
    if (a->c.as_json) {
        delta_json(&a->c.json, d);
        return;
    }
    if (a->n_told > 0)
        fputc('\n', a->c.out);
    delta_text(&a->c.text, d, a->all);
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    struct delta d = {0};
    bool from, until;
    if (find(i, &d.from, a->from, &from) != RC_CLEAN ||
        find(i, &d.to, a->to, &until) != RC_CLEAN)
        return RC_TRACE;
    a->from_is_known |= from;
    a->to_is_known |= until;
    if (!from || !until)
        return RC_CLEAN;
    const int rc = delta_make(&d, i);
    if (rc == 0)
        tell(a, &d);
    a->n_told++;
    delta_release(&d);
    return rc == 0 ? RC_CLEAN : RC_TRACE;
}

static int ask(struct asked *a, const char *recording)
{
    const int code = image_command_ask(&a->c, recording, image_open, visit, a);
    if (code != RC_CLEAN || a->n_told > 0)
        return code;
    if (a->from_is_known && a->to_is_known)
        return cmd_usage(&cmd_delta, "no process knows both %s and %s", a->from,
                         a->to);
    return cmd_usage(&cmd_delta,
                     "%s: no checkpoint or snapshot of that name, no time in "
                     "seconds, and not 'end'",
                     a->from_is_known ? a->to : a->from);
}

enum { ALL = CMD_LONG };

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_delta, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.c = image_command_of(&cmd_delta, "ouro-delta/1", out)};
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == ALL)
            a.all = true;
        else if (id == CMD_STOP || !image_command_option(&a.c, &l, id))
            return l.status;
    }
    const int n = argc - l.first;
    if (n < 2 || n > 3)
        return cmd_usage(&cmd_delta,
                         "two moments, and a recording before them if it is "
                         "not the default; not %d operands",
                         n);
    a.from = argv[argc - 2];
    a.to = argv[argc - 1];
    l.argc = argc - 2;
    const char *recording = cmd_recording(&l);
    return recording ? ask(&a, recording) : l.status;
}

static const struct cmd_option options[] = {
    {ALL, "all", NULL, "as text: all, not only the first ten of a kind"},
    IMAGE_FORMAT_OPTION,
    IMAGE_PID_OPTION,
    {0},
};

const struct cmd cmd_delta = {
    .name = "delta",
    .args = "[options] [RECORDING] FROM TO",
    .summary = "say what appeared, grew or was lost between two moments",
    .options = options,
    .details =
        "FROM and TO are names of checkpoints or snapshots (OURO_CHECKPOINT, "
        "OURO_SNAPSHOT,\n"
        "'ouro snapshot'; NAME#3 is the third of that name), times in seconds, "
        "or 'end'.\n"
        "Where a moment is a snapshot, what is lost is told from what can "
        "still be reached.\n"
        "RECORDING is a directory, or one trace file in it; the default is "
        "ouro.out.ouro.\n"
        "Exit codes: 0 told; 2 usage, or no such moment; 3 missing or damaged, "
        "in whole or\n"
        "in part; 4 out of memory.\n",
    .run = run,
};
