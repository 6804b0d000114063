/* SPDX-License-Identifier: MIT */
/* check_waiting.c - clocks that disagree a little change nothing */
#include "replay_kit.h"

#include <stdlib.h>

enum { T = 1, F = 2, PATIENCE = 100 };
enum { A = 0x1000, B = 0x2000, C = 0x3000 };

static void begin(void)
{
    kit_begin();
    kit_replay.waits = true;
    kit_replay.patience = PATIENCE;
}

/* What follows is said by this thread. */
static void thread(uint32_t number)
{
    kit_thread = number;
}

static void all_is_well(const struct shadow *s)
{
    ck_assert_uint_eq(s->totals.order_conflicts, 0);
    ck_assert_uint_eq(s->totals.unknown_frees, 0);
    ck_assert_uint_eq(s->totals.unannounced, 0);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 0);
    ck_assert_uint_eq(s->totals.renewed, 0);
    ck_assert_uint_eq(s->n_misuses, 0);
}

START_TEST(an_allocation_waits_for_the_free_before_it)
{
    thread(1);
    MALLOC(A, 16);
    thread(2);
    MALLOC(A, 32);
    thread(1);
    FREE(A);
    const struct shadow *s = result();

    all_is_well(s);
    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].size, 32);
    ck_assert_uint_eq(s->blocks[0].stamp, 1001);
}
END_TEST

START_TEST(a_free_waits_for_its_allocation)
{
    thread(2);
    FREE(A);
    thread(1);
    MALLOC(A, 16);
    const struct shadow *s = result();

    all_is_well(s);
    ck_assert_uint_eq(s->n_blocks, 0);
}
END_TEST

START_TEST(a_realloc_waits_at_both_ends)
{
    thread(1);
    MALLOC(B, 8);
    thread(2);
    REALLOC_BEGIN(A);
    REALLOC_END(B, 32);
    thread(1);
    MALLOC(A, 16);
    FREE(B);
    const struct shadow *s = result();

    all_is_well(s);
    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].addr, B);
    ck_assert_uint_eq(s->blocks[0].size, 32);
    ck_assert_uint_eq(s->totals.frees, 2);
}
END_TEST

START_TEST(a_block_that_a_realloc_left_is_free_when_it_begins)
{
    thread(1);
    MALLOC(A, 16);
    thread(2);
    MALLOC(A, 32);
    thread(1);
    REALLOC_BEGIN(A);
    REALLOC_END(B, 64);
    const struct shadow *s = result();

    all_is_well(s);
    ck_assert_uint_eq(s->n_blocks, 2);
    ck_assert_uint_eq(s->blocks[0].size, 32);
    ck_assert_uint_eq(s->blocks[1].size, 64);
}
END_TEST

START_TEST(references_wait_for_the_object_in_their_threads_order)
{
    thread(2);
    INCREF(A);
    LINK(B, F, A);
    UNLINK(B, F, A);
    DECREF(A);
    DECREF(A);
    thread(1);
    MALLOC(A, 16);
    MALLOC(B, 16);
    NEW(B, T);
    NEW(A, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->totals.unannounced, 0);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 0);
    ck_assert_uint_eq(s->all_misuses[MISUSE_NEGATIVE], 0);
    ck_assert_uint_eq(s->totals.increfs, 1);
    ck_assert_int_eq(s->objects[1].rc, 0);
}
END_TEST

START_TEST(a_decref_waits_for_the_count_it_gives_up)
{
    thread(1);
    MALLOC(A, 16);
    NEW(A, T);
    thread(2);
    DECREF(A);
    DECREF(A);
    thread(1);
    INCREF(A);
    INCREF(A);
    const struct shadow *s = result();

    all_is_well(s);
    ck_assert_int_eq(s->objects[0].rc, 1);
}
END_TEST

START_TEST(a_count_waits_until_it_is_right)
{
    thread(1);
    MALLOC(A, 16);
    NEW(A, T);
    thread(2);
    COUNT(A, 2);
    thread(1);
    INCREF(A);

    ck_assert_uint_eq(result()->totals.count_mismatches, 0);
}
END_TEST

