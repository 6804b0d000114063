/* SPDX-License-Identifier: MIT */
/*
 * history.h - the second pass: what happened to the objects that findings name
 *
 * Walks the trace again with the same rules as shadow_build and keeps, for the
 * chosen objects only, every event that touched their counts and edges.
 */
#ifndef ANALYZER_SHADOW_HISTORY_H
#define ANALYZER_SHADOW_HISTORY_H

#include "shadow/shadow.h"

struct moment {
    uint64_t stamp;
    uint32_t object; /* index in shadow.objects: the target, for links */
    uint32_t owner;  /* links: index in shadow.objects, or OURO_NONE (a root, or
                        an owner that has died) */
    uint32_t field;  /* links: string */
    uint32_t stack;
    uint8_t kind;    /* enum ouro_kind: NEW, INCREF, DECREF, ADD, ACQUIRE,
                        RELEASE, LINK (for every way to link), UNLINK (also by
                        UNLINK_ALL or the owner's death), ROOT, UNROOT */
    int64_t n;       /* change of the count; links: 0 */
    uint64_t cookie; /* ACQUIRE, RELEASE */
};

struct history {
    uint32_t n;
    struct moment *moments; /* sorted by (object, stamp, order of events) */
};

/* `wanted` holds one byte for each object of s. */
int history_build(struct history *h, const struct shadow *s, struct trace *t,
                  struct trace *parent, const unsigned char *wanted,
                  struct err *e);
void history_release(struct history *h);

#endif
