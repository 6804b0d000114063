/* SPDX-License-Identifier: MIT */
#include "explain/why_parts.h"

#include <stdlib.h>
#include <string.h>

struct why_object why_object_of(const struct why_parts *p, uint32_t object)
{
    const struct object *k = &p->q.s->objects[object];
    return (struct why_object){
        .type = inquiry_text(&p->q, k->type),
        .label = inquiry_text(&p->q, k->label),
        .addr = k->addr,
    };
}

const char *why_field(const struct why_parts *p, const struct link *k)
{
    char text[FIELD_TEXT];
    const char *field = inquiry_field(&p->q, k, text);
    return field == text ? arena_text(p->q.out, text, strlen(text)) : field;
}

static uint32_t least(uint64_t n, uint32_t most)
{
    return n < most ? (uint32_t)n : most;
}

static bool is_owner(const struct why_parts *p, const struct link *k)
{
    return k->target == p->object && k->owner != OURO_NONE;
}

static bool is_root(const struct why_parts *p, const struct link *k)
{
    return k->target == p->object && k->owner == OURO_NONE;
}

static bool is_held(const struct why_parts *p, const struct link *k)
{
    return k->owner == p->object;
}

struct list {
    struct why_links *links;
    bool (*is)(const struct why_parts *p, const struct link *k);
};

enum { N_LISTS = 3 };

static void each_list(const struct why_parts *p, struct list lists[N_LISTS])
{
    lists[0] = (struct list){&p->w->owners, is_owner};
    lists[1] = (struct list){&p->w->roots, is_root};
    lists[2] = (struct list){&p->w->holds, is_held};
}

static void count_links(struct why_parts *p)
{
    struct list lists[N_LISTS];
    each_list(p, lists);
    for (int i = 0; i < N_LISTS; i++) {
        struct why_links *l = lists[i].links;
        for (uint32_t k = 0; k < p->q.s->n_links; k++) {
            const struct link *link = &p->q.s->links[k];
            if (lists[i].is(p, link) && l->n++ < p->most)
                inquiry_ask(&p->q, link->stack);
        }
    }
}

static struct why_link tell_link(struct why_parts *p, const struct link *k)
{
    struct why_link l = {
        .is_root = k->owner == OURO_NONE,
        .index = k->index,
        .time = trace_seconds(p->q.t, k->stamp),
        .stack = inquiry_places(&p->q, k->stack),
    };
    if (!l.is_root) {
        l.other =
            why_object_of(p, k->owner == p->object ? k->target : k->owner);
        l.field = why_field(p, k);
    } else {
        l.other = (struct why_object){"", "", (uint64_t)k->offset};
        l.field = inquiry_text(&p->q, k->field);
    }
    return l;
}

static void tell_links(struct why_parts *p)
{
    struct list lists[N_LISTS];
    each_list(p, lists);
    for (int i = 0; i < N_LISTS; i++) {
        struct why_links *l = lists[i].links;
        const uint32_t n = least(l->n, p->most);
        l->told = ARENA_ARRAY(p->q.out, n, struct why_link);
        for (uint32_t k = 0; k < p->q.s->n_links && l->n_told < n; k++)
            if (lists[i].is(p, &p->q.s->links[k]))
                l->told[l->n_told++] = tell_link(p, &p->q.s->links[k]);
    }
}

static struct why_lost tell_lost_one(const struct why_parts *p,
                                     const struct dangling_link *d)
{
    const struct link like = {
        .field = d->field, .offset = d->offset, .in_owned = d->in_owned};
    return (struct why_lost){
        .target = {inquiry_text(&p->q, d->type), inquiry_text(&p->q, d->label),
                   d->addr},
        .field = why_field(p, &like),
        .index = d->index,
        .died = trace_seconds(p->q.t, d->death_stamp),
    };
}

