/* SPDX-License-Identifier: MIT */
/* text_ghost.c - a reference that was announced, and that memory does not show
 */
#include "report/text_kinds.h"

#include "report/finding_words.h"
#include "report/text_parts.h"
#include "report/text_stack.h"

void text_ghost(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->n_edges > 0) {
        text_edge(&l, f, &f->edges[0]);
        text_add(&l, " -> ");
        text_member(&l, &f->members[f->edges[0].to]);
    }
    const int column = text_times(o, f, text_heading(o, f, l.text));
    text_extra(o, column, finding_reach_word(f->reach));
    fputc('\n', o->to);
    text_caption(o, "what",
                 text_head(f->what ? f->what : "", TEXT_WIDTH).bytes);
    text_caption(o, "to mend",
                 "say OURO_UNLINK, or OURO_SET, where that field is written");
    if (f->n_edges > 0) {
        l = (struct text_line){0};
        text_seconds(&l, f->edges[0].time);
        text_caption(o, "linked", l.text);
        text_stack(o, CAPTION_DEEPER, f->edges[0].stack);
    }
}
