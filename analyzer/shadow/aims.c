/* SPDX-License-Identifier: MIT */
#include "shadow/aims.h"

#include <string.h>

/* Pages of long pieces, together, that are worth the time to set them. */
enum { MOST = 16 * AIMS_PAGES };

void aims_add(struct aims *a, uint64_t addr, uint64_t len)
{
    const uint64_t most = UINT64_MAX - addr;
    const uint64_t behind = len == 0 ? 0 : len - 1;
    const uint64_t last =
        (addr + (behind < most ? behind : most)) >> AIMS_PAGE_SHIFT;
    uint64_t page = addr >> AIMS_PAGE_SHIFT;
    if (a->n_more > MOST)
        return;
    a->n_more += last - page;
    if (a->n_more > MOST) {
        memset(a->bits, 0xff, sizeof a->bits);
        return;
    }
    for (; page <= last; page++)
        a->bits[page / 64 % AIMS_WORDS] |= UINT64_C(1) << (page % 64);
}
