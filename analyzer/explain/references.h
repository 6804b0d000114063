/* SPDX-License-Identifier: MIT */
/*
 * references.h - who holds an object that was released too often
 *
 * Of each group of such objects the eldest is told with the references that
 * there are into it, an object's and a root's, the first REFERENCES_MOST as the
 * shadow orders them. They are found in one walk over all links.
 */
#ifndef ANALYZER_EXPLAIN_REFERENCES_H
#define ANALYZER_EXPLAIN_REFERENCES_H

#include "explain/finding.h"

enum { REFERENCES_MOST = 64 };

struct inquiry;

struct reference {
    uint32_t group; /* in balances */
    uint32_t link;  /* in the shadow */
};

struct references {
    uint32_t n, room;
    struct reference *at; /* by group, then link */
    uint64_t *count;      /* by group: how many there are in all */
};

/* Also asks for the names of their stacks. `wanted`: by group, whether. */
void references_gather(struct inquiry *q, const unsigned char *wanted);

/* Edges and roots of the group's eldest, which is its first member already;
   the owners become members behind it. */
void references_describe(struct inquiry *q, uint32_t group, struct finding *f);

#endif
