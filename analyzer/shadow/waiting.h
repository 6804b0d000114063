/* SPDX-License-Identifier: MIT */
/*
 * waiting.h - events that came before the one that makes them possible
 *
 * Two processors' clocks may disagree by a little, so an event can stand in
 * front of its cause. It waits until its cause was applied, or for `patience`
 * stamps; then it is applied as it is, and the rules say what that means.
 *
 * A thread's events keep their order where it matters: an allocation or a
 * realloc that waits holds up all later events of its thread; any other event
 * holds up those with one of its addresses.
 */
#ifndef ANALYZER_SHADOW_WAITING_H
#define ANALYZER_SHADOW_WAITING_H

#include "trace/event.h"

#include <stdbool.h>

struct replay;

enum { WAITING_MAX = 512, WAITING_ADDRESSES = 256 };

struct waiter {
    struct event event;
    uint32_t thread; /* in replay.threads */
    bool blocks_all;
};

struct waiting {
    uint32_t n;
    struct waiter *at; /* in order of arrival; WAITING_MAX, or NULL yet */
    /* How many of their addresses fall on each number. */
    uint16_t addresses[WAITING_ADDRESSES];
};

/* Applies the event and what it makes possible, or lets it wait. */
void waiting_apply(struct replay *r, const struct event *e);
/* Applies all that wait for longer than the patience before `stamp`. */
void waiting_expire(struct replay *r, uint64_t stamp);
/* Applies all that wait. */
void waiting_end(struct replay *r);

#endif
