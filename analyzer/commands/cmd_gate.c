/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "commands/output_file.h"
#include "commands/suppression_option.h"
#include "explain/symbolizer.h"
#include "gate/baseline.h"
#include "gate/retell.h"
#include "report/report_suppressions.h"

#include <string.h>
#include <unistd.h>

enum {
    BASELINE = CMD_LONG,
    WRITE_BASELINE,
    FAIL_ON,
    TOLERANCE,
    MAX_BYTES,
    MAX_FINDINGS,
    STRICT,
    ALLOW_INCOMPLETE,
    SUPPRESSIONS,
    GEN_SUPPRESSIONS,
    ALL,
    SOURCE_ROOT,
};

struct asked {
    const char *baseline, *output, *kinds, *source_root;
    bool write, all;
    const struct report_format *format;
    struct policy policy;
    struct suppressions *suppressions;
    struct tolerance tolerance;
    struct limits limits;
};

static int take_kinds(struct asked *a, const char *kinds)
{
    struct err e;
    a->kinds = kinds;
    a->policy = (struct policy){0};
    return policy_read(&a->policy, kinds, "--fail-on", &e) == 0 ? RC_CLEAN
                                                                : err_say(&e);
}

static int take_format(struct asked *a, const char *name)
{
    char names[256];
    a->format = report_format_named(name);
    return a->format ? RC_CLEAN
                     : cmd_usage(&cmd_gate, "--format=%s: %s", name,
                                 report_format_names(names));
}

static int take_number(const char *option, const char *text, uint64_t *n)
{
    return cmd_bytes(text, n)
               ? RC_CLEAN
               : cmd_usage(&cmd_gate, "--%s=%s: no number", option, text);
}

static int take(struct asked *a, int id, const char *value)
{
    switch (id) {
    case 'f':
        return take_format(a, value);
    case 'o':
        a->output = value;
        return RC_CLEAN;
    case BASELINE:
        a->baseline = value;
        return RC_CLEAN;
    case SOURCE_ROOT:
        a->source_root = value;
        return RC_CLEAN;
    case FAIL_ON:
        return take_kinds(a, value);
    case TOLERANCE:
        return tolerance_read(&a->tolerance, value)
                   ? RC_CLEAN
                   : cmd_usage(&cmd_gate,
                               "--tolerance=%s: a number, or one with %%",
                               value);
    case MAX_BYTES:
        return take_number("max-bytes", value, &a->limits.max_bytes);
    case MAX_FINDINGS:
        return take_number("max-findings", value, &a->limits.max_findings);
    case SUPPRESSIONS:
        return suppression_option_take(a->suppressions, value);
    case GEN_SUPPRESSIONS:
        a->format = &report_suppressions;
        return RC_CLEAN;
    default:
        a->write |= id == WRITE_BASELINE;
        a->limits.strict |= id == STRICT;
        a->limits.allow_incomplete |= id == ALLOW_INCOMPLETE;
        a->all |= id == ALL;
        return RC_CLEAN;
    }
}

static bool is_retold(const struct asked *a)
{
    return a->format != &report_text && a->format != &report_json;
}

/* What is missing of a line whose options are all good by themselves. */
static int check(const struct asked *a)
{
    if (a->write && !a->baseline)
        return cmd_usage(&cmd_gate, "--write-baseline needs --baseline=FILE");
    if (a->write && is_retold(a))
        return cmd_usage(&cmd_gate,
                         "--write-baseline says what changed as "
                         "text or json, not as %s",
                         a->format->name);
    return RC_CLEAN;
}

/* One that is to be written need not be there. */
static int read_baseline(const struct asked *a, struct entries *e)
{
    struct err err;
    *e = (struct entries){0};
    if (!a->baseline || (a->write && access(a->baseline, F_OK) != 0))
        return RC_CLEAN;
    return baseline_read(e, a->baseline, &err) == 0 ? RC_CLEAN : err_say(&err);
}

