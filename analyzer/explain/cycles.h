/* SPDX-License-Identifier: MIT */
/*
 * cycles.h - the edges inside a cycle, as its two halves see them: what is
 * gathered before stacks have names (cycles.c), and what is told
 * (cycle_story.c)
 */
#ifndef ANALYZER_EXPLAIN_CYCLES_H
#define ANALYZER_EXPLAIN_CYCLES_H

#include "explain/inquiry.h"
#include "shadow/table.h"

/* Equal for links that say the same before names: same types and stacks at both
   ends, same field. */
uint64_t cycles_edge_key(const struct inquiry *q, uint64_t seed,
                         const struct link *k);

/* Every link inside the component, by owner, then as the shadow orders them. */
void cycles_each_edge(const struct inquiry *q, uint32_t component,
                      void (*visit)(void *to, const struct link *k), void *to);

#endif
