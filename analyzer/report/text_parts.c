/* SPDX-License-Identifier: MIT */
#include "report/text_parts.h"

#include "report/finding_words.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_RINGS = 3, MOST_SHARED = 2 };

/* An addition behind the heading: on its line, or on one of its own. */
int text_extra(const struct text_out *o, int column, const char *words)
{
    const int len = (int)strlen(words);
    if (column + 3 + len <= TEXT_WIDTH) {
        fprintf(o->to, "   %s", words);
        return column + 3 + len;
    }
    fprintf(o->to, "\n%*s%s", CAPTION_INDENT, "", words);
    return CAPTION_INDENT + len;
}

int text_heading(const struct text_out *o, const struct finding *f,
                 const char *figures)
{
    char head[64];
    const int n = snprintf(head, sizeof head, "%s %.8s",
                           finding_kind_word(f->kind), f->id);
    text_put(o, TEXT_RED, head);
    fputs("  ", o->to);
    return text_flow(o, n + 2, CAPTION_INDENT, figures);
}

static const char *type_of(const struct finding_member *m)
{
    return m->type && *m->type ? m->type : "object";
}

void text_member(struct text_line *l, const struct finding_member *m)
{
    text_add_named(l, m->type, m->label);
}

void text_edge(struct text_line *l, const struct finding *f,
               const struct finding_edge *e)
{
    if (e->from == OURO_NONE) {
        text_add(l, "root %s", text_head(e->field, TEXT_NAME).bytes);
        return;
    }
    if (e->from < f->n_members)
        text_member(l, &f->members[e->from]);
    text_add_field(l, e->field, -1);
}

void text_types(const struct text_out *o, const struct finding *f)
{
    static const uint32_t most[TEXT_BRIEFEST + 1] = {6, 6, 6, 6, 4, 2};
    struct text_line l = {0};
    for (uint32_t i = 0; i < f->n_types && i < most[o->brief]; i++)
        text_add(&l, "%s%s %s", i > 0 ? ", " : "",
                 text_number(f->types[i].count).bytes,
                 text_head(f->types[i].type, TEXT_NAME).bytes);
    if (f->n_types > most[o->brief])
        text_add(&l, " and %" PRIu32 " more types",
                 f->n_types - most[o->brief]);
    if (l.len > 0)
        text_caption(o, "types", l.text);
}

void text_seconds(struct text_line *l, double seconds)
{
    text_add(l, seconds < 0.1 ? "%.6f s" : "%.3f s", seconds);
}

/* Where nothing says who linked, at least who made it. */
void text_birth(const struct text_out *o, const struct finding *f)
{
    const bool linker_known =
        f->closing_edge < f->n_edges && f->edges[f->closing_edge].stack.n > 0;
    if (linker_known || f->n_members == 0 || f->members[0].stack.n == 0)
        return;
    text_caption(o, "born",
                 text_head(type_of(&f->members[0]), TEXT_NAME).bytes);
    text_stack(o, CAPTION_DEEPER, f->members[0].stack);
}

void text_objects(struct text_line *l, const struct finding *f)
{
    text_add(l, "%s, ", text_count(f->objects, "object").bytes);
    text_add(l, "%s", text_count(f->bytes, "byte").bytes);
    if (f->retained_objects > f->objects || f->retained_bytes > f->bytes) {
        text_add(l, "; retains %s, ",
                 text_count(f->retained_objects, "object").bytes);
        text_add(l, "%s", text_count(f->retained_bytes, "byte").bytes);
    }
}

int text_times(const struct text_out *o, const struct finding *f, int column)
{
    struct text_line l = {0};
    if (f->instances < 2)
        return column;
    text_add(&l, "%s", text_count(f->instances, "time").bytes);
    return text_extra(o, column, l.text);
}

