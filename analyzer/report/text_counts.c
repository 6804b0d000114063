/* SPDX-License-Identifier: MIT */
/* text_counts.c - counts that are too high or too low, and who is why */
#include "report/text_kinds.h"

#include "report/finding_words.h"
#include "report/text_parts.h"
#include "report/text_pointers.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_TAKERS = 3, MOST_POINTERS = 4 };

static void put_link(const struct text_out *o, const struct finding *f,
                     const struct finding_edge *e)
{
    struct text_line l = {0};
    text_edge(&l, f, e);
    if (e->count > 1)
        text_add(&l, " %s", text_count(e->count, "time").bytes);
    text_add(&l, ", linked ");
    text_seconds(&l, e->time);
    text_caption(o, "held by", l.text);
    if (e->stack.n > 0)
        text_captioned(o, "linked by", e->stack);
}

/* Which references there are, and who made them. */
static void put_links(const struct text_out *o, const struct finding *f)
{
    static const uint32_t most[TEXT_BRIEFEST + 1] = {8, 6, 4, 3, 3, 2};
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_edges && n < most[o->brief]; i++, n++)
        put_link(o, f, &f->edges[i]);
    for (uint32_t i = 0; i < f->n_roots && n < most[o->brief]; i++, n++)
        put_link(o, f, &f->roots[i]);
    const uint64_t more = f->n_edges + f->n_roots - n + f->references_more;
    if (more > 0)
        fprintf(o->to, "%*s... and %s more references\n", CAPTION_INDENT, "",
                text_number(more).bytes);
}

static void put_balance(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->n_members == 0)
        return;
    text_counts(&l, &f->members[0]);
    text_caption(o, "counts", l.text);
}

/* Where the counts were taken whose holders are dead; of what nobody can judge,
   all that are left. */
static void put_takers(const struct text_out *o, const struct finding *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_unreleased; i++) {
        const struct finding_unreleased *u = &f->unreleased[i];
        if (!(u->holder_dead || f->reach == REACH_UNKNOWN) ||
            n++ >= MOST_TAKERS)
            continue;
        struct text_line l = {0};
        text_add(&l, "%s, ", text_count(u->count, "time").bytes);
        if (u->holder_dead)
            text_add(&l, "never released; whoever held it is gone");
        else if (u->certain)
            text_add(&l, "and not given back, as far as can be seen");
        else
            text_add(&l, "more than was given back there");
        text_caption(o, "taken by", l.text);
        text_stack(o, CAPTION_DEEPER, u->stack);
    }
    if (n > MOST_TAKERS) {
        struct text_line l = {0};
        text_add(&l, "%" PRIu32 " more places", n - MOST_TAKERS);
        text_caption(o, "and by", l.text);
    }
}

/* By its name, where there is one. */
static void add_object(struct text_line *l, const struct finding *f)
{
    if (f->n_types != 1 || f->n_members == 0 || !*f->types[0].type) {
        text_objects(l, f);
        return;
    }
    text_add(l, "%s ", text_number(f->objects).bytes);
    text_member(l, &f->members[0]);
    text_add(l, ", %s", text_count(f->bytes, "byte").bytes);
}

/* More counts than references. */
void text_unbalanced(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    add_object(&l, f);
    text_extra(o, text_heading(o, f, l.text), finding_reach_word(f->reach));
    fputc('\n', o->to);
    if (f->n_types > 1)
        text_types(o, f);
    put_balance(o, f);
    put_takers(o, f);
    text_pointers(o, f->pointers, f->n_pointers, MOST_POINTERS);
    if (f->stack.n > 0) {
        fprintf(o->to, "%*sborn\n", CAPTION_INDENT, "");
        text_stack(o, CAPTION_DEEPER, f->stack);
    }
}

void text_over_release(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    add_object(&l, f);
    text_reach(o, f, text_heading(o, f, l.text));
    if (f->what)
        text_caption(o, "what",
                     text_head(f->what, TEXT_WIDTH - CAPTION_VALUE).bytes);
    text_types(o, f);
    put_balance(o, f);
    text_caption(o, "to mend",
                 "each reference needs a count of its own: take one where "
                 "it is linked, or drop the release that is too many");
    if (f->stack.n > 0)
        text_captioned(o, "made by", f->stack);
    else
        text_birth(o, f);
    put_links(o, f);
}
