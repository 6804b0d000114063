/* SPDX-License-Identifier: MIT */
/* check_merge.c - one order of all events, the same in each walk */
#include "read_back.h"

#include <check.h>

static struct build b;
static struct trace t;
static struct file file;

static void begin(void)
{
    build_begin(&b);
}

static void open_built(void)
{
    file = file_built(&b);
    must_open(&t, file.path);
}

static void end(void)
{
    trace_close(&t);
    build_release(&b);
    close(file.fd);
}

/* What an event should come out as: its chunk and place say where it was. */
struct twin {
    uint64_t stamp;
    uint32_t chunk, place;
};

static int in_order(const void *one, const void *other)
{
    const struct twin *x = one;
    const struct twin *y = other;
    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    if (x->chunk != y->chunk)
        return x->chunk < y->chunk ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

enum { MAX_EVENTS = 20000 };
static struct twin twins[MAX_EVENTS];

/* Few stamps and many events: ties within and between chunks. Chunks stand in
   the file in any order, empty ones among them, and some begin long before
   their first event. */
static uint32_t build_random(uint64_t *seed)
{
    uint32_t n = 0;
    const uint64_t stamps = 1 + random_below(seed, 3000);
    const uint32_t n_chunks = 1 + (uint32_t)random_below(seed, 60);
    for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
        uint64_t stamp = random_below(seed, stamps);
        const uint32_t events = (uint32_t)random_below(seed, 300);
        const uint64_t step = 1 + random_below(seed, 20);
        build_chunk(&b, chunk, stamp);
        for (uint32_t place = 0; place < events; place++) {
            stamp += random_below(seed, step);
            RECORD(&b, OURO_REC_ACQUIRE, .stamp = stamp, .a = chunk,
                   .size = place);
            twins[n++] = (struct twin){stamp, chunk, place};
        }
    }
    return n;
}

START_TEST(random_chunks_come_in_the_order_of_a_sort)
{
    for (uint64_t round = 1; round <= 30; round++) {
        uint64_t seed = round;
        const uint32_t n = build_random(&seed);
        qsort(twins, n, sizeof *twins, in_order);
        open_built();
        struct seen s = must_walk(&t);

        ck_assert_msg(s.n == n, "seed %d", (int)round);
        for (uint32_t i = 0; i < n; i++)
            if (s.events[i].stamp != twins[i].stamp ||
                s.events[i].a != twins[i].chunk ||
                s.events[i].size != twins[i].place)
                ck_abort_msg("seed %d, event %u", (int)round, i);
        unsee(&s);
        end();
        begin();
    }
    open_built();
}
END_TEST

/* Every chunk defines stacks and strings of its own, in its own order. */
static void build_with_ids(uint64_t *seed)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    for (uint32_t chunk = 0; chunk < 20; chunk++) {
        build_chunk(&b, chunk, random_below(seed, 100));
        uint64_t stamp = b.stamp;
        for (int i = 0; i < 100; i++) {
            uint64_t ips[8];
            for (int k = 0; k < 8; k++)
                ips[k] = 1 + random_below(seed, 9);
            build_stack(&b, (uint32_t)random_below(seed, 9), ips);
            stamp += random_below(seed, 5);
            RECORD(&b, OURO_REC_NEW, .stamp = stamp, .a = (uint64_t)i,
                   .text = names[random_below(seed, 6)], .has_stack = true);
        }
    }
}

START_TEST(a_second_walk_sees_the_same_events_with_the_same_ids)
{
    uint64_t seed = 1;
    build_with_ids(&seed);
    open_built();
    struct seen first = must_walk(&t);
    const uint32_t n_stacks = t.stacks.n;
    struct seen second = must_walk(&t);

    ck_assert_uint_eq(first.n, 2000);
    ck_assert(seen_equals(&first, &second));
    ck_assert_uint_eq(t.stacks.n, n_stacks);
    ck_assert(stacks_are_valid(&t.stacks));
    unsee(&first);
    unsee(&second);
}
END_TEST

/* Number tables have random seeds; what comes out must not show it. */
START_TEST(a_second_opening_gives_the_same_ids)
{
    uint64_t seed = 2;
    build_with_ids(&seed);
    open_built();
    struct seen first = must_walk(&t);
    trace_close(&t);
    must_open(&t, file.path);
    struct seen second = must_walk(&t);

    ck_assert(seen_equals(&first, &second));
    unsee(&first);
    unsee(&second);
}
END_TEST

static int stop_at_1000(void *to, const struct event *e)
{
    struct seen *s = to;
    see(s, e);
    return s->n == 1000 ? 7 : 0;
}

START_TEST(a_visitor_may_end_a_walk_and_begin_again)
{
    uint64_t seed = 3;
    struct err e;
    struct seen part = {0};
    build_with_ids(&seed);
    open_built();
    ck_assert_int_eq(trace_walk(&t, stop_at_1000, &part, &e), 7);
    struct seen whole = must_walk(&t);

    ck_assert_uint_eq(part.n, 1000);
    ck_assert_uint_eq(whole.n, 2000);
    ck_assert_uint_eq(t.n_events, 2000);
    ck_assert_uint_eq(t.n_threads, 20);
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert(event_equals(&part.events[i], &whole.events[i]));
    unsee(&part);
    unsee(&whole);
}
END_TEST

START_TEST(ten_thousand_chunks_that_begin_at_once_are_merged)
{
    enum { N = 10000 };
    for (uint32_t i = 0; i < N; i++) {
        build_chunk(&b, i, 0);
        RECORD(&b, OURO_FREE, .stamp = (uint64_t)N - i, .a = i);
    }
    open_built();
    struct seen s = must_walk(&t);

    ck_assert_uint_eq(s.n, N);
    for (uint32_t i = 0; i < N; i++)
        ck_assert_uint_eq(s.events[i].a, N - 1 - i);
    unsee(&s);
}
END_TEST

Suite *merge_suite(void);

Suite *merge_suite(void)
{
    Suite *s = suite_create("merge");
    TCase *c = tcase_create("order");
    tcase_set_timeout(c, 30);
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, random_chunks_come_in_the_order_of_a_sort);
    tcase_add_test(c, a_second_walk_sees_the_same_events_with_the_same_ids);
    tcase_add_test(c, a_second_opening_gives_the_same_ids);
    tcase_add_test(c, a_visitor_may_end_a_walk_and_begin_again);
    tcase_add_test(c, ten_thousand_chunks_that_begin_at_once_are_merged);
    suite_add_tcase(s, c);
    return s;
}
