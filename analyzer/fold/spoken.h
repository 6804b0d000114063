/* SPDX-License-Identifier: MIT */
/*
 * spoken.h - the addresses that protocol events spoke of
 */
#ifndef ANALYZER_FOLD_SPOKEN_H
#define ANALYZER_FOLD_SPOKEN_H

#include "shadow/table.h"
#include "trace/event.h"

#include <stdbool.h>

/* All zero: of none. */
struct spoken {
    struct table lines; /* address / 16 */
    struct table pages;
};

void spoken_release(struct spoken *s);

/* An event that is not an allocator's. */
void spoken_note(struct spoken *s, const struct event *e);

/* Of one in this block, or right beside it? In huge blocks: perhaps. */
bool spoken_is_in(const struct spoken *s, uint64_t addr, uint64_t size);

#endif
