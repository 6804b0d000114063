/* SPDX-License-Identifier: MIT */
/* check_usage.c - what stacks allocated and still use: the sums are the totals
   of the report, and the rows what one counts by hand */
#include "read_back.h"
#include "report/timeline.h"
#include "shadow/usage.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS = 200, EVENTS = 300, ADDRESSES = 8, STACKS = 5 };

static struct build b;
static struct trace t;
static struct shadow s;
static struct usage u;
static struct timeline line;
static const struct gc_options to_the_end;

static void begin(void)
{
    build_begin(&b);
    build_chunk(&b, 1, 100);
}

static void open_built(void)
{
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    close(f.fd);
}

static void replay(const struct gc_options *o)
{
    struct err e;
    open_built();
    ck_assert_msg(shadow_build(&s, &t, NULL, o, &e) == 0, "%s", e.text);
    timeline_init(&line, 0, o->ends ? o->until : t.last_stamp,
                  s.totals.peak_bytes);
    const struct usage_watch watch = timeline_watch(&line);
    ck_assert_msg(usage_find(&u, &s, &t, NULL, o, &watch, &e) == 0, "%s",
                  e.text);
    timeline_finish(&line, &u);
}

static void end(void)
{
    timeline_release(&line);
    usage_release(&u);
    shadow_release(&s);
    trace_close(&t);
    build_release(&b);
}

static void stand_at(uint64_t ip)
{
    build_stack(&b, 2, (uint64_t[]){0x400000, 0x400000 + ip});
}

static void allocate(uint64_t stamp, uint64_t ip, uint64_t addr, uint64_t size)
{
    stand_at(ip);
    RECORD(&b, OURO_ALLOC + OURO_ENTRY_MALLOC, .stamp = stamp, .a = addr,
           .size = size, .has_stack = true);
}

static void give_back(uint64_t stamp, uint64_t addr)
{
    RECORD(&b, OURO_FREE, .stamp = stamp, .a = addr);
}

static void reallocate(uint64_t stamp, uint64_t ip, uint64_t from, uint64_t to,
                       uint64_t size)
{
    RECORD(&b, OURO_REALLOC_BEGIN, .stamp = stamp, .a = from);
    stand_at(ip);
    RECORD(&b, OURO_REALLOC_END, .stamp = stamp + 1, .a = to, .size = size,
           .has_stack = true);
}

static void assert_row(uint64_t ip, uint64_t objects, uint64_t space,
                       uint64_t in_use, uint64_t space_in_use)
{
    for (uint32_t i = 0; i < u.n; i++) {
        const uint64_t *v = u.rows[i].value;
        const uint32_t frame = t.stacks.frame[u.rows[i].stack];
        if (t.stacks.frames[frame].ip != 0x400000 + ip)
            continue;
        ck_assert_uint_eq(v[ALLOC_OBJECTS], objects);
        ck_assert_uint_eq(v[ALLOC_SPACE], space);
        ck_assert_uint_eq(v[INUSE_OBJECTS], in_use);
        ck_assert_uint_eq(v[INUSE_SPACE], space_in_use);
        return;
    }
    ck_abort_msg("no row of %#lx", (unsigned long)ip);
}

START_TEST(a_stack_has_all_that_it_allocated_and_what_is_left_of_it)
{
    begin();
    allocate(101, 1, 0x1000, 10);
    allocate(102, 1, 0x2000, 20);
    allocate(103, 2, 0x3000, 0);
    give_back(104, 0x1000);
    replay(&to_the_end);

    ck_assert_uint_eq(u.n, 2);
    assert_row(1, 2, 30, 1, 20);
    assert_row(2, 1, 0, 1, 0);
    end();
}
END_TEST

START_TEST(what_was_moved_is_in_use_by_the_stack_that_moved_it)
{
    begin();
    allocate(101, 1, 0x1000, 10);
    reallocate(102, 2, 0x1000, 0x2000, 100);
    replay(&to_the_end);

    assert_row(1, 1, 10, 0, 0);
    assert_row(2, 1, 100, 1, 100);
    end();
}
END_TEST

START_TEST(a_moment_sees_nothing_of_what_comes_later)
{
    const struct gc_options at = {.ends = true, .until = 102};
    begin();
    allocate(101, 1, 0x1000, 10);
    allocate(102, 1, 0x2000, 20);
    give_back(103, 0x1000);
    allocate(104, 2, 0x3000, 7);
    replay(&at);

    ck_assert_uint_eq(u.n, 1);
    assert_row(1, 2, 30, 2, 30);
    end();
}
END_TEST

