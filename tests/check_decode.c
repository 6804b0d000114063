/* SPDX-License-Identifier: MIT */
/* check_decode.c - every record comes back as it was written */
#include "read_back.h"

#include <check.h>
#include <inttypes.h>

static struct build b;
static struct trace t;
static struct seen seen;

static void begin(void)
{
    build_begin(&b);
    build_chunk(&b, 1, 100);
}

static void read_back(void)
{
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    close(f.fd);
    seen = must_walk(&t);
}

static void end(void)
{
    unsee(&seen);
    trace_close(&t);
    build_release(&b);
}

/* Bytes, what they say, and where the edge is. */
static const struct {
    const char *bytes;
    size_t n;
    uint64_t value;
} varints[] = {
    {"\x01", 1, 0},
    {"\x03", 1, 1},
    {"\xff", 1, 127},
    {"\x02\x02", 2, 128},
    {"\xfe\xff", 2, 16383},
    {"\x04\x00\x02", 3, 16384},
    {"\xfc\xff\xff", 3, 2097151},
    {"\x08\x00\x00\x02", 4, 2097152},
    {"\x10\x00\x00\x00\x02", 5, 1 << 28},
    {"\x20\x00\x00\x00\x00\x02", 6, UINT64_C(1) << 35},
    {"\x40\x00\x00\x00\x00\x00\x02", 7, UINT64_C(1) << 42},
    {"\x80\x00\x00\x00\x00\x00\x00\x02", 8, UINT64_C(1) << 49},
    {"\x80\xff\xff\xff\xff\xff\xff\xff", 8, (UINT64_C(1) << 56) - 1},
    {"\x00\x00\x00\x00\x00\x00\x00\x00\x01", 9, UINT64_C(1) << 56},
    {"\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9, UINT64_MAX},
    /* longer than they need be */
    {"\x02\x00", 2, 0},
    {"\x00\x07\x00\x00\x00\x00\x00\x00\x00", 9, 7},
};
enum { N_VARINTS = sizeof varints / sizeof varints[0] };

START_TEST(varints_are_read_as_the_format_says)
{
    for (size_t i = 0; i < N_VARINTS; i++) {
        build_byte(&b, OURO_ALLOC);
        build_bytes(&b, "\x01\x01", 2);
        build_bytes(&b, varints[i].bytes, varints[i].n);
    }
    read_back();

    ck_assert_uint_eq(seen.n, N_VARINTS);
    for (size_t i = 0; i < N_VARINTS; i++)
        ck_assert_uint_eq(seen.events[i].size, varints[i].value);
}
END_TEST

START_TEST(the_writer_of_the_tests_writes_shortest_varints)
{
    for (size_t i = 0; i < N_VARINTS - 2; i++) {
        const size_t at = b.len;
        build_u(&b, varints[i].value);

        ck_assert_uint_eq(b.len - at, varints[i].n);
        ck_assert_mem_eq(b.bytes + at, varints[i].bytes, varints[i].n);
    }
}
END_TEST

/* Fields: a, b, s size, n, f flags, t text, h threshold. */
static const struct {
    unsigned kind;
    const char *fields;
} kinds[] = {
    {OURO_FREE, "a"},
    {OURO_REALLOC_BEGIN, "a"},
    {OURO_REALLOC_END, "as"},
    {OURO_REALLOC_END_ARRAY, "as"},
    {OURO_REALLOC_FAILED, ""},
    {OURO_REALLOC_FREED, ""},
    {OURO_REC_NEW, "at"},
    {OURO_REC_NEW_AT, "atfns"},
    {OURO_REC_TYPE, "at"},
    {OURO_REC_DEAD, "a"},
    {OURO_REC_INCREF, "a"},
    {OURO_REC_DECREF, "a"},
    {OURO_REC_ADD, "an"},
    {OURO_REC_ACQUIRE, "as"},
    {OURO_REC_RELEASE, "as"},
    {OURO_REC_COUNT, "an"},
    {OURO_REC_LINK, "atb"},
    {OURO_REC_LINK_AT, "atnsb"},
    {OURO_REC_UNLINK, "atb"},
    {OURO_REC_UNLINK_ALL, "a"},
    {OURO_REC_WEAK, "atb"},
    {OURO_REC_OWN, "ab"},
    {OURO_REC_ROOT, "tb"},
    {OURO_REC_UNROOT, "tb"},
    {OURO_REC_MOVE, "ab"},
    {OURO_ALLOC + OURO_ENTRY_MALLOC, "as"},
    {OURO_ALLOC + OURO_ENTRY_CALLOC, "as"},
    {OURO_ALLOC + OURO_ENTRY_REALLOC, "as"},
    {OURO_ALLOC + OURO_ENTRY_REALLOCARRAY, "as"},
    {OURO_ALLOC + OURO_ENTRY_POSIX_MEMALIGN, "as"},
    {OURO_ALLOC + OURO_ENTRY_ALIGNED_ALLOC, "as"},
    {OURO_ALLOC + OURO_ENTRY_MEMALIGN, "as"},
    {OURO_ALLOC + OURO_ENTRY_VALLOC, "as"},
    {OURO_ALLOC + OURO_ENTRY_PVALLOC, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_ARRAY, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_NOTHROW, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_ARRAY_NOTHROW, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_ALIGNED, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_ARRAY_ALIGNED, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_ALIGNED_NOTHROW, "as"},
    {OURO_ALLOC + OURO_ENTRY_NEW_ARRAY_ALIGNED_NOTHROW, "as"},
    {OURO_EXITING, "n"},
    {OURO_END, "fn"},
    {OURO_THREAD_NAME, "t"},
    {OURO_SUPPRESSIONS, "t"},
    {OURO_LOST, "n"},
    {OURO_GAP, "ft"},
    {OURO_REC_LABEL, "at"},
    {OURO_REC_TRACK, "a"},
    {OURO_REC_UNTRACK, "a"},
    {OURO_REC_IMMORTAL, "a"},
    {OURO_REC_FINALIZER, "a"},
    {OURO_REC_IGNORE, "a"},
    {OURO_REC_CHECKPOINT, "t"},
    {OURO_REC_SNAPSHOT, "t"},
    {OURO_REC_COLLECT, "n"},
    {OURO_REC_THRESHOLD, "h"},
    {OURO_REC_GC_ENABLE, ""},
    {OURO_REC_GC_DISABLE, ""},
    {OURO_REC_GC_FREEZE, ""},
    {OURO_REC_GC_UNFREEZE, ""},
    {OURO_REC_POOL_CREATE, "abs"},
    {OURO_REC_POOL_ALLOC, "abs"},
    {OURO_REC_POOL_FREE, "ab"},
    {OURO_REC_POOL_RESET, "a"},
    {OURO_REC_POOL_DESTROY, "a"},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* Of any length, so that each length of a varint comes up. */
static uint64_t any(uint64_t *seed)
{
    return random_u64(seed) >> random_below(seed, 64);
}

static const char *any_text(uint64_t *seed)
{
    static const char *const texts[] = {"Node", "next", "\xff\x01\n", "a b"};
    return texts[random_below(seed, 4)];
}

static struct build_record random_record(const char *fields, uint64_t *seed)
{
    struct build_record r = {.has_stack = random_below(seed, 2)};
    for (; *fields; fields++)
        switch (*fields) {
        case 'a':
            r.a = any(seed) >> 2;
            break;
        case 'b':
            r.b = any(seed) >> 2;
            break;
        case 's':
            r.size = any(seed) >> 2;
            break;
        case 'n':
            r.n = (int64_t)any(seed);
            break;
        case 'f':
            r.flags = (uint8_t)any(seed);
            break;
        case 't':
            r.text = any_text(seed);
            break;
        default:
            for (int i = 0; i < 3; i++)
                r.threshold[i] = any(seed);
            break;
        }
    return r;
}

static void assert_same(unsigned kind, const struct build_record *r,
                        const struct event *e, uint32_t stack, int round)
{
    const struct event want = {
        .stamp = r->stamp,
        .thread = 1,
        .stack = r->has_stack ? stack : 0,
        .text = e->text,
        .kind = (uint8_t)kind,
        .flags = r->flags,
        .size = r->size,
        .n = r->n,
        /* a and b stand in the same place */
        .threshold = {r->a + r->threshold[0], r->b + r->threshold[1],
                      r->threshold[2]},
    };
    ck_assert_msg(event_equals(e, &want), "kind %u, round %d", kind, round);
    ck_assert_str_eq(t.strings.text[e->text], r->text ? r->text : "");
}

static void check_kind(unsigned kind, const char *fields)
{
    enum { ROUNDS = 40 };
    struct build_record records[ROUNDS];
    uint64_t seed = kind;
    uint64_t stamp = 100;
    build_stack(&b, 2, (uint64_t[]){0x401000, 0x402000});
    for (int i = 0; i < ROUNDS; i++) {
        records[i] = random_record(fields, &seed);
        stamp += any(&seed) >> 8;
        records[i].stamp = stamp;
        build_record(&b, kind, &records[i]);
    }
    read_back();

    ck_assert_uint_eq(seen.n, ROUNDS);
    for (int i = 0; i < ROUNDS; i++)
        assert_same(kind, &records[i], &seen.events[i], 2, i);
}

START_TEST(every_kind_of_record_comes_back)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        check_kind(kinds[i].kind, kinds[i].fields);
        end();
        begin();
    }
}
END_TEST

