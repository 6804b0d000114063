/* SPDX-License-Identifier: MIT */
#include "shadow/usage.h"

#include "arena.h"
#include "shadow/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const usage_names[N_USAGE_VALUES] = {
    [INUSE_SPACE] = "inuse_space",
    [INUSE_OBJECTS] = "inuse_objects",
    [ALLOC_SPACE] = "alloc_space",
    [ALLOC_OBJECTS] = "alloc_objects",
};

struct count {
    const struct usage_watch *watch;
    bool in_parent;   /* what happens may be another process's */
    uint32_t *row_of; /* by stack: index in rows + 1; 0: none yet */
    uint32_t n_row_of, room;
    struct usage *u;
};

static bool is_elsewhere(const struct count *c, const struct replay *r)
{
    return c->in_parent && !r->forked;
}

static uint64_t *values_of(struct count *c, uint32_t stack)
{
    struct usage *u = c->u;
    assert(stack < c->n_row_of);
    if (c->row_of[stack] == 0) {
        GROW(u->rows, u->n, c->room);
        u->rows[u->n++] = (struct usage_row){.stack = stack};
        c->row_of[stack] = u->n;
    }
    return u->rows[c->row_of[stack] - 1].value;
}

static void add(struct count *c, uint32_t stack, enum usage_value what,
                uint64_t n)
{
    values_of(c, stack)[what] += n;
    c->u->total[what] += n;
}

static void look_before(struct count *c, const struct replay *r)
{
    if (c->watch)
        c->watch->before(c->watch->to, r->stamp, c->u);
}

static void block_comes(void *to, const struct replay *r, uint32_t block)
{
    struct count *c = to;
    const struct live_block *k = blocks_get(&r->blocks, block);
    if (is_elsewhere(c, r))
        return;
    look_before(c, r);
    add(c, k->stack, ALLOC_OBJECTS, 1);
    add(c, k->stack, ALLOC_SPACE, k->size);
    add(c, k->stack, INUSE_OBJECTS, 1);
    add(c, k->stack, INUSE_SPACE, k->size);
    if (c->watch)
        c->watch->after(c->watch->to, r->stamp, c->u);
}

static void block_goes(void *to, const struct replay *r, uint32_t block)
{
    struct count *c = to;
    const struct live_block *k = blocks_get(&r->blocks, block);
    if (is_elsewhere(c, r) || k->flags & (BLOCK_INHERITED | BLOCK_ELEMENT))
        return;
    look_before(c, r);
    add(c, k->stack, INUSE_OBJECTS, -UINT64_C(1));
    add(c, k->stack, INUSE_SPACE, -k->size);
}

static void folded(void *to, const struct replay *r, const struct event *e)
{
    struct count *c = to;
    if (is_elsewhere(c, r))
        return;
    look_before(c, r);
    add(c, e->stack, ALLOC_OBJECTS, folded_allocations(e));
    add(c, e->stack, ALLOC_SPACE, e->size);
    if (c->watch)
        c->watch->after(c->watch->to, r->stamp, c->u);
}

static bool wants(void *to, uint64_t birth)
{
    (void)to, (void)birth;
    return false;
}

static int walk(struct count *c, struct trace *t, struct trace *parent,
                const struct gc_options *o, struct err *e)
{
    const struct listener listener = {
        .to = c,
        .wants = wants,
        .block_ends = block_goes,
        .block_comes = block_comes,
        .block_moves = block_goes,
        .folded = folded,
    };
    const struct gc_options no_gc = {
        .none = true, .ends = o->ends, .until = o->until};
    struct replay r;
    const int rc = run_trace(&r, t, parent, &listener, &no_gc, e);
    replay_release(&r);
    return rc;
}

static int by_stack(const void *a, const void *b)
{
    const struct usage_row *x = a;
    const struct usage_row *y = b;
    return (x->stack > y->stack) - (x->stack < y->stack);
}

int usage_find(struct usage *u, const struct shadow *s, struct trace *t,
               struct trace *parent, const struct gc_options *o,
               const struct usage_watch *watch, struct err *e)
{
    *u = (struct usage){0};
    struct count c = {
        .watch = watch,
        .in_parent = s->with_parent,
        .row_of = must_calloc(t->stacks.n, sizeof *c.row_of),
        .n_row_of = t->stacks.n,
        .u = u,
    };
    const int rc = walk(&c, t, s->with_parent ? parent : NULL, o, e);
    free(c.row_of);
    if (rc != 0) {
        usage_release(u);
        return rc;
    }
    if (u->n > 0)
        qsort(u->rows, u->n, sizeof *u->rows, by_stack);
    assert(usage_is_valid(u));
    return 0;
}

void usage_release(struct usage *u)
{
    free(u->rows);
    *u = (struct usage){0};
}

static bool row_is_valid(const struct usage_row *r)
{
    const uint64_t *v = r->value;
    return v[ALLOC_OBJECTS] > 0 && v[INUSE_OBJECTS] <= v[ALLOC_OBJECTS] &&
           (v[INUSE_OBJECTS] > 0 || v[INUSE_SPACE] == 0);
}

bool usage_is_valid(const struct usage *u)
{
    uint64_t sum[N_USAGE_VALUES] = {0};
    for (uint32_t i = 0; i < u->n; i++) {
        if (!row_is_valid(&u->rows[i]) ||
            (i > 0 && u->rows[i - 1].stack >= u->rows[i].stack))
            return false;
        for (int v = 0; v < N_USAGE_VALUES; v++)
            sum[v] += u->rows[i].value[v];
    }
    return memcmp(sum, u->total, sizeof sum) == 0;
}
