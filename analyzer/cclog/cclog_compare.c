/* SPDX-License-Identifier: MIT */
#include "cclog/cclog_compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void differ(struct cclog_difference *d, uint64_t addr)
{
    if (d->n < CCLOG_SHOWN)
        d->shown[d->n] = addr;
    d->n++;
}

void cclog_difference_words(const struct cclog_difference *d, char *text,
                            size_t room)
{
    size_t at = 0;
    *text = '\0';
    for (uint64_t i = 0; i < d->n && i < CCLOG_SHOWN && at < room; i++)
        at += (size_t)snprintf(text + at, room - at, "%s0x%" PRIx64,
                               i > 0 ? ", " : "", d->shown[i]);
    if (d->n > CCLOG_SHOWN && at < room)
        snprintf(text + at, room - at, " and %" PRIu64 " more",
                 d->n - CCLOG_SHOWN);
}

static int by_address(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* In order, each once. */
static uint32_t sort(uint64_t *all, uint32_t n)
{
    uint32_t kept = 0;
    if (n > 0)
        qsort(all, n, sizeof *all, by_address);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || all[i] != all[i - 1])
            all[kept++] = all[i];
    return kept;
}

static uint64_t *garbage_of_log(const struct cclog *c, uint32_t *n)
{
    uint64_t *all = must_calloc(c->n_garbage, sizeof *all);
    if (c->n_garbage > 0)
        memcpy(all, c->garbage, c->n_garbage * sizeof *all);
    *n = sort(all, c->n_garbage);
    return all;
}

static uint64_t *garbage_found(const struct end_state *s, uint32_t *n)
{
    uint64_t *all = must_calloc(s->shadow.n_objects, sizeof *all);
    *n = 0;
    for (uint32_t v = 0; v < s->shadow.n_objects; v++)
        if (s->garbage.in[v])
            all[(*n)++] = s->shadow.objects[v].addr;
    *n = sort(all, *n);
    return all;
}

struct cclog_comparison cclog_compare(const struct cclog *c,
                                      const struct end_state *s)
{
    struct cclog_comparison k = {0};
    uint64_t *log = garbage_of_log(c, &k.n_log);
    uint64_t *found = garbage_found(s, &k.n_found);
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < k.n_log || j < k.n_found) {
        if (j == k.n_found || (i < k.n_log && log[i] < found[j])) {
            differ(&k.only_log, log[i++]);
        } else if (i == k.n_log || found[j] < log[i]) {
            differ(&k.only_found, found[j++]);
        } else {
            i++;
            j++;
        }
    }
    free(log);
    free(found);
    return k;
}