START_TEST(records_of_all_kinds_come_back_from_one_chunk)
{
    enum { ROUNDS = 3000 };
    static struct build_record records[ROUNDS];
    static unsigned of[ROUNDS];
    uint64_t seed = (uint64_t)_i + 1;
    build_stack(&b, 2, (uint64_t[]){0x401000, 0x402000});
    for (int i = 0; i < ROUNDS; i++) {
        of[i] = (unsigned)random_below(&seed, N_KINDS);
        records[i] = random_record(kinds[of[i]].fields, &seed);
        records[i].stamp = 100 + (uint64_t)i;
        build_record(&b, kinds[of[i]].kind, &records[i]);
    }
    read_back();

    ck_assert_uint_eq(seen.n, ROUNDS);
    for (int i = 0; i < ROUNDS; i++)
        assert_same(kinds[of[i]].kind, &records[i], &seen.events[i], 2, i);
}
END_TEST

static void assert_stack(uint32_t stack, const uint64_t *ips, uint32_t n,
                         int round)
{
    for (uint32_t i = n; i > 0; i--) {
        const struct frame f = t.stacks.frames[t.stacks.frame[stack]];
        ck_assert_msg(f.ip == ips[i - 1], "round %d, frame %u of %u", round, i,
                      n);
        stack = t.stacks.parent[stack];
    }
    ck_assert_uint_eq(stack, 0);
}

