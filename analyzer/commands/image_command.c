/* SPDX-License-Identifier: MIT */
#include "commands/image_command.h"

#include "err.h"
#include "report/each_image.h"
#include "report/json_parts.h"

struct image_command image_command_of(const struct cmd *cmd, const char *schema,
                                      FILE *out)
{
    return (struct image_command){
        .cmd = cmd,
        .schema = schema,
        .out = out,
        .text = {out, text_wants_colour(out)},
    };
}

static bool refuse(struct cmd_line *l, int status)
{
    l->status = status;
    return false;
}

static bool take_format(struct image_command *c, struct cmd_line *l)
{
    static const char *const words[] = {"text", "json"};
    const int word = cmd_word(l->value, words, 2);
    c->as_json = word == 1;
    return word >= 0 ||
           refuse(l, cmd_usage(c->cmd, "--format=%s: text or json", l->value));
}

static bool take_pid(struct image_command *c, struct cmd_line *l)
{
    long pid = 0;
    const bool good = cmd_number(l->value, 1, INT32_MAX, &pid);
    c->pid = (uint32_t)pid;
    return good || refuse(l, cmd_usage(c->cmd, "--pid=%s: no process number",
                                       l->value));
}

static bool take_threshold(struct image_command *c, struct cmd_line *l)
{
    c->gc.fixed = true;
    return cmd_thresholds(l->value, c->gc.threshold) ||
           refuse(l, cmd_usage(c->cmd,
                               "--threshold=%s: three numbers, as in 700,10,10",
                               l->value));
}

bool image_command_option(struct image_command *c, struct cmd_line *l, int id)
{
    switch (id) {
    case 'f':
        return take_format(c, l);
    case IMAGE_PID:
        return take_pid(c, l);
    case IMAGE_THRESHOLD:
        return take_threshold(c, l);
    default:
        return false;
    }
}

int image_command_ask(struct image_command *c, const char *recording,
                      int (*prepare)(struct image *i),
                      int (*visit)(void *to, struct image *i), void *to)
{
    const struct image_query q = {
        .pid = c->pid, .prepare = prepare, .visit = visit, .to = to};
    if (c->as_json) {
        json_out_begin(&c->json, c->out);
        json_out_open_object(&c->json);
        json_text(&c->json, "schema", c->schema);
        json_out_key(&c->json, "processes");
        json_out_open_array(&c->json);
    }
    const int code = each_image(recording, &q);
    if (c->as_json) {
        json_out_close(&c->json);
        json_out_close(&c->json);
        json_out_end(&c->json);
    }
    return code;
}
