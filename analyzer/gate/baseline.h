/* SPDX-License-Identifier: MIT */
/*
 * baseline.h - the findings that a team knows, as a file to keep in its tree
 *
 *     {
 *       "schema": "ouro-baseline/1",
 *       "findings": [
 *         {
 *           "id": "30c034825d1cbbd4",    16 hex digits, ascending
 *           "kind": "cycle",
 *           "reach": "definite",
 *           "types": ["person"],
 *           "stack": ["marry", "main"],  functions, innermost first
 *           "instances": 1,              how many are allowed
 *           "bytes": 48,                 and how large they may be together
 *           "holds": {                   rings that it keeps, by id
 *             "9f02b7c1aabbccdd": 1
 *           },
 *           "note": "ticket 17"          a person's; may be left out
 *         }
 *       ]
 *     }
 *
 * Written with a key a line, in this order, so that a change of one finding is
 * a change of its lines. Read strictly: a key that is not known, a value of
 * another kind, an id that is there twice and another version are errors, with
 * the line and what was expected; the order of ids is not, as after a merge.
 */
#ifndef ANALYZER_GATE_BASELINE_H
#define ANALYZER_GATE_BASELINE_H

#include "err.h"
#include "gate/entries.h"

/* Reads the file at path; e is sorted then. 0, or -1 with err filled
   (RC_USAGE) and e empty. */
int baseline_read(struct entries *e, const char *path, struct err *err);

/* The same of its text, for which `path` is a name. */
int baseline_read_text(struct entries *e, const char *text, size_t len,
                       const char *path, struct err *err);

/* Writes sorted entries. */
void baseline_write(const struct entries *e, FILE *to);

#endif