/* Few addresses and many frames: one address stands in a stack many times. */
START_TEST(random_deep_stacks_come_back)
{
    enum { ROUNDS = 300, DEEP = 120 };
    static uint64_t ips[ROUNDS][DEEP];
    static uint32_t depth[ROUNDS];
    uint64_t seed = (uint64_t)_i + 1;
    for (int i = 0; i < ROUNDS; i++) {
        depth[i] = (uint32_t)random_below(&seed, DEEP + 1);
        const uint32_t same = (uint32_t)random_below(&seed, DEEP);
        if (i > 0)
            memcpy(ips[i], ips[i - 1], sizeof ips[i]);
        for (uint32_t k = same; k < DEEP; k++)
            ips[i][k] = 0x7f0000000000 + random_below(&seed, 200) * 0x12345;
        build_stack(&b, depth[i], ips[i]);
        RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    }
    read_back();

    ck_assert_uint_eq(seen.n, ROUNDS);
    ck_assert(stacks_are_valid(&t.stacks));
    for (int i = 0; i < ROUNDS; i++)
        assert_stack(seen.events[i].stack, ips[i], depth[i], i);
}
END_TEST

START_TEST(equal_stacks_of_two_chunks_have_one_number)
{
    const uint64_t ips[] = {0x401000, 0x402000, 0x403000};
    build_stack(&b, 3, ips);
    RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    build_chunk(&b, 2, 100);
    build_stack(&b, 1, (uint64_t[]){0x409000});
    build_stack(&b, 3, ips);
    RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    read_back();

    ck_assert_uint_ne(seen.events[0].stack, 0);
    ck_assert_uint_eq(seen.events[0].stack, seen.events[1].stack);
}
END_TEST