START_TEST(elements_of_a_pool_are_in_the_block_that_holds_them)
{
    begin();
    allocate(101, 1, 0x1000, 100);
    RECORD(&b, OURO_REC_POOL_CREATE, .stamp = 102, .a = 0x500, .b = 0x1000,
           .size = 100);
    RECORD(&b, OURO_REC_POOL_ALLOC, .stamp = 103, .a = 0x500, .b = 0x1010,
           .size = 16);
    RECORD(&b, OURO_REC_POOL_FREE, .stamp = 104, .a = 0x500, .b = 0x1010);
    replay(&to_the_end);

    ck_assert_uint_eq(u.n, 1);
    assert_row(1, 1, 100, 1, 100);
    end();
}
END_TEST

START_TEST(an_empty_run_has_no_rows_and_a_flat_timeline)
{
    begin();
    give_back(101, 0x1000);
    replay(&to_the_end);

    ck_assert_uint_eq(u.n, 0);
    ck_assert_uint_eq(line.n, TIMELINE_EVEN);
    for (uint32_t i = 0; i < line.n; i++)
        ck_assert_uint_eq(line.at[i].bytes, 0);
    end();
}
END_TEST

START_TEST(the_timeline_has_the_peak_and_who_made_it)
{
    begin();
    allocate(1100, 1, 0x1000, 10);
    allocate(5100, 2, 0x2000, 70);
    give_back(5101, 0x2000);
    allocate(9100, 3, 0x3000, 5);
    replay(&to_the_end);

    ck_assert_uint_eq(line.n, TIMELINE_POINTS);
    const struct timeline_point *peak = NULL;
    for (uint32_t i = 0; i < line.n; i++) {
        const struct timeline_point *p = &line.at[i];
        ck_assert(i == 0 || line.at[i - 1].stamp <= p->stamp);
        if (p->is_peak)
            peak = p;
        else
            ck_assert_uint_eq(p->bytes, p->stamp < 1100   ? 0
                                        : p->stamp < 9100 ? 10
                                                          : 15);
    }
    ck_assert_ptr_nonnull(peak);
    ck_assert_uint_eq(peak->stamp, 5100);
    ck_assert_uint_eq(peak->bytes, 80);
    ck_assert_uint_eq(peak->n, 2);
    ck_assert(line.at[line.n - 1].is_detailed);
    ck_assert_uint_eq(line.at[line.n - 1].n, 2);
    end();
}
END_TEST

/* Counting by hand. */
struct slow_block {
    bool is;
    uint64_t size, ip;
};

struct slow {
    struct slow_block at[ADDRESSES];
    uint64_t value[STACKS][N_USAGE_VALUES];
    uint64_t peak;
};

static uint64_t slow_in_use(const struct slow *w)
{
    uint64_t sum = 0;
    for (int i = 0; i < ADDRESSES; i++)
        sum += w->at[i].is ? w->at[i].size : 0;
    return sum;
}

static void slow_make(struct slow *w, uint64_t i, uint64_t ip, uint64_t size)
{
    w->at[i] = (struct slow_block){true, size, ip};
    w->value[ip][ALLOC_OBJECTS]++;
    w->value[ip][ALLOC_SPACE] += size;
    if (slow_in_use(w) > w->peak)
        w->peak = slow_in_use(w);
}

static void slow_count_in_use(struct slow *w)
{
    for (int i = 0; i < ADDRESSES; i++) {
        const struct slow_block *k = &w->at[i];
        w->value[k->ip][INUSE_OBJECTS] += k->is;
        w->value[k->ip][INUSE_SPACE] += k->is ? k->size : 0;
    }
}

static uint64_t place_of(uint64_t i)
{
    return 0x1000 * (i + 1);
}

/* One thread, so that nothing waits; every event is possible. */
static void say_something(struct slow *w, uint64_t *seed, uint64_t stamp)
{
    const uint64_t i = random_below(seed, ADDRESSES);
    const uint64_t to = random_below(seed, ADDRESSES);
    const uint64_t ip = random_below(seed, STACKS);
    const uint64_t size = random_below(seed, 100);
    if (!w->at[i].is) {
        allocate(stamp, ip, place_of(i), size);
        slow_make(w, i, ip, size);
    } else if (random_below(seed, 2) && (to == i || !w->at[to].is)) {
        reallocate(stamp, ip, place_of(i), place_of(to), size);
        w->at[i].is = false;
        slow_make(w, to, ip, size);
    } else {
        give_back(stamp, place_of(i));
        w->at[i].is = false;
    }
}

