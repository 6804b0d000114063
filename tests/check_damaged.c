/* SPDX-License-Identifier: MIT */
/* check_damaged.c - whatever a file holds: a walk, or a sentence with a place
 */
#include "read_back.h"

#include <check.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct build b;

/* A little of everything, in two chunks. */
static void build_rich(bool seal)
{
    const char *argv[] = {"prog", "arg"};
    build_begin(&b);
    b.seal = seal;
    build_chunk(&b, 1, 100);
    build_process(&b, 100, "/bin/prog", "/tmp", 2, 2, argv);
    build_module(&b, 100, 0, 0, 0x1000, 0x400000, 0x500000, "\x01\x02", "/x");
    build_stack(&b, 3, (uint64_t[]){0x401000, 0x402000, 0x403000});
    RECORD(&b, OURO_ALLOC, .stamp = 101, .a = 0x5000, .size = 24,
           .has_stack = true);
    RECORD(&b, OURO_REC_NEW_AT, .stamp = 102, .a = 0x5000, .text = "Node",
           .n = -1, .size = 1000);
    RECORD(&b, OURO_REC_LINK_AT, .stamp = 103, .a = 0x5000, .text = "next",
           .n = 3, .size = 0x5008, .b = 0x6000, .has_stack = true);
    build_stack(&b, 20, (uint64_t[20]){0x401000, 0x402000, 0x404000});
    RECORD(&b, OURO_CUT, .stamp = 104, .n = 2);
    RECORD(&b, OURO_REC_LABEL, .stamp = 300, .a = 0x5000, .text = "label");
    RECORD(&b, OURO_REC_THRESHOLD, .stamp = 300, .threshold = {700, 10, 10});
    build_chunk(&b, 2, 102);
    RECORD(&b, OURO_EPOCH, .stamp = 102, .n = 1);
    RECORD(&b, OURO_UNMODULE, .stamp = 102, .a = 1, .b = 0);
    build_stack(&b, 2, (uint64_t[]){0x401000, 0x403000});
    RECORD(&b, OURO_REC_LINK, .stamp = 103, .a = 0x6000, .text = "next",
           .b = 0x5000, .has_stack = true);
    RECORD(&b, OURO_THREAD, .stamp = 104, .n = 3, .size = 77);
    RECORD(&b, OURO_FREE, .stamp = UINT64_C(1) << 40, .a = 0x5000);
    RECORD(&b, OURO_END, .stamp = UINT64_C(1) << 40, .flags = 1);
    build_end_chunk(&b);
}

static void end(void)
{
    build_release(&b);
}

/* What one file gave: the result of both walks, which must be the same. */
struct outcome {
    int result;
    bool cut;
    struct seen seen;
    struct err e;
};

static void assert_sentence(const char *path, const struct err *e)
{
    const size_t len = strlen(path);
    ck_assert_int_eq(e->code, RC_TRACE);
    ck_assert(strncmp(e->text, path, len) == 0 && e->text[len] == ':');
    ck_assert_ptr_nonnull(strchr(e->text, ';'));
    ck_assert_ptr_null(strchr(e->text, '\n'));
}

static struct outcome read_file(const char *path)
{
    struct trace t;
    struct outcome o = {.result = trace_open(&t, path, &o.e)};
    if (o.result == 0) {
        struct seen again = {0};
        o.result = trace_walk(&t, see, &o.seen, &o.e);
        ck_assert_int_eq(trace_walk(&t, see, &again, &o.e), o.result);
        ck_assert(seen_equals(&o.seen, &again));
        ck_assert(stacks_are_valid(&t.stacks));
        o.cut = t.cut;
        unsee(&again);
        trace_close(&t);
    }
    if (o.result != 0)
        assert_sentence(path, &o.e);
    return o;
}

