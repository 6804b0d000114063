/* SPDX-License-Identifier: MIT */
/* check_replay.c - any stream of events gives what the slow replay gives */
#include "random_events.h"
#include "replay_kit.h"
#include "slow_replay.h"

enum { STREAMS = 600, LONGEST = 200, BATCHES = 20 };

static uint64_t seed;

#define SAME(a, b)                                                             \
    ck_assert_msg((int64_t)(a) == (int64_t)(b),                                \
                  "seed %lu: %s is %ld, %s is %ld", seed, #a, (int64_t)(a),    \
                  #b, (int64_t)(b))

static int slow_number(const struct slow *s, int object)
{
    int n = 0;
    for (int i = 0; i < object; i++)
        n += s->objects[i].alive != 0;
    return object == NOBODY ? -1 : n;
}

static void check_objects(const struct slow *slow, const struct shadow *s)
{
    uint32_t n = 0;
    for (int i = 0; i < slow->n_objects; i++) {
        const struct slow_object *o = &slow->objects[i];
        if (!o->alive)
            continue;
        SAME(n < s->n_objects, true);
        const struct object *k = &s->objects[n++];
        SAME(k->addr, o->addr);
        SAME(k->birth, o->birth);
        SAME(k->stamp, o->stamp);
        SAME(k->rc, o->rc);
        SAME(k->type, o->type);
        SAME(k->label, o->label);
        SAME(k->stack, o->stack);
        SAME(k->flags,
             o->flags | (o->generation == GC_PERMANENT ? OBJECT_FROZEN : 0));
        SAME(k->found, o->generation == GC_FOUND);
        SAME(k->generation, k->found ? o->was_in : o->generation);
        int64_t acquired = 0;
        for (int c = 0; c < slow->n_links; c++)
            acquired += slow->links[c].alive && slow->links[c].by == 'c' &&
                        slow->links[c].target == i;
        SAME(k->acquired, acquired);
        if (o->block == NOBODY) {
            SAME(k->block, OURO_NONE);
            SAME(k->bytes, o->bytes);
            continue;
        }
        const struct slow_block *b = &slow->blocks[o->block];
        SAME(k->block < s->n_blocks, true);
        SAME(s->blocks[k->block].addr, b->addr);
        SAME(s->blocks[k->block].stamp, b->stamp);
        SAME(k->bytes, o->bytes ? o->bytes : b->addr + b->size - o->addr);
    }
    SAME(n, s->n_objects);
}

/* The block of the result that is this one: address and depth say which. */
static const struct block *same_block(const struct slow *slow, int i,
                                      const struct shadow *s)
{
    int above = 0;
    for (int k = 0; k < slow->n_blocks; k++)
        above += slow->blocks[k].alive &&
                 slow->blocks[k].addr == slow->blocks[i].addr &&
                 slow_depth(slow, k) < slow_depth(slow, i);
    for (uint32_t k = 0; k < s->n_blocks; k++)
        if (s->blocks[k].addr == slow->blocks[i].addr && above-- == 0)
            return &s->blocks[k];
    return NULL;
}

static void check_blocks(const struct slow *slow, const struct shadow *s)
{
    uint32_t n = 0;
    for (int i = 0; i < slow->n_blocks; i++) {
        const struct slow_block *b = &slow->blocks[i];
        if (!b->alive)
            continue;
        n++;
        const struct block *k = same_block(slow, i, s);
        SAME(k != NULL, true);
        SAME(k->size, b->size);
        SAME(k->stamp, b->stamp);
        SAME(k->stack, b->stack);
        SAME(k->entry, b->entry);
        SAME(k->pool, b->element);
        SAME(k->ignored, b->ignored);
        SAME((int)k->owner, slow_number(slow, b->owner));
    }
    SAME(n, s->n_blocks);
}

static uint64_t slow_slot(const struct slow *slow, const struct slow_link *l)
{
    if (l->slot_by_owner)
        return slow->objects[l->who].addr + l->slot;
    if (l->slot_block == NOBODY)
        return l->slot;
    const struct slow_block *b = &slow->blocks[l->slot_block];
    return b->alive ? b->addr + l->slot : 0;
}

/* Stamps are different from one another, so links are told apart by them. */
static void check_link(const struct slow *slow, const struct slow_link *l,
                       const struct shadow *s)
{
    uint32_t i = 0;
    while (i < s->n_links && s->links[i].stamp != l->stamp)
        i++;
    SAME(i < s->n_links, true);
    const struct link *k = &s->links[i];
    const int owner = slow_owner_of(slow, l->by, l->who);
    SAME((int)k->owner, slow_number(slow, owner));
    SAME(k->in_owned, l->by == 'b' && owner != NOBODY);
    SAME((int)k->target, slow_number(slow, l->target));
    SAME(k->field, l->field);
    SAME(k->stack, l->stack);
    SAME(k->index, l->index);
    SAME(k->slot, slow_slot(slow, l));
    const uint64_t start =
        l->by == 'b' && owner == NOBODY ? slow->blocks[l->who].addr : 0;
    SAME(k->offset, (int64_t)(start + l->offset));
}

static void check_links(const struct slow *slow, const struct shadow *s)
{
    uint32_t n = 0;
    for (int i = 0; i < slow->n_links; i++) {
        if (!slow->links[i].alive || slow->links[i].by == 'c')
            continue;
        check_link(slow, &slow->links[i], s);
        n++;
    }
    SAME(n, s->n_links);
}

/* In order of deaths; of one death, told apart by when they were made. */
static void check_dangling(const struct slow *slow, const struct shadow *s)
{
    uint32_t n = 0;
    for (int i = 0; i < slow->n_dangling; i++) {
        const struct slow_dangling *d = &slow->dangling[i];
        const int owner = slow_owner_of(slow, d->link.by, d->link.who);
        if (!d->link.alive || owner == NOBODY)
            continue;
        n++;
        uint32_t k = 0;
        while (k < s->n_dangling && s->dangling[k].link_stamp != d->link.stamp)
            k++;
        SAME(k < s->n_dangling, true);
        const struct dangling_link *l = &s->dangling[k];
        SAME((int)l->owner, slow_number(slow, owner));
        SAME(l->addr, d->addr);
        SAME(l->rc, d->rc);
        SAME(l->death_stamp, d->death);
        SAME(l->field, d->link.field);
        SAME(l->offset, (int64_t)d->link.offset);
        SAME(l->in_owned, d->link.by == 'b');
        SAME(l->index, d->link.index);
        SAME(l->link_stack, d->link.stack);
    }
    SAME(n, s->n_dangling);
    SAME(s->n_lasting, slow->n_lasting);
}

static void check_totals(const struct slow *slow, const struct shadow *s)
{
    SAME(memcmp(&slow->totals, &s->totals, sizeof s->totals), 0);
    uint64_t zombies = 0;
    for (int i = 0; i < slow->n_objects; i++) {
        const struct slow_object *o = &slow->objects[i];
        zombies += o->alive && o->rc == 0 && o->counted &&
                   !(o->flags & (OBJECT_IMMORTAL | OBJECT_IGNORED));
    }
    for (int i = 0; i < N_MISUSES; i++)
        SAME(s->all_misuses[i],
             i == MISUSE_ZOMBIE ? zombies : slow->misuses[i]);
}

static void check_collections(const struct slow *slow, const struct gc *gc)
{
    const struct gc *k = &slow->gc;
    uint64_t revived[3] = {0};
    SAME(memcmp(gc->threshold, k->threshold, sizeof k->threshold), 0);
    for (int g = 0; g < GC_GENERATIONS; g++) {
        SAME(gc->count[g], k->count[g]);
        SAME(gc->stats[g].collections, k->stats[g].collections);
        SAME(gc->stats[g].unreachable, k->stats[g].unreachable);
        SAME(gc->stats[g].uncollectable, k->stats[g].uncollectable);
    }
    SAME(gc->disabled, k->disabled);
    SAME(gc->n_collections, k->n_collections);
    SAME(gc->n_log, k->n_collections);
    for (uint32_t i = 0; i < gc->n_log; i++)
        SAME(memcmp(&gc->log[i], &slow->log[i], sizeof *gc->log), 0);
    SAME(gc->n_revived, k->n_revived);
    for (uint32_t i = 0; i < gc->n_revivals; i++)
        revived[gc->revivals[i].stack] += gc->revivals[i].n;
    SAME(memcmp(revived, slow->revived_at, sizeof revived), 0);
    SAME(gc->n_reclaimed, k->n_reclaimed);
    SAME(gc->delay_sum, k->delay_sum);
    SAME(gc->delay_most, k->delay_most);
}

static void one_stream(struct slow *slow)
{
    memset(slow, 0, sizeof *slow);
    slow->away = NOBODY;
    memcpy(slow->gc.threshold, (uint64_t[]){700, 10, 10},
           sizeof slow->gc.threshold);
    kit_begin();
    kit_replay.patience = slow->patience = dice(2) ? 0 : dice(20);
    calm = dice(2);
    const uint32_t length = 1 + dice(LONGEST);
    for (uint32_t i = 0; i < length; i++) {
        struct event e = some_event();
        e.stamp = 1000 + i;
        replay_apply(&kit_replay, &e);
        slow_apply(slow, &e);
        SAME(generations_are_valid(&kit_replay), true);
    }
    slow_finish(slow);
    const struct shadow *s = result();
    check_objects(slow, s);
    check_blocks(slow, s);
    check_links(slow, s);
    check_dangling(slow, s);
    check_totals(slow, s);
    check_collections(slow, &s->gc);
    kit_end();
}

START_TEST(any_stream_gives_what_the_slow_replay_gives)
{
    static struct slow slow;
    for (uint64_t i = 0; i < STREAMS; i++) {
        dice_state = seed = (uint64_t)_i * STREAMS + i + 1;
        one_stream(&slow);
    }
}
END_TEST

Suite *replay_suite(void);

Suite *replay_suite(void)
{
    Suite *s = suite_create("replay");
    TCase *t = tcase_create("streams");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, any_stream_gives_what_the_slow_replay_gives, 0,
                        BATCHES);
    suite_add_tcase(s, t);
    return s;
}
