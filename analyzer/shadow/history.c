/* SPDX-License-Identifier: MIT */
#include "shadow/history.h"

#include "arena.h"
#include "shadow/run.h"

#include <stdlib.h>
#include <string.h>

/* A moment, and which it is of all that were heard. */
struct kept {
    struct moment moment;
    uint32_t order;
};

struct keeper {
    const struct shadow *s;
    const unsigned char *wanted;
    struct kept *kept;
    uint32_t n, room;
};

static bool wants(void *to, uint64_t birth)
{
    const struct keeper *k = to;
    const uint32_t i = shadow_born(k->s, birth);
    return i != OURO_NONE && k->wanted[i];
}

static void hear(void *to, const struct replay *r, const struct heard *h)
{
    struct keeper *k = to;
    uint32_t owner = OURO_NONE;
    if (h->owner != OURO_NONE)
        owner = shadow_born(k->s, objects_get(&r->objects, h->owner)->birth);
    if (k->n == UINT32_MAX)
        out_of_memory();
    GROW(k->kept, k->n, k->room);
    k->kept[k->n] = (struct kept){
        .moment =
            {
                .stamp = h->event->stamp,
                .object = shadow_born(
                    k->s, objects_get(&r->objects, h->object)->birth),
                .owner = owner,
                .field = h->field,
                .stack = h->event->stack,
                .kind = h->kind,
                .n = h->n,
                .cookie = h->cookie,
            },
        .order = k->n,
    };
    k->n++;
}

static int by_object(const void *a, const void *b)
{
    const struct kept *x = a;
    const struct kept *y = b;
    if (x->moment.object != y->moment.object)
        return x->moment.object < y->moment.object ? -1 : 1;
    if (x->moment.stamp != y->moment.stamp)
        return x->moment.stamp < y->moment.stamp ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void sort_into(struct history *h, const struct keeper *k)
{
    if (k->n > 0)
        qsort(k->kept, k->n, sizeof *k->kept, by_object);
    h->moments = must_calloc(k->n, sizeof *h->moments);
    for (uint32_t i = 0; i < k->n; i++)
        h->moments[i] = k->kept[i].moment;
    h->n = k->n;
}

int history_build(struct history *h, const struct shadow *s, struct trace *t,
                  struct trace *parent, const unsigned char *wanted,
                  struct err *e)
{
    memset(h, 0, sizeof *h);
    struct keeper k = {.s = s, .wanted = wanted};
    const struct gc_options no_gc = {.none = true};
    const struct listener listener = {.to = &k, .wants = wants, .hear = hear};
    struct replay r;
    const int rc =
        run_trace(&r, t, s->with_parent ? parent : NULL, &listener, &no_gc, e);
    replay_release(&r);
    if (rc == 0)
        sort_into(h, &k);
    free(k.kept);
    return rc;
}

void history_release(struct history *h)
{
    free(h->moments);
    memset(h, 0, sizeof *h);
}
