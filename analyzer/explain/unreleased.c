/* SPDX-License-Identifier: MIT */
#include "explain/unreleased.h"

#include <stdlib.h>

enum { MOST_PLACES = 100 }; /* told of one finding */

uint32_t unreleased_add(struct inquiry *q, uint32_t group,
                        const struct acquires *a, uint32_t from)
{
    const uint32_t object = from < a->n ? a->at[from].object : OURO_NONE;
    uint32_t i = from;
    for (; i < a->n && a->at[i].object == object; i++) {
        const struct taken *k = &a->at[i];
        GROW(q->unreleased, q->n_unreleased, q->unreleased_room);
        q->unreleased[q->n_unreleased++] = (struct unreleased){
            .group = group,
            .stack = k->stack,
            .n = k->n,
            .certain = k->named || k->bereft,
            .holder_dead = k->bereft,
        };
    }
    return i;
}

/* Zero where they are counted as one. */
static int compare(const struct unreleased *x, const struct unreleased *y)
{
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->holder_dead != y->holder_dead)
        return x->holder_dead ? -1 : 1;
    if (x->certain != y->certain)
        return x->certain ? -1 : 1;
    if ((x->n < 0) != (y->n < 0))
        return x->n < 0 ? 1 : -1;
    return (x->stack > y->stack) - (x->stack < y->stack);
}

static int by_place(const void *a, const void *b)
{
    const struct unreleased *x = a, *y = b;
    const int c = compare(x, y);
    return c ? c : (x->n > y->n) - (x->n < y->n);
}

static int by_weight(const void *a, const void *b)
{
    const struct unreleased *x = a, *y = b;
    if (x->group != y->group || x->holder_dead != y->holder_dead ||
        (x->n < 0) != (y->n < 0))
        return compare(x, y);
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return compare(x, y);
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

static void sum_up(struct inquiry *q)
{
    uint32_t n = 0;
    qsort(q->unreleased, q->n_unreleased, sizeof *q->unreleased, by_place);
    for (uint32_t i = 0; i < q->n_unreleased; i++) {
        const struct unreleased *k = &q->unreleased[i];
        if (n > 0 && compare(&q->unreleased[n - 1], k) == 0)
            q->unreleased[n - 1].n = plus(q->unreleased[n - 1].n, k->n);
        else
            q->unreleased[n++] = *k;
    }
    q->n_unreleased = n;
}

/* Where one place remains, it is that one. */
static void weigh(struct unreleased *k, uint32_t n)
{
    struct unreleased *only = NULL;
    uint32_t n_open = 0;
    int64_t gave = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (k[i].certain)
            continue;
        if (k[i].n < 0) {
            gave = plus(gave, k[i].n);
        } else {
            only = &k[i];
            n_open++;
        }
    }
    if (n_open != 1 || only->stack == 0 || only->n <= -gave)
        return;
    only->n += gave;
    only->certain = true;
}

static void drop(struct inquiry *q)
{
    uint32_t n = 0, of_group = 0;
    for (uint32_t i = 0; i < q->n_unreleased; i++) {
        const struct unreleased k = q->unreleased[i];
        if (n == 0 || q->unreleased[n - 1].group != k.group)
            of_group = 0;
        if (k.n > 0 && of_group++ < MOST_PLACES)
            q->unreleased[n++] = k;
    }
    q->n_unreleased = n;
}

void unreleased_settle(struct inquiry *q)
{
    if (q->n_unreleased == 0)
        return;
    sum_up(q);
    for (uint32_t i = 0, end; i < q->n_unreleased; i = end) {
        for (end = i; end < q->n_unreleased &&
                      q->unreleased[end].group == q->unreleased[i].group;
             end++)
            ;
        weigh(&q->unreleased[i], end - i);
    }
    qsort(q->unreleased, q->n_unreleased, sizeof *q->unreleased, by_weight);
    drop(q);
}

void unreleased_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->n_unreleased; i++)
        inquiry_ask(q, q->unreleased[i].stack);
}

static uint32_t first_of(const struct inquiry *q, uint32_t group)
{
    uint32_t low = 0;
    uint32_t high = q->n_unreleased;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (q->unreleased[middle].group < group)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void unreleased_describe(struct inquiry *q, uint32_t group, struct finding *f)
{
    const uint32_t first = first_of(q, group);
    uint32_t end = first;
    while (end < q->n_unreleased && q->unreleased[end].group == group)
        end++;
    f->n_unreleased = end - first;
    f->unreleased =
        ARENA_ARRAY(q->out, f->n_unreleased, struct finding_unreleased);
    for (uint32_t i = 0; i < f->n_unreleased; i++) {
        const struct unreleased *k = &q->unreleased[first + i];
        f->unreleased[i] = (struct finding_unreleased){
            .count = (uint64_t)k->n,
            .stack = inquiry_places(q, k->stack),
            .certain = k->certain,
            .holder_dead = k->holder_dead,
        };
    }
}
