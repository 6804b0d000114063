/* SPDX-License-Identifier: MIT */
/* text_why_memory.c - what memory says of a block, below what is known else */
#include "report/text_caption.h"
#include "report/text_pointers.h"
#include "report/text_why.h"

#include <inttypes.h>

static void put_way(const struct text_out *o, const struct why_memory *w)
{
    for (uint32_t i = 0; i < w->n_way; i++) {
        const struct why_word *k = &w->way[i];
        struct text_line l = {0};
        text_add(&l, "%s", i == 0 ? "from " : "-> ");
        if (k->known)
            text_pointer(&l, &k->at);
        else if (i == 0)
            text_add(&l, "%s",
                     w->kept ? "what is kept on purpose, or from "
                               "before a fork"
                             : "a register that nobody saw");
        else
            text_add(&l, "a block");
        text_caption(o, i == 0 ? "leads here" : "", l.text);
        if (k->left_out > 0)
            fprintf(o->to, "%*s-> %s more blocks\n", CAPTION_VALUE, "",
                    text_number(k->left_out).bytes);
    }
}

static void put_source(const struct text_out *o, const struct why_memory *w)
{
    struct text_line l = {0};
    if (w->is_shared) {
        text_caption(o, "held by",
                     "several that are lost, and by none of them alone");
        return;
    }
    if (w->is_source && w->source[0]) {
        text_add(&l, "leak %.8s; retains %s, ", w->source,
                 text_count(w->retained.blocks, "block").bytes);
        text_add(&l, "%s", text_count(w->retained.bytes, "byte").bytes);
        text_caption(o, "is part of", l.text);
        return;
    }
    if (w->is_source)
        return;
    if (w->source[0])
        text_add(&l, "leak %.8s, by its block at 0x%" PRIx64, w->source,
                 w->source_addr);
    else
        text_add(&l, "an object that is lost");
    text_caption(o, "held by", l.text);
}

void text_why_memory(const struct text_out *o, const struct why_memory *w)
{
    text_pointers(o, w->pointers, w->n_pointers, UINT32_MAX);
    if (w->more_pointers)
        fprintf(o->to, "%*s... and by more; --all tells them\n", CAPTION_VALUE,
                "");
    put_way(o, w);
    if (w->reach == REACH_DEFINITE || w->reach == REACH_POSSIBLE)
        put_source(o, w);
    if (w->symbols_note && *w->symbols_note)
        text_note((void *)o, w->symbols_note);
}
