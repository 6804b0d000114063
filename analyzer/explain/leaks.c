/* SPDX-License-Identifier: MIT */
/*
 * Blocks that are alive at the end and that no protocol covers, by site.
 *
 * Where there is a snapshot it says which of them are lost: each source of what
 * is lost is one finding, a block or a ring (lost.h), and what it holds is
 * none. What can be reached, and what came after a snapshot in the middle of
 * the run, is told block by block; so is everything where there is none. What
 * came after that of the end, from threads that went on, is nobody's finding.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"
#include "explain/kept.h"

#include <stdlib.h>

/* What of a group's key is no stack. */
enum { ENTRY_BITS = 8, REACH_BITS = 4 };

static uint32_t key_of(const struct block *b, enum reach reach, bool ring)
{
    return b->entry | (uint32_t)reach << ENTRY_BITS |
           (uint32_t)ring << (ENTRY_BITS + REACH_BITS);
}

static enum reach reach_of(const struct group *g)
{
    return g->what >> ENTRY_BITS & ((1u << REACH_BITS) - 1);
}

static bool is_ring(const struct group *g)
{
    return g->what >> (ENTRY_BITS + REACH_BITS);
}

static void find_leaks(struct inquiry *q)
{
    q->is_leak = ARENA_ARRAY(&q->scratch, q->s->n_blocks, unsigned char);
    for (uint32_t i = 0; i < q->s->n_blocks; i++) {
        const struct block *b = &q->s->blocks[i];
        q->is_leak[i] = !b->inherited && !b->ignored && !q->w.covered[i];
    }
}

static void add_alone(struct inquiry *q, uint32_t block, enum reach reach)
{
    const struct block *b = &q->s->blocks[block];
    const struct group key = {
        .stack = b->stack,
        .what = key_of(b, reach, false),
    };
    const struct held own = {0, 1, b->size};
    struct group *g = groups_find(&q->leaks, &key);
    group_add(g, block, b->stamp, own, own);
    appearances_note(q, &g->appeared, b->stamp);
}

/* The block at a node of the memory, of no mixed component; OURO_NONE: the node
   is pages. */
static uint32_t block_at(const struct inquiry *q, uint32_t node)
{
    return node < q->m->n_blocks ? q->m->now[node] : OURO_NONE;
}

/* The stacks of a ring's blocks as one number; 0: they are all `first`. */
static uint32_t stacks_of(struct inquiry *q, const struct lost_part *p,
                          uint32_t c, uint32_t first)
{
    struct holder_sets *sets = &q->ring_stacks;
    uint32_t all = first;
    for (uint32_t at = p->k.first[c]; at < p->k.first[c + 1]; at++) {
        const uint32_t block = block_at(q, p->k.member[at]);
        if (block == OURO_NONE || q->s->blocks[block].stack == all)
            continue;
        if (sets->n == 0)
            holder_sets_init(sets, q->t->stacks.n);
        all = holder_sets_unite(sets, all, q->s->blocks[block].stack);
    }
    return all == first ? 0 : all;
}

static struct held weigh(const struct inquiry *q, const struct lost_part *p,
                         uint32_t c)
{
    struct held own = {0};
    for (uint32_t at = p->k.first[c]; at < p->k.first[c + 1]; at++) {
        const uint32_t block = block_at(q, p->k.member[at]);
        if (block != OURO_NONE)
            held_add(&own, (struct held){0, 1, q->s->blocks[block].size});
    }
    return own;
}

/* When the newest of its blocks was made. */
static uint64_t newest_of(const struct inquiry *q, const struct lost_part *p,
                          uint32_t c)
{
    uint64_t newest = 0;
    for (uint32_t at = p->k.first[c]; at < p->k.first[c + 1]; at++) {
        const uint64_t made = q->s->blocks[q->m->now[p->k.member[at]]].stamp;
        if (made > newest)
            newest = made;
    }
    return newest;
}

/* `block` stands for component c, which nothing else of its part points at. */
static void add_source(struct inquiry *q, const struct lost_part *p, uint32_t c,
                       uint32_t block, enum reach reach)
{
    const struct block *b = &q->s->blocks[block];
    const struct group key = {
        .stack = b->stack,
        .what = key_of(b, reach, p->k.ring[c]),
        .other_stack = p->k.ring[c] ? stacks_of(q, p, c, b->stack) : 0,
    };
    struct group *g = groups_find(&q->leaks, &key);
    group_add(g, block, b->stamp, weigh(q, p, c), p->retained[c]);
    appearances_note(q, &g->appeared, newest_of(q, p, c));
    q->leak_of[reach][c] = (uint32_t)(g - q->leaks.at) + 1;
}

static void judge(struct inquiry *q, uint32_t block)
{
    uint32_t c;
    const struct lost_part *p = lost_part_of(&q->lost, block, &c);
    if (q->m->then[block] == OURO_NONE && snapshot_is_last(q->m->snapshot))
        return;
    if (!p)
        add_alone(q, block,
                  q->m->then[block] == OURO_NONE ? REACH_UNKNOWN
                                                 : REACH_REACHABLE);
    else if (p->k.source[c] && !p->mixed[c] && p->first_block[c] == block)
        add_source(q, p, c, block,
                   p == &q->lost.definite ? REACH_DEFINITE : REACH_POSSIBLE);
}

