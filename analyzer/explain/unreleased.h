/* SPDX-License-Identifier: MIT */
/*
 * unreleased.h - the counts that nobody gave back, for all objects of a finding
 *
 * What has a name, and what a dead owner had, is certain. Of the rest, the
 * places that took more than they gave are listed; only where one remains is it
 * known to be the one.
 */
#ifndef ANALYZER_EXPLAIN_UNRELEASED_H
#define ANALYZER_EXPLAIN_UNRELEASED_H

#include "explain/acquires.h"
#include "explain/inquiry.h"

/* One more object's, from `from` on in a->at; the object's last + 1. */
uint32_t unreleased_add(struct inquiry *q, uint32_t group,
                        const struct acquires *a, uint32_t from);
/* All are added: sums them up and weighs them. */
void unreleased_settle(struct inquiry *q);

void unreleased_ask(struct inquiry *q);
void unreleased_describe(struct inquiry *q, uint32_t group, struct finding *f);

#endif
