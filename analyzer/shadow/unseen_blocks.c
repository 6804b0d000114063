/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/memory_map.h"

#include <stdlib.h>
#include <string.h>

/* Whose registers nobody saw, or not all of them, but whose events are known.
 */
static bool is_unseen(const struct snapshot_thread *t)
{
    return t->thread != 0 &&
           (t->seen == OURO_SNAP_BLOCKED || t->seen == OURO_SNAP_LAST);
}

bool memory_has_unseen(const struct snapshot *s)
{
    for (uint32_t i = 0; i < s->n_threads; i++)
        if (is_unseen(&s->threads[i]))
            return true;
    return false;
}

struct asker {
    uint32_t who;  /* 1 + the thread's place in the snapshot; 0: another one */
    uint64_t when; /* the event's number */
};

struct asking {
    const struct memory *m;
    struct table thread_of; /* number -> 1 + place in the snapshot */
    struct asker *of;       /* by block: who made or moved it last */
    uint64_t n_events;
};

/* The allocator's block that begins there. */
static uint32_t block_at(const struct memory *m, uint64_t addr)
{
    for (uint32_t i = block_index_up_to(&m->map->index, addr);
         i > 0 && m->blocks[i - 1].addr == addr; i--)
        if (!m->blocks[i - 1].pool)
            return i - 1;
    return OURO_NONE;
}

static int visit(void *to, const struct event *e)
{
    struct asking *a = to;
    if (e->stamp > a->m->snapshot->stamp)
        return 1;
    const bool allocates = e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS;
    if (!allocates && e->kind != OURO_REALLOC_END &&
        e->kind != OURO_REALLOC_END_ARRAY)
        return 0;
    const uint32_t block = block_at(a->m, e->a);
    if (block != OURO_NONE)
        a->of[block] = (struct asker){
            .who = (uint32_t)table_get(&a->thread_of, e->thread),
            .when = ++a->n_events,
        };
    return 0;
}

/* The last blocks of one thread, oldest first. */
struct latest {
    uint32_t n;
    uint32_t block[UNSEEN_BLOCKS];
};

static void keep(struct latest *l, const struct asker *of, uint32_t block)
{
    uint32_t i = 0;
    while (i < l->n && of[l->block[i]].when < of[block].when)
        i++;
    if (l->n < UNSEEN_BLOCKS) {
        memmove(&l->block[i + 1], &l->block[i],
                (l->n++ - i) * sizeof *l->block);
        l->block[i] = block;
    } else if (i > 0) {
        memmove(&l->block[0], &l->block[1], (i - 1) * sizeof *l->block);
        l->block[i - 1] = block;
    }
}

static void choose(const struct asking *a, uint32_t *unseen)
{
    const struct memory *m = a->m;
    struct latest *of = must_calloc(m->snapshot->n_threads, sizeof *of);
    for (uint32_t i = 0; i < m->n_blocks; i++)
        if (a->of[i].who != 0)
            keep(&of[a->of[i].who - 1], a->of, i);
    for (uint32_t i = 0; i < m->snapshot->n_threads; i++)
        for (uint32_t k = 0; k < of[i].n; k++)
            unseen[of[i].block[k]] = i + 1;
    free(of);
}

int memory_find_unseen(const struct memory *m, struct trace *t,
                       uint32_t *unseen, struct err *e)
{
    if (!memory_has_unseen(m->snapshot))
        return 0;
    struct asking a = {.m = m};
    a.of = must_calloc(m->n_blocks, sizeof *a.of);
    for (uint32_t i = 0; i < m->snapshot->n_threads; i++)
        if (is_unseen(&m->snapshot->threads[i]))
            table_set(&a.thread_of, m->snapshot->threads[i].thread, i + 1);
    const int rc = trace_walk(t, visit, &a, e);
    if (rc >= 0)
        choose(&a, unseen);
    free(a.of);
    table_release(&a.thread_of);
    return rc < 0 ? -1 : 0;
}
