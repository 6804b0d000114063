/* SPDX-License-Identifier: MIT */
#include "explain/profile.h"

#include "arena.h"
#include "explain/site.h"

#include <stdlib.h>

/* Of all stacks together. */
static uint64_t count_frames(const struct profile *p)
{
    const struct stacks *k = &p->trace->stacks;
    uint64_t n = 0;
    uint32_t *depth = must_calloc(k->n, sizeof *depth);
    for (uint32_t i = 1; i < k->n; i++)
        depth[i] = depth[k->parent[i]] + 1;
    for (uint32_t i = 0; i < p->usage.n; i++)
        n += depth[p->usage.rows[i].stack];
    free(depth);
    return n;
}

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
    p->innermost =
        count_frames(p) > PROFILE_FRAMES ? PROFILE_INNERMOST : UINT32_MAX;
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

void profile_stack_find(struct profile_stack *s, const struct profile *p,
                        uint32_t stack)
{
    const struct stacks *k = &p->trace->stacks;
    s->n = 0;
    for (; stack > 0 && s->n < p->innermost; stack = k->parent[stack]) {
        if (profile_places(p, k->frame[stack]).n == 0)
            continue;
        GROW(s->frame, s->n, s->room);
        s->frame[s->n++] = k->frame[stack];
    }
    s->cut = stack > 0;
}

void profile_stack_release(struct profile_stack *s)
{
    free(s->frame);
    *s = (struct profile_stack){0};
}
