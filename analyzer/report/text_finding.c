/* SPDX-License-Identifier: MIT */
#include "report/text_finding.h"

#include "report/finding_words.h"
#include "report/text_kinds.h"
#include "report/text_parts.h"
#include "report/text_pointers.h"
#include "report/text_stack.h"

#include "arena.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTERS = 4 };
enum { SCREEN = 23 }; /* lines, below an empty one */

/* Where the stack first differs from the one that is shown, from outside. */
static const struct place *where_it_differs(const struct places *shown,
                                            const struct places *other)
{
    const struct place *x = shown->at + shown->n - 1;
    const struct place *y = other->at + other->n - 1;
    while (x > shown->at && y > other->at && place_looks_like(x, y)) {
        x--;
        y--;
    }
    return y;
}

/* The other places of the same functions. */
static void put_places(const struct text_out *o, const struct finding *f)
{
    enum { MOST = 5 };
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_places && i < FINDING_PLACES; i++) {
        const struct finding_place *p = &f->places[i];
        struct text_line l = {0};
        if (p->stack.n == 0 || f->stack.n == 0 || p->stack.at == f->stack.at ||
            n == MOST)
            continue;
        n++;
        text_add(&l, "%s: ",
                 text_place(where_it_differs(&f->stack, &p->stack), TEXT_NAME)
                     .bytes);
        text_add(&l, "%s, ", text_count(p->blocks, "block").bytes);
        text_add(&l, "%s by %s", text_count(p->bytes, "byte").bytes,
                 text_head(p->allocator, TEXT_NAME).bytes);
        text_caption(o, "also", l.text);
    }
    if (f->n_places > n + 1)
        fprintf(o->to, "%*s... and %" PRIu32 " more places\n", CAPTION_INDENT,
                "", f->n_places - n - 1);
}

/* Blocks of this site that are more, or less, lost. */
static void put_elsewhere(const struct text_out *o, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_elsewhere; i++) {
        const struct finding_elsewhere *e = &f->elsewhere[i];
        struct text_line l = {0};
        text_add(&l, "%s, ", text_count(e->blocks, "block").bytes);
        text_add(&l, "%s from here ", text_count(e->bytes, "byte").bytes);
        text_add(&l, "%s", finding_lost_words(e->reach));
        text_caption(o, "also", l.text);
    }
}

static void put_leak(const struct text_out *o, const struct finding *f,
                     const char *doubt)
{
    struct text_line l = {0};
    text_add(&l, "%s, ", text_count(f->blocks, "block").bytes);
    text_add(&l, "%s", text_count(f->bytes, "byte").bytes);
    if (f->allocator && *f->allocator)
        text_add(&l, " by %s", text_head(f->allocator, TEXT_NAME).bytes);
    if (f->retained_blocks > f->blocks)
        text_add(&l, "; retains %s, ",
                 text_count(f->retained_blocks, "block").bytes);
    if (f->retained_blocks > f->blocks)
        text_add(&l, "%s", text_count(f->retained_bytes, "byte").bytes);
    const int column = text_heading(o, f, l.text);
    if (doubt) {
        text_extra(o, column, doubt);
        fputc('\n', o->to);
    } else {
        text_reach(o, f, column);
    }
    text_stack(o, CAPTION_INDENT, f->stack);
    put_places(o, f);
    put_elsewhere(o, f);
    text_pointers(o, f->pointers, f->n_pointers, MOST_POINTERS);
    text_shared(o, f);
}

static void put_death(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (!f->has_death)
        return;
    text_seconds(&l, f->death_time);
    text_caption(o, "died at", l.text);
    if (f->death_stack.n > 0)
        text_stack(o, CAPTION_DEEPER, f->death_stack);
}

