/* SPDX-License-Identifier: MIT */
/* check_pack.c - a packed trace is the trace that went in, or a sentence */
#include "build_trace.h"
#include "pack/packed.h"
#include "pack/seekable.h"
#include "pack/seekable_table.h"
#include "packing/container.h"
#include "packing/pack_recording.h"
#include "random_events.h"
#include "read_back.h"
#include "trace/layout.h"
#include "trace/state.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <zstd.h>

static struct build b;
static char dir[64], pack[96];

static void begin(void)
{
    strcpy(dir, "/tmp/ouro-pack-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(pack, sizeof pack, "%s.pack", dir);
    build_begin(&b);
}

static const char *trace_path(void)
{
    static char path[96];
    snprintf(path, sizeof path, "%s/1.0.trace", dir);
    return path;
}

static const char *packed_path(void)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/1.0.trace", pack);
    return path;
}

static void end(void)
{
    unlink(trace_path());
    unlink(pack);
    rmdir(dir);
    build_release(&b);
}

static int pack_it(uint64_t tick_ns, struct err *e)
{
    const struct pack_options o = {
        .tick_ns = tick_ns, .no_debug = true, .level = 3, .name = pack};
    struct pack_result r;
    FILE *to = fopen(pack, "we+");
    ck_assert_ptr_nonnull(to);
    const int result = pack_recording(to, pack, dir, &o, &r, e);
    fclose(to);
    return result;
}

static void save_and_pack(uint64_t tick_ns)
{
    struct err e = {.text = ""};
    build_end_chunk(&b);
    build_save(&b, trace_path());
    ck_assert_msg(pack_it(tick_ns, &e) == 0, "%s", e.text);
}

/* Texts of the kinds that have one. */
static void build_event(const struct event *e, const char *text)
{
    build_record(&b, e->kind,
                 &(struct build_record){
                     .stamp = e->stamp,
                     .has_stack = e->kind < 64 && e->stack != 0,
                     .a = e->a,
                     .b = e->b,
                     .size = e->size,
                     .n = e->n,
                     .flags = e->flags,
                     .text = text,
                 });
}

static void build_some_stack(uint32_t *depth, uint64_t *ips)
{
    const uint32_t pops = dice(*depth + 1) / (1 + dice(4));
    *depth -= pops;
    for (uint32_t n = dice(4); n > 0 && *depth < 60; n--)
        ips[(*depth)++] = 0x400000 + 16 * (uint64_t)dice(40);
    build_stack(&b, *depth, ips);
}

/* Every kind, from threads that take turns, or overlap. */
static void build_random(uint64_t seed, bool overlap, bool heap_only)
{
    static const char *const texts[] = {NULL, "Node", "next", "a", "Node"};
    uint64_t stamp = 1000, ips[64];
    dice_state = seed;
    b.seal = true;
    for (uint32_t chunk = 0; chunk < 12; chunk++) {
        uint32_t depth = 0;
        uint64_t at = stamp;
        build_chunk(&b, 1 + dice(3), at);
        for (uint32_t i = 0; i < 120; i++) {
            at += dice(4) ? dice(40) : dice(100000);
            struct event e = {.stamp = at, .a = some_address()};
            e.kind = heap_only ? usual[dice(9)]
                               : usual[dice(sizeof usual / sizeof *usual)];
            e.b = some_address();
            e.size = dice(3) ? dice(64) : (uint64_t)dice(1u << 31) << dice(33);
            e.n = (int64_t)dice(5) - 2;
            e.stack = dice(2);
            if (dice(3) == 0)
                build_some_stack(&depth, ips);
            if (dice(40) == 0) {
                RECORD(&b, OURO_CUT, .stamp = at, .n = dice(3));
                depth = 0;
                RECORD(&b, OURO_EPOCH, .stamp = at, .n = dice(3));
            }
            build_event(&e, texts[dice(5)]);
        }
        if (!overlap || dice(3) == 0)
            stamp = at + 1 + dice(50);
    }
}

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

