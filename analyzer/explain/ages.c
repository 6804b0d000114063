/* SPDX-License-Identifier: MIT */
#include "explain/ages.h"

/* From the last collection back: where each generation would be at the end. */
static void age_by_collections(struct ages *g, struct arena *a,
                               const struct gc *gc)
{
    unsigned char to[GC_GENERATIONS] = {0, 1, 2};
    g->n = gc->n_log;
    uint64_t *end = ARENA_ARRAY(a, g->n, uint64_t);
    unsigned char *generation = ARENA_ARRAY(a, (size_t)g->n + 1, unsigned char);
    for (uint32_t i = g->n; i-- > 0;) {
        const struct collection *c = &gc->log[i];
        const int next =
            c->generation < GC_OLDEST ? c->generation + 1 : GC_OLDEST;
        for (int k = 0; k <= c->generation; k++)
            to[k] = to[next];
        end[i] = c->stamp;
        generation[i] = to[0];
    }
    g->end = end;
    g->generation = generation;
}

static void age_by_checkpoints(struct ages *g, struct arena *a,
                               const struct checkpoints *c)
{
    g->n = c->n;
    uint64_t *end = ARENA_ARRAY(a, g->n, uint64_t);
    unsigned char *generation = ARENA_ARRAY(a, (size_t)g->n + 1, unsigned char);
    for (uint32_t i = 0; i < g->n; i++) {
        const uint32_t left = g->n - i;
        end[i] = c->at[i].stamp;
        generation[i] =
            (unsigned char)(left < GC_OLDEST ? left : (uint32_t)GC_OLDEST);
    }
    g->end = end;
    g->generation = generation;
}

static void age_by_time(struct ages *g, struct arena *a, const struct trace *t)
{
    const uint64_t first = t->header.start_stamp;
    const uint64_t run = t->last_stamp > first ? t->last_stamp - first : 0;
    g->n = AGES_PARTS - 1;
    uint64_t *end = ARENA_ARRAY(a, g->n, uint64_t);
    for (uint32_t i = 0; i < g->n; i++)
        end[i] = first + run / AGES_PARTS * (i + 1) +
                 run % AGES_PARTS * (i + 1) / AGES_PARTS;
    g->end = end;
    g->generation = ARENA_ARRAY(a, (size_t)g->n + 1, unsigned char);
}

struct ages ages_find(struct arena *a, const struct shadow *s)
{
    struct ages g = {.by = AGES_BY_TIME};
    if (s->gc.n_collections > 0) {
        g.by = AGES_BY_COLLECTIONS;
        age_by_collections(&g, a, &s->gc);
    } else if (s->checkpoints.n_all > 0) {
        g.by = AGES_BY_CHECKPOINTS;
        age_by_checkpoints(&g, a, &s->checkpoints);
    } else {
        age_by_time(&g, a, s->trace);
    }
    return g;
}

uint32_t ages_before(const struct ages *g, uint64_t stamp)
{
    uint32_t low = 0;
    uint32_t high = g->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (g->end[middle] <= stamp)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *ages_by_word(enum ages_by by)
{
    switch (by) {
    case AGES_BY_COLLECTIONS:
        return "collections";
    case AGES_BY_CHECKPOINTS:
        return "checkpoints";
    case AGES_BY_TIME:
        break;
    }
    return "time";
}