START_TEST(an_epoch_makes_other_frames_of_the_same_addresses)
{
    for (int epoch = 0; epoch < 3; epoch++) {
        if (epoch > 0)
            RECORD(&b, OURO_EPOCH, .stamp = 100, .n = epoch);
        build_stack(&b, 1, (uint64_t[]){0x401000});
        RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    }
    read_back();

    for (uint32_t epoch = 0; epoch < 3; epoch++) {
        const uint32_t frame = t.stacks.frame[seen.events[epoch].stack];
        ck_assert_uint_eq(t.stacks.frames[frame].ip, 0x401000);
        ck_assert_uint_eq(t.stacks.frames[frame].epoch, epoch);
    }
}
END_TEST

START_TEST(a_thread_takes_over_a_chunk_with_an_empty_stack)
{
    build_stack(&b, 1, (uint64_t[]){0x401000});
    RECORD(&b, OURO_REC_NEW, .stamp = 100, .a = 16, .text = "Node",
           .has_stack = true);
    RECORD(&b, OURO_THREAD, .stamp = 101, .n = 9, .size = 4711);
    RECORD(&b, OURO_REC_NEW, .stamp = 102, .a = 32, .text = "Node",
           .has_stack = true);
    read_back();

    ck_assert_uint_eq(seen.events[0].thread, 1);
    ck_assert_uint_eq(seen.events[1].thread, 9);
    ck_assert_uint_eq(seen.events[1].stack, 0);
    ck_assert_uint_eq(seen.events[1].text, seen.events[0].text);
    ck_assert_uint_eq(seen.events[1].a, 32);
    ck_assert_uint_eq(t.n_threads, 2);
}
END_TEST

static uint32_t depth_of(uint32_t stack)
{
    uint32_t depth = 0;
    for (; stack != 0; stack = t.stacks.parent[stack])
        depth++;
    return depth;
}

/* A recursion in which each call allocates, deeper than a stack may be. */
START_TEST(a_stack_deeper_than_the_limit_loses_outer_frames_only)
{
    enum { DEEP = 3 * OURO_MAX_DEPTH };
    uint32_t cut = 0;
    build_stack(&b, 0, NULL);
    for (uint32_t i = 0; i < DEEP; i++) {
        if (b.n_stack == OURO_MAX_DEPTH) {
            RECORD(&b, OURO_CUT, .stamp = 100, .n = 1);
            cut++;
        }
        uint64_t ips[OURO_MAX_DEPTH];
        memcpy(ips, b.stack, sizeof ips);
        ips[b.n_stack] = 0x1000 + i;
        build_stack(&b, b.n_stack + 1, ips);
        RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    }
    read_back();

    ck_assert_uint_eq(cut, DEEP - OURO_MAX_DEPTH);
    ck_assert_uint_eq(seen.n, DEEP);
    ck_assert_uint_lt(t.stacks.n, 3 * DEEP);
    for (uint32_t i = 0; i < DEEP; i += 997) {
        uint32_t s = seen.events[i].stack;
        ck_assert_uint_le(depth_of(s), 2 * OURO_MAX_DEPTH + 1);
        for (uint32_t k = 0; k < OURO_MAX_DEPTH && k <= i; k++) {
            const uint32_t frame = t.stacks.frame[s];
            if (t.stacks.frames[frame].ip != 0x1000 + i - k)
                ck_abort_msg("event %u, frame %u", i, k);
            s = t.stacks.parent[s];
        }
    }
}
END_TEST

START_TEST(frames_that_were_never_seen_are_frame_0)
{
    RECORD(&b, OURO_CUT, .stamp = 100, .n = 1000);
    build_stack(&b, 1, (uint64_t[]){0x401000});
    RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    read_back();

    const uint32_t outer = t.stacks.parent[seen.events[0].stack];
    ck_assert_uint_ne(outer, 0);
    ck_assert_uint_eq(t.stacks.frame[outer], 0);
    ck_assert_uint_eq(t.stacks.parent[outer], 0);
}
END_TEST

START_TEST(a_long_record_of_an_unknown_kind_is_skipped)
{
    static const char filling[100000];
    build_byte(&b, 126 | (_i % 2 ? OURO_HAS_STACK : 0));
    build_u(&b, 1 + sizeof filling);
    build_u(&b, 5);
    build_bytes(&b, filling, sizeof filling);
    RECORD(&b, OURO_FREE, .stamp = 107, .a = 1);
    read_back();

    ck_assert_uint_eq(seen.n, 1);
    ck_assert_uint_eq(seen.events[0].stamp, 112);
    ck_assert_uint_eq(t.n_events, 1);
}
END_TEST