/* A calm heap, of which ticks leave little of the times. */
static void build_calm(void)
{
    b.seal = true;
    uint64_t stamp = 1000;
    for (uint32_t chunk = 0; chunk < 40; chunk++) {
        build_chunk(&b, 1, stamp);
        for (uint32_t i = 0; i < 500; i++, stamp += 60) {
            const uint64_t a = 0x10000 + 32 * (uint64_t)(i / 2 % 90);
            if (i % 2 == 0)
                RECORD(&b, OURO_ALLOC, .stamp = stamp, .a = a, .size = 20);
            else
                RECORD(&b, OURO_FREE, .stamp = stamp, .a = a);
        }
    }
}

static uint64_t size_of(const char *path)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}

START_TEST(what_repeats_costs_little)
{
    build_calm();
    save_and_pack(100000);

    ck_assert_uint_lt(size_of(pack), 20000 / 4);
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
    build_kind_of_chunk(&b, OURO_CHUNK_SNAPSHOT, 1, moment);
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
    b.seal = _i != 1;
    build_end_chunk(&b);
    const size_t chunk = b.len / 2 / 4096 * 4096;
    if (_i == 0)
        b.bytes[chunk + 100] ^= 1;
    if (_i == 1)
        memset(b.bytes + chunk + 70, 0xff, 40);
    if (_i == 2)
        b.len -= 3000; /* within the last chunk */
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

/* Whatever it holds: a walk, or a sentence. */
static void read_hostile(const unsigned char *bytes, size_t n)
{
    struct trace t;
    struct seen s = {0};
    struct err e = {.text = ""};
    FILE *to = fopen(pack, "we");
    ck_assert_ptr_nonnull(to);
    ck_assert_uint_eq(fwrite(bytes, 1, n, to), n);
    fclose(to);
    if (trace_open(&t, packed_path(), &e) < 0) {
        ck_assert_str_ne(e.text, "");
        return;
    }
    trace_walk(&t, see, &s, &e);
    unsee(&s);
    trace_close(&t);
}

static unsigned char *read_pack(size_t *n)
{
    *n = size_of(pack);
    unsigned char *bytes = must_calloc(1, *n);
    FILE *from = fopen(pack, "re");
    ck_assert_ptr_nonnull(from);
    ck_assert_uint_eq(fread(bytes, 1, *n, from), *n);
    fclose(from);
    return bytes;
}

START_TEST(one_that_is_cut_anywhere_is_called_so)
{
    size_t n;
    struct err e;
    build_random(3, true, false);
    save_and_pack(0);
    unsigned char *bytes = read_pack(&n);
    for (size_t cut = 0; cut < n; cut += 1 + cut / 256) {
        read_hostile(bytes, cut);
        ck_assert_ptr_null(packed_open(pack, &e));
        ck_assert_int_eq(e.code, RC_TRACE);
    }
    free(bytes);
}
END_TEST

START_TEST(a_byte_that_is_wrong_ends_in_a_sentence)
{
    size_t n;
    build_random(4, true, false);
    save_and_pack(0);
    unsigned char *bytes = read_pack(&n);
    dice_state = 4;
    for (int i = 0; i < 400; i++) {
        const size_t at = i % 2 ? dice((uint32_t)n) : n - 1 - (size_t)i / 2;
        const unsigned char was = bytes[at];
        bytes[at] ^= (unsigned char)(1 + dice(255));
        read_hostile(bytes, n);
        bytes[at] = was;
    }
    free(bytes);
}
END_TEST

/* The bytes inside are wrong and their checksums right. */
START_TEST(lies_under_good_checksums_end_in_a_sentence)
{
    struct seekable s;
    build_random(5, true, false);
    save_and_pack(1000 * 1000);
    const int fd = open(pack, O_RDONLY | O_CLOEXEC);
    ck_assert_ptr_null(seekable_open(&s, fd));
    const size_t n = (size_t)seekable_len(&s);
    unsigned char *bytes = must_calloc(2, n);
    ck_assert(seekable_read(&s, 0, bytes, n));
    dice_state = 100 + (uint64_t)_i;
    for (int i = 0; i < 60; i++) {
        memcpy(bytes + n, bytes, n);
        for (uint32_t k = dice(4); k < 4; k++)
            bytes[n + 16 + dice((uint32_t)n - 16)] = (unsigned char)dice(256);
        struct seekable_writer w;
        FILE *to = fopen(pack, "we");
        seekable_begin(&w, to, 1);
        for (uint32_t k = 0, at = 0; k < s.n; k++) {
            seekable_put(&w, bytes + n + at, s.frames[k].holds - at);
            seekable_cut(&w);
            at = (uint32_t)s.frames[k].holds;
        }
        ck_assert(seekable_end(&w));
        fclose(to);
        struct trace t;
        struct seen seen = {0};
        struct err e = {.text = ""};
        if (trace_open(&t, packed_path(), &e) == 0) {
            trace_walk(&t, see, &seen, &e);
            trace_close(&t);
        }
        unsee(&seen);
    }
    seekable_close(&s);
    close(fd);
    free(bytes);
}
END_TEST

static void put_raw(const void *frame, size_t n, uint32_t plain)
{
    const struct seekable_entry entry = {(uint32_t)n, plain};
    const struct seekable_foot foot = {.frames = 1, .magic = SEEKABLE_MAGIC};
    const uint32_t head[] = {SEEKABLE_SKIPPABLE, sizeof entry + sizeof foot};
    FILE *to = fopen(pack, "we");
    fwrite(frame, 1, n, to);
    fwrite(head, 1, sizeof head, to);
    fwrite(&entry, 1, sizeof entry, to);
    fwrite(&foot, 1, sizeof foot, to);
    fclose(to);
}

/* 64 MiB that claim to be one, and say so, or not. */
START_TEST(a_bomb_is_not_unpacked)
{
    const size_t n = 64 << 20;
    const uint32_t claims[] = {64 << 20, 1 << 20, 4096, 0};
    char *zeros = must_calloc(1, n), *frame = must_calloc(1, n);
    const size_t packed = ZSTD_compress(frame, n, zeros, n, 3);
    ck_assert(!ZSTD_isError(packed));
    put_raw(frame, packed, claims[_i]);

    struct seekable s;
    const int fd = open(pack, O_RDONLY | O_CLOEXEC);
    const char *why = seekable_open(&s, fd);
    if (!why) {
        ck_assert(!seekable_read(&s, 0, zeros, 1));
        seekable_close(&s);
    }
    ck_assert(why || _i > 0);
    close(fd);
    free(zeros);
    free(frame);
}
END_TEST

static void put_extent(struct container *c, uint64_t gap, uint64_t len,
                       uint64_t offset)
{
    container_number(c, gap);
    container_number(c, 0); /* bytes */
    container_number(c, len);
    container_number(c, offset);
}

/* A packed trace of a header and n heads of chunks, one every `step` bytes,
   which tells nothing else of its `len` bytes. */
static void put_heads(const struct ouro_chunk *head, uint32_t n, uint64_t step,
                      uint64_t len)
{
    struct container c;
    struct ouro_trace_header h = {.version = OURO_TRACE_VERSION,
                                  .header_len = sizeof h,
                                  .granule = 4096,
                                  .first_chunk = 4096,
                                  .clock = OURO_CLOCK_TSC};
    FILE *to = fopen(pack, "we");
    memcpy(h.magic, OURO_TRACE_MAGIC, sizeof h.magic);
    container_begin(&c, to, 1);
    const uint64_t offset = seekable_offset(&c.bytes);
    seekable_put(&c.bytes, &h, sizeof h);
    for (uint32_t i = 0; i < n; i++)
        seekable_put(&c.bytes, head, sizeof *head);
    container_member(&c, PACKED_TRACE, "1.0.trace", NULL, 0);
    container_number(&c, len);
    container_number(&c, 0); /* tick */
    container_number(&c, 0); /* blocks */
    container_number(&c, n + 1);
    put_extent(&c, 0, sizeof h, offset);
    for (uint32_t i = 0; i < n; i++)
        put_extent(&c, i == 0 ? step - sizeof h : step - sizeof *head,
                   sizeof *head, offset + sizeof h + i * sizeof *head);
    ck_assert(container_end(&c));
    fclose(to);
}

static void assert_refused(void)
{
    struct trace t;
    struct err e = {.text = ""};
    ck_assert_int_eq(trace_open(&t, packed_path(), &e), -1);
    ck_assert_str_ne(e.text, "");
}

/* A few bytes must not cost what a file of that length would. */
START_TEST(a_chunk_that_nothing_tells_is_damage)
{
    struct ouro_chunk head = {.magic = OURO_CHUNK_MAGIC,
                              .kind = OURO_CHUNK_EVENTS,
                              .len = UINT32_MAX - 4095,
                              .sealed = 1};
    head.committed = head.len - sizeof head;
    put_heads(&head, 100, head.len, 101 * (uint64_t)head.len);
    assert_refused();
    head.kind = OURO_CHUNK_FOLDED;
    head.committed = 0;
    head.reserved = (head.len - sizeof head) / sizeof(struct ouro_replaced);
    put_heads(&head, 100, head.len, 101 * (uint64_t)head.len);
    assert_refused();
}
END_TEST

START_TEST(a_trace_longer_than_files_can_be_is_damage)
{
    const struct ouro_chunk none = {0};
    put_heads(&none, 1, UINT64_MAX - 4095, UINT64_MAX);
    assert_refused();
}
END_TEST

START_TEST(other_readers_of_zstd_get_all_bytes)
{
    struct seekable s;
    char command[256], first[16] = "";
    uint64_t n = 0;
    build_calm();
    save_and_pack(0);
    const int fd = open(pack, O_RDONLY | O_CLOEXEC);
    ck_assert_ptr_null(seekable_open(&s, fd));
    snprintf(command, sizeof command, "zstd -d -q -c < %s", pack);
    FILE *from = popen(command, "r");
    for (int c; (c = getc(from)) != EOF; n++)
        if (n < sizeof first)
            first[n] = (char)c;
    ck_assert_int_eq(pclose(from), 0);

    ck_assert_uint_eq(n, seekable_len(&s));
    ck_assert_mem_eq(first, PACKED_MAGIC, sizeof first);
    seekable_close(&s);
    close(fd);
}
END_TEST

Suite *pack_suite(void);

Suite *pack_suite(void)
{
    Suite *s = suite_create("pack");
    TCase *t = tcase_create("meaning");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, exact_times_give_the_same_bytes, 0, 30);
    tcase_add_loop_test(t, ticks_change_times_alone, 0, 30);
    tcase_add_test(t, what_repeats_costs_little);
    tcase_add_test(t, chunks_can_be_read_in_any_order);
    tcase_add_loop_test(t, no_event_comes_before_a_snapshot_that_it_was_behind,
                        0, 20);
    tcase_add_loop_test(t, damage_is_packed_as_it_is, 0, 3);
    suite_add_tcase(s, t);
    t = tcase_create("hostile");
    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, one_that_is_cut_anywhere_is_called_so);
    tcase_add_test(t, a_byte_that_is_wrong_ends_in_a_sentence);
    tcase_add_loop_test(t, lies_under_good_checksums_end_in_a_sentence, 0, 10);
    tcase_add_loop_test(t, a_bomb_is_not_unpacked, 0, 4);
    tcase_add_test(t, a_chunk_that_nothing_tells_is_damage);
    tcase_add_test(t, a_trace_longer_than_files_can_be_is_damage);
    tcase_add_test(t, other_readers_of_zstd_get_all_bytes);
    suite_add_tcase(s, t);
    return s;
}
