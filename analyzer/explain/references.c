/* SPDX-License-Identifier: MIT */
#include "explain/references.h"

#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

static int by_group(const void *a, const void *b)
{
    const struct reference *x = a;
    const struct reference *y = b;
    const int c = (x->group > y->group) - (x->group < y->group);
    return c ? c : (x->link > y->link) - (x->link < y->link);
}

void references_gather(struct inquiry *q, const unsigned char *wanted)
{
    struct references *r = &q->references;
    struct table of_object = {.seed = hash_seed()};
    r->count = ARENA_ARRAY(&q->scratch, q->balances.n, uint64_t);
    for (uint32_t i = 0; i < q->balances.n; i++)
        if (wanted[i])
            table_set(&of_object, q->balances.at[i].eldest, (uint64_t)i + 1);
    for (uint32_t i = 0; of_object.n > 0 && i < q->s->n_links; i++) {
        const uint64_t group = table_get(&of_object, q->s->links[i].target);
        if (group == 0 || r->count[group - 1]++ >= REFERENCES_MOST)
            continue;
        GROW(r->at, r->n, r->room);
        r->at[r->n++] = (struct reference){(uint32_t)(group - 1), i};
        inquiry_ask(q, q->s->links[i].stack);
    }
    table_release(&of_object);
    if (r->n > 0)
        qsort(r->at, r->n, sizeof *r->at, by_group);
}

static uint32_t first_of(const struct references *r, uint32_t group)
{
    uint32_t low = 0;
    uint32_t high = r->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (r->at[middle].group < group)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Which member the owner is: owners come in a row. */
static uint32_t member_of(struct inquiry *q, struct finding *f, uint32_t owner)
{
    if (owner == OURO_NONE)
        return OURO_NONE;
    if (f->members[0].object == owner)
        return 0;
    if (f->members[f->n_members - 1].object != owner)
        f->members[f->n_members++] = inquiry_member(q, owner);
    return f->n_members - 1;
}

/* References through one field are one edge, told by the newest. */
static void add_edge(struct inquiry *q, struct finding_edge *edges, uint32_t *n,
                     uint32_t from, const struct link *k)
{
    char text[FIELD_TEXT];
    const char *field = inquiry_field(q, k, text);
    uint32_t at = 0;
    while (at < *n &&
           (edges[at].from != from || strcmp(edges[at].field, field) != 0))
        at++;
    struct finding_edge *e = &edges[at];
    const double time = trace_seconds(q->t, k->stamp);
    if (at == *n) {
        *e = (struct finding_edge){.from = from, .time = -1};
        e->field = arena_text(q->out, field, strlen(field));
        ++*n;
    }
    e->count++;
    if (time < e->time)
        return;
    e->time = time;
    e->stack = inquiry_places(q, k->stack);
}

void references_describe(struct inquiry *q, uint32_t group, struct finding *f)
{
    const struct references *r = &q->references;
    const uint32_t first = first_of(r, group);
    uint32_t n = 0;
    while (first + n < r->n && r->at[first + n].group == group)
        n++;
    struct finding_member *members =
        ARENA_ARRAY(q->out, (size_t)n + 1, struct finding_member);
    members[0] = f->members[0];
    f->members = members;
    f->edges = ARENA_ARRAY(q->out, n, struct finding_edge);
    f->roots = ARENA_ARRAY(q->out, n, struct finding_edge);
    for (uint32_t i = first; i < first + n; i++) {
        const struct link *k = &q->s->links[r->at[i].link];
        const uint32_t from = member_of(q, f, k->owner);
        if (from == OURO_NONE)
            add_edge(q, f->roots, &f->n_roots, from, k);
        else
            add_edge(q, f->edges, &f->n_edges, from, k);
    }
    f->references_more = r->count[group] - n;
}