void text_reach(const struct text_out *o, const struct finding *f, int column)
{
    char reach[32];
    snprintf(reach, sizeof reach, "%s reach", finding_reach_word(f->reach));
    if (f->kind == FINDING_LEAK && f->reach != REACH_UNKNOWN)
        snprintf(reach, sizeof reach, "%s", finding_lost_words(f->reach));
    column = text_extra(o, column, reach);
    if (f->shape && strcmp(f->shape, "ring") == 0)
        text_extra(o, column, "in a ring");
    fputc('\n', o->to);
}

void text_captioned(const struct text_out *o, const char *caption,
                    struct places stack)
{
    fprintf(o->to, "%*s%s\n", CAPTION_INDENT, "", caption);
    text_stack(o, CAPTION_DEEPER, stack);
}

/* ", 3 by references" after the first */
static void add_part(struct text_line *l, uint32_t *n, int64_t count,
                     const char *who)
{
    if (count <= 0)
        return;
    text_add(l, "%s%s %s", (*n)++ == 0 ? ": " : ", ",
             text_number((uint64_t)count).bytes, who);
}

void text_counts(struct text_line *l, const struct finding_member *m)
{
    uint32_t n = 0;
    if (m->refcount < 0)
        text_add(l, "below zero");
    else
        text_add(l, "%s", text_count((uint64_t)m->refcount, "count").bytes);
    if (m->unknown < 0) {
        text_add(l, " for %s",
                 text_count((uint64_t)m->owned, "reference").bytes);
        return;
    }
    add_part(l, &n, m->owned,
             m->owned == 1 ? "by a reference" : "by references");
    add_part(l, &n, m->acquired, "taken under a name and not released");
    add_part(l, &n, m->anonymous, "by nobody that is known");
}

void text_rings(struct text_line *l, const struct finding_ring *rings,
                uint32_t n)
{
    uint64_t n_rings = 0;
    for (uint32_t i = 0; i < n; i++)
        n_rings += rings[i].rings;
    if (n_rings == 1)
        text_add(l, "a ring inside (");
    else
        text_add(l, "%s rings inside (", text_number(n_rings).bytes);
    for (uint32_t i = 0; i < n && i < MOST_RINGS; i++)
        text_add(l, "%s%.8s, %s", i > 0 ? "; " : "", rings[i].id,
                 text_count(rings[i].objects, "object").bytes);
    if (n > MOST_RINGS)
        text_add(l, "; and %" PRIu32 " more ids", n - MOST_RINGS);
    text_add(l, ")");
}

static void add_others(struct text_line *l, const struct finding *f,
                       const struct finding_shared *s)
{
    if (s->n_with == 0) {
        text_add(l, "all %s", text_count(f->instances, "instance").bytes);
        return;
    }
    for (uint32_t i = 0; i < s->n_with && i < MOST_RINGS; i++)
        text_add(l, "%s%.8s", i > 0 ? ", " : "", s->with[i]);
    if (s->with_more)
        text_add(l, " and many more");
    else if (s->n_with > MOST_RINGS)
        text_add(l, " and %" PRIu32 " more", s->n_with - MOST_RINGS);
}

void text_shared(const struct text_out *o, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_shared && i < MOST_SHARED; i++) {
        const struct finding_shared *s = &f->shared[i];
        struct text_line l = {0};
        if (s->objects > 0)
            text_add(&l, "%s, ", text_count(s->objects, "object").bytes);
        else
            text_add(&l, "%s, ", text_count(s->blocks, "block").bytes);
        text_add(&l, "%s more ", text_count(s->bytes, "byte").bytes);
        text_add(&l, s->n_with == 0 ? "go with " : "go when mended with ");
        add_others(&l, f, s);
        text_caption(o, i == 0 ? "shared" : "", l.text);
    }
    if (f->n_shared + f->shared_more <= MOST_SHARED)
        return;
    struct text_line l = {0};
    text_add(&l, "and with %" PRIu32 " more sets of findings",
             f->n_shared + f->shared_more - MOST_SHARED);
    text_caption(o, "", l.text);
}
