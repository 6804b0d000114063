/* SPDX-License-Identifier: MIT */
/*
 * holdings.h - counts with a name, from ACQUIRE to the RELEASE of that cookie
 *
 * Of equal cookies on one object the newest is given back first, as the shadow
 * does.
 */
#ifndef ANALYZER_EXPLAIN_HOLDINGS_H
#define ANALYZER_EXPLAIN_HOLDINGS_H

#include "shadow/replay.h"

/* What lies where the cookie points; still there while it is the same. */
struct cookie_holder {
    enum { NOWHERE, IN_BLOCK, IN_OBJECT } where;
    uint32_t who;   /* slot in the replay's blocks or objects */
    uint64_t since; /* the block's stamp, the object's birth */
};

struct holding {
    uint32_t account; /* whose count: a number that the caller chose */
    uint32_t stack;
    uint32_t next; /* of the same hash, + 1 */
    bool held;     /* false: given back, to be used again */
    uint64_t cookie, stamp;
    struct cookie_holder holder;
};

struct holdings {
    uint32_t n, room, spare; /* spare: the first unused one + 1 */
    struct holding *at;
    struct table of_cookie; /* hash -> the newest + 1 */
    uint64_t seed;
};

void holdings_init(struct holdings *h);
void holdings_release(struct holdings *h);

void holdings_take(struct holdings *h, const struct holding *k);
/* False: there is none. */
bool holdings_give(struct holdings *h, uint32_t account, uint64_t cookie);

struct cookie_holder cookie_holder_of(const struct replay *r, uint64_t cookie);
bool cookie_holder_is_dead(const struct replay *r,
                           const struct cookie_holder *h);

#endif
