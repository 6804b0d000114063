/* SPDX-License-Identifier: MIT */
/*
 * coverage_sites.h - the places where counts were taken, and what came of it
 */
#ifndef ANALYZER_EXPLAIN_COVERAGE_SITES_H
#define ANALYZER_EXPLAIN_COVERAGE_SITES_H

#include "explain/coverage.h"
#include "explain/site.h"

/* Fills c->sites from the fates, and adds what is nearby and open to the types
   that have a number in type_of (by string, + 1). */
void coverage_sites_make(struct coverage *c, struct sites *places,
                         const struct fates *f, const struct trace *t,
                         const struct table *type_of);

#endif
