/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "explain/symbolizer.h"
#include "gate/baseline.h"
#include "gate/gate_view.h"

#include "ouro_trace.h"
#include "trace/trace_names.h"

#include <string.h>
#include <sys/stat.h>

enum { ALL = CMD_LONG, KINDS };

struct asked {
    bool as_json, all;
    const char *kinds;
    struct policy policy;
};

/* One of the two: a recording, or a baseline. */
struct side {
    struct gathering g;
    struct entries baseline;
    bool is_recording;
};

/* A directory, a packed one, or a file that begins as a trace does. */
static bool is_recording(const char *path)
{
    struct stat s;
    char magic[sizeof OURO_TRACE_MAGIC - 1];
    if (stat(path, &s) != 0 || trace_names_are_in(path))
        return true; /* one that is missing is told as such */
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    const bool is = fread(magic, 1, sizeof magic, f) == sizeof magic &&
                    memcmp(magic, OURO_TRACE_MAGIC, sizeof magic) == 0;
    fclose(f);
    return is;
}

static int read_side(struct side *s, char *path, const struct asked *a,
                     struct symbolizer *z, bool colour)
{
    struct err e;
    *s = (struct side){.is_recording = is_recording(path)};
    s->g = (struct gathering){.policy = &a->policy,
                              .as_json = a->as_json,
                              .colour = colour,
                              .symbolizer = z};
    if (!s->is_recording)
        return baseline_read(&s->baseline, path, &e) == 0 ? RC_CLEAN
                                                          : err_say(&e);
    const int code = gather(&s->g, &path, 1);
    return code == RC_CLEAN && s->g.n_damaged > 0 ? RC_TRACE : code;
}

static void release_side(struct side *s)
{
    if (s->is_recording)
        gather_release(&s->g);
    entries_release(&s->baseline);
}

static struct entries *entries_of(struct side *s)
{
    return s->is_recording ? &s->g.found : &s->baseline;
}

/* All is told, of these kinds, and may it have been freed unseen. */
static void judge(struct entries *e, const struct policy *p)
{
    for (uint32_t i = 0; i < e->n; i++)
        e->at[i].judged = policy_covers(p, e->at[i].kind, e->at[i].reach);
}

static int compare(const struct asked *a, struct side *old, struct side *new,
                   const struct text_out *o)
{
    const struct terms terms = {.policy = &a->policy,
                                .complete = new->g.n_doubtful == 0};
    struct arena arena = {0};
    struct verdicts v;
    judge(entries_of(new), &a->policy);
    verdicts_find(&v, &arena, entries_of(old), entries_of(new), &terms);
    const struct gate_view w = {.out = o,
                                .all = a->all,
                                .g = &new->g,
                                .v = &v,
                                .kinds = a->kinds,
                                .old = &old->g};
    if (a->as_json)
        gate_json(&w, NULL);
    else
        gate_text(&w);
    arena_release(&arena);
    return RC_CLEAN;
}

static int diff(const struct asked *a, char *old_path, char *new_path,
                FILE *out)
{
    const struct text_out o = {out, .colour = text_wants_colour(out)};
    struct side old, new;
    struct symbolizer *z = symbolizer_begin();
    int code = read_side(&old, old_path, a, z, o.colour);
    if (code == RC_CLEAN) {
        code = read_side(&new, new_path, a, z, o.colour);
        if (code == RC_CLEAN)
            code = compare(a, &old, &new, &o);
        release_side(&new);
    }
    release_side(&old);
    symbolizer_end(z);
    return code;
}

static int take(struct asked *a, int id, const char *value)
{
    static const char *const words[] = {"text", "json"};
    struct err e;
    const int word = id == 'f' ? cmd_word(value, words, 2) : 0;
    if (word < 0)
        return cmd_usage(&cmd_diff, "--format=%s: text or json", value);
    a->as_json |= word == 1;
    a->all |= id == ALL;
    if (id != KINDS)
        return RC_CLEAN;
    a->policy = (struct policy){0};
    a->kinds = value;
    return policy_read(&a->policy, value, "--kinds", &e) == 0 ? RC_CLEAN
                                                              : err_say(&e);
}

#define USUAL_KINDS                                                            \
    "cycle,over-release,ghost-edge,misuse,leak,unbalanced:definite,"           \
    "unbalanced:possible"

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_diff, .argc = argc, .argv = argv, .out = out};
    struct asked a = {0};
    int code = take(&a, KINDS, USUAL_KINDS);
    for (int id; code == RC_CLEAN && (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        code = take(&a, id, l.value);
    }
    if (code != RC_CLEAN)
        return code;
    if (argc - l.first != 2)
        return cmd_usage(&cmd_diff, "two to compare, OLD and NEW, not %d",
                         argc - l.first);
    return diff(&a, argv[l.first], argv[l.first + 1], out);
}

static const struct cmd_option options[] = {
    {KINDS, "kinds", "KINDS",
     "of these kinds only, as gate's --fail-on names them\n"
     "(default: all but what is unbalanced for unknown\n"
     "reasons)"},
    {'f', "format", "FORMAT", "text (the default) or json"},
    {ALL, "all", NULL, "as text: all, not only the first"},
    {0},
};

const struct cmd cmd_diff = {
    .name = "diff",
    .args = "[options] OLD NEW",
    .summary = "say what is new, grown, known and fixed from OLD to NEW",
    .options = options,
    .details =
        "OLD and NEW are recordings, or baselines that 'ouro gate' wrote.\n"
        "Exit codes: 0 compared, whatever was found; 2 usage, or a baseline "
        "that cannot be\n"
        "read; 3 a recording is missing or damaged; 4 out of memory.\n",
    .run = run,
};
