/* SPDX-License-Identifier: MIT */
#include "report/gc_view.h"

#include "explain/site.h"

#include <stdlib.h>

static int collect_at_end(struct gc_view *v, struct image *i)
{
    struct arena scratch = {0};
    struct object_graph o;
    const int rc = object_graph_make(&o, &scratch, &i->shadow, &i->damage);
    if (rc == 0)
        v->end = gc_end_of(&o);
    arena_release(&scratch);
    return rc;
}

static void count_now(struct gc_view *v, const struct shadow *s)
{
    for (uint32_t k = 0; k < s->n_objects; k++) {
        const struct object *o = &s->objects[k];
        v->end.frozen += o->generation == GC_PERMANENT;
        v->end.found += o->found;
        if (o->found || o->generation > GC_OLDEST)
            continue;
        v->end.objects[o->generation]++;
        v->end.bytes[o->generation] += o->bytes;
    }
}

static void name_revivals(struct gc_view *v, const struct image *i)
{
    const struct gc *gc = &i->shadow.gc;
    struct symbols symbols;
    struct sites sites;
    uint32_t *stacks = must_calloc(gc->n_revivals, sizeof *stacks);
    for (uint32_t k = 0; k < gc->n_revivals; k++)
        stacks[k] = gc->revivals[k].stack;
    symbols_find(&symbols, i->symbolizer, &v->arena, &i->trace, stacks,
                 gc->n_revivals, NULL);
    sites_init(&sites, &v->arena, &i->trace, &symbols);
    struct places *places =
        ARENA_ARRAY(&v->arena, gc->n_revivals, struct places);
    for (uint32_t k = 0; k < gc->n_revivals; k++)
        if (stacks[k] != 0)
            places[k] = sites_shown(&sites, stacks[k]);
    v->revived = places;
    sites_release(&sites);
    free(stacks);
}

int gc_view_make(struct gc_view *v, struct image *i, const char *at)
{
    *v = (struct gc_view){.image = i, .at = at};
    if (at)
        count_now(v, &i->shadow);
    else if (collect_at_end(v, i) != 0)
        return -1;
    if (i->shadow.gc.n_revivals > 0)
        name_revivals(v, i);
    return 0;
}

void gc_view_release(struct gc_view *v)
{
    arena_release(&v->arena);
}

bool gc_view_delays(const struct gc_view *v, double *mean, double *most)
{
    const struct trace *t = &v->image->trace;
    const struct gc *gc = &v->image->shadow.gc;
    if (gc->n_reclaimed == 0 || t->header.clock == OURO_CLOCK_COUNTER)
        return false;
    const uint64_t start = t->header.start_stamp;
    *mean = trace_seconds(t, start + gc->delay_sum / gc->n_reclaimed);
    *most = trace_seconds(t, start + gc->delay_most);
    return true;
}