START_TEST(what_a_later_version_adds_to_a_long_record_is_skipped)
{
    build_byte(&b, OURO_LOST);
    build_u(&b, 2 + 3);
    build_u(&b, 0);
    build_u(&b, 5);
    build_bytes(&b, "new", 3);
    RECORD(&b, OURO_FREE, .stamp = 101, .a = 1);
    read_back();

    ck_assert_uint_eq(seen.n, 2);
    ck_assert_int_eq(seen.events[0].n, 5);
    ck_assert_uint_eq(seen.events[1].stamp, 101);
}
END_TEST

/* More than one window, with long strings and stacks across the borders. */
START_TEST(records_come_back_across_windows)
{
    enum { N = 400 };
    static char text[OURO_MAX_STRING];
    static uint64_t ips[1000];
    memset(text, 'x', sizeof text - 1);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t k = 0; k < 1000; k++)
            ips[k] = 0x1000 + (uint64_t)(i * k) % 5000 * 0x100001;
        if (i % 40 == 0)
            build_stack(&b, 1000 - i, ips);
        snprintf(text, 8, "%07u", i);
        text[7] = 'x';
        RECORD(&b, OURO_REC_LABEL, .stamp = 100 + i, .a = i, .text = text);
        RECORD(&b, OURO_FREE, .stamp = 100 + i, .a = i, .has_stack = true);
    }
    read_back();

    ck_assert_uint_eq(seen.n, 2 * N);
    for (uint32_t i = 0; i < N; i++) {
        const char *back = t.strings.text[seen.events[2 * i].text];
        ck_assert_uint_eq(strlen(back), OURO_MAX_STRING - 1);
        ck_assert_int_eq(atoi(back), (int)i);
        ck_assert_uint_eq(depth_of(seen.events[2 * i + 1].stack),
                          1000 - i / 40 * 40);
    }
}
END_TEST

START_TEST(a_stack_larger_than_a_window_comes_back)
{
    static uint64_t ips[OURO_MAX_DEPTH];
    uint64_t seed = 1;
    for (uint32_t i = 0; i < OURO_MAX_DEPTH; i++)
        ips[i] = random_u64(&seed);
    for (int i = 0; i < 3; i++) {
        build_stack(&b, 0, NULL);
        build_stack(&b, OURO_MAX_DEPTH, ips);
        RECORD(&b, OURO_FREE, .stamp = 100, .has_stack = true);
    }
    read_back();

    ck_assert_uint_eq(seen.n, 3);
    for (int i = 0; i < 3; i++)
        assert_stack(seen.events[i].stack, ips, OURO_MAX_DEPTH, i);
}
END_TEST

Suite *decode_suite(void);

Suite *decode_suite(void)
{
    Suite *s = suite_create("decode");
    TCase *c = tcase_create("records");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, varints_are_read_as_the_format_says);
    tcase_add_test(c, the_writer_of_the_tests_writes_shortest_varints);
    tcase_add_test(c, every_kind_of_record_comes_back);
    tcase_add_loop_test(c, records_of_all_kinds_come_back_from_one_chunk, 0, 5);
    tcase_add_loop_test(c, a_long_record_of_an_unknown_kind_is_skipped, 0, 2);
    tcase_add_test(c, what_a_later_version_adds_to_a_long_record_is_skipped);
    tcase_add_test(c, records_come_back_across_windows);
    suite_add_tcase(s, c);
    c = tcase_create("stacks");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, random_deep_stacks_come_back, 0, 5);
    tcase_add_test(c, equal_stacks_of_two_chunks_have_one_number);
    tcase_add_test(c, an_epoch_makes_other_frames_of_the_same_addresses);
    tcase_add_test(c, a_thread_takes_over_a_chunk_with_an_empty_stack);
    tcase_add_test(c, a_stack_deeper_than_the_limit_loses_outer_frames_only);
    tcase_add_test(c, a_stack_larger_than_a_window_comes_back);
    tcase_add_test(c, frames_that_were_never_seen_are_frame_0);
    suite_add_tcase(s, c);
    return s;
}
