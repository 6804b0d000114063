/* SPDX-License-Identifier: MIT */
/* dot_graph.c - members as boxes, references as arrows */
#include "report/dot_out.h"
#include "report/text_finding.h"

#include <inttypes.h>
#include <string.h>

enum {
    CLOSING_PLACES = 4,
    ARROWS_A_NODE = 2, /* beside the way: with more, dot takes minutes */
};

/* What stands for members that are not drawn. */
enum hidden { ON_WAY, BESIDE, N_HIDDEN };

struct arrows {
    struct dot_out *o;
    bool *is_done;            /* by edge */
    bool *is_tied;            /* by member: some arrow says where it belongs */
    unsigned char *is_dashed; /* by member: to and from which hidden node */
    uint64_t n_drawn, n_left_out;
};

static void add_part(struct text_line *l, int64_t n, const char *what,
                     bool *first)
{
    if (n == 0)
        return;
    const uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;
    text_add(l, "%s%" PRIu64 " %s",
             *first  ? n < 0 ? " = -" : " = "
             : n < 0 ? " - "
                     : " + ",
             size, what);
    *first = false;
}

/* "rc 3 = 2 owned + 1 anonymous" */
static void put_count(FILE *to, const struct finding_member *m)
{
    struct text_line l = {0};
    bool first = true;
    text_add(&l, "rc %" PRId64, m->refcount);
    add_part(&l, m->owned, "owned", &first);
    add_part(&l, m->acquired, "acquired", &first);
    add_part(&l, m->anonymous, "anonymous", &first);
    add_part(&l, m->unknown, "unknown", &first);
    dot_line(to, l.text);
}

static void put_member(const struct dot_out *o, uint32_t member, bool on_way)
{
    const struct finding_member *m = &o->f->members[member];
    struct text_line name = {0};
    struct text_line size = {0};
    text_member(&name, m);
    text_add(&size, "%s at 0x%" PRIx64, text_count(m->bytes, "byte").bytes,
             m->addr);
    fprintf(o->to, "    m%" PRIu32 " [", member);
    if (on_way)
        fputs("color=\"" DOT_RED "\", penwidth=2, ", o->to);
    fputs("label=\"", o->to);
    dot_line(o->to, name.text);
    dot_line(o->to, size.text);
    put_count(o->to, m);
    fputs("\"];\n", o->to);
}

/* What stands for those that are not drawn. */
static void put_on_way(const struct dot_out *o)
{
    struct text_line l = {0};
    if (o->choice.n_on_way == 0)
        return;
    text_add(&l, "%s more on the way", text_number(o->choice.n_on_way).bytes);
    fputs("    way [style=dashed, color=\"" DOT_RED "\", label=\"", o->to);
    dot_line(o->to, l.text);
    fputs("\"];\n", o->to);
}

static void put_more(const struct dot_out *o, uint64_t n_arrows)
{
    struct text_line objects = {0};
    struct text_line arrows = {0};
    text_add(&objects, "%s more",
             text_count(o->choice.n_beside, "object").bytes);
    text_add(&arrows, "%s more between those drawn",
             text_count(n_arrows, "reference").bytes);
    if (o->choice.n_beside == 0 && n_arrows == 0)
        return;
    fputs("    more [style=dashed, label=\"", o->to);
    if (o->choice.n_beside > 0)
        dot_line(o->to, objects.text);
    if (n_arrows > 0)
        dot_line(o->to, arrows.text);
    fputs("\"];\n", o->to);
}

static struct text_line words_of_field(const char *field, uint64_t count)
{
    struct text_line l = {0};
    text_add(&l, "%s", text_head(field ? field : "", DOT_LABEL).bytes);
    if (count > 1)
        text_add(&l, "%sx%s", l.len > 0 ? " " : "", text_number(count).bytes);
    return l;
}

void dot_put_field(FILE *to, const char *field, uint64_t count)
{
    dot_line(to, words_of_field(field, count).text);
}

static void put_closing(const struct dot_out *o, const struct finding_edge *e)
{
    struct text_line l = words_of_field(e->field, e->count);
    dot_left_line(o->to, l.text);
    l = (struct text_line){0};
    text_add(&l, "closed the cycle, linked ");
    text_seconds(&l, e->time);
    dot_left_line(o->to, l.text);
    dot_places(o->to, e->stack, CLOSING_PLACES);
}

/* An arrow of the way; its ends may be the node for what is left out of it. */
static void put_way_arrow(const struct arrows *a, uint32_t at)
{
    const struct dot_out *o = a->o;
    const struct dot_choice *c = &o->choice;
    const uint32_t edge = c->way[at];
    const struct finding_edge *e = &o->f->edges[edge];
    const bool closing = edge == o->f->closing_edge;
    if (c->is_drawn[e->from])
        fprintf(o->to, "    m%" PRIu32 " -> ", e->from);
    else
        fputs("    way -> ", o->to);
    if (c->is_drawn[e->to])
        fprintf(o->to, "m%" PRIu32, e->to);
    else
        fputs("way", o->to);
    fprintf(o->to,
            " [color=\"" DOT_RED "\", fontcolor=\"" DOT_RED
            "\", penwidth=%s, label=\"",
            closing ? "4" : "2");
    if (closing)
        put_closing(o, e);
    else
        dot_put_field(o->to, e->field, e->count);
    fputs("\"];\n", o->to);
}