static void put_misuse(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    text_add(&l, "%s", text_head(f->what ? f->what : "", TEXT_NAME).bytes);
    if (f->n_types > 0 && *f->types[0].type)
        text_add(&l, " of %s", text_head(f->types[0].type, 20).bytes);
    if (f->label && *f->label)
        text_add(&l, " \"%s\"", text_head(f->label, 20).bytes);
    text_times(o, f, text_heading(o, f, l.text));
    fputc('\n', o->to);
    text_captioned(o, finding_doer_words(f->what ? f->what : ""), f->stack);
    if (f->birth_stack.n > 0)
        text_captioned(o, "made by", f->birth_stack);
    put_death(o, f);
    if (f->n_held > 0) {
        l = (struct text_line){0};
        text_rings(&l, f->held, f->n_held);
        text_add(&l, " would stay");
        text_caption(o, "holds", l.text);
    }
    text_shared(o, f);
}

/* It is dead, and somebody holds it still; or it was short of counts once. */
static void put_past(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    const char *type = f->n_types > 0 ? f->types[0].type : "";
    text_add(&l, "%s", text_head(*type ? type : "object", TEXT_NAME).bytes);
    if (f->label && *f->label)
        text_add(&l, " \"%s\"", text_head(f->label, 20).bytes);
    text_times(o, f, text_heading(o, f, l.text));
    fputc('\n', o->to);
    text_caption(o, "what", text_head(f->what, 3 * TEXT_WIDTH).bytes);
    if (f->has_death)
        text_caption(
            o, "to mend",
            "give the reference up (OURO_UNLINK) before the last count goes, "
            "keep a count for it, or drop the release that is too many");
    if (f->stack.n > 0)
        text_captioned(o, f->has_death ? "linked by" : "last released by",
                       f->stack);
    put_death(o, f);
    if (f->birth_stack.n > 0)
        text_captioned(o, "made by", f->birth_stack);
}

static void put(const struct text_out *o, const struct finding *f,
                const char *doubt)
{
    switch (f->kind) {
    case FINDING_CYCLE:
        text_cycle(o, f);
        return;
    case FINDING_LEAK:
        put_leak(o, f, doubt);
        return;
    case FINDING_MISUSE:
        put_misuse(o, f);
        return;
    case FINDING_UNBALANCED:
        text_unbalanced(o, f);
        return;
    case FINDING_OVER_RELEASE:
        if (f->n_members == 0)
            put_past(o, f);
        else
            text_over_release(o, f);
        return;
    case FINDING_GHOST_EDGE:
        text_ghost(o, f);
        return;
    }
}

/* The caller frees it. */
static char *make_text(const struct text_out *like, unsigned brief,
                       const struct finding *f, const char *doubt)
{
    char *text;
    size_t len;
    const struct text_out o = {
        .to = open_memstream(&text, &len),
        .colour = like->colour,
        .brief = brief,
    };
    if (!o.to)
        out_of_memory();
    put(&o, f, doubt);
    if (fclose(o.to) != 0)
        out_of_memory();
    return text;
}

/* Where line n ends, and in *lines how many there are. */
static const char *end_of_line(const char *text, uint32_t n, uint32_t *lines)
{
    const char *end = text;
    *lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        if (++*lines <= n)
            end = at + 1;
    return end;
}

void text_finding(const struct text_out *o, const struct finding *f,
                  const char *doubt)
{
    uint32_t lines;
    char *text = make_text(o, 0, f, doubt);
    const char *end = end_of_line(text, SCREEN, &lines);
    for (unsigned brief = 1; lines > SCREEN && brief <= TEXT_BRIEFEST;
         brief++) {
        free(text);
        text = make_text(o, brief, f, doubt);
        end = end_of_line(text, SCREEN, &lines);
    }
    if (lines > SCREEN)
        end = end_of_line(text, SCREEN - 1, &lines);
    fwrite(text, 1, (size_t)(end - text), o->to);
    if (lines > SCREEN)
        fprintf(o->to, "%*s... %" PRIu32 " more lines\n", CAPTION_INDENT, "",
                lines - (SCREEN - 1));
    free(text);
}
