/* SPDX-License-Identifier: MIT */
/*
 * collect.h - one collection: CPython's trial decrement, and what it found
 *
 * For candidates S (candidate[v] != 0), the multiset of edges inside S and the
 * counts rc:
 *     ext(v) = rc(v) - edges into v from S      multiplicity counts
 *     live   = all of S reachable, inside S, from { v : ext(v) != 0 }
 *     U      = S \ live
 * A negative ext (more edges than counts) is live, as in CPython's release
 * build. From CPython's Modules/gcmodule.c, deduce_unreachable.
 */
#ifndef ANALYZER_COLLECT_COLLECT_H
#define ANALYZER_COLLECT_COLLECT_H

#include "collect/graph.h"

/* The unreachable set: one byte for each object, and their number. */
struct unreachable {
    unsigned char *in; /* 1: in U */
    int64_t *ext;      /* of candidates; 0 for the others */
    uint32_t n;
};

/* candidate may be NULL: all are. */
struct unreachable collect(struct arena *a, const struct graph *g,
                           const int64_t *rc, const unsigned char *candidate);

/* Strongly connected components of the part of g where in[v] (in may be NULL:
   of all). of[v] is UINT32_MAX outside it. Components are numbered in reverse
   topological order: an edge from one component to another goes to a smaller
   number. Iterative. */
struct components {
    uint32_t n;
    uint32_t *of;
    uint32_t *size;
    unsigned char *ring;   /* has an edge inside */
    unsigned char *source; /* no other component of the part points at it */
    uint32_t *first;       /* n + 1 of them: c's members are member[first[c]] */
    uint32_t *member;      /* up to member[first[c + 1] - 1], ascending */
    uint32_t *place;       /* member[first[of[v]] + place[v]] == v */
};
struct components components_find(struct arena *a, const struct graph *g,
                                  const unsigned char *in);

/* A shortest cycle inside component c that begins at its smallest member on
   one: `n` objects and the n edges (indices into g->to) between them, the last
   edge back to the first object. n is 0 where c is no ring. Deterministic. */
struct witness {
    uint32_t n;
    uint32_t *object;
    uint32_t *edge;
};
struct witness witness_find(struct arena *a, const struct graph *g,
                            const struct components *k, uint32_t c);

/* What would be freed with each source component: the component itself and all
   that only it holds (every count explained by edges from inside the set).
   k are the components of the unreachable set. objects[c] for sources; 0
   elsewhere. held_by[v]: the source component that retains v, or UINT32_MAX
   (several, or v is not unreachable). By dominators on the condensation under
   a virtual root (dominators.h). */
struct retained {
    uint32_t *objects;
    uint32_t *held_by;
};
struct retained retained_find(struct arena *a, const struct graph *g,
                              const struct components *k);

/*
 * The certificate of ALGORITHMS 1: every object of `in` is a candidate and has
 * exactly as many counts as edges from candidates, all of which are in `in`;
 * every other candidate is reachable, inside the candidates, from one whose
 * counts and edges differ. Shares no code with collect(). On refusal *why (if
 * not NULL) is a static sentence.
 */
bool certificate_holds(const struct graph *g, const int64_t *rc,
                       const unsigned char *candidate, const unsigned char *in,
                       const char **why);

#endif
