/* SPDX-License-Identifier: MIT */
#include "report/text_caption.h"

#include <inttypes.h>
#include <string.h>

enum { NAME = 48 };

void text_caption(const struct text_out *o, const char *caption,
                  const char *words)
{
    fprintf(o->to, "%*s%-*s", CAPTION_INDENT, "",
            CAPTION_VALUE - CAPTION_INDENT, caption);
    text_wrap(o, CAPTION_VALUE, CAPTION_VALUE, words);
}

void text_add_named(struct text_line *l, const char *type, const char *label)
{
    const bool typed = type && *type;
    text_add(l, "%s", text_head(typed ? type : "object", NAME).bytes);
    if (label && *label)
        text_add(l, " \"%s\"", text_head(label, NAME).bytes);
}

void text_add_field(struct text_line *l, const char *field, int64_t index)
{
    const bool plain = field && *field && !strchr("+-[", *field);
    const bool empty = field && strcmp(field, "[]") == 0;
    if (field && *field && !(empty && index >= 0))
        text_add(l, "%s%s", plain ? "." : "", text_head(field, NAME).bytes);
    if (index >= 0)
        text_add(l, "[%" PRId64 "]", index);
}

void text_note(void *to, const char *clause)
{
    const struct text_out *o = to;
    struct text_line l = {0};
    text_add_safe(&l, clause);
    fprintf(o->to, "%*snote: ", CAPTION_INDENT, "");
    text_wrap(o, CAPTION_INDENT + 6, CAPTION_INDENT + 6, l.text);
}
