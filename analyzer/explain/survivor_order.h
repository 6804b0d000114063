/* SPDX-License-Identifier: MIT */
/*
 * survivor_order.h - which of two rows looks more like a leak
 */
#ifndef ANALYZER_EXPLAIN_SURVIVOR_ORDER_H
#define ANALYZER_EXPLAIN_SURVIVOR_ORDER_H

#include "explain/survivors.h"

/* Below zero: x. By what is shown of them; 0 where that is the same. */
int survivor_compare(const struct survivor *x, const struct survivor *y);

#endif