static int write_baseline(const struct asked *a, const struct gathering *g,
                          const struct renewal *r)
{
    struct output_file file;
    struct err e;
    if (g->n_damaged > 0)
        return RC_TRACE;
    if (g->n_doubtful > 0 && !a->limits.allow_incomplete) {
        err_set(&e,
                "%.180s: not written: %s; '--allow-incomplete' writes it all "
                "the same",
                a->baseline, g->doubt);
        e.code = RC_INDETERMINATE;
        return err_say(&e);
    }
    if (output_file_open(&file, a->baseline, &e) != 0)
        return err_say(&e);
    baseline_write(&r->next, file.to);
    return output_file_close(&file, &e) == 0 ? RC_CLEAN : err_say(&e);
}

/* What was asked for, on w->out. */
static int tell(const struct asked *a, const struct gate_view *w,
                const struct renewal *r)
{
    if (a->format == &report_json)
        gate_json(w, a->write ? r : NULL);
    else if (a->write)
        renewal_text(w->out, a->baseline, r);
    else if (a->format == &report_text)
        gate_text(w);
    else
        return retell(w, a->format);
    return RC_CLEAN;
}

static int tell_to_file(const struct asked *a, const struct gate_view *w,
                        const struct renewal *r)
{
    struct gate_view to_file = *w;
    struct output_file file;
    struct err e;
    if (output_file_open(&file, a->output, &e) != 0)
        return err_say(&e);
    const struct text_out o = {.to = file.to};
    to_file.out = &o;
    const int code = tell(a, &to_file, r);
    return output_file_close(&file, &e) == 0 ? code : err_say(&e);
}

static int judge(const struct asked *a, const struct gathering *g,
                 const struct entries *before, const struct text_out *o)
{
    const struct terms terms = {
        .tolerance = a->tolerance,
        .policy = &a->policy,
        .suppressions = g->suppressions,
        .complete = g->n_damaged == 0 && g->n_doubtful == 0,
    };
    struct arena arena = {0};
    struct verdicts v;
    struct renewal r;
    verdicts_find(&v, &arena, before, &g->found, &terms);
    renewal_make(&r, before, &g->found, &v);
    struct outcome outcome = outcome_of(g, &v, &a->limits);
    if (a->write)
        outcome.code = RC_CLEAN;
    const struct gate_view w = {.out = o,
                                .all = a->all,
                                .g = g,
                                .v = &v,
                                .baseline = a->baseline,
                                .kinds = a->kinds,
                                .source_root = a->source_root,
                                .limits = &a->limits,
                                .outcome = &outcome};
    int code = a->write ? write_baseline(a, g, &r) : RC_CLEAN;
    if (code == RC_CLEAN)
        code = a->output ? tell_to_file(a, &w, &r) : tell(a, &w, &r);
    renewal_release(&r);
    arena_release(&arena);
    return code != RC_CLEAN ? code : outcome.code;
}

static int gate(const struct asked *a, char *const *paths, uint32_t n,
                FILE *out)
{
    const struct text_out o = {out, .colour = text_wants_colour(out)};
    struct entries before;
    struct gathering g = {
        .policy = &a->policy,
        .as_json = a->format == &report_json,
        .colour = o.colour && !a->output,
        .suppressions = a->suppressions,
    };
    int code = read_baseline(a, &before);
    if (code != RC_CLEAN)
        return code;
    g.symbolizer = symbolizer_begin();
    code = gather(&g, paths, n);
    if (code == RC_CLEAN)
        code = judge(a, &g, &before, &o);
    symbolizer_end(g.symbolizer);
    gather_release(&g);
    entries_release(&before);
    return code;
}

