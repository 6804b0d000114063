/* SPDX-License-Identifier: MIT */
/* check_decode_plain.c - what goes quickly gives what goes record by record */
#include "read_back.h"
#include "trace/decode.h"
#include "trace/kinds.h"

#include <check.h>

enum { RECORDS = 6000, MOST = 40, DEEP = 60 };

static struct build b;
static struct trace t;
static struct seen slow, quick;

static void begin(void)
{
    build_begin(&b);
    build_chunk(&b, 1, 100);
}

static void end(void)
{
    unsee(&slow);
    unsee(&quick);
    trace_close(&t);
    build_release(&b);
}

static void some_stack(uint64_t *seed)
{
    static uint64_t ips[DEEP];
    const uint64_t top = random_below(seed, 10) ? 20 : DEEP;
    const uint32_t depth = (uint32_t)random_below(seed, top);
    for (uint64_t i = random_below(seed, depth + 1); i < depth; i++)
        ips[i] = 0x400000 + random_below(seed, 300) * 16;
    build_stack(&b, depth, ips);
}

/* Of objects, and of reallocs: all kinds of short records. */
static void some_short(uint64_t *seed, uint64_t stamp)
{
    static const char *const texts[] = {"Node", NULL, "next", "a", "b"};
    const struct build_record r = {
        .stamp = stamp,
        .a = random_below(seed, 1 << 20) * 8,
        .b = random_below(seed, 1 << 20) * 8,
        .size = random_below(seed, 1 << 20),
        .n = (int64_t)random_below(seed, 200) - 100,
        .text = texts[random_below(seed, 5)],
        .has_stack = random_below(seed, 2),
    };
    build_record(
        &b,
        OURO_FREE + (unsigned)random_below(seed, OURO_REC_MOVE - OURO_FREE + 1),
        &r);
}

/* Rarely what ends a stretch of them. */
static void some_other(uint64_t *seed, uint64_t stamp)
{
    switch (random_below(seed, 5)) {
    case 0:
        RECORD(&b, OURO_CUT, .stamp = stamp, .n = 3);
        break;
    case 1:
        RECORD(&b, OURO_EPOCH, .stamp = stamp, .n = 7);
        break;
    case 2:
        RECORD(&b, OURO_THREAD, .stamp = stamp, .n = 2, .size = 9);
        break;
    case 3:
        RECORD(&b, OURO_REC_NEW, .stamp = stamp, .a = 0x5000, .text = "T");
        break;
    default:
        RECORD(&b, OURO_REC_LABEL, .stamp = stamp, .a = 0x5000, .text = "L");
        break;
    }
}

static void some_record(uint64_t *seed, uint64_t stamp)
{
    const uint64_t what = random_below(seed, 100);
    const uint64_t wide = UINT64_C(1) << random_below(seed, 60);
    const struct build_record r = {
        .stamp = stamp,
        .a = random_below(seed, 2) ? random_below(seed, wide) * 16
                                   : random_below(seed, wide),
        .size = random_below(seed, wide),
        .has_stack = random_below(seed, 2),
    };
    if (what < 30)
        some_stack(seed);
    else if (what < 33)
        some_other(seed, stamp);
    else if (what < 50)
        some_short(seed, stamp);
    else if (what < 70)
        build_record(&b, OURO_FREE, &r);
    else
        build_record(
            &b, OURO_ALLOC + (unsigned)random_below(seed, OURO_N_ENTRIES), &r);
}

/* One with decode_next, unless it was a stack: true at the end. */
static bool take(struct decoder *d, struct seen *s)
{
    struct event e;
    const enum decoded got = decode_next(d, &e);
    ck_assert_msg(got != DECODED_DAMAGE, "%s", d->fault);
    if (got == DECODED_RECORD && e.kind != OURO_STACK)
        see(s, &e);
    return got == DECODED_END;
}

static void take_slowly(void)
{
    struct decoder d;
    decode_open(&d, &t, &t.chunks[0], 0);
    while (!take(&d, &slow))
        continue;
    decode_close(&d);
}

static void take_quickly(uint64_t *seed)
{
    struct decoder d;
    struct event some[MOST];
    decode_open(&d, &t, &t.chunks[0], 0);
    do {
        const uint32_t most = (uint32_t)random_below(seed, MOST + 1);
        const uint64_t before = d.stamp + random_below(seed, 60);
        const uint32_t n = decode_plain(&d, some, most, before);
        ck_assert_uint_le(n, most);
        ck_assert(n == 0 || some[n - 1].stamp < before);
        for (uint32_t i = 0; i < n; i++)
            see(&quick, &some[i]);
    } while (!take(&d, &quick));
    decode_close(&d);
}

START_TEST(what_goes_quickly_gives_what_goes_record_by_record)
{
    uint64_t seed = (uint64_t)_i + 1;
    uint64_t stamp = 100;
    for (int i = 0; i < RECORDS; i++) {
        stamp += random_below(&seed, 3) ? random_below(&seed, 4)
                                        : random_below(&seed, 300);
        some_record(&seed, stamp);
    }
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    close(f.fd);
    take_slowly();
    take_quickly(&seed);

    ck_assert_msg(seen_equals(&slow, &quick), "seed %d", _i + 1);
}
END_TEST

/* All but the first and the last few, where a stack of 14 new frames would not
   fit the window, need no look at one record at a time. */
START_TEST(a_run_of_allocations_and_frees_is_taken_whole)
{
    struct event some[1000];
    const uint64_t ips[] = {0x401000, 0x402000, 0x403000};
    build_stack(&b, 3, ips);
    for (uint64_t i = 0; i < 1000; i++) {
        build_stack(&b, 1 + (uint32_t)i % 3, ips);
        RECORD(&b, OURO_ALLOC, .stamp = 100 + i, .a = 0x5000,
               .has_stack = true);
        RECORD(&b, OURO_FREE, .stamp = 100 + i, .a = 0x5000);
    }
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    close(f.fd);
    struct decoder d;
    decode_open(&d, &t, &t.chunks[0], 0);
    take(&d, &slow);
    const uint32_t n = decode_plain(&d, some, 1000, UINT64_MAX);
    decode_close(&d);

    ck_assert_uint_eq(n, 1000);
}
END_TEST

Suite *decode_plain_suite(void);

Suite *decode_plain_suite(void)
{
    Suite *s = suite_create("decode_plain");
    TCase *c = tcase_create("runs");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, what_goes_quickly_gives_what_goes_record_by_record,
                        0, 30);
    tcase_add_test(c, a_run_of_allocations_and_frees_is_taken_whole);
    suite_add_tcase(s, c);
    return s;
}
