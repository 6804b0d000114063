/* SPDX-License-Identifier: MIT */
/*
 * lasting.h - fewer counts than references, and not only for a moment
 *
 * In a merged replay of several threads, and in every destructor, counts and
 * references are out of step for a moment. An object that a collection finds
 * with more references than counts, and the next one too, with no event on it
 * in between, was released too often (ALGORITHMS 4).
 */
#ifndef ANALYZER_SHADOW_LASTING_H
#define ANALYZER_SHADOW_LASTING_H

#include <stdint.h>

struct replay;
struct shadow;

enum { LASTING_KEPT = 1000 };

/* A collection finds this object short of counts. */
void lasting_note(struct replay *r, uint32_t object);

/* Something happened to its counts or to a reference to it. */
void lasting_event(struct replay *r, uint32_t object);

/* Into the result, once. */
void lasting_settle(struct replay *r, struct shadow *s);

#endif
