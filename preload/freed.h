/* SPDX-License-Identifier: MIT */
/*
 * freed.h - what glibc's allocator has back of the process's main heap
 *
 * Its lists of free memory are read as they are, without its lock. Each piece
 * is believed where what stands around it says the same; a list ends where one
 * does not, as in the middle of a change by a thread that stands still, and
 * what is behind counts as in use. So does all where the allocator is another
 * one. A list that leads to and fro through memory is left, too: to follow it
 * would take longer than to tell what it holds.
 *
 * Only where nobody can unmap memory meanwhile.
 */
#ifndef PRELOAD_FREED_H
#define PRELOAD_FREED_H

#include "idle.h"
#include "pages.h"

/*
 * Fills `i`, which is all zero. `heap` is the heap's mapping, `data` the
 * writable one of the allocator's module, which goes to `room` (as much as
 * fits).
 */
void freed_find(struct idle *i, struct pages *p, struct range heap,
                struct range data, uint64_t *room, size_t room_len);

#endif
