/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "report/why_query.h"

#include <limits.h>

enum { PID = CMD_LONG, ALL };

/* RECORDING OBJECT, or the object alone. */
static int ask(struct cmd_line *l, const struct why_options *o, FILE *out)
{
    const int n = l->argc - l->first;
    if (n == 0)
        return cmd_usage(&cmd_why,
                         "no object: name its address, type or label");
    if (n > 2)
        return cmd_usage(&cmd_why,
                         "one recording and one object, not %d operands "
                         "(the third: %s)",
                         n, l->argv[l->first + 2]);
    const char *object = l->argv[l->first + n - 1];
    l->argc = l->first + n - 1;
    const char *recording = cmd_recording(l);
    return recording ? why_recording(recording, object, o, out) : l->status;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_why, .argc = argc, .argv = argv, .out = out};
    struct why_options o = {.nearest = cmd_nearest};
    long pid = 0;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (id == ALL)
            o.all = true;
        else if (!cmd_number(l.value, 1, INT_MAX, &pid))
            return cmd_usage(&cmd_why, "--pid=%s: a process's number", l.value);
    }
    o.pid = (uint32_t)pid;
    return ask(&l, &o, out);
}

static const struct cmd_option options[] = {
    {ALL, "all", NULL, "lists in full, and whole paths"},
    {PID, "pid", "PID", "look in this process only"},
    {0},
};

const struct cmd cmd_why = {
    .name = "why",
    .args = "[options] [RECORDING] OBJECT",
    .summary = "explain one object or block: its counts, and what keeps it",
    .options = options,
    .details =
        "OBJECT is an address (0x..., also one inside a block), a type, a "
        "label,\n"
        "TYPE:LABEL, or the beginning of a leak's id (6 digits at least), "
        "which\n"
        "means one of its blocks. Where several are meant they are listed, "
        "with\n"
        "their addresses; where none is alive, the last that died is told.\n"
        "Told are counts and references that were announced, and what the "
        "last\n"
        "snapshot of memory says: who points there, a way from a root, or "
        "what\n"
        "lost block holds it.\n"
        "RECORDING is a directory, or one trace file in it; the default is "
        "ouro.out.ouro.\n"
        "Exit codes: 0 explained or listed; 2 usage, or nothing is called so; "
        "3 missing\n"
        "or damaged, in whole or in part; 4 out of memory.\n",
    .run = run,
};
