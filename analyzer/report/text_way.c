/* SPDX-License-Identifier: MIT */
#include "report/text_caption.h"
#include "report/text_why.h"

/* A space in front, or a new line. */
static int put_step(const struct text_out *o, int column,
                    const struct why_step *s, bool first, bool last)
{
    struct text_line l = {0};
    text_add(&l, first ? "" : " ");
    text_add_named(&l, s->object.type, s->object.label);
    text_add_field(&l, s->field, s->index);
    if (!last)
        text_add(&l, " ->");
    if (s->left_out > 0)
        text_add(&l, " (%s more) ->", text_number(s->left_out).bytes);
    return text_flow(o, column, CAPTION_VALUE, l.text);
}

/* "Session.window -> Window.children -> List" */
void text_way(const struct text_out *o, const char *caption,
              const struct why_way *y, bool round)
{
    int column = CAPTION_VALUE;
    fprintf(o->to, "%*s%-*s", CAPTION_INDENT, "",
            CAPTION_VALUE - CAPTION_INDENT, caption);
    for (uint32_t i = 0; i < y->n; i++)
        column =
            put_step(o, column, &y->steps[i], i == 0, !round && i + 1 == y->n);
    const struct why_step home = {.object = y->steps[0].object, .index = -1};
    if (round)
        put_step(o, column, &home, false, true);
    fputc('\n', o->to);
}
