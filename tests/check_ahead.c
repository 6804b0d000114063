/* SPDX-License-Identifier: MIT */
/* check_ahead.c - a second thread changes nothing of what a walk gives */
#include "read_back.h"
#include "trace/ahead.h"

#include <check.h>
#include <sched.h>

enum { SLOTS = 100, BATCHES = 4, TRACES = 8, CHUNKS = 40, LONGEST = 1500 };

struct counting {
    uint32_t n;    /* to be made */
    uint32_t made; /* so far */
    uint32_t used, stop_at;
    uint64_t seed;
};

/* Either of the two may be the slower one. */
static void dawdle(uint64_t *seed)
{
    if (random_below(seed, 4) == 0)
        sched_yield();
}

static int count_up(void *of, struct ahead *a)
{
    struct counting *c = of;
    uint64_t seed = c->seed + 1;
    for (uint32_t *slot = ahead_slot(a); slot && c->made < c->n;
         slot = ahead_put(a)) {
        *slot = c->made++;
        dawdle(&seed);
    }
    return 7;
}

static int check_next(void *to, const void *slot)
{
    struct counting *c = to;
    ck_assert_uint_eq(*(const uint32_t *)slot, c->used);
    c->used++;
    dawdle(&c->seed);
    return c->used == c->stop_at ? 9 : 0;
}

START_TEST(slots_are_used_in_order_until_no_more_are_wanted)
{
    for (uint32_t n = 0; n <= SLOTS; n += 1 + n / 10)
        for (uint32_t stop_at = 0; stop_at <= n; stop_at += 1 + n / 5) {
            struct counting c = {.n = n, .stop_at = stop_at, .seed = n + 1};
            int made = 0;
            int stop = 0;
            ck_assert(ahead_run(sizeof(uint32_t), count_up, &c, &made,
                                check_next, &c, &stop));
            ck_assert_uint_eq(c.used, stop_at ? stop_at : n);
            ck_assert_int_eq(stop, stop_at ? 9 : 0);
            ck_assert_int_eq(made, 7);
            ck_assert_uint_le(c.made, c.used + AHEAD_SLOTS + 1);
        }
}
END_TEST

static void some_record(struct build *b, uint64_t *seed, uint64_t stamp)
{
    static const char *const texts[] = {"Node", "List", NULL, "next"};
    const uint64_t addr = 0x1000 + 16 * random_below(seed, 3000);
    uint64_t ips[8];
    const uint32_t depth = (uint32_t)random_below(seed, 8);
    for (uint32_t i = 0; i < depth; i++)
        ips[i] = 0x400000 + i * 64 + random_below(seed, 4);
    if (random_below(seed, 3) == 0)
        build_stack(b, depth, ips);
    switch (random_below(seed, 12)) {
    case 0:
        RECORD(b, OURO_REC_NEW, .stamp = stamp, .a = addr,
               .text = texts[random_below(seed, 4)]);
        break;
    case 1:
        RECORD(b, OURO_REC_LABEL, .stamp = stamp, .a = addr, .text = "label");
        break;
    case 2:
        RECORD(b, OURO_LOST, .stamp = stamp, .n = 3);
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        RECORD(b, OURO_FREE, .stamp = stamp, .a = addr);
        break;
    default:
        RECORD(b, OURO_ALLOC, .stamp = stamp, .a = addr,
               .size = random_below(seed, 300), .has_stack = true);
        break;
    }
}

/* Chunks of several threads that overlap in time. */
static void some_trace(struct build *b, uint64_t *seed)
{
    uint64_t from = 100;
    build_begin(b);
    b->seal = random_below(seed, 2);
    const uint64_t n_chunks = 1 + random_below(seed, CHUNKS);
    for (uint64_t i = 0; i < n_chunks; i++) {
        uint64_t stamp = from += random_below(seed, 500);
        build_chunk(b, 1 + (uint32_t)random_below(seed, 3), stamp);
        const uint64_t n = random_below(seed, LONGEST);
        for (uint64_t k = 0; k < n; k++)
            some_record(b, seed, stamp += random_below(seed, 3));
    }
    build_end_chunk(b);
}

