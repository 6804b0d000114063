/* SPDX-License-Identifier: MIT */
/*
 * call_tree.h - call stacks with values, merged by what they begin with
 *
 * A node is a frame under a node; which number a frame has is the business of
 * whoever makes the tree. Node 0 is the root, which is no frame. A node comes
 * behind its parent.
 *
 *     node = call_tree_child(&t, node, frame);    a path, frame by frame
 *     t.at[node].value[0] += n;
 *     ...
 *     call_tree_order(&t, before, to);
 *     for (n = call_tree_next(&t, 0); n != 0; n = call_tree_next(&t, n))
 *         ...                                     each node before its children
 */
#ifndef ANALYZER_REPORT_CALL_TREE_H
#define ANALYZER_REPORT_CALL_TREE_H

#include "shadow/table.h"
#include "shadow/usage.h"

struct call_node {
    uint32_t parent, frame;
    uint32_t child, next; /* 0: none; after call_tree_order: the first of its
                             children; the sibling behind it */
    uint64_t value[N_USAGE_VALUES];
};

struct call_tree {
    uint32_t n, room;
    struct call_node *at;
    struct table of; /* parent, frame -> node */
};

void call_tree_init(struct call_tree *t);
void call_tree_release(struct call_tree *t);

/* The node of `frame` under `parent`, made where it is new. */
uint32_t call_tree_child(struct call_tree *t, uint32_t parent, uint32_t frame);

/* Children stand in this order from here on: below 0 where a comes first; no
   two of a parent are equal. */
void call_tree_order(struct call_tree *t,
                     int (*compare)(const void *to, const struct call_node *a,
                                    const struct call_node *b),
                     const void *to);

/* The node after n where each comes before its children; 0: n was the last. */
uint32_t call_tree_next(const struct call_tree *t, uint32_t n);
/* The same without what is under n. */
uint32_t call_tree_past(const struct call_tree *t, uint32_t n);

#endif
