/* SPDX-License-Identifier: MIT */
/* check_packed.c - a packed recording that is damaged, or lies: a sentence */
#include "build_pack.h"
#include "pack/packed.h"
#include "pack/seekable.h"
#include "pack/seekable_table.h"
#include "packing/container.h"
#include "random_events.h"
#include "read_back.h"

#include <fcntl.h>
#include <zstd.h>

/* Whatever it holds: a walk, or a sentence. */
static void read_hostile(const unsigned char *bytes, size_t n)
{
    struct trace t;
    struct seen s = {0};
    struct err e = {.text = ""};
    FILE *to = fopen(pack_file, "we");
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
    *n = size_of(pack_file);
    unsigned char *bytes = must_calloc(1, *n);
    FILE *from = fopen(pack_file, "re");
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
        ck_assert_ptr_null(packed_open(pack_file, &e));
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
    const int fd = open(pack_file, O_RDONLY | O_CLOEXEC);
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
        FILE *to = fopen(pack_file, "we");
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
    FILE *to = fopen(pack_file, "we");
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
    const int fd = open(pack_file, O_RDONLY | O_CLOEXEC);
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
    FILE *to = fopen(pack_file, "we");
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
    const int fd = open(pack_file, O_RDONLY | O_CLOEXEC);
    ck_assert_ptr_null(seekable_open(&s, fd));
    snprintf(command, sizeof command, "zstd -d -q -c < %s", pack_file);
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

/* As one of another version of the format: its number stands before all else in
   the index. */
static void save_as_version(unsigned char version)
{
    struct seekable s;
    struct packed_trailer trailer;
    const int fd = open(pack_file, O_RDONLY | O_CLOEXEC);
    ck_assert_ptr_null(seekable_open(&s, fd));
    const size_t n = (size_t)seekable_len(&s);
    unsigned char *bytes = must_calloc(1, n);
    ck_assert(seekable_read(&s, 0, bytes, n));
    memcpy(&trailer, bytes + n - sizeof trailer, sizeof trailer);
    ck_assert_uint_eq(bytes[trailer.offset], PACKED_VERSION);
    bytes[trailer.offset] = version;
    struct seekable_writer w;
    FILE *to = fopen(pack_file, "we");
    seekable_begin(&w, to, 1);
    seekable_put(&w, bytes, n);
    ck_assert(seekable_end(&w));
    fclose(to);
    seekable_close(&s);
    close(fd);
    free(bytes);
}

START_TEST(another_version_is_refused_by_its_age)
{
    struct err e = {.text = ""};
    build_calm();
    save_and_pack(0);
    save_as_version(PACKED_VERSION - 1);
    ck_assert_ptr_null(packed_open(pack_file, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "packed by an older ouro"));
    save_and_pack(0);
    save_as_version(PACKED_VERSION + 1);
    ck_assert_ptr_null(packed_open(pack_file, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "packed by a newer ouro"));
}
END_TEST

Suite *packed_suite(void);

Suite *packed_suite(void)
{
    Suite *s = suite_create("packed");
    TCase *t = tcase_create("hostile");
    tcase_add_checked_fixture(t, pack_begin, pack_end);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, one_that_is_cut_anywhere_is_called_so);
    tcase_add_test(t, a_byte_that_is_wrong_ends_in_a_sentence);
    tcase_add_loop_test(t, lies_under_good_checksums_end_in_a_sentence, 0, 10);
    tcase_add_loop_test(t, a_bomb_is_not_unpacked, 0, 4);
    tcase_add_test(t, a_chunk_that_nothing_tells_is_damage);
    tcase_add_test(t, a_trace_longer_than_files_can_be_is_damage);
    tcase_add_test(t, another_version_is_refused_by_its_age);
    tcase_add_test(t, other_readers_of_zstd_get_all_bytes);
    suite_add_tcase(s, t);
    return s;
}
