/* SPDX-License-Identifier: MIT */
/*
 * cclog.h - a graph as Firefox's cycle collector logs it: one that a person can
 * type
 *
 *     # a comment
 *     0x5000 [rc=2] person         a node: its count and what it is
 *     > 0x6000 partner             it holds a count of that node; the name may
 *     > 0x6000                     be missing; again: another count
 *     0x6000 [rc=2] person
 *     0x7000 [gc] JS Object        has no count: lives if something that lives
 *                                  holds it
 *     0x8000 [gc.marked] Window    lives anyhow
 *     WeakMapEntry map=0x7000 key=0x7100 keyDelegate=(nil) value=0x7200
 *     IncrementalRoot 0x6000       was used meanwhile: lives
 *     ==========                   what the collector made of it (may be
 *     0x6000 [known=1]             missing): a node with counts that no edge
 *     0x5000 [garbage]             explains, and how many do; an unreachable
 *                                  one
 *
 * Addresses are hexadecimal, 0x may be missing, each node has another one; they
 * may be used before their node comes. Lines may end in CR LF; empty ones are
 * passed over.
 *
 * What `ouro export` writes says besides, in comments that other readers pass
 * over:
 *     # ouro-names ...             from here on \xNN in a name is one byte, and
 *                                  a tab stands between a type and a label
 *     # ouro-root 0x5000 name      a root of that name holds a count
 * and a count may be below zero.
 */
#ifndef ANALYZER_CCLOG_CCLOG_H
#define ANALYZER_CCLOG_CCLOG_H

#include "arena.h"
#include "err.h"
#include "shadow/table.h"
#include "trace/strings.h"

#include <stdbool.h>
#include <stdio.h>

enum cclog_kind { CCLOG_COUNTED, CCLOG_GC, CCLOG_MARKED };

struct cclog_node {
    uint64_t addr;
    int64_t rc; /* CCLOG_COUNTED */
    uint32_t type, label;
    uint32_t first_edge; /* its own are up to the next node's */
    enum cclog_kind kind;
};

struct cclog_edge {
    uint64_t target; /* address */
    uint32_t name;
};

struct cclog_root {
    uint64_t target;
    uint32_t name;
    bool besides; /* the node's count does not know of it */
};

struct cclog_weak {
    uint64_t map, key, delegate, value; /* 0: none */
};

struct cclog {
    struct strings strings;
    uint32_t n_nodes, nodes_room;
    struct cclog_node *nodes;
    uint32_t n_edges, edges_room;
    struct cclog_edge *edges;
    uint32_t n_roots, roots_room;
    struct cclog_root *roots;
    uint32_t n_weak, weak_room;
    struct cclog_weak *weak;
    uint32_t n_garbage, garbage_room;
    uint64_t *garbage;
    bool has_results;
    struct table node_at; /* address -> index + 1 */
};

/* Reads all of it. `path` is for errors. 0, or -1 with e filled (file, line,
   fact, remedy), and then nothing to release. */
int cclog_read(struct cclog *c, FILE *from, const char *path, struct err *e);
void cclog_release(struct cclog *c);

/* The node at that address; OURO_NONE (UINT32_MAX): none. */
uint32_t cclog_find(const struct cclog *c, uint64_t addr);

/* What was left out, or taken for something that ouro knows. */
struct cclog_losses {
    uint64_t unknown; /* edges, roots to addresses that are no node */
    uint64_t weak;    /* weak map entries: edges from their maps */
    uint64_t cut;     /* names that are longer than a trace can hold */
};

/*
 * Writes the graph as a trace (which must not exist) of a process that was
 * called `name`. A node without a count gets as many as edges lead to it, a
 * marked one is immortal. A weak map entry becomes an edge from the map to the
 * value, so that the value may live longer than in Firefox, but not shorter.
 * 0, or -1 with e filled.
 */
int cclog_to_trace(const struct cclog *c, const char *name, const char *path,
                   struct cclog_losses *lost, struct err *e);

struct end_state;

/* The graph at the end as such a log; names of objects that roots hold too.
   What the collector may not judge is [gc.marked]. */
void cclog_write(const struct end_state *s, FILE *out);

#endif
