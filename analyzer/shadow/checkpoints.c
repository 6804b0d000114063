/* SPDX-License-Identifier: MIT */
#include "shadow/checkpoints.h"

#include <stdlib.h>
#include <string.h>

void checkpoints_release(struct checkpoints *c)
{
    free(c->at);
    free(c->gone);
    memset(c, 0, sizeof *c);
}

static void add(struct tally *sum, struct tally more)
{
    sum->n += more.n;
    sum->bytes = (int64_t)((uint64_t)sum->bytes + (uint64_t)more.bytes);
}

void marks_add(struct marks *m, const struct checkpoints *c, uint64_t stamp,
               struct tally much)
{
    if (c->n_all == 0)
        return;
    if (c->at[0].stamp > stamp)
        add(&m->first, much);
    for (uint64_t i = c->n_all; i > checkpoints_oldest(c); i--) {
        const uint64_t at = (i - 1) % CHECKPOINTS_RECENT;
        if (c->recent[at] <= stamp)
            return;
        add(&m->recent[at], much);
    }
}

void marks_add_gone(struct marks *m, const struct checkpoints *c,
                    const struct gone *g)
{
    add(&m->first, g->first);
    for (uint64_t i = checkpoints_oldest(c); i < c->n_all; i++)
        add(&m->recent[i % CHECKPOINTS_RECENT], gone_at(g, i));
}