START_TEST(what_follows_an_allocation_that_waits_does_not_overtake_it)
{
    thread(1);
    MALLOC(A, 16);
    NEW(A, T);
    DECREF(A);
    thread(2);
    MALLOC(A, 64);
    NEW(A, T);
    LINK(A + 8, 0, A);
    thread(1);
    FREE(A);
    const struct shadow *s = result();

    all_is_well(s);
    ck_assert_uint_eq(s->n_objects, 1);
    ck_assert_uint_eq(s->objects[0].birth, 1);
    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].owner, 0);
    ck_assert_int_eq(s->links[0].offset, 8);
}
END_TEST

START_TEST(other_addresses_of_a_thread_need_not_wait)
{
    thread(1);
    MALLOC(A, 16);
    NEW(A, T);
    thread(2);
    INCREF(B);
    INCREF(A);

    ck_assert_int_eq(objects_get(&kit_replay.objects, 0)->rc, 2);
    ck_assert_uint_eq(kit_replay.waiting.n, 1);
}
END_TEST

START_TEST(patience_ends)
{
    thread(1);
    MALLOC(A, 16);
    thread(2);
    MALLOC(A, 32);
    INCREF(B);
    FREE(C);
    kit_stamp += PATIENCE + 1;
    thread(1);
    MALLOC(C, 16);
    MALLOC(B, 16);
    NEW(B, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->totals.order_conflicts, 1);
    ck_assert_uint_eq(s->totals.unknown_frees, 1);
    ck_assert_uint_eq(s->totals.unannounced, 1);
    ck_assert_uint_eq(s->n_blocks, 3);
    ck_assert_uint_eq(s->blocks[0].size, 32);
    ck_assert_int_eq(s->objects[0].rc, 1);
}
END_TEST

START_TEST(a_release_just_behind_the_death_is_no_misuse)
{
    thread(1);
    MALLOC(A, 16);
    NEW_AT(A, T, 1, 0);
    INCREF(A);
    DEAD(A);
    thread(2);
    DECREF(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, 0);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(more_than_can_wait_is_no_trouble)
{
    for (uint64_t i = 0; i < 5000; i++) {
        thread((uint32_t)(i % 7));
        kit_stamp = 1000;
        INCREF(A + 16 * (i % 100));
    }
    const struct shadow *s = result();

    ck_assert_uint_eq(s->totals.unannounced, 5000);
}
END_TEST

/*
 * A run of several threads, as it was: at each moment something happens in one
 * of them. Then the same with clocks that are off, each by up to SKEW. So that
 * it can be told apart at all, what happens to a thing repeats itself only
 * after SKEW, nobody uses a thing in the last SKEW before its end, and nobody
 * makes it an owner in the first (an address in no block yet is a root), or
 * counts it while its address may still mean the thing that was there before.
 */
enum { THREADS = 4, THINGS = 12, SKEW = 60, MOMENTS = 1500 };

struct thing {
    bool alive, counted;
    uint64_t came, went, used;
    uint32_t name;
    int64_t rc;
    int to; /* the one thing that it points at, or -1 */
    uint64_t linked, unlinked;
};

struct world {
    struct thing thing[THINGS];
    struct event events[4 * MOMENTS];
    uint32_t n, n_names;
    uint64_t now;
};

static uint64_t seed, dice_state;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_state >> 33) % sides;
}

static uint64_t where(int i)
{
    return 0x1000 + 0x40 * (uint64_t)i;
}

static void happen(struct world *w, struct event e)
{
    e.stamp = w->now++;
    w->events[w->n++] = e;
}

static bool long_ago(const struct world *w, uint64_t when)
{
    return w->now - when > 2 * SKEW;
}

static void come(struct world *w, int i, uint32_t by)
{
    struct thing *t = &w->thing[i];
    if (!long_ago(w, t->came))
        return;
    *t = (struct thing){.alive = true,
                        .counted = dice(3) > 0,
                        .came = w->now,
                        .went = t->went,
                        .used = w->now,
                        .name = ++w->n_names,
                        .rc = 1,
                        .to = -1};
    happen(w, (struct event){.kind = OURO_ALLOC,
                             .thread = by,
                             .a = where(i),
                             .size = 16 + dice(32),
                             .stack = t->name});
    if (t->counted)
        happen(w, (struct event){.kind = OURO_REC_NEW,
                                 .thread = by,
                                 .a = where(i),
                                 .text = t->name});
}

