/* SPDX-License-Identifier: MIT */
#include "explain/profile.h"

#include "arena.h"
#include "explain/site.h"

#include <stdlib.h>

void profile_name(struct profile *p, struct symbolizer *z, struct arena *a,
                  const struct trace *t,
                  void (*progress)(uint64_t done, uint64_t total))
{
    const struct usage *u = &p->usage;
    uint32_t n = 0;
    uint32_t *stacks = must_calloc(u->n, sizeof *stacks);
    for (uint32_t i = 0; i < u->n; i++)
        if (u->rows[i].stack != 0)
            stacks[n++] = u->rows[i].stack;
    p->trace = t;
    symbols_find(&p->symbols, z, a, t, stacks, n, progress);
    free(stacks);
}

struct places profile_places(const struct profile *p, uint32_t frame)
{
    const struct places all = p->symbols.of[frame];
    if (all.n > 0 && site_is_guest(&all.at[all.n - 1]))
        return (struct places){0};
    return all;
}
