/* SPDX-License-Identifier: MIT */
#include "report/text_finding.h"

#include "report/finding_words.h"
#include "report/text_caption.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum {
    INDENT = CAPTION_INDENT,
    DEEPER = CAPTION_DEEPER,
    NAME = 48,
    MOST_EDGES = 8,
    FIRST_EDGES = 5,
    LAST_EDGES = 2,
    MOST_TYPES = 6,
    MOST_TAKERS = 3,
};

/* An addition behind the heading: on its line, or on one of its own. */
static int put_extra(const struct text_out *o, int column, const char *words)
{
    const int len = (int)strlen(words);
    if (column + 3 + len <= TEXT_WIDTH) {
        fprintf(o->to, "   %s", words);
        return column + 3 + len;
    }
    fprintf(o->to, "\n%*s%s", INDENT, "", words);
    return INDENT + len;
}

static int put_heading(const struct text_out *o, const struct finding *f,
                       const char *figures)
{
    char head[64];
    const int n = snprintf(head, sizeof head, "%s %.8s",
                           finding_kind_word(f->kind), f->id);
    text_put(o, TEXT_RED, head);
    fputs("  ", o->to);
    return text_flow(o, n + 2, INDENT, figures);
}

static const char *type_of(const struct finding_member *m)
{
    return m->type && *m->type ? m->type : "object";
}

void text_member(struct text_line *l, const struct finding_member *m)
{
    text_add_named(l, m->type, m->label);
}

static void add_edge(struct text_line *l, const struct finding *f,
                     const struct finding_edge *e)
{
    if (e->from < f->n_members)
        text_member(l, &f->members[e->from]);
    text_add_field(l, e->field, -1);
}

/* "Session.window -> Window.children -> Session" */
static void put_witness(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < f->n_witness; i++) {
        if (f->witness[i] >= f->n_edges)
            continue;
        const struct finding_edge *e = &f->edges[f->witness[i]];
        first = first == UINT32_MAX ? e->from : first;
        if (f->n_witness > MOST_EDGES && i >= FIRST_EDGES &&
            i < f->n_witness - LAST_EDGES) {
            if (i == FIRST_EDGES)
                text_add(&l, "(%" PRIu32 " more) -> ",
                         f->n_witness - FIRST_EDGES - LAST_EDGES);
            continue;
        }
        add_edge(&l, f, e);
        text_add(&l, " -> ");
    }
    if (first >= f->n_members)
        return;
    text_member(&l, &f->members[first]);
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT + 2, l.text);
}

static void put_types(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    for (uint32_t i = 0; i < f->n_types && i < MOST_TYPES; i++)
        text_add(&l, "%s%s %s", i > 0 ? ", " : "",
                 text_number(f->types[i].count).bytes,
                 text_head(f->types[i].type, NAME).bytes);
    if (f->n_types > MOST_TYPES)
        text_add(&l, " and %" PRIu32 " more types", f->n_types - MOST_TYPES);
    if (l.len > 0)
        text_caption(o, "types", l.text);
}

void text_seconds(struct text_line *l, double seconds)
{
    text_add(l, seconds < 0.1 ? "%.6f s" : "%.3f s", seconds);
}

static void put_closing(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->closing_edge >= f->n_edges)
        return;
    const struct finding_edge *e = &f->edges[f->closing_edge];
    add_edge(&l, f, e);
    text_add(&l, ", linked ");
    text_seconds(&l, e->time);
    text_caption(o, "closed by", l.text);
    if (e->stack.n > 0)
        text_stack(o, DEEPER, e->stack);
}

static bool closed_and_orphaned_at_once(const struct finding *f)
{
    return f->closing_edge < f->n_edges &&
           strcmp(f->orphaned_by, "link") == 0 &&
           f->edges[f->closing_edge].time == f->orphaned_time;
}

static void put_orphaned(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (!f->has_orphaned)
        return;
    if (closed_and_orphaned_at_once(f)) {
        text_caption(o, "orphaned",
                     "by the same link: it took the last outside "
                     "reference with it");
        return;
    }
    const bool by_link = strcmp(f->orphaned_by, "link") == 0;
    text_add(&l, "last outside reference %s ",
             by_link ? "went into a link" : "released");
    text_seconds(&l, f->orphaned_time);
    text_caption(o, "orphaned", l.text);
    if (f->orphaned_stack.n > 0)
        text_stack(o, DEEPER, f->orphaned_stack);
}