/* From the whole file down to nothing. */
START_TEST(a_file_cut_at_any_byte_gives_the_events_before_it)
{
    build_rich(_i);
    const struct file f = file_built(&b);
    struct outcome whole = read_file(f.path);
    uint32_t n = whole.seen.n;
    ck_assert_int_eq(whole.result, 0);
    ck_assert_uint_eq(n, 8);
    ck_assert(!whole.cut);

    for (size_t len = b.len - 1; len < b.len; len--) {
        ck_assert_int_eq(ftruncate(f.fd, (off_t)len), 0);
        struct outcome o = read_file(f.path);
        const bool headed = len >= sizeof(struct ouro_trace_header);
        if ((o.result == 0) != headed || o.seen.n > n)
            ck_abort_msg("%zu bytes: %s", len, o.e.text);
        ck_assert(o.cut || !headed);
        n = o.seen.n;
        unsee(&o.seen);
    }
    ck_assert_uint_eq(n, 0);
    unsee(&whole.seen);
    close(f.fd);
}
END_TEST

/* Mostly where something stands: in the header, the heads, the records. */
static size_t any_place(uint64_t *seed)
{
    const size_t parts[] = {0, 4096, 4096, 4096 + 64, 8192, 8192 + 64};
    const size_t part = random_below(seed, 8);
    if (part >= 6)
        return random_below(seed, b.len);
    return parts[part] + random_below(seed, part == 0 ? 216 : 160);
}

static void corrupt(const struct file *f, uint64_t seed)
{
    unsigned char bytes[4];
    size_t at[4];
    const size_t n = 1 + random_below(&seed, 4);
    for (size_t i = 0; i < n; i++) {
        at[i] = any_place(&seed);
        bytes[i] = (unsigned char)random_u64(&seed);
        if (random_below(&seed, 3) == 0)
            bytes[i] = random_below(&seed, 2) ? 0 : 0xff;
        ck_assert_int_eq(pwrite(f->fd, &bytes[i], 1, (off_t)at[i]), 1);
    }
    struct outcome o = read_file(f->path);
    unsee(&o.seen);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(pwrite(f->fd, b.bytes + at[i], 1, (off_t)at[i]), 1);
}

/* Sealed, the checksum is what mostly answers; unsealed, the decoder. */
START_TEST(ten_thousand_corruptions_give_a_walk_or_a_sentence)
{
    build_rich(false);
    const struct file f = file_built(&b);
    for (uint64_t seed = 1; seed <= 10000; seed++)
        corrupt(&f, seed);

    struct outcome o = read_file(f.path);
    ck_assert_uint_eq(o.seen.n, 8);
    unsee(&o.seen);
    close(f.fd);
}
END_TEST

START_TEST(a_flipped_bit_in_a_sealed_chunk_is_found)
{
    build_rich(true);
    const size_t first = 4096 + sizeof(struct ouro_chunk);
    b.chunk = 4096;
    const size_t n = build_head(&b)->committed;
    const struct file f = file_of(b.bytes, b.len);
    for (size_t i = 0; i < n; i++) {
        const unsigned char flipped = b.bytes[first + i] ^ (1u << i % 8);
        ck_assert_int_eq(pwrite(f.fd, &flipped, 1, (off_t)(first + i)), 1);
        struct outcome o = read_file(f.path);

        ck_assert_int_eq(o.result, -1);
        ck_assert_ptr_nonnull(strstr(o.e.text, "byte 4096: "));
        ck_assert_ptr_nonnull(strstr(o.e.text, "checksum"));
        ck_assert_uint_eq(o.seen.n, 0);
        ck_assert_int_eq(
            pwrite(f.fd, b.bytes + first + i, 1, (off_t)(first + i)), 1);
    }
    close(f.fd);
}
END_TEST

/* More than the four lanes' words, and any rest of them. */
START_TEST(a_checksum_covers_every_length)
{
    for (size_t n = 0; n < 400; n++) {
        build_begin(&b);
        b.seal = true;
        build_chunk(&b, 1, 0);
        for (size_t i = 0; i < n * 97; i++)
            build_byte(&b, OURO_REC_GC_ENABLE);
        build_end_chunk(&b);
        b.chunk = 4096;
        const size_t committed = build_head(&b)->committed;
        memset(b.bytes + 4096 + 64, 0, committed);
        build_head(&b)->checksum =
            ouro_checksum(b.bytes + 4096 + 64, committed);
        b.chunk = 0;
        const struct file f = file_of(b.bytes, b.len);
        struct outcome o = read_file(f.path);
        ck_assert(o.result == 0 || !strstr(o.e.text, "checksum"));
        close(f.fd);
        end();
    }
}
END_TEST

