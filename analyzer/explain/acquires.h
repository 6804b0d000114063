/* SPDX-License-Identifier: MIT */
/*
 * acquires.h - every count that was taken and never given back, with its stack
 *
 * Walks the trace again. Counts with a name (ACQUIRE) are paired exactly, by
 * their cookies. Where a cookie is an address in a block or is an object's,
 * that is the holder, and it matters whether it is still there at the end.
 * Counts without a name are paired as ledger.h says.
 *
 * Objects of the same types that died in order are looked at too, some tens of
 * thousands of them: where an object that is made and given up once is given
 * up, NEW's own count is given back.
 */
#ifndef ANALYZER_EXPLAIN_ACQUIRES_H
#define ANALYZER_EXPLAIN_ACQUIRES_H

#include "shadow/shadow.h"

struct taken {
    uint32_t object; /* in shadow.objects */
    uint32_t stack;  /* where it was taken; 0: not known */
    int64_t n;       /* below zero: given back, and nobody took it near there */
    bool named;      /* by a cookie: */
    uint64_t cookie, stamp;
    bool bereft; /* its holder is dead */
};

struct acquires {
    uint32_t n, room;
    struct taken *at; /* by object; then those whose holders are dead first,
                         then by stack */
};

/* `watched`: one byte for each object of s; those that are not inherited. 0, or
   -1 with e filled. */
int acquires_find(struct acquires *a, const struct shadow *s, struct trace *t,
                  struct trace *parent, const unsigned char *watched,
                  struct err *e);
void acquires_release(struct acquires *a);

#endif
