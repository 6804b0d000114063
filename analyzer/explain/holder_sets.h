/* SPDX-License-Identifier: MIT */
/*
 * holder_sets.h - sets of findings, each kept once and known by a number
 *
 * The sets of one come first: set h is { h } for h < n_holders. Then comes the
 * set that nobody can name, which swallows every other. More come as sets are
 * united, which costs one look into a table where the two were united before.
 *
 * A set keeps its HOLDERS_MOST smallest members; `more` says that it has
 * others. So a union costs no more than that, however many findings reach one
 * object.
 */
#ifndef ANALYZER_EXPLAIN_HOLDER_SETS_H
#define ANALYZER_EXPLAIN_HOLDER_SETS_H

#include "collect/collect.h"
#include "shadow/table.h"

#include <stdbool.h>

enum { HOLDERS_MOST = 16 };

struct holder_set {
    uint32_t first, n; /* members[first], ascending */
    uint32_t next;     /* with the same hash, + 1 */
    bool more;
};

struct holder_sets {
    uint32_t n_holders;
    uint32_t n, room;
    struct holder_set *at;
    uint32_t n_members, members_room;
    uint32_t *members;
    struct table of_pair;    /* two sets -> their union + 1 */
    struct table of_content; /* hash -> the newest such set + 1 */
    uint64_t seed;
};

void holder_sets_init(struct holder_sets *s, uint32_t n_holders);
void holder_sets_release(struct holder_sets *s);

static inline uint32_t holder_sets_nobody(const struct holder_sets *s)
{
    return s->n_holders;
}

uint32_t holder_sets_unite(struct holder_sets *s, uint32_t a, uint32_t b);

/*
 * Who reaches what: by component of `k`, the set of a source as holder_of()
 * says, of others the union of the sets of those that point at it; where one
 * source retains it (r), that one's. UINT32_MAX for none. The caller frees it.
 */
uint32_t *holder_flow(struct holder_sets *s, const struct graph *g,
                      const struct components *k, const struct retained *r,
                      uint32_t (*holder_of)(void *to, uint32_t source),
                      void *to);

#endif
