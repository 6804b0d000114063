/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "report/coverage_view.h"
#include "report/each_image.h"
#include "report/json_out.h"
#include "report/json_parts.h"
#include "report/progress_line.h"

#include <inttypes.h>

enum { ALL = CMD_LONG, PID };

struct asked {
    FILE *out;
    struct text_out text;
    struct json_out *json; /* NULL: text */
    bool all;
    bool one; /* --pid: told whatever it says */
    uint32_t n_told, n_silent;
};

static void show_naming(uint64_t done, uint64_t total)
{
    progress_line_say("naming functions, %" PRIu64 " of %" PRIu64, done, total);
}

static void tell(struct asked *a, const struct coverage_view *v)
{
    if (a->json) {
        coverage_json(a->json, v);
        return;
    }
    if (a->n_told > 0)
        fputc('\n', a->out);
    coverage_text(&a->text, v);
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    struct coverage c;
    struct trace *parent = i->parent_is_open ? &i->parent : NULL;
    const int rc = coverage_make(&c, i->symbolizer, &i->shadow, &i->trace,
                                 parent, show_naming, &i->damage);
    progress_line_hide();
    if (rc == 0 && (c.speaks || a->one || a->json)) {
        tell(a, &(struct coverage_view){i, &c, a->all});
        a->n_told++;
    }
    a->n_silent += rc == 0 && !c.speaks;
    coverage_release(&c);
    return rc == 0 ? RC_CLEAN : RC_TRACE;
}

static void say_silent(const struct asked *a)
{
    if (a->json || a->one || a->n_silent == 0)
        return;
    if (a->n_told == 0)
        coverage_text_nothing(&a->text, 0);
    else
        fprintf(a->out, "\n%" PRIu32 " more process%s announced nothing\n",
                a->n_silent, a->n_silent == 1 ? "" : "es");
}

static int ask(struct asked *a, const char *recording, uint32_t pid)
{
    const struct image_query q = {
        .pid = pid, .prepare = image_replay, .visit = visit, .to = a};
    a->one = pid != 0;
    if (a->json) {
        json_out_begin(a->json, a->out);
        json_out_open_object(a->json);
        json_text(a->json, "schema", "ouro-coverage/1");
        json_out_key(a->json, "processes");
        json_out_open_array(a->json);
    }
    const int code = each_image(recording, &q);
    if (a->json) {
        json_out_close(a->json);
        json_out_close(a->json);
        json_out_end(a->json);
    }
    say_silent(a);
    return code;
}

static int run(int argc, char **argv, FILE *out)
{
    static const char *const words[] = {"text", "json"};
    struct cmd_line l = {
        .cmd = &cmd_coverage, .argc = argc, .argv = argv, .out = out};
    struct json_out json;
    struct asked a = {.out = out, .text = {out, text_wants_colour(out)}};
    long pid = 0;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;)
        switch (id) {
        case 'f':
            if (cmd_word(l.value, words, 2) < 0)
                return cmd_usage(&cmd_coverage, "--format=%s: text or json",
                                 l.value);
            a.json = cmd_word(l.value, words, 2) == 1 ? &json : NULL;
            break;
        case ALL:
            a.all = true;
            break;
        case PID:
            if (!cmd_number(l.value, 1, INT32_MAX, &pid))
                return cmd_usage(&cmd_coverage, "--pid=%s: no process number",
                                 l.value);
            break;
        default:
            return l.status;
        }
    const char *recording = cmd_recording(&l);
    return recording ? ask(&a, recording, (uint32_t)pid) : l.status;
}

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", "text (the default) or json"},
    {ALL, "all", NULL, "as text: all, not only the first ten of a sort"},
    {PID, "pid", "N", "of this process only"},
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