void leaks_gather(struct inquiry *q)
{
    find_leaks(q);
    if (q->m) {
        q->lost = lost_find(&q->scratch, q->m, q->s, q->is_leak);
        q->leak_of[REACH_DEFINITE] =
            ARENA_ARRAY(&q->scratch, q->lost.definite.k.n, uint32_t);
        q->leak_of[REACH_POSSIBLE] =
            ARENA_ARRAY(&q->scratch, q->lost.possible.k.n, uint32_t);
    }
    for (uint32_t i = 0; i < q->s->n_blocks; i++) {
        if (!q->is_leak[i])
            continue;
        if (q->m)
            judge(q, i);
        else
            add_alone(q, i, REACH_UNKNOWN);
    }
}

/* The call stacks of a group: its only one, or a ring's. */
static const uint32_t *stacks_in(const struct inquiry *q, const struct group *g,
                                 uint32_t *n)
{
    *n = 1;
    if (g->other_stack == 0)
        return &g->stack;
    const struct holder_set *set = &q->ring_stacks.at[g->other_stack];
    *n = set->n;
    return &q->ring_stacks.members[set->first];
}

void leaks_ask_one(struct inquiry *q, uint32_t i)
{
    uint32_t n;
    const uint32_t *stacks = stacks_in(q, &q->leaks.at[i], &n);
    inquiry_ask(q, q->leaks.at[i].stack);
    for (uint32_t k = 0; k < n; k++)
        inquiry_ask(q, stacks[k]);
}

void leaks_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->leaks.n; i++)
        leaks_ask_one(q, i);
}

static bool is_kept(struct inquiry *q, const struct group *g)
{
    enum { NEAR = 4 }; /* well within what kept.c looks at */
    struct finding f = {
        .kind = FINDING_LEAK,
        .reach = reach_of(g),
        .blocks = g->own.blocks,
        .bytes = g->own.bytes,
        .stack = inquiry_places(q, g->stack),
    };
    if (f.stack.n > NEAR)
        f.stack.n = NEAR;
    return g->other_stack == 0 && g->held.blocks == g->own.blocks &&
           g->held.bytes == g->own.bytes && kept_reason(&f);
}

bool leaks_are_kept(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->leaks.n; i++)
        if (!is_kept(q, &q->leaks.at[i]))
            return false;
    return true;
}

const char *inquiry_allocator(const struct block *b)
{
    static const char *const names[] = {OURO_ENTRY_NAMES};
    if (b->pool)
        return "pool";
    return b->entry < OURO_N_ENTRIES ? names[b->entry] : "";
}

void leaks_identify(struct inquiry *q, uint32_t i, char id[17])
{
    uint64_t parts[HOLDERS_MOST];
    uint32_t n;
    const uint32_t *stacks = stacks_in(q, &q->leaks.at[i], &n);
    for (uint32_t k = 0; k < n; k++)
        parts[k] = inquiry_part(q, 0, stacks[k]);
    fingerprint_set(id, "leak", parts, n);
}

void leaks_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->leaks.n; i++) {
        const struct group *g = &q->leaks.at[i];
        struct draft *d = inquiry_draft_group(q, FINDING_LEAK, i, g);
        d->reach = reach_of(g);
        leaks_identify(q, i, d->id);
    }
}

/* The component of what is perhaps lost that group g's eldest is in. */
static uint32_t possible_of(const struct inquiry *q, const struct group *g)
{
    uint32_t c = OURO_NONE;
    if (reach_of(g) == REACH_POSSIBLE)
        lost_part_of(&q->lost, g->eldest, &c);
    return c;
}

void leaks_point(const struct inquiry *q, unsigned char *wanted)
{
    for (uint32_t i = 0; i < q->leaks.n; i++) {
        const uint32_t c = possible_of(q, &q->leaks.at[i]);
        if (c != OURO_NONE && q->entry[c] != OURO_NONE)
            wanted[q->entry[c]] = 1;
    }
}

static const char *what_of(enum reach reach)
{
    static const char *const words[] = {
        [REACH_DEFINITE] = "blocks that nothing leads to",
        [REACH_POSSIBLE] = "blocks that perhaps nothing leads to",
        [REACH_REACHABLE] = "blocks that can still be reached",
        [REACH_UNKNOWN] = "blocks alive at the end",
    };
    return words[reach];
}

void leaks_describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->leaks.at[index];
    f->reach = reach_of(g);
    f->what = what_of(f->reach);
    f->evidence = f->reach == REACH_UNKNOWN ? "recorded" : "scanned";
    f->shape = is_ring(g) ? "ring" : "single";
    f->allocator = inquiry_allocator(&q->s->blocks[g->eldest]);
    f->stack = inquiry_places(q, g->stack);
    f->address = q->s->blocks[g->eldest].addr;
    const uint32_t c = possible_of(q, g);
    if (c != OURO_NONE)
        pointers_describe(q, q->entry[c], OURO_NONE, c, f);
}
