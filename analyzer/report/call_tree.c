/* SPDX-License-Identifier: MIT */
#include "report/call_tree.h"

#include "arena.h"

#include <stdlib.h>

struct sorting {
    const struct call_tree *t;
    int (*compare)(const void *to, const struct call_node *a,
                   const struct call_node *b);
    const void *to;
};

static uint32_t add(struct call_tree *t, uint32_t parent, uint32_t frame)
{
    if (t->n == UINT32_MAX)
        out_of_memory();
    GROW(t->at, t->n, t->room);
    t->at[t->n] = (struct call_node){.parent = parent, .frame = frame};
    return t->n++;
}

void call_tree_init(struct call_tree *t)
{
    *t = (struct call_tree){0};
    add(t, 0, 0);
}

void call_tree_release(struct call_tree *t)
{
    free(t->at);
    table_release(&t->of);
    *t = (struct call_tree){0};
}

uint32_t call_tree_child(struct call_tree *t, uint32_t parent, uint32_t frame)
{
    const uint64_t key = (uint64_t)parent << 32 | frame;
    uint64_t node = table_get(&t->of, key);
    if (node == 0) {
        node = add(t, parent, frame);
        table_set(&t->of, key, node);
    }
    return (uint32_t)node;
}

static int by_parent(const void *a, const void *b, void *to)
{
    const struct sorting *s = to;
    const struct call_node *x = &s->t->at[*(const uint32_t *)a];
    const struct call_node *y = &s->t->at[*(const uint32_t *)b];
    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    return s->compare(s->to, x, y);
}

void call_tree_order(struct call_tree *t,
                     int (*compare)(const void *to, const struct call_node *a,
                                    const struct call_node *b),
                     const void *to)
{
    struct sorting s = {t, compare, to};
    uint32_t *order = must_calloc(t->n, sizeof *order);
    for (uint32_t i = 1; i < t->n; i++)
        order[i] = i;
    qsort_r(order + 1, t->n - 1, sizeof *order, by_parent, &s);
    for (uint32_t i = t->n - 1; i > 0; i--) {
        struct call_node *k = &t->at[order[i]];
        k->next = t->at[k->parent].child;
        t->at[k->parent].child = order[i];
    }
    free(order);
}

uint32_t call_tree_next(const struct call_tree *t, uint32_t n)
{
    return t->at[n].child ? t->at[n].child : call_tree_past(t, n);
}

uint32_t call_tree_past(const struct call_tree *t, uint32_t n)
{
    while (n != 0 && t->at[n].next == 0)
        n = t->at[n].parent;
    return t->at[n].next;
}