static void assert_totals(uint64_t seed)
{
    const struct shadow_totals *all = &s.totals;
    ck_assert_msg(usage_is_valid(&u), "seed %lu", seed);
    ck_assert_msg(u.total[ALLOC_OBJECTS] == all->allocations &&
                      u.total[ALLOC_SPACE] == all->allocated_bytes &&
                      u.total[INUSE_OBJECTS] == all->live_blocks &&
                      u.total[INUSE_SPACE] == all->live_bytes,
                  "seed %lu: the sums are not the report's", seed);
    uint64_t peak = 0;
    for (uint32_t i = 0; i < line.n; i++)
        if (line.at[i].is_peak)
            peak = line.at[i].bytes;
    ck_assert_msg(peak == all->peak_bytes, "seed %lu: the peak", seed);
}

START_TEST(random_runs_are_what_one_counts_by_hand)
{
    for (uint64_t run = 1; run <= RUNS; run++) {
        uint64_t seed = run;
        struct slow w = {0};
        begin();
        for (uint64_t i = 0; i < EVENTS; i++)
            say_something(&w, &seed, 100 + 3 * i);
        slow_count_in_use(&w);
        replay(&to_the_end);
        assert_totals(run);
        ck_assert_uint_eq(w.peak, s.totals.peak_bytes);
        for (uint64_t ip = 0; ip < STACKS; ip++)
            if (w.value[ip][ALLOC_OBJECTS] > 0)
                assert_row(ip, w.value[ip][ALLOC_OBJECTS],
                           w.value[ip][ALLOC_SPACE], w.value[ip][INUSE_OBJECTS],
                           w.value[ip][INUSE_SPACE]);
        end();
    }
}
END_TEST

/* Whatever order, losses and nonsense make of it. */
static void say_anything(uint64_t *seed, uint64_t stamp)
{
    const uint64_t addr = place_of(random_below(seed, ADDRESSES));
    const uint64_t ip = random_below(seed, STACKS);
    const uint64_t size = random_below(seed, 100);
    switch (random_below(seed, 8)) {
    case 0:
    case 1:
    case 2:
        allocate(stamp, ip, addr, size);
        break;
    case 3:
    case 4:
        give_back(stamp, addr);
        break;
    case 5:
        RECORD(&b, OURO_REALLOC_BEGIN, .stamp = stamp, .a = addr);
        break;
    case 6:
        RECORD(&b, OURO_REALLOC_END, .stamp = stamp, .a = addr, .size = size);
        break;
    default:
        RECORD(&b, OURO_REALLOC_FAILED, .stamp = stamp);
    }
}

START_TEST(of_any_events_of_several_threads_the_sums_are_the_reports)
{
    for (uint64_t run = 1; run <= RUNS; run++) {
        uint64_t seed = run;
        begin();
        for (uint32_t thread = 2; thread < 5; thread++) {
            for (uint64_t i = 0; i < EVENTS / 3; i++)
                say_anything(&seed, 100 + 5 * i + thread);
            build_chunk(&b, thread, 100);
        }
        replay(&to_the_end);
        assert_totals(run);
        end();
    }
}
END_TEST

Suite *usage_suite(void);

Suite *usage_suite(void)
{
    Suite *suite = suite_create("usage");
    TCase *tc = tcase_create("usage");
    tcase_add_test(tc,
                   a_stack_has_all_that_it_allocated_and_what_is_left_of_it);
    tcase_add_test(tc, what_was_moved_is_in_use_by_the_stack_that_moved_it);
    tcase_add_test(tc, a_moment_sees_nothing_of_what_comes_later);
    tcase_add_test(tc, elements_of_a_pool_are_in_the_block_that_holds_them);
    tcase_add_test(tc, an_empty_run_has_no_rows_and_a_flat_timeline);
    tcase_add_test(tc, the_timeline_has_the_peak_and_who_made_it);
    tcase_add_test(tc, random_runs_are_what_one_counts_by_hand);
    tcase_add_test(tc,
                   of_any_events_of_several_threads_the_sums_are_the_reports);
    suite_add_tcase(suite, tc);
    return suite;
}
