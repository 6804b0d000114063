/* SPDX-License-Identifier: MIT */
#include "commands/image_command.h"
#include "err.h"
#include "report/json_parts.h"
#include "report/text_survivors.h"

#include <inttypes.h>

struct asked {
    struct image_command c;
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
    if (a->c.pid == 0 && i->survivors.n == 0) {
        a->n_empty++;
        return;
    }
    if (a->n_told++ > 0)
        fputc('\n', a->c.out);
    text_survivors(&a->c.text, i, a->all);
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    if (!a->c.as_json && a->c.pid == 0 && i->bystander) {
        a->n_bystanders++;
        return RC_CLEAN;
    }
    i->gc = a->c.gc;
    i->counts_only = true;
    i->show_suppressed = a->show_suppressed;
    if (image_survey(i) != 0)
        return RC_TRACE;
    if (a->c.as_json)
        tell_json(&a->c.json, i);
    else
        tell_text(a, i);
    return RC_CLEAN;
}

/* Of those that are not told. */
static void say_rest(const struct asked *a)
{
    const char *before = a->n_told > 0 ? "\n" : "";
    if (a->n_empty > 0)
        fprintf(a->c.out, "%snothing lives on in %" PRIu32 " process%s\n",
                before, a->n_empty, a->n_empty == 1 ? "" : "es");
    if (a->n_bystanders > 0)
        fprintf(a->c.out,
                "%s%" PRIu32 " program%s of the system left out (--pid=N)\n",
                a->n_empty > 0 ? "" : before, a->n_bystanders,
                a->n_bystanders == 1 ? "" : "s");
    if (a->n_told > 0) {
        fputc('\n', a->c.out);
        text_survivors_legend(&a->c.text);
    }
}

enum { ALL = CMD_LONG, SHOW_SUPPRESSED };

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_survivors, .argc = argc, .argv = argv, .out = out};
    struct asked a = {
        .c = image_command_of(&cmd_survivors, "ouro-survivors/1", out)};
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        a.all |= id == ALL;
        a.show_suppressed |= id == SHOW_SUPPRESSED;
        if (id == ALL || id == SHOW_SUPPRESSED)
            continue;
        if (id == CMD_STOP || !image_command_option(&a.c, &l, id))
            return l.status;
    }
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    const int code = image_command_ask(&a.c, recording, image_open, visit, &a);
    if (!a.c.as_json)
        say_rest(&a);
    return code;
}

static const struct cmd_option options[] = {
    {ALL, "all", NULL, "as text: all, not only the first twenty"},
    IMAGE_FORMAT_OPTION,
    IMAGE_PID_OPTION,
    {SHOW_SUPPRESSED, "show-suppressed", NULL,
     "also what libc, libstdc++ and the loader keep on purpose"},
    IMAGE_THRESHOLD_OPTION,
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