static void go(struct world *w, int i, uint32_t by)
{
    struct thing *t = &w->thing[i];
    if (!long_ago(w, t->went) || !long_ago(w, t->used))
        return;
    for (int k = 0; k < THINGS; k++)
        if (w->thing[k].alive && w->thing[k].to == i)
            return;
    if (t->counted)
        happen(w, (struct event){.kind = OURO_REC_ADD,
                                 .thread = by,
                                 .a = where(i),
                                 .n = -t->rc});
    happen(w, (struct event){.kind = OURO_FREE, .thread = by, .a = where(i)});
    t->alive = false;
    t->went = w->now;
}

/* To a place that is free, with all that points there. */
static void move(struct world *w, int i, int to, uint32_t by)
{
    struct thing *t = &w->thing[i];
    struct thing *u = &w->thing[to];
    if (u->alive || t->counted || !long_ago(w, t->went) ||
        !long_ago(w, t->used) || !long_ago(w, u->came))
        return;
    happen(w, (struct event){
                  .kind = OURO_REALLOC_BEGIN, .thread = by, .a = where(i)});
    happen(w, (struct event){.kind = OURO_REALLOC_END,
                             .thread = by,
                             .a = where(to),
                             .size = 16 + dice(32)});
    const uint64_t went = u->went;
    *u = *t;
    u->came = u->used = w->now;
    u->went = went;
    t->alive = false;
    t->went = w->now;
}

static void count(struct world *w, int i, uint32_t by)
{
    struct thing *t = &w->thing[i];
    if (!long_ago(w, t->went))
        return;
    const bool more = t->rc == 1 || dice(2);
    t->rc += more ? 1 : -1;
    happen(w, (struct event){.kind = more ? OURO_REC_INCREF : OURO_REC_DECREF,
                             .thread = by,
                             .a = where(i)});
    t->used = w->now;
}

static void point(struct world *w, int i, int to, uint32_t by)
{
    struct thing *t = &w->thing[i];
    struct event e = {.thread = by, .a = where(i), .text = F};
    if (!long_ago(w, t->came))
        return;
    if (t->to >= 0) {
        if (!long_ago(w, t->unlinked))
            return;
        e.kind = OURO_REC_UNLINK;
        e.b = where(t->to);
        w->thing[t->to].used = w->now;
        t->to = -1;
        t->unlinked = w->now;
    } else {
        if (!w->thing[to].alive || !w->thing[to].counted ||
            !long_ago(w, t->linked) || !long_ago(w, w->thing[to].went))
            return;
        e.kind = OURO_REC_LINK;
        e.b = where(to);
        w->thing[to].used = w->now;
        t->to = to;
        t->linked = w->now;
    }
    happen(w, e);
    t->used = w->now;
}

static void run_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->now = 1000000;
    for (int k = 0; k < MOMENTS; k++) {
        const int i = (int)dice(THINGS);
        const int other = (int)dice(THINGS);
        const uint32_t by = dice(THREADS);
        w->now += dice(4);
        if (!w->thing[i].alive)
            come(w, i, by);
        else if (dice(4) == 0)
            go(w, i, by);
        else if (dice(4) == 0)
            move(w, i, other, by);
        else if (w->thing[i].counted && dice(2))
            count(w, i, by);
        else if (w->thing[i].counted)
            point(w, i, other, by);
    }
}

