/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "report/each_image.h"
#include "report/json_out.h"
#include "report/json_parts.h"
#include "report/text_survivors.h"

#include <inttypes.h>

struct asked {
    FILE *out;
    struct text_out text;
    struct json_out *json; /* NULL: text */
    struct gc_options gc;
    uint32_t pid; /* 0: all */
    bool all, show_suppressed;
    uint32_t n_told, n_bystanders, n_empty;
};

static void tell_json(struct json_out *j, const struct image *i)
{
    json_out_open_object(j);
    json_count(j, "pid", i->pid);
    json_text(j, "exe", i->trace.exe);
    json_survivors(j, &i->survivors);
    json_out_close(j);
}

static void tell_text(struct asked *a, const struct image *i)
{
    if (a->pid == 0 && i->survivors.n == 0) {
        a->n_empty++;
        return;
    }
    if (a->n_told++ > 0)
        fputc('\n', a->out);
    text_survivors(&a->text, i, a->all);
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    if (!a->json && a->pid == 0 && i->bystander) {
        a->n_bystanders++;
        return RC_CLEAN;
    }
    i->gc = a->gc;
    i->show_suppressed = a->show_suppressed;
    if (image_survey(i) != 0)
        return RC_TRACE;
    if (a->json)
        tell_json(a->json, i);
    else
        tell_text(a, i);
    return RC_CLEAN;
}

/* Of those that are not told. */
static void say_rest(const struct asked *a)
{
    const char *before = a->n_told > 0 ? "\n" : "";
    if (a->n_empty > 0)
        fprintf(a->out, "%snothing lives on in %" PRIu32 " process%s\n", before,
                a->n_empty, a->n_empty == 1 ? "" : "es");
    if (a->n_bystanders > 0)
        fprintf(a->out,
                "%s%" PRIu32 " program%s of the system left out (--pid=N)\n",
                a->n_empty > 0 ? "" : before, a->n_bystanders,
                a->n_bystanders == 1 ? "" : "s");
    if (a->n_told > 0) {
        fputc('\n', a->out);
        text_survivors_legend(&a->text);
    }
}

static int ask(struct asked *a, const char *recording)
{
    const struct image_query q = {
        .pid = a->pid, .prepare = image_open, .visit = visit, .to = a};
    if (a->json) {
        json_out_begin(a->json, a->out);
        json_out_open_object(a->json);
        json_text(a->json, "schema", "ouro-survivors/1");
        json_out_key(a->json, "processes");
        json_out_open_array(a->json);
    }
    const int code = each_image(recording, &q);
    if (a->json) {
        json_out_close(a->json);
        json_out_close(a->json);
        json_out_end(a->json);
    } else {
        say_rest(a);
    }
    return code;
}

enum { ALL = CMD_LONG, PID, SHOW_SUPPRESSED, THRESHOLD };

static int run(int argc, char **argv, FILE *out)
{
    static const char *const words[] = {"text", "json"};
    struct cmd_line l = {
        .cmd = &cmd_survivors, .argc = argc, .argv = argv, .out = out};
    struct json_out json;
    struct asked a = {.out = out, .text = {out, text_wants_colour(out)}};
    long pid = 0;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;)
        switch (id) {
        case 'f':
            if (cmd_word(l.value, words, 2) < 0)
                return cmd_usage(&cmd_survivors, "--format=%s: text or json",
                                 l.value);
            a.json = cmd_word(l.value, words, 2) == 1 ? &json : NULL;
            break;
        case THRESHOLD:
            if (!cmd_thresholds(l.value, a.gc.threshold))
                return cmd_usage(&cmd_survivors,
                                 "--threshold=%s: three numbers, as in "
                                 "700,10,10",
                                 l.value);
            a.gc.fixed = true;
            break;
        case PID:
            if (!cmd_number(l.value, 1, INT32_MAX, &pid))
                return cmd_usage(&cmd_survivors, "--pid=%s: no process number",
                                 l.value);
            a.pid = (uint32_t)pid;
            break;
        case ALL:
            a.all = true;
            break;
        case SHOW_SUPPRESSED:
            a.show_suppressed = true;
            break;
        default:
            return l.status;
        }
    const char *recording = cmd_recording(&l);
    return recording ? ask(&a, recording) : l.status;
}

static const struct cmd_option options[] = {
    {ALL, "all", NULL, "as text: all, not only the first twenty"},
    {'f', "format", "FORMAT", "text (the default) or json"},
    {PID, "pid", "N", "of this process only"},
    {SHOW_SUPPRESSED, "show-suppressed", NULL,
     "also what libc, libstdc++ and the loader keep on purpose"},
    {THRESHOLD, "threshold", "A,B,C",
     "collect by these thresholds, whatever the program\n"
     "says (default: 700,10,10, and as it says)"},
    {0},
};

const struct cmd cmd_survivors = {
    .name = "survivors",
    .args = "[options] [RECORDING]",
    .summary = "say who lives on, by type and site, and who grows",
    .options = options,
    .details =
        "A line for each type and site of counted objects, and for each site\n"
        "of plain blocks, that is alive at the end and no cycle: how many in\n"
        "each generation, bytes, how many different ages (collections "
        "survived;\n"
        "without any, checkpoints; without those, parts of the run's time), "
        "and\n"
        "growth a checkpoint. Most suspicious first.\n"
        "Exit codes: 0 said; 2 usage; 3 missing or damaged, in whole or in\n"
        "part; 4 out of memory.\n",
    .run = run,
};
