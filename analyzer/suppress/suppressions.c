/* SPDX-License-Identifier: MIT */
#include "suppress/suppressions.h"

#include <stdlib.h>

void suppressions_release(struct suppressions *s)
{
    free(s->at);
    arena_release(&s->arena);
    *s = (struct suppressions){0};
}

static struct suppression *find(const struct suppressions *s,
                                const struct finding *f)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (suppression_matches(&s->at[i], f))
            return &s->at[i];
    return NULL;
}

static void count(struct suppression *by, const struct finding *f)
{
    by->findings++;
    by->instances += f->instances;
    by->blocks += f->blocks;
    by->bytes += f->bytes;
}

void suppressions_apply(struct suppressions *s, struct findings *f, bool stay)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        struct suppression *by = find(s, &f->at[i]);
        if (by && !s->counted)
            count(by, &f->at[i]);
        if (!by || stay)
            f->at[n++] = f->at[i];
    }
    f->n = n;
}