static int by_stamp(const void *a, const void *b)
{
    const struct event *x = a;
    const struct event *y = b;
    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

/* Events of one thread have different stamps, so their order stays. */
static void disturb_clocks(struct world *w)
{
    uint64_t skew[THREADS];
    for (int i = 0; i < THREADS; i++)
        skew[i] = dice(SKEW);
    for (uint32_t i = 0; i < w->n; i++)
        w->events[i].stamp += skew[w->events[i].thread];
    qsort(w->events, w->n, sizeof *w->events, by_stamp);
}

static void replay_world(const struct world *w, struct shadow *s)
{
    struct replay r;
    memset(s, 0, sizeof *s);
    replay_init(&r, NULL);
    r.waits = true;
    r.patience = SKEW;
    for (uint32_t i = 0; i < w->n; i++)
        replay_apply(&r, &w->events[i]);
    replay_finish(&r);
    replay_settle(&r, s);
    replay_release(&r);
    ck_assert(shadow_is_valid(s));
}

#define SAME(a, b)                                                             \
    ck_assert_msg((int64_t)(a) == (int64_t)(b),                                \
                  "seed %lu: %s is %ld, %s is %ld", seed, #a, (int64_t)(a),    \
                  #b, (int64_t)(b))

/* Objects are told apart by their types: births may come in another order. */
static uint32_t named(const struct shadow *s, uint32_t type)
{
    for (uint32_t i = 0; i < s->n_objects; i++)
        if (s->objects[i].type == type)
            return i;
    return OURO_NONE;
}

static void same_result(const struct shadow *x, const struct shadow *y)
{
    SAME(x->n_blocks, y->n_blocks);
    SAME(x->n_objects, y->n_objects);
    SAME(x->n_links, y->n_links);
    for (uint32_t i = 0; i < x->n_blocks; i++) {
        SAME(x->blocks[i].addr, y->blocks[i].addr);
        SAME(x->blocks[i].size, y->blocks[i].size);
        SAME(x->blocks[i].stack, y->blocks[i].stack);
    }
    for (uint32_t i = 0; i < x->n_objects; i++) {
        const uint32_t k = named(y, x->objects[i].type);
        SAME(k != OURO_NONE, true);
        SAME(x->objects[i].addr, y->objects[k].addr);
        SAME(x->objects[i].rc, y->objects[k].rc);
    }
    for (uint32_t i = 0; i < x->n_links; i++) {
        uint32_t k = 0;
        const uint32_t owner = x->objects[x->links[i].owner].type;
        while (k < y->n_links && y->objects[y->links[k].owner].type != owner)
            k++;
        SAME(k < y->n_links, true);
        SAME(x->objects[x->links[i].target].type,
             y->objects[y->links[k].target].type);
    }
    SAME(x->totals.allocations, y->totals.allocations);
    SAME(x->totals.frees, y->totals.frees);
    SAME(x->totals.allocated_bytes, y->totals.allocated_bytes);
    SAME(x->totals.links, y->totals.links);
    SAME(x->totals.unlinks, y->totals.unlinks);
    SAME(x->totals.increfs, y->totals.increfs);
    SAME(x->totals.decrefs, y->totals.decrefs);
    all_is_well(y);
}

START_TEST(clocks_that_are_off_within_the_patience_change_nothing)
{
    static struct world w;
    for (uint64_t i = 0; i < 50; i++) {
        dice_state = seed = (uint64_t)_i * 50 + i + 1;
        run_world(&w);
        struct shadow straight, disturbed;
        replay_world(&w, &straight);
        all_is_well(&straight);
        disturb_clocks(&w);
        replay_world(&w, &disturbed);
        same_result(&straight, &disturbed);
        shadow_release(&straight);
        shadow_release(&disturbed);
    }
}
END_TEST

Suite *waiting_suite(void);

Suite *waiting_suite(void)
{
    Suite *s = suite_create("waiting");
    TCase *t = tcase_create("rules");
    tcase_add_checked_fixture(t, begin, kit_end);
    tcase_add_test(t, an_allocation_waits_for_the_free_before_it);
    tcase_add_test(t, a_free_waits_for_its_allocation);
    tcase_add_test(t, a_realloc_waits_at_both_ends);
    tcase_add_test(t, a_block_that_a_realloc_left_is_free_when_it_begins);
    tcase_add_test(t, references_wait_for_the_object_in_their_threads_order);
    tcase_add_test(t, a_decref_waits_for_the_count_it_gives_up);
    tcase_add_test(t, a_count_waits_until_it_is_right);
    tcase_add_test(t,
                   what_follows_an_allocation_that_waits_does_not_overtake_it);
    tcase_add_test(t, other_addresses_of_a_thread_need_not_wait);
    tcase_add_test(t, patience_ends);
    tcase_add_test(t, a_release_just_behind_the_death_is_no_misuse);
    tcase_add_test(t, more_than_can_wait_is_no_trouble);
    suite_add_tcase(s, t);

    t = tcase_create("clocks");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(
        t, clocks_that_are_off_within_the_patience_change_nothing, 0, 20);
    suite_add_tcase(s, t);
    return s;
}