static void tell_lost(struct why_parts *p)
{
    const struct shadow *s = p->q.s;
    struct why *w = p->w;
    for (uint32_t i = 0; i < s->n_dangling; i++)
        w->n_lost += s->dangling[i].owner == p->object;
    const uint32_t n = least(w->n_lost, p->most);
    w->lost = ARENA_ARRAY(p->q.out, n, struct why_lost);
    for (uint32_t i = 0; i < s->n_dangling && w->n_lost_told < n; i++)
        if (s->dangling[i].owner == p->object)
            w->lost[w->n_lost_told++] = tell_lost_one(p, &s->dangling[i]);
}

/* Where the log of collections has them all, and leads to the generation that
   it is in: what moved it otherwise (frozen, untracked, revived) is not
   followed. */
static void count_survived(struct why *w)
{
    const struct gc *gc = &w->shadow->gc;
    int generation = 0;
    for (uint32_t i = 0; i < gc->n_log; i++) {
        const struct collection *c = &gc->log[i];
        if (c->stamp <= w->object->stamp || c->generation < generation)
            continue;
        w->survived++;
        generation = c->generation < GC_OLDEST ? c->generation + 1 : GC_OLDEST;
    }
    w->survived_known = gc->n_log == gc->n_collections && !w->object->found &&
                        w->object->generation == generation;
}

static void tell_object(struct why_parts *p)
{
    struct why *w = p->w;
    w->is = why_object_of(p, p->object);
    w->bytes = p->q.w.bytes[p->object];
    w->blocks = p->q.w.blocks[p->object];
    w->born = trace_seconds(p->q.t, w->object->stamp);
    w->born_at = inquiry_places(&p->q, w->object->stack);
    w->unreachable = p->q.o.u.in[p->object];
    w->uncollectable = p->q.uncollectable[p->object];
    count_survived(w);
}

static int gather(struct why_parts *p, struct trace *parent, struct err *e)
{
    struct inquiry *q = &p->q;
    if (object_graph_make(&q->o, &q->scratch, q->s, e) != 0)
        return -1;
    q->w = weights_find(&q->scratch, q->s);
    q->uncollectable = gc_uncollectable(&q->scratch, &q->o);
    q->asked = ARENA_ARRAY(&q->scratch, q->t->stacks.n, unsigned char);
    return why_counts_gather(p, parent, e) == 0 &&
                   why_ways_gather(p, parent, e) == 0
               ? 0
               : -1;
}

static void tell(struct why_parts *p, struct symbolizer *z)
{
    struct inquiry *q = &p->q;
    struct symbols symbols;
    inquiry_ask(q, p->w->object->stack);
    count_links(p);
    why_counts_ask(p);
    why_ways_ask(p);
    symbols_find(&symbols, z, q->out, q->t, q->stacks, q->n_stacks, NULL);
    sites_init(&q->sites, q->out, q->t, &symbols);
    tell_object(p);
    tell_links(p);
    tell_lost(p);
    why_counts_tell(p);
    why_ways_tell(p);
    p->w->symbols_note = symbols.note;
}

int why_make(struct why *w, struct symbolizer *z, const struct shadow *s,
             struct trace *t, struct trace *parent, uint32_t object,
             uint32_t most, struct err *e)
{
    *w = (struct why){.shadow = s, .object = &s->objects[object]};
    struct why_parts p = {
        .q = {.s = s, .t = t, .out = &w->arena},
        .w = w,
        .object = object,
        .most = most,
    };
    const int rc = gather(&p, parent, e);
    if (rc == 0)
        tell(&p, z);
    acquires_release(&p.named);
    acquires_release(&p.unnamed);
    free(p.q.unreleased);
    free(p.q.stacks);
    history_release(&p.q.history);
    sites_release(&p.q.sites);
    arena_release(&p.q.scratch);
    if (rc != 0)
        why_release(w);
    return rc;
}

void why_release(struct why *w)
{
    arena_release(&w->arena);
    *w = (struct why){0};
}
