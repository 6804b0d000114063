/* SPDX-License-Identifier: MIT */
#include "cclog/cclog.h"
#include "cclog/cclog_compare.h"
#include "commands/cmd.h"
#include "err.h"
#include "launch/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum { FROM = CMD_LONG };

static void note_loss(const char *path, const char *what, uint64_t n)
{
    if (n > 0)
        err_note("%s: %s: %" PRIu64, path, what, n);
}

static void note_losses(const char *path, const struct cclog_losses *lost)
{
    note_loss(path, "left out, as they lead to no node: edges", lost->unknown);
    note_loss(path, "taken for edges from their maps: weak map entries",
              lost->weak);
    note_loss(path, "cut to 4,096 bytes: names", lost->cut);
}

/* Does the collector find what the log calls garbage? */
static int say_comparison(const struct cclog_comparison *k, const char *path)
{
    enum { ROOM = 128 };
    char log[ROOM];
    char ouro[ROOM];
    struct err e;
    if (k->only_log.n == 0 && k->only_found.n == 0) {
        err_note("%s: %" PRIu32 " garbage; ouro finds the same", path,
                 k->n_log);
        return RC_CLEAN;
    }
    cclog_difference_words(&k->only_log, log, sizeof log);
    cclog_difference_words(&k->only_found, ouro, sizeof ouro);
    err_set(&e, "%s: %" PRIu32 " garbage, but ouro finds %" PRIu32 "%s%s%s%s",
            path, k->n_log, k->n_found, *log ? "; only in the log: " : "", log,
            *ouro ? "; only found by ouro: " : "", ouro);
    e.code = RC_FOUND;
    return err_say(&e);
}

static int judge(const struct cclog *c, const char *trace, const char *path,
                 struct err *e)
{
    struct end_state s;
    if (!c->has_results)
        return RC_CLEAN;
    if (end_state_read(&s, trace, NULL, e) != 0)
        return err_say(e);
    const struct cclog_comparison k = cclog_compare(c, &s);
    const int code = say_comparison(&k, path);
    end_state_release(&s);
    return code;
}

static int import_into(struct recording *r, const struct cclog *c,
                       const char *path)
{
    char trace[PATH_MAX + 16];
    struct cclog_losses lost;
    struct err e;
    snprintf(trace, sizeof trace, "%s/0.0.trace", r->name);
    if (cclog_to_trace(c, path, trace, &lost, &e) != 0) {
        recording_abandon(r);
        return err_say(&e);
    }
    err_note("%s: %" PRIu32 " nodes, %" PRIu32 " edges, into %s", path,
             c->n_nodes, c->n_edges, r->name);
    note_losses(path, &lost);
    const int code = judge(c, trace, path, &e);
    recording_release(r);
    return code;
}

static int read_log(struct cclog *c, const char *path, struct err *e)
{
    FILE *from = fopen(path, "re");
    if (!from)
        return err_set(e, "%s: %s; name a log that can be read", path,
                       strerror(errno));
    const int rc = cclog_read(c, from, path, e);
    fclose(from);
    return rc;
}

static int import(const char *path, const char *dir)
{
    struct recording r;
    struct cclog c = {0};
    struct err e;
    if (read_log(&c, path, &e) != 0)
        return err_say(&e);
    const int code = recording_take(&r, dir, &e) == 0
                         ? import_into(&r, &c, path)
                         : err_say(&e);
    cclog_release(&c);
    return code;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_import, .argc = argc, .argv = argv, .out = out};
    static const char *const formats[] = {"cclog"};
    const char *dir = NULL;
    bool from_cclog = false;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (id == 'o')
            dir = l.value;
        if (id == FROM && cmd_word(l.value, formats, 1) < 0)
            return cmd_usage(&cmd_import, "--from=%s: only cclog", l.value);
        from_cclog |= id == FROM;
    }
    if (!from_cclog)
        return cmd_usage(&cmd_import, "from what? --from=cclog");
    if (l.argc - l.first != 1)
        return cmd_usage(&cmd_import, "one log, not %d", l.argc - l.first);
    return import(l.argv[l.first], dir);
}

static const struct cmd_option options[] = {
    {FROM, "from", "FORMAT", "cclog: as Firefox logs a cycle collection"},
    {'o', "output", "DIR", "the recording to make (default: ouro.out.ouro)"},
    {0},
};

const struct cmd cmd_import = {
    .name = "import",
    .args = "--from=FORMAT [options] FILE",
    .summary = "make a recording of a graph that something else wrote",
    .options = options,
    .details =
        "A cclog is what 'ouro export' and Firefox write, or a person "
        "types:\n\n"
        "    0x1 [rc=1] person\n"
        "    > 0x2 partner\n"
        "    0x2 [rc=1] person\n"
        "    > 0x1 partner\n\n"
        "A [gc] node has as many counts as edges lead to it, a [gc.marked] one "
        "is\n"
        "immortal, an IncrementalRoot is held by a root, a weak map entry is "
        "taken\n"
        "for an edge from the map. Where the log says what is [garbage], so "
        "does\n"
        "ouro. An older recording is never overwritten.\n"
        "Exit codes: 0 imported; 1 imported, but ouro finds other garbage than "
        "the\n"
        "log; 2 usage, or the recording cannot be written; 3 the log is "
        "missing or\n"
        "malformed; 4 out of memory.\n",
    .run = run,
};