static void put_way(struct arrows *a)
{
    const struct dot_choice *c = &a->o->choice;
    for (uint32_t i = 0; i < c->n_way; i++) {
        const struct finding_edge *e = &a->o->f->edges[c->way[i]];
        a->is_done[c->way[i]] = true;
        a->is_tied[e->from] = a->is_tied[e->to] = true;
        if (c->is_drawn[e->from] || c->is_drawn[e->to])
            put_way_arrow(a, i);
    }
}

/* One dashed arrow, however many references it stands for. */
static void put_dashed(struct arrows *a, const struct finding_edge *e)
{
    const struct dot_choice *c = &a->o->choice;
    const bool out = c->is_drawn[e->from];
    const uint32_t near = out ? e->from : e->to;
    const enum hidden far =
        c->is_on_way[out ? e->to : e->from] ? ON_WAY : BESIDE;
    const unsigned char bit = (unsigned char)(1U << (far + N_HIDDEN * out));
    if (a->is_dashed[near] & bit)
        return;
    a->is_dashed[near] |= bit;
    const char *node = far == ON_WAY ? "way" : "more";
    if (out)
        fprintf(a->o->to,
                "    m%" PRIu32 " -> %s [style=dashed, constraint=false];\n",
                near, node);
    else
        fprintf(a->o->to,
                "    %s -> m%" PRIu32 " [style=dashed, constraint=false];\n",
                node, near);
}

static void put_arrow(struct arrows *a, const struct finding_edge *e)
{
    const bool is_tie = !a->is_tied[e->from] || !a->is_tied[e->to];
    a->is_tied[e->from] = a->is_tied[e->to] = true;
    a->n_drawn++;
    fprintf(a->o->to, "    m%" PRIu32 " -> m%" PRIu32 " [%s=\"", e->from, e->to,
            is_tie ? "label" : "constraint=false, xlabel");
    dot_put_field(a->o->to, e->field, e->count);
    fputs("\"];\n", a->o->to);
}

static bool is_between(const struct arrows *a, const struct finding_edge *e)
{
    const struct finding *f = a->o->f;
    const bool *is_drawn = a->o->choice.is_drawn;
    return e->from < f->n_members && e->to < f->n_members &&
           is_drawn[e->from] && is_drawn[e->to];
}

/* One arrow at least to or from each member, so that none floats. */
static void put_ties(struct arrows *a)
{
    const struct finding *f = a->o->f;
    for (uint32_t i = 0; i < f->n_edges; i++) {
        const struct finding_edge *e = &f->edges[i];
        if (a->is_done[i] || !is_between(a, e) ||
            (a->is_tied[e->from] && a->is_tied[e->to]))
            continue;
        a->is_done[i] = true;
        put_arrow(a, e);
    }
}

static void put_others(struct arrows *a)
{
    const struct finding *f = a->o->f;
    const struct dot_choice *c = &a->o->choice;
    for (uint32_t i = 0; i < f->n_edges; i++) {
        const struct finding_edge *e = &f->edges[i];
        if (a->is_done[i] || e->from >= f->n_members || e->to >= f->n_members)
            continue;
        if (c->is_drawn[e->from] != c->is_drawn[e->to])
            put_dashed(a, e);
        else if (is_between(a, e) &&
                 a->n_drawn < (uint64_t)ARROWS_A_NODE * c->n_drawn)
            put_arrow(a, e);
        else if (is_between(a, e))
            a->n_left_out += e->count;
    }
}

void dot_put_subject(const struct dot_out *o)
{
    if (o->choice.n_drawn > 0)
        fprintf(o->to, "m%" PRIu32, o->choice.drawn[0]);
    else
        fputs("thing", o->to);
}

void dot_graph(struct dot_out *o)
{
    const struct finding *f = o->f;
    const struct dot_choice *c = &o->choice;
    struct arrows a = {
        .o = o,
        .is_done = ARENA_ARRAY(o->arena, f->n_edges + 1, bool),
        .is_tied = ARENA_ARRAY(o->arena, f->n_members + 1, bool),
        .is_dashed = ARENA_ARRAY(o->arena, f->n_members + 1, unsigned char),
    };
    for (uint32_t i = 0; i < c->n_drawn; i++)
        put_member(o, c->drawn[i], i < c->n_way - c->n_on_way);
    put_on_way(o);
    put_way(&a);
    put_ties(&a);
    put_others(&a);
    put_more(o, a.n_left_out);
}
