/* SPDX-License-Identifier: MIT */
#include "cclog/end_state.h"

static void judge(struct end_state *s)
{
    const struct object_graph *o = &s->graph;
    unsigned char *judged = ARENA_ARRAY(&s->arena, o->g.n, unsigned char);
    for (uint32_t v = 0; v < o->g.n; v++) {
        const uint32_t flags = s->shadow.objects[v].flags;
        const bool leaf = (flags & OBJECT_LEAF) != 0 &&
                          (flags & (OBJECT_UNTRACKED | OBJECT_FROZEN)) == 0 &&
                          o->g.first[v] == o->g.first[v + 1] &&
                          !object_is_excused(&s->shadow, v);
        judged[v] = o->candidate[v] || leaf;
    }
    s->judged = judged;
    s->garbage = collect(&s->arena, &o->g, o->rc, judged);
}

static int read_shadow(struct end_state *s, struct err *e)
{
    const struct gc_options no_collections = {.none = true};
    struct trace *parent = s->has_parent ? &s->parent : NULL;
    if (shadow_build(&s->shadow, &s->trace, parent, &no_collections, e) != 0)
        return -1;
    if (object_graph_make(&s->graph, &s->arena, &s->shadow, e) == 0) {
        judge(s);
        return 0;
    }
    shadow_release(&s->shadow);
    arena_release(&s->arena);
    return -1;
}

static void close_traces(struct end_state *s)
{
    if (s->has_parent)
        trace_close(&s->parent);
    trace_close(&s->trace);
}

int end_state_read(struct end_state *s, const char *path,
                   const char *parent_path, struct err *e)
{
    struct err ignored;
    *s = (struct end_state){0};
    if (trace_open(&s->trace, path, e) != 0)
        return -1;
    s->has_parent =
        parent_path && trace_open(&s->parent, parent_path, &ignored) == 0;
    if (read_shadow(s, e) == 0)
        return 0;
    close_traces(s);
    return -1;
}

void end_state_release(struct end_state *s)
{
    shadow_release(&s->shadow);
    arena_release(&s->arena);
    close_traces(s);
}
