/* SPDX-License-Identifier: MIT */
#include "commands/image_command.h"
#include "err.h"
#include "report/coverage_view.h"
#include "report/progress_line.h"

#include <inttypes.h>

enum { ALL = CMD_LONG };

struct asked {
    struct image_command c;
    bool all;
    uint32_t n_told, n_silent;
};

static void show_naming(uint64_t done, uint64_t total)
{
    progress_line_say("naming functions, %" PRIu64 " of %" PRIu64, done, total);
}

static void tell(struct asked *a, const struct coverage_view *v)
{
    if (a->c.as_json) {
        coverage_json(&a->c.json, v);
        return;
    }
    if (a->n_told > 0)
        fputc('\n', a->c.out);
    coverage_text(&a->c.text, v);
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    struct coverage c;
    i->counts_only = true;
    if (image_replay(i) != 0)
        return RC_TRACE;
    struct trace *parent = i->parent_is_open ? &i->parent : NULL;
    const int rc = coverage_make(&c, i->symbolizer, &i->shadow, &i->trace,
                                 parent, show_naming, &i->damage);
    progress_line_hide();
    if (rc == 0 && (c.speaks || a->c.pid != 0 || a->c.as_json)) {
        tell(a, &(struct coverage_view){i, &c, a->all});
        a->n_told++;
    }
    a->n_silent += rc == 0 && !c.speaks;
    coverage_release(&c);
    return rc == 0 ? RC_CLEAN : RC_TRACE;
}

static void say_silent(const struct asked *a)
{
    if (a->c.as_json || a->c.pid != 0 || a->n_silent == 0)
        return;
    if (a->n_told == 0)
        coverage_text_nothing(&a->c.text, 0);
    else
        fprintf(a->c.out, "\n%" PRIu32 " more process%s announced nothing\n",
                a->n_silent, a->n_silent == 1 ? "" : "es");
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_coverage, .argc = argc, .argv = argv, .out = out};
    struct asked a = {
        .c = image_command_of(&cmd_coverage, "ouro-coverage/1", out)};
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == ALL)
            a.all = true;
        else if (id == CMD_STOP || !image_command_option(&a.c, &l, id))
            return l.status;
    }
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    const int code = image_command_ask(&a.c, recording, image_open, visit, &a);
    say_silent(&a);
    return code;
}

static const struct cmd_option options[] = {
    IMAGE_FORMAT_OPTION,
    {ALL, "all", NULL, "as text: all, not only the first ten of a sort"},
    IMAGE_PID_OPTION,
    {0},
};

const struct cmd cmd_coverage = {
    .name = "coverage",
    .args = "[options] [RECORDING]",
    .summary = "say how much of the counts is explained, and what to do next",
    .options = options,
    .details =
        "For whoever announces references with ouro.h. A count that was taken "
        "is\n"
        "explained if it became a reference (LINK), carries a name (ACQUIRE), "
        "or was\n"
        "given back nearby: by the call that took it, or one around that. One "
        "that is\n"
        "left at the end is if a reference or a name holds it. Sites that take "
        "and\n"
        "never LINK, LINKs without a count, OURO_COUNTs that did not match and "
        "events\n"
        "about what is not announced follow, and at last what to do next, most "
        "first.\n"
        "Exit codes: 0 said; 2 usage; 3 missing or damaged, in whole or in\n"
        "part; 4 out of memory.\n",
    .run = run,
};