/* Where nothing says who linked, at least who made it. */
static void put_birth(const struct text_out *o, const struct finding *f)
{
    const bool linker_known =
        f->closing_edge < f->n_edges && f->edges[f->closing_edge].stack.n > 0;
    if (linker_known || f->n_members == 0 || f->members[0].stack.n == 0)
        return;
    text_caption(o, "born", text_head(type_of(&f->members[0]), NAME).bytes);
    text_stack(o, DEEPER, f->members[0].stack);
}

static void add_objects(struct text_line *l, const struct finding *f)
{
    text_add(l, "%s, ", text_count(f->objects, "object").bytes);
    text_add(l, "%s", text_count(f->bytes, "byte").bytes);
    if (f->retained_objects > f->objects || f->retained_bytes > f->bytes) {
        text_add(l, "; retains %s, ",
                 text_count(f->retained_objects, "object").bytes);
        text_add(l, "%s", text_count(f->retained_bytes, "byte").bytes);
    }
}

static int put_times(const struct text_out *o, const struct finding *f,
                     int column)
{
    struct text_line l = {0};
    if (f->instances < 2)
        return column;
    text_add(&l, "%s", text_count(f->instances, "time").bytes);
    return put_extra(o, column, l.text);
}

static void put_uncollectable(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->uncollectable == 0)
        return;
    text_add(&l, "no collector could free %s of it: a finalizer is in the way",
             text_count(f->uncollectable, "object").bytes);
    text_caption(o, "finalizer", l.text);
}

static void put_cycle(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    char generation[32];
    add_objects(&l, f);
    int column = put_heading(o, f, l.text);
    if (f->generation >= 0) {
        snprintf(generation, sizeof generation, "generation %d", f->generation);
        column = put_extra(o, column, generation);
    }
    put_times(o, f, column);
    fputc('\n', o->to);
    put_witness(o, f);
    if (f->objects > f->n_witness)
        put_types(o, f);
    put_closing(o, f);
    put_orphaned(o, f);
    put_uncollectable(o, f);
    put_birth(o, f);
}

static void put_reach(const struct text_out *o, const struct finding *f,
                      int column)
{
    char reach[32];
    snprintf(reach, sizeof reach, "%s reach", finding_reach_word(f->reach));
    column = put_extra(o, column, reach);
    if (f->shape && strcmp(f->shape, "ring") == 0)
        put_extra(o, column, "in a ring");
    fputc('\n', o->to);
}

static void put_leak(const struct text_out *o, const struct finding *f,
                     const char *doubt)
{
    struct text_line l = {0};
    text_add(&l, "%s, ", text_count(f->blocks, "block").bytes);
    text_add(&l, "%s", text_count(f->bytes, "byte").bytes);
    if (f->allocator && *f->allocator)
        text_add(&l, " by %s", text_head(f->allocator, NAME).bytes);
    const int column = put_heading(o, f, l.text);
    if (doubt) {
        put_extra(o, column, doubt);
        fputc('\n', o->to);
    } else {
        put_reach(o, f, column);
    }
    text_stack(o, INDENT, f->stack);
}

static void put_captioned(const struct text_out *o, const char *caption,
                          struct places stack)
{
    fprintf(o->to, "%*s%s\n", INDENT, "", caption);
    text_stack(o, DEEPER, stack);
}

/* Which references there are, and who made them. */
static void put_links(const struct text_out *o, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_edges && i < MOST_EDGES; i++) {
        struct text_line l = {0};
        const struct finding_edge *e = &f->edges[i];
        add_edge(&l, f, e);
        text_add(&l, ", linked ");
        text_seconds(&l, e->time);
        text_caption(o, "held by", l.text);
        if (e->stack.n > 0)
            put_captioned(o, "linked by", e->stack);
    }
    if (f->n_edges > MOST_EDGES)
        fprintf(o->to, "%*s... and %" PRIu32 " more references\n", INDENT, "",
                f->n_edges - MOST_EDGES);
}