static int gate_recordings(const struct asked *a, struct cmd_line *l)
{
    if (l->first < l->argc)
        return gate(a, l->argv + l->first, (uint32_t)(l->argc - l->first),
                    l->out);
    char *only = (char *)cmd_recording(l);
    return only ? gate(a, &only, 1, l->out) : l->status;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_gate, .argc = argc, .argv = argv, .out = out};
    struct suppressions suppressions = {0};
    struct asked a = {
        .format = &report_text,
        .suppressions = &suppressions,
        .limits = {.max_findings = UINT64_MAX, .max_bytes = UINT64_MAX}};
    int code = take_kinds(&a, POLICY_DEFAULT);
    int id = CMD_DONE;
    while (code == RC_CLEAN && (id = cmd_next(&l)) >= 0)
        code = take(&a, id, l.value);
    if (id == CMD_STOP)
        code = l.status;
    else if (code == RC_CLEAN)
        code = check(&a);
    if (id == CMD_DONE && code == RC_CLEAN)
        code = gate_recordings(&a, &l);
    suppressions_release(&suppressions);
    return code;
}

static const struct cmd_option options[] = {
    {BASELINE, "baseline", "FILE", "what is known, and how much of it"},
    {WRITE_BASELINE, "write-baseline", NULL,
     "make FILE anew from what is found, and say what\nchanged"},
    {FAIL_ON, "fail-on", "KINDS",
     "which findings fail if they are new or grown: KIND or\n"
     "KIND:REACH, with commas (default, or `default` in a\n"
     "list: cycle,leak:definite,over-release,misuse,\n"
     "unbalanced:definite); a KIND alone is every reach but\n"
     "reachable, `all` is every kind"},
    {TOLERANCE, "tolerance", "N|N%",
     "how much may be added to what FILE allows: instances\n"
     "(of the usual size), or percent"},
    {MAX_FINDINGS, "max-findings", "N",
     "fail where more are found, known or not, whatever the\nkind"},
    {MAX_BYTES, "max-bytes", "N",
     "fail where they have more bytes in all (K, M, G, T)"},
    {STRICT, "strict", NULL,
     "fail where FILE has what is fixed, or a suppression\nfits nothing"},
    {SUPPRESSIONS, "suppressions", "FILE", SUPPRESSIONS_HELP},
    {GEN_SUPPRESSIONS, "gen-suppressions", NULL,
     "write, instead, an entry for such a FILE for each\nfinding that fails"},
    {ALLOW_INCOMPLETE, "allow-incomplete", NULL,
     "0, not 5, where nothing is new in a recording that is\n"
     "not complete"},
    {'f', "format", "FORMAT", REPORT_FORMATS_HELP},
    {'o', "output", "FILE", "write there instead of to standard output"},
    {SOURCE_ROOT, "source-root", "DIR",
     "tell files relative to DIR where the format is for\n"
     "others to read (default: the working directory)"},
    {ALL, "all", NULL, "as text: all, not only the first"},
    {0},
};

const struct cmd cmd_gate = {
    .name = "gate",
    .args = "[options] [RECORDING...]",
    .summary = "fail on what is new: compare what was found with a baseline",
    .options = options,
    .details =
        "What was found is new (FILE has not got it), grown (more than FILE "
        "allows),\n"
        "known, or fixed (FILE has it, and it is gone): new and grown fail. "
        "To begin\n"
        "with, and to accept what is new:\n"
        "\n"
        "    ouro gate --baseline=FILE --write-baseline RECORDING...\n"
        "\n"
        "KIND: cycle, unbalanced, over-release, ghost-edge, leak, misuse.\n"
        "REACH: definite, possible, reachable, unknown (no snapshot was "
        "taken).\n"
        "RECORDING is a directory or one trace file; the default is "
        "ouro.out.ouro.\n"
        "Findings of several are merged; each names those that it comes "
        "from.\n"
        "Exit codes: 0 nothing new; 1 something new or grown, or beyond a "
        "limit, or, with\n"
        "--strict, fixed, or a suppression that fits nothing (1 goes before 3 "
        "and 5);\n"
        "2 usage, or a baseline that cannot be read or written; 3 a recording "
        "is\n"
        "missing or damaged; 4 out of memory; 5 nothing new, but a recording "
        "is not\n"
        "complete.\n",
    .run = run,
};