/* Changes some bytes, or leaves off the end. */
static void damage(struct build *b, uint64_t *seed)
{
    const uint64_t how = random_below(seed, 3);
    for (uint64_t i = 0; how == 1 && i < 3; i++)
        b->bytes[4096 + random_below(seed, b->len - 4096)] ^=
            (unsigned char)(1 + random_below(seed, 255));
    if (how == 2)
        b->len -= random_below(seed, b->len - 4096);
}

struct walked {
    struct seen seen;
    struct trace t;
    struct err e;
    uint32_t stop_at;
    int result;
};

static int see_some(void *to, const struct event *events, uint32_t n)
{
    struct walked *w = to;
    ck_assert_uint_gt(n, 0);
    for (uint32_t i = 0; i < n; i++) {
        see(&w->seen, &events[i]);
        if (w->seen.n == w->stop_at)
            return 5;
    }
    return 0;
}

typedef int walk(struct trace *t, trace_visit_many *visit, void *to,
                 struct err *e);

static bool walk_by(walk *by, struct walked *w, const char *path,
                    uint32_t stop_at)
{
    *w = (struct walked){.stop_at = stop_at};
    if (trace_open(&w->t, path, &w->e) < 0)
        return false;
    w->result = by(&w->t, see_some, w, &w->e);
    return true;
}

static void release(struct walked *w)
{
    unsee(&w->seen);
    trace_close(&w->t);
}

static void compare(const struct walked *a, const struct walked *b,
                    uint64_t seed)
{
    ck_assert_msg(a->result == b->result, "seed %lu: %d and %d", seed,
                  a->result, b->result);
    ck_assert_str_eq(a->e.text, b->e.text);
    ck_assert_msg(seen_equals(&a->seen, &b->seen), "seed %lu: events", seed);
    if (a->result > 0)
        return;
    ck_assert_uint_eq(a->t.n_events, b->t.n_events);
    ck_assert_uint_eq(a->t.n_lost, b->t.n_lost);
    ck_assert_uint_eq(a->t.last_stamp, b->t.last_stamp);
    ck_assert_uint_eq(a->t.n_threads, b->t.n_threads);
    ck_assert_uint_eq(a->t.stacks.n, b->t.stacks.n);
    ck_assert_uint_eq(a->t.strings.n, b->t.strings.n);
}

static void check_walks(const char *path, uint32_t stop_at, uint64_t seed)
{
    struct walked here, ahead;
    const bool opened = walk_by(trace_walk_many, &here, path, stop_at);
    ck_assert(walk_by(trace_walk_ahead, &ahead, path, stop_at) == opened);
    if (!opened)
        return;
    compare(&here, &ahead, seed);
    const uint32_t n = here.seen.n;
    release(&here);
    release(&ahead);
    if (stop_at == 0 && n > 0)
        check_walks(path, 1 + (uint32_t)(seed % n), seed);
}

START_TEST(a_walk_ahead_gives_what_a_walk_gives)
{
    for (uint64_t i = 0; i < TRACES; i++) {
        static struct build b;
        const uint64_t start = (uint64_t)_i * TRACES + i + 1;
        uint64_t seed = start * 0x9e3779b97f4a7c15u;
        some_trace(&b, &seed);
        damage(&b, &seed);
        const struct file f = file_of(b.bytes, b.len);
        check_walks(f.path, 0, start);
        close(f.fd);
        build_release(&b);
    }
}
END_TEST

Suite *ahead_suite(void);

Suite *ahead_suite(void)
{
    Suite *s = suite_create("ahead");
    TCase *t = tcase_create("core");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, slots_are_used_in_order_until_no_more_are_wanted);
    tcase_add_loop_test(t, a_walk_ahead_gives_what_a_walk_gives, 0, BATCHES);
    suite_add_tcase(s, t);
    return s;
}