/* Where the counts were taken whose holders are dead. */
static void put_takers(const struct text_out *o, const struct finding *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_unreleased; i++) {
        const struct finding_unreleased *u = &f->unreleased[i];
        if (!u->holder_dead || n++ >= MOST_TAKERS)
            continue;
        struct text_line l = {0};
        text_add(&l, "%s", text_count(u->count, "time").bytes);
        text_add(&l, ", never released; whoever held it is gone");
        text_caption(o, "taken by", l.text);
        text_stack(o, DEEPER, u->stack);
    }
    if (n > MOST_TAKERS) {
        struct text_line l = {0};
        text_add(&l, "%" PRIu32 " more places", n - MOST_TAKERS);
        text_caption(o, "and by", l.text);
    }
}

/* More counts than references, and it is known who took them. */
static void put_unbalanced(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->n_types == 1 && f->n_members == 1 && *f->types[0].type) {
        text_add(&l, "%s ", text_number(f->objects).bytes);
        text_member(&l, &f->members[0]);
        text_add(&l, ", %s", text_count(f->bytes, "byte").bytes);
    } else {
        add_objects(&l, f);
    }
    put_extra(o, put_heading(o, f, l.text), finding_reach_word(f->reach));
    fputc('\n', o->to);
    if (f->n_types > 1)
        put_types(o, f);
    put_takers(o, f);
    if (f->stack.n > 0) {
        fprintf(o->to, "%*sborn\n", INDENT, "");
        text_stack(o, DEEPER, f->stack);
    }
}

/* Counts that are too high or too low. */
static void put_counts(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    add_objects(&l, f);
    put_reach(o, f, put_heading(o, f, l.text));
    if (f->what)
        text_caption(o, "what",
                     text_head(f->what, TEXT_WIDTH - CAPTION_VALUE).bytes);
    put_types(o, f);
    if (f->stack.n > 0)
        put_captioned(o, "made by", f->stack);
    else
        put_birth(o, f);
    if (f->kind == FINDING_OVER_RELEASE)
        put_links(o, f);
}

static void put_death(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (!f->has_death)
        return;
    text_seconds(&l, f->death_time);
    text_caption(o, "died at", l.text);
    if (f->death_stack.n > 0)
        text_stack(o, DEEPER, f->death_stack);
}

static void put_misuse(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    text_add(&l, "%s", text_head(f->what ? f->what : "", NAME).bytes);
    if (f->n_types > 0 && *f->types[0].type)
        text_add(&l, " of %s", text_head(f->types[0].type, 20).bytes);
    if (f->label && *f->label)
        text_add(&l, " \"%s\"", text_head(f->label, 20).bytes);
    put_times(o, f, put_heading(o, f, l.text));
    fputc('\n', o->to);
    put_captioned(o, finding_doer_words(f->what ? f->what : ""), f->stack);
    if (f->birth_stack.n > 0)
        put_captioned(o, "made by", f->birth_stack);
    put_death(o, f);
}

/* It died, and somebody holds it still. */
static void put_dangling(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    text_add(&l, "%s", text_head(f->types->type, NAME).bytes);
    if (f->label && *f->label)
        text_add(&l, " \"%s\"", text_head(f->label, 20).bytes);
    put_times(o, f, put_heading(o, f, l.text));
    fputc('\n', o->to);
    text_caption(o, "what", text_head(f->what, 3 * TEXT_WIDTH).bytes);
    text_caption(
        o, "to mend",
        "give the reference up (OURO_UNLINK) before the last count goes, "
        "or keep a count for it");
    if (f->stack.n > 0)
        put_captioned(o, "linked by", f->stack);
    put_death(o, f);
    if (f->birth_stack.n > 0)
        put_captioned(o, "made by", f->birth_stack);
}

void text_finding(const struct text_out *o, const struct finding *f,
                  const char *doubt)
{
    switch (f->kind) {
    case FINDING_CYCLE:
        put_cycle(o, f);
        return;
    case FINDING_LEAK:
        put_leak(o, f, doubt);
        return;
    case FINDING_MISUSE:
        put_misuse(o, f);
        return;
    case FINDING_UNBALANCED:
        put_unbalanced(o, f);
        return;
    case FINDING_OVER_RELEASE:
        if (f->has_death) {
            put_dangling(o, f);
            return;
        }
        put_counts(o, f);
        return;
    case FINDING_GHOST_EDGE:
        put_counts(o, f);
        return;
    }
}
