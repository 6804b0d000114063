/* SPDX-License-Identifier: MIT */
/* delta_text.c - what became of memory, for people */
#include "report/delta.h"
#include "report/finding_words.h"
#include "report/text_image.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <stdlib.h>

enum { INDENT = 4, VALUE = 16, MOST_OF_A_KIND = 10, MOST_TYPES = 20 };

static void put_moment(const struct text_out *o, const char *caption,
                       const struct delta *d, const struct delta_moment *m)
{
    struct text_line l = {0};
    text_add(&l, "%s", text_head(m->name, 40).bytes);
    if (m->ends)
        text_add(&l, ", %.6f s", trace_seconds(&d->image->trace, m->stamp));
    if (!m->seen)
        text_add(&l, ", without a snapshot: reach is unknown");
    fprintf(o->to, "%*s%-*s", INDENT, "", VALUE - INDENT, caption);
    text_wrap(o, VALUE, VALUE, l.text);
}

/* "12 blocks (+2)"; nothing where there is no difference. */
static void add_count(struct text_line *l, uint64_t after, uint64_t before,
                      const char *noun)
{
    text_add(l, "%s", text_count(after, noun).bytes);
    if (after > before)
        text_add(l, " (+%s)", text_number(after - before).bytes);
    else if (after < before)
        text_add(l, " (-%s)", text_number(before - after).bytes);
}

static void put_sum(const struct text_out *o, const struct delta_row *r,
                    enum reach reach)
{
    const struct delta_sum *a = &r->before.of[reach];
    const struct delta_sum *b = &r->after.of[reach];
    struct text_line l = {0};
    if (a->instances == 0 && b->instances == 0)
        return;
    add_count(&l, b->blocks, a->blocks, "block");
    text_add(&l, ", ");
    add_count(&l, b->bytes, a->bytes, "byte");
    text_add(&l, "  %s",
             r->f->kind == FINDING_LEAK ? finding_lost_words(reach)
                                        : finding_reach_word(reach));
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l.text);
}

static struct places where(const struct finding *f)
{
    if (f->stack.n > 0 || f->n_members == 0)
        return f->stack;
    return f->members[0].stack;
}

static void put_row(const struct text_out *o, const struct delta_row *r)
{
    const struct finding *f = r->f;
    struct text_line l = {0};
    text_add(&l, "%s %.8s", finding_kind_word(f->kind), f->id);
    if (f->allocator && *f->allocator)
        text_add(&l, "  by %s", text_head(f->allocator, 40).bytes);
    else if (f->n_types > 0 && *f->types[0].type)
        text_add(&l, "  %s", text_head(f->types[0].type, 40).bytes);
    fprintf(o->to, "\n%-9s ", delta_word(r->what));
    text_put(o, TEXT_BOLD, l.text);
    fputc('\n', o->to);
    for (enum reach reach = REACH_DEFINITE; reach <= REACH_UNKNOWN; reach++)
        put_sum(o, r, reach);
    text_stack(o, INDENT, where(f));
}

static void put_rows(const struct text_out *o, const struct delta *d, bool all)
{
    uint32_t n[DELTA_GONE + 1] = {0};
    for (uint32_t k = 0; k < d->n; k++) {
        const struct delta_row *r = &d->rows[k];
        n[r->what]++;
        if (r->what < DELTA_SHRANK && (all || n[r->what] <= MOST_OF_A_KIND))
            put_row(o, r);
    }
    for (enum delta_what what = DELTA_APPEARED; what < DELTA_SHRANK; what++)
        if (n[what] > MOST_OF_A_KIND && !all)
            fprintf(o->to,
                    "\n... and %" PRIu32 " more that %s; --all tells them\n",
                    n[what] - MOST_OF_A_KIND,
                    what == DELTA_LOST ? "were lost" : delta_word(what));
    fputc('\n', o->to);
    struct text_line l = {0};
    text_add(&l,
             "%" PRIu32 " appeared, %" PRIu32 " lost, %" PRIu32
             " grew, %" PRIu32 " shrank, %" PRIu32 " gone",
             n[DELTA_APPEARED], n[DELTA_LOST], n[DELTA_GREW], n[DELTA_SHRANK],
             n[DELTA_GONE]);
    fprintf(o->to, "%*s%s\n", INDENT, "", l.text);
}

static void put_types(const struct text_out *o, const struct delta *d, bool all)
{
    const uint32_t n =
        all || d->n_types <= MOST_TYPES ? d->n_types : MOST_TYPES;
    for (uint32_t k = 0; k < n; k++) {
        const struct delta_type *t = &d->types[k];
        struct text_line l = {0};
        add_count(&l, t->after, t->before, "object");
        text_add(&l, ", ");
        add_count(&l, t->bytes_after, t->bytes_before, "byte");
        text_add(&l, "  %s",
                 text_head(*t->type ? t->type : "object", 40).bytes);
        fprintf(o->to, "%*s%-*s", INDENT, "", VALUE - INDENT,
                k == 0 ? "objects" : "");
        text_wrap(o, VALUE, VALUE, l.text);
    }
    if (n < d->n_types)
        fprintf(o->to, "%*s... and %" PRIu32 " more types; --all tells them\n",
                VALUE, "", d->n_types - n);
}

void delta_text(const struct text_out *o, const struct delta *d, bool all)
{
    text_image(o, d->image);
    put_moment(o, "from", d, &d->from);
    put_moment(o, "to", d, &d->to);
    put_rows(o, d, all);
    put_types(o, d, all);
}
