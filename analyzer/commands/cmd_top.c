/* SPDX-License-Identifier: MIT */
#include "commands/image_command.h"
#include "err.h"
#include "report/text_retainers.h"

enum { ALL = CMD_LONG, TOLD = 20 };

struct asked {
    struct image_command c;
    bool all;
    uint32_t n_told, n_bystanders;
};

static void tell(struct asked *a, const struct image *i,
                 const struct retainers *r)
{
    if (a->c.as_json) {
        json_retainers(&a->c.json, i, r);
        return;
    }
    if (a->n_told++ > 0)
        fputc('\n', a->c.out);
    text_retainers(&a->c.text, i, r);
}

static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    struct retainers r;
    if (!a->c.as_json && a->c.pid == 0 && i->bystander) {
        a->n_bystanders++;
        return RC_CLEAN;
    }
    if (image_remember(i) != 0)
        return RC_TRACE;
    if (!i->memory_is_made) {
        tell(a, i, NULL);
        return RC_CLEAN;
    }
    if (retainers_find(&r, i->symbolizer, &i->memory, &i->shadow, &i->trace,
                       a->all ? UINT32_MAX : TOLD, &i->damage) != 0)
        return RC_TRACE;
    tell(a, i, &r);
    retainers_release(&r);
    return RC_CLEAN;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_top, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.c = image_command_of(&cmd_top, "ouro-top/1", out)};
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        a.all |= id == ALL;
        if (id != ALL &&
            (id == CMD_STOP || !image_command_option(&a.c, &l, id)))
            return l.status;
    }
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    const int code = image_command_ask(&a.c, recording, image_open, visit, &a);
    if (!a.c.as_json && a.n_bystanders > 0)
        fprintf(out, "%s%u program%s of the system left out (--pid=N)\n",
                a.n_told > 0 ? "\n" : "", (unsigned)a.n_bystanders,
                a.n_bystanders == 1 ? "" : "s");
    return code;
}

static const struct cmd_option options[] = {
    {ALL, "all", NULL, "all, not only the first twenty"},
    IMAGE_FORMAT_OPTION,
    IMAGE_PID_OPTION,
    {0},
};

const struct cmd cmd_top = {
    .name = "top",
    .args = "[options] [RECORDING]",
    .summary = "say what keeps most of what is alive, and what holds it",
    .options = options,
    .details =
        "The blocks without which most could not be reached any more: what\n"
        "each retains, which global, stack or other root holds it, and what\n"
        "is below it while one block holds most of it (the dominator tree, of\n"
        "the last snapshot of memory). Most bytes first; then sums by where\n"
        "they were made.\n"
        "Exit codes: 0 said; 2 usage; 3 missing or damaged, in whole or in\n"
        "part; 4 out of memory.\n",
    .run = run,
};