/* Records that claim what is not there: bytes, and words of the sentence. */
static const struct {
    const char *bytes;
    size_t n;
    const char *words;
} claims[] = {
    {"\x05", 1, "runs past"},
    {"\x05\x01", 2, "runs past"},
    {"\x00\x01", 2, "kind 0"},
    {"\x1e\x01", 2, "kind 30"},
    {"\x3f\x01\x01\x01", 4, "kind 63"},
    {"\x05\x00\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "stamp"},
    /* a string of 2^60 bytes, of 4097, string numbers 7 and 1 of none */
    {"\x0b\x01\x01\x03\0\0\0\0\0\0\0\0\x10", 13, "string"},
    {"\x0b\x01\x01\x03\x06\x80", 6, "string"},
    {"\x0b\x01\x01\x11", 4, "string"},
    {"\x0b\x01\x01\x05", 4, "string"},
    {"\x0b\x01\x01\x03\x09x", 6, "runs past"},
    /* stacks: pops of nothing, 2^56 pushes, frame 5 of none */
    {"\x01\x10", 2, "loses"},
    {"\x01\xf0\x01", 3, "loses"},
    {"\x01\x0f\0\0\0\0\0\0\0\0\1", 11, "deeper"},
    {"\x01\x01\x0b", 3, "frame 5 of 0"},
    {"\x01\x01\x01", 3, "runs past"},
    {"\x01", 1, "runs past"},
    {"\x03\x01\0\0\0\0\0\0\0\0\1\x01", 12, "thread"},
    {"\x04\x01\0\0\0\0\0\0\0\0\1", 11, "epoch"},
    /* long records: of 2^60 bytes, of none, text of 2^60, fields missing */
    {"\x45\0\0\0\0\0\0\0\0\x10\x01", 11, "runs past"},
    {"\x7e\0\0\0\0\0\0\0\0\x10\x01", 11, "runs past"},
    {"\x7e\x01", 2, "do not hold"},
    {"\x45\x15\x01\0\0\0\0\0\0\0\0\x10", 12, "do not hold"},
    {"\x45\x07\x01\x05xx", 6, "do not hold"},
    {"\x45\x07\x01\x82\x3ex", 6, "do not hold"},
    {"\x51\x05\x01\x03\x01\x01", 6, "do not hold"},
    /* a process with 10^9 arguments of 10^9, and with more than it had */
    {"\x40\x1b\x01\x01\x01\x10\x40\x59\x73\x07\x10\x40\x59\x73\x07", 15,
     "do not hold"},
    {"\x40\x0d\x01\x01\x01\x01\x03\x01", 8, "do not hold"},
    /* module number 2^32 */
    {"\x41\x25\x01\x01\x10\x00\x00\x00\x20\x01\x01\x01\x01\x01\x01\x01\x01\x01"
     "\x01\x01\x01\x01\x01",
     23, "do not hold"},
};
enum { N_CLAIMS = sizeof claims / sizeof claims[0] };

static long peak_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

START_TEST(records_that_claim_too_much_are_damage_and_take_no_memory)
{
    const long before = peak_kib();
    for (size_t i = 0; i < N_CLAIMS; i++) {
        build_begin(&b);
        build_chunk(&b, 1, 1);
        build_bytes(&b, claims[i].bytes, claims[i].n);
        const struct file f = file_built(&b);
        struct outcome o = read_file(f.path);

        if (o.result == 0 || !strstr(o.e.text, claims[i].words) ||
            !strstr(o.e.text, "byte 4160: "))
            ck_abort_msg("claim %zu: %s", i,
                         o.result == 0 ? "taken" : o.e.text);
        unsee(&o.seen);
        close(f.fd);
        end();
    }
    ck_assert_int_lt(peak_kib() - before, 32 * 1024);
}
END_TEST

static struct outcome read_head(uint32_t len, uint64_t committed)
{
    build_begin(&b);
    build_chunk(&b, 1, 1);
    RECORD(&b, OURO_FREE, .stamp = 1, .a = 16);
    build_end_chunk(&b);
    b.chunk = 4096;
    build_head(&b)->len = len;
    build_head(&b)->committed = committed;
    b.chunk = 0;
    const struct file f = file_of(b.bytes, b.len);
    const struct outcome o = read_file(f.path);
    close(f.fd);
    end();
    return o;
}

START_TEST(a_chunk_of_impossible_length_is_damage)
{
    ck_assert_ptr_nonnull(strstr(read_head(0, 0).e.text, "byte 4104: "));
    ck_assert_ptr_nonnull(strstr(read_head(64, 0).e.text, "byte 4104: "));
    ck_assert_ptr_nonnull(strstr(read_head(4097, 0).e.text, "byte 4104: "));
    ck_assert_ptr_nonnull(strstr(read_head(4096, 4033).e.text, "byte 4128: "));
    ck_assert_ptr_nonnull(
        strstr(read_head(4096, UINT64_MAX).e.text, "byte 4128: "));
}
END_TEST

START_TEST(a_chunk_that_claims_4_gib_is_cut_and_takes_no_memory)
{
    const long before = peak_kib();
    struct outcome o = read_head(0xfffff000, 3);

    ck_assert_int_eq(o.result, 0);
    ck_assert(o.cut);
    ck_assert_uint_eq(o.seen.n, 1);
    unsee(&o.seen);
    o = read_head(0xfffff000, 0xfffff000 - 64);
    ck_assert_int_eq(o.result, -1);
    ck_assert_ptr_nonnull(strstr(o.e.text, "kind 0"));
    ck_assert_int_lt(peak_kib() - before, 32 * 1024);
    unsee(&o.seen);
}
END_TEST

/* Each CUT could make the reader number a whole stack anew. */
START_TEST(cuts_cost_no_more_than_their_bytes)
{
    enum { DEEP = OURO_MAX_DEPTH, ROUNDS = 100000 };
    const long before = peak_kib();
    static uint64_t ips[DEEP];
    for (uint32_t i = 0; i < DEEP; i++)
        ips[i] = 0x1000 + i % 7;
    build_begin(&b);
    build_chunk(&b, 1, 1);
    build_stack(&b, DEEP, ips);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        build_bytes(&b, "\x02\x01\x03", 3); /* CUT 1 */
        build_byte(&b, OURO_STACK);
        build_byte(&b, 1);
        build_u(&b, 1 + i * i % 7);
        build_bytes(&b, "\x85\x01\x01", 3);
    }
    const struct file f = file_built(&b);
    struct outcome o = read_file(f.path);

    ck_assert_int_eq(o.result, 0);
    ck_assert_uint_eq(o.seen.n, ROUNDS);
    ck_assert_int_lt(peak_kib() - before, 128 * 1024);
    unsee(&o.seen);
    close(f.fd);
    end();
}
END_TEST

Suite *damaged_suite(void);

Suite *damaged_suite(void)
{
    Suite *s = suite_create("damaged");
    TCase *c = tcase_create("bytes");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, NULL, end);
    tcase_add_loop_test(c, a_file_cut_at_any_byte_gives_the_events_before_it, 0,
                        2);
    tcase_add_test(c, ten_thousand_corruptions_give_a_walk_or_a_sentence);
    tcase_add_test(c, a_flipped_bit_in_a_sealed_chunk_is_found);
    tcase_add_test(c, a_checksum_covers_every_length);
    suite_add_tcase(s, c);
    c = tcase_create("claims");
    tcase_set_timeout(c, 30);
    tcase_add_checked_fixture(c, NULL, end);
    tcase_add_test(c,
                   records_that_claim_too_much_are_damage_and_take_no_memory);
    tcase_add_test(c, a_chunk_of_impossible_length_is_damage);
    tcase_add_test(c, a_chunk_that_claims_4_gib_is_cut_and_takes_no_memory);
    tcase_add_test(c, cuts_cost_no_more_than_their_bytes);
    suite_add_tcase(s, c);
    return s;
}
