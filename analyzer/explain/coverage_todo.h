/* SPDX-License-Identifier: MIT */
/*
 * coverage_todo.h - what to do next, what would explain most counts first
 */
#ifndef ANALYZER_EXPLAIN_COVERAGE_TODO_H
#define ANALYZER_EXPLAIN_COVERAGE_TODO_H

#include "explain/coverage.h"

/* Fills c->todo; all else must be there. */
void coverage_todo_make(struct coverage *c);

#endif
