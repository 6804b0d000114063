/* SPDX-License-Identifier: MIT */
/* check_pack.c - a packed trace is the trace that went in */
#include "build_pack.h"
#include "random_events.h"
#include "read_back.h"
#include "trace/layout.h"
#include "trace/state.h"

/* All bytes that a reader may look at are the same. */
static void assert_same_bytes(struct trace *x, struct trace *y)
{
    ck_assert_uint_eq(x->len, y->len);
    ck_assert_uint_eq(x->n_chunks, y->n_chunks);
    ck_assert_int_eq(x->cut, y->cut);
    ck_assert_mem_eq(&x->header, &y->header, sizeof x->header);
    for (uint32_t i = 0; i < x->n_chunks; i++) {
        const struct trace_chunk *c = &x->chunks[i];
        const size_t n = sizeof(struct ouro_chunk) + (size_t)c->len;
        unsigned char *one = must_calloc(2, n);
        ck_assert_uint_eq(c->offset, y->chunks[i].offset);
        ck_assert(source_read(&x->state->source, one, n, c->offset));
        ck_assert(source_read(&y->state->source, one + n, n, c->offset));
        ck_assert_mem_eq(one, one + n, n);
        free(one);
    }
}

static void open_both(struct trace *x, struct trace *y)
{
    struct err e = {.text = ""};
    ck_assert_msg(trace_open(x, trace_path(), &e) == 0, "%s", e.text);
    ck_assert_msg(trace_open(y, packed_path(), &e) == 0, "%s", e.text);
}

START_TEST(exact_times_give_the_same_bytes)
{
    struct trace x, y;
    build_random((uint64_t)_i + 1, _i % 2, _i % 3 == 0);
    save_and_pack(0);
    open_both(&x, &y);
    assert_same_bytes(&x, &y);
    ck_assert_ptr_nonnull(trace_pack(&y));
    trace_close(&x);
    trace_close(&y);
}
END_TEST

/* Told early by less than a tick, in the same order, and nothing else. */
START_TEST(ticks_change_times_alone)
{
    const uint64_t tick = 100000;
    struct trace x, y;
    struct seen one = {0}, other = {0};
    struct err e = {.text = ""};
    build_random((uint64_t)_i + 1, _i % 2, _i % 3 == 0);
    save_and_pack(tick);
    open_both(&x, &y);
    ck_assert_int_eq(trace_walk(&x, see, &one, &e), 0);
    ck_assert_msg(trace_walk(&y, see, &other, &e) == 0, "%s", e.text);

    ck_assert_uint_eq(one.n, other.n);
    for (uint32_t i = 0; i < one.n; i++) {
        const uint64_t was = one.events[i].stamp, is = other.events[i].stamp;
        ck_assert_msg(is <= was && was - is < tick, "seed %d, event %u", _i + 1,
                      i);
        other.events[i].stamp = was;
        ck_assert_msg(event_equals(&one.events[i], &other.events[i]),
                      "seed %d, event %u", _i + 1, i);
    }
    unsee(&one);
    unsee(&other);
    trace_close(&x);
    trace_close(&y);
}
END_TEST

START_TEST(what_repeats_costs_little)
{
    build_calm();
    save_and_pack(100000);

    ck_assert_uint_lt(size_of(pack_file), 20000 / 4);
    ck_assert_uint_gt(size_of(trace_path()), 20000 * 4);
}
END_TEST

/* From the last chunk to the first, and in the middle. */
START_TEST(chunks_can_be_read_in_any_order)
{
    struct trace x, y;
    build_calm();
    save_and_pack(0);
    open_both(&x, &y);
    for (uint32_t k = 0; k < 120; k++) {
        const uint32_t i = k * 23 % x.n_chunks;
        const struct trace_chunk *c = &x.chunks[i];
        unsigned char one[8192], other[8192];
        ck_assert_uint_le(c->len, sizeof one);
        const uint64_t at = c->offset + sizeof(struct ouro_chunk);
        ck_assert(source_read(&x.state->source, one, c->len, at));
        ck_assert(source_read(&y.state->source, other, c->len, at));
        ck_assert_mem_eq(one, other, c->len);
    }
    trace_close(&x);
    trace_close(&y);
}
END_TEST

/* No event may pass the moment of a snapshot. */
START_TEST(no_event_comes_before_a_snapshot_that_it_was_behind)
{
    struct trace x, y;
    struct seen s = {0};
    struct err e;
    build_calm();
    const uint64_t moment = 600000 + 7 * (uint64_t)_i;
    build_kind_of_chunk(&built, OURO_CHUNK_SNAPSHOT, 1, moment);
    save_and_pack(10 * 1000 * 1000);
    open_both(&x, &y);
    ck_assert_int_eq(trace_walk(&x, see, &s, &e), 0);
    uint32_t before = 0;
    for (uint32_t i = 0; i < s.n; i++)
        before += s.events[i].stamp <= moment;
    unsee(&s);
    ck_assert_int_eq(trace_walk(&y, see, &s, &e), 0);
    for (uint32_t i = 0; i < s.n; i++)
        before -= s.events[i].stamp <= moment;
    unsee(&s);

    ck_assert_uint_eq(before, 0);
    ck_assert_uint_eq(y.n_snapshot_chunks, 1);
    trace_close(&x);
    trace_close(&y);
}
END_TEST

/* A chunk that does not match its checksum, one with a record that ends too
   late, one of zeros: the packed one is as damaged, at the same place. */
START_TEST(damage_is_packed_as_it_is)
{
    struct trace x, y;
    struct seen s = {0};
    struct err one = {.text = ""}, other = {.text = ""};
    build_random(7, false, false);
    built.seal = _i != 1;
    build_end_chunk(&built);
    const size_t chunk = built.len / 2 / 4096 * 4096;
    if (_i == 0)
        built.bytes[chunk + 100] ^= 1;
    if (_i == 1)
        memset(built.bytes + chunk + 70, 0xff, 40);
    if (_i == 2)
        built.len -= 3000; /* within the last chunk */
    save_and_pack(0);
    open_both(&x, &y);
    assert_same_bytes(&x, &y);
    ck_assert_int_eq(trace_walk(&x, see, &s, &one),
                     trace_walk(&y, see, &s, &other));
    ck_assert_str_eq(strchr(one.text, ':') ? strchr(one.text, ':') : "",
                     strchr(other.text, ':') ? strchr(other.text, ':') : "");
    unsee(&s);
    trace_close(&x);
    trace_close(&y);
}
END_TEST

Suite *pack_suite(void);

Suite *pack_suite(void)
{
    Suite *s = suite_create("pack");
    TCase *t = tcase_create("meaning");
    tcase_add_checked_fixture(t, pack_begin, pack_end);
    tcase_add_loop_test(t, exact_times_give_the_same_bytes, 0, 30);
    tcase_add_loop_test(t, ticks_change_times_alone, 0, 30);
    tcase_add_test(t, what_repeats_costs_little);
    tcase_add_test(t, chunks_can_be_read_in_any_order);
    tcase_add_loop_test(t, no_event_comes_before_a_snapshot_that_it_was_behind,
                        0, 20);
    tcase_add_loop_test(t, damage_is_packed_as_it_is, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
