/* SPDX-License-Identifier: MIT */
#include "shadow/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where the parent's trace is damaged, the child's is whole all the same. */
static int run_with_parent(struct replay *r, struct shadow *s, struct trace *t,
                           struct trace *parent, const struct gc_options *o,
                           struct err *e)
{
    struct err ignored;
    s->with_parent = run_trace(r, t, parent, NULL, o, &ignored) == 0;
    if (s->with_parent)
        return 0;
    replay_release(r);
    return run_trace(r, t, NULL, NULL, o, e);
}

int shadow_build(struct shadow *s, struct trace *t, struct trace *parent,
                 const struct gc_options *o, struct err *e)
{
    memset(s, 0, sizeof *s);
    s->trace = t;
    struct replay r;
    int rc;
    if (parent && o && o->catches) {
        rc = run_with_parent(&r, s, t, parent, o, e);
    } else {
        rc = run_trace(&r, t, NULL, NULL, o, e);
        if (rc == 0 && parent && r.needs_parent) {
            replay_release(&r);
            rc = run_with_parent(&r, s, t, parent, o, e);
        }
    }
    if (rc == 0) {
        replay_settle(&r, s);
        s->totals.events = t->n_events;
        s->totals.lost_events = t->n_lost;
        assert(shadow_is_valid(s));
    }
    replay_release(&r);
    return rc;
}

uint32_t shadow_born(const struct shadow *s, uint64_t birth)
{
    uint32_t from = 0;
    uint32_t to = s->n_objects;
    while (from < to) {
        const uint32_t middle = from + (to - from) / 2;
        if (s->objects[middle].birth < birth)
            from = middle + 1;
        else
            to = middle;
    }
    return from < s->n_objects && s->objects[from].birth == birth ? from
                                                                  : OURO_NONE;
}

void shadow_release(struct shadow *s)
{
    free(s->blocks);
    free(s->objects);
    free(s->links);
    free(s->dangling);
    free(s->lasting);
    free(s->misuses);
    free(s->mismatches);
    free(s->oddities);
    caught_release(&s->caught);
    free(s->gc.log);
    free(s->gc.revivals);
    checkpoints_release(&s->checkpoints);
    memset(s, 0, sizeof *s);
}
