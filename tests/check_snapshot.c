/* SPDX-License-Identifier: MIT */
/* check_snapshot.c - what memory held: what was written, or a sentence */
#include "build_snapshot.h"
#include "read_back.h"
#include "trace/snapshot.h"

#include <check.h>
#include <sys/resource.h>

static struct build b;

static void begin(void)
{
    build_begin(&b);
}

static void end(void)
{
    build_release(&b);
}

/* What a walk gave, flat. */
struct told {
    uint32_t region;
    struct snapshot_word word;
};

struct words {
    uint32_t n, room;
    struct told *told;
    uint32_t most; /* in one batch */
};

static int take(void *to, uint32_t region, const struct snapshot_word *words,
                uint32_t n)
{
    struct words *w = to;
    if (n > w->most)
        w->most = n;
    for (uint32_t i = 0; i < n; i++) {
        GROW(w->told, w->n, w->room);
        w->told[w->n++] = (struct told){region, words[i]};
    }
    return 0;
}

/* What one file gave; the words are those of all its snapshots. */
struct outcome {
    int result;
    uint32_t n, n_whole;
    struct words words;
    struct err e;
};

static void assert_ordered(const struct snapshot *s, const struct words *w,
                           uint32_t from)
{
    for (uint32_t i = 0; i < s->n_regions; i++) {
        const struct snapshot_region *r = &s->regions[i];
        ck_assert_uint_le(r->len, UINT64_MAX - r->start);
        if (i > 0)
            ck_assert_uint_ge(r->start, r[-1].start + r[-1].len);
    }
    for (uint32_t i = from; i < w->n; i++) {
        const struct told *t = &w->told[i];
        ck_assert_uint_lt(t->region, s->n_regions);
        const struct snapshot_region *r = &s->regions[t->region];
        ck_assert_uint_eq(t->word.at % 8, 0);
        ck_assert_uint_ge(t->word.at, r->start);
        ck_assert_uint_le(t->word.at + 8, r->start + r->len);
        if (i > from)
            ck_assert_uint_lt(t[-1].word.at, t->word.at);
    }
}

/* A second thread that reads gives the same, and fails in the same way. A
   thread for each of so many files would take long. */
static void assert_same_ahead(struct trace *t, const struct snapshot *s,
                              const struct outcome *o, uint32_t from)
{
    static unsigned n_files;
    struct outcome ahead = {0};
    if (n_files++ % 8 != 0)
        return;
    ahead.result = snapshot_walk_ahead(t, s, take, &ahead.words, &ahead.e);
    ck_assert_int_eq(ahead.result, o->result);
    if (o->result != 0)
        ck_assert_str_eq(ahead.e.text, o->e.text);
    ck_assert_uint_eq(ahead.words.n, o->words.n - from);
    for (uint32_t i = 0; i < ahead.words.n; i++) {
        const struct told *one = &ahead.words.told[i];
        const struct told *other = &o->words.told[from + i];
        ck_assert_uint_eq(one->region, other->region);
        ck_assert_uint_eq(one->word.at, other->word.at);
        ck_assert_uint_eq(one->word.value, other->word.value);
    }
    free(ahead.words.told);
}

static struct outcome read_open(struct trace *t)
{
    struct snapshots s;
    struct outcome o = {.result = snapshots_read(&s, t, &o.e)};
    if (o.result != 0)
        return o;
    o.n = s.n;
    for (uint32_t i = 0; i < s.n && o.result == 0; i++) {
        const uint32_t from = o.words.n;
        o.result = snapshot_walk(t, &s.at[i], take, &o.words, &o.e);
        assert_ordered(&s.at[i], &o.words, from);
        assert_same_ahead(t, &s.at[i], &o, from);
        o.n_whole += s.at[i].whole;
        if (i > 0)
            ck_assert_uint_lt(s.at[i - 1].number, s.at[i].number);
    }
    snapshots_release(&s);
    return o;
}

static struct outcome read_file(const char *path)
{
    struct trace t;
    struct outcome o = {.result = trace_open(&t, path, &o.e)};
    if (o.result == 0) {
        o = read_open(&t);
        trace_close(&t);
    }
    if (o.result != 0) {
        const size_t len = strlen(path);
        ck_assert_int_eq(o.e.code, RC_TRACE);
        ck_assert(strncmp(o.e.text, path, len) == 0 && o.e.text[len] == ':');
        ck_assert_ptr_nonnull(strchr(o.e.text, ';'));
    }
    return o;
}

static struct outcome read_built(void)
{
    const struct file f = file_built(&b);
    const struct outcome o = read_file(f.path);
    close(f.fd);
    return o;
}

static void release(struct outcome *o)
{
    free(o->words.told);
    o->words = (struct words){0};
}

/* An open trace of what was built, its snapshots listed. */
static struct trace t;
static struct snapshots s;
static struct file file;

static void must_list(void)
{
    struct err e;
    file = file_built(&b);
    must_open(&t, file.path);
    if (snapshots_read(&s, &t, &e) < 0)
        ck_abort_msg("%s", e.text);
}

static void unlist(void)
{
    snapshots_release(&s);
    trace_close(&t);
    close(file.fd);
}

START_TEST(a_head_comes_back_as_it_was_written)
{
    SNAPSHOT(&b, 3, 500, .why = OURO_SNAP_SAID, .mode = OURO_SNAP_IMAGE,
             .flags = OURO_SNAP_UNSURE, .epoch = 7, .os_thread = 4711,
             .malloc_at = 0x7f0012345678, .tls = -176, .tls_len = 96,
             .name = "before");
    build_region(&b, 0x1000, 0x1000, OURO_SNAP_HEAP, "");
    build_word(&b, 0x1000, 1);
    build_snapshot_end(&b);
    must_list();

    const struct snapshot *one = snapshots_last(&s);
    ck_assert_uint_eq(s.n, 1);
    ck_assert_ptr_eq(one, &s.at[0]);
    ck_assert_uint_eq(one->number, 3);
    ck_assert_uint_eq(one->stamp, 500);
    ck_assert_uint_eq(one->why, OURO_SNAP_SAID);
    ck_assert_str_eq(snapshot_why(one), "OURO_SNAPSHOT");
    ck_assert_uint_eq(one->mode, OURO_SNAP_IMAGE);
    ck_assert_uint_eq(one->flags, OURO_SNAP_UNSURE);
    ck_assert_uint_eq(one->epoch, 7);
    ck_assert_uint_eq(one->os_thread, 4711);
    ck_assert_uint_eq(one->malloc_at, 0x7f0012345678);
    ck_assert_int_eq(one->tls, -176);
    ck_assert_uint_eq(one->tls_len, 96);
    ck_assert_str_eq(one->name, "before");
    ck_assert(one->whole);
    ck_assert_uint_eq(one->words_told, 1);
    ck_assert_uint_eq(one->words_read, 1);
    ck_assert_uint_eq(one->unreadable, 0);
    ck_assert_uint_eq(one->pause_ns, 1000);
    ck_assert_uint_eq(one->ns, 2000);
    ck_assert_uint_eq(one->n_chunks, 1);
    ck_assert_uint_eq(one->bytes, 64 + t.snapshot_chunks[0].len);
    unlist();
}
END_TEST

START_TEST(threads_and_regions_come_back_as_they_were_written)
{
    const uint64_t registers[] = {0, 0x5008, UINT64_MAX};
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    SNAP_THREAD(&b, .thread = 1, .os_thread = 70, .seen = OURO_SNAP_TAKER,
                .sp = 0x7010, .sure = 0x7020, .end = 0x7f00, .tp = 0x6008,
                .n = 3, .registers = registers);
    SNAP_THREAD(&b, .os_thread = 71, .seen = OURO_SNAP_UNSEEN);
    build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "[heap]");
    build_region(&b, UINT64_C(0xffffffffff600000), 0x1000, OURO_SNAP_FILE,
                 "/lib/x.so");
    build_snapshot_end(&b);
    must_list();

    const struct snapshot *one = &s.at[0];
    ck_assert_uint_eq(one->n_threads, 2);
    const struct snapshot_thread *thread = one->threads;
    ck_assert_uint_eq(thread->thread, 1);
    ck_assert_uint_eq(thread->os_thread, 70);
    ck_assert_uint_eq(thread->seen, OURO_SNAP_TAKER);
    ck_assert_uint_eq(thread->sp, 0x7010);
    ck_assert_uint_eq(thread->sure, 0x7020);
    ck_assert_uint_eq(thread->end, 0x7f00);
    ck_assert_uint_eq(thread->tp, 0x6008);
    ck_assert_uint_eq(thread->n_registers, 3);
    ck_assert_mem_eq(thread->registers, registers, sizeof registers);
    ck_assert_uint_eq(thread[1].thread, 0);
    ck_assert_uint_eq(thread[1].os_thread, 71);
    ck_assert_uint_eq(thread[1].seen, OURO_SNAP_UNSEEN);
    ck_assert_uint_eq(thread[1].n_registers, 0);
    ck_assert_uint_eq(one->n_regions, 2);
    ck_assert_uint_eq(one->regions[0].start, 0x5000);
    ck_assert_uint_eq(one->regions[0].len, 0x1000);
    ck_assert_uint_eq(one->regions[0].what, OURO_SNAP_HEAP);
    ck_assert_str_eq(one->regions[0].path, "[heap]");
    ck_assert_uint_eq(one->regions[1].start, UINT64_C(0xffffffffff600000));
    ck_assert_uint_eq(one->regions[1].what, OURO_SNAP_FILE);
    ck_assert_str_eq(one->regions[1].path, "/lib/x.so");
    unlist();
}
END_TEST

START_TEST(a_stack_without_an_end_ends_with_its_region)
{
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    SNAP_THREAD(&b, .sp = 0x7010, .sure = 0x7020);
    SNAP_THREAD(&b, .sp = 0x6ff0, .sure = 0x7020);
    SNAP_THREAD(&b, .sp = 0x7ff8);
    SNAP_THREAD(&b, .sp = 0x8000);
    SNAP_THREAD(&b, .sp = 0x6ff8);
    SNAP_THREAD(&b, .tp = 0x7010);
    SNAP_THREAD(&b, .sp = 0x7010, .end = 0x7800);
    build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "");
    build_region(&b, 0x7000, 0x1000, OURO_SNAP_STACK, "[stack]");
    build_snapshot_end(&b);
    must_list();

    static const uint64_t ends[] = {0x8000, 0x8000, 0x8000, 0, 0, 0, 0x7800};
    for (uint32_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        ck_assert_uint_eq(s.at[0].threads[i].end, ends[i]);
    unlist();
}
END_TEST

START_TEST(a_word_of_each_class_is_what_was_written)
{
    static const uint64_t numbers[] = {1, 127, 128, 0xffff, 0};
    uint64_t seed = 7;
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    build_region(&b, 0x10000, 0x10000, OURO_SNAP_HEAP, "");
    uint64_t value[64];
    for (uint32_t i = 0; i < 64; i++) {
        const uint64_t at = 0x10000 + 32 * (uint64_t)i;
        const unsigned shift = (unsigned)random_below(&seed, 64);
        value[i] = random_u64(&seed) >> shift;
        if (_i == 0)
            value[i] = numbers[i % 5];
        if (_i == 1)
            value[i] = at + 8 * (uint64_t)((int64_t)value[i] >> 4);
        build_word_as(&b, (unsigned)_i, at, value[i]);
    }
    build_snapshot_end(&b);
    struct outcome o = read_built();

    ck_assert_int_eq(o.result, 0);
    ck_assert_uint_eq(o.words.n, 64);
    for (uint32_t i = 0; i < 64; i++) {
        ck_assert_uint_eq(o.words.told[i].word.at, 0x10000 + 32 * (uint64_t)i);
        ck_assert_uint_eq(o.words.told[i].word.value, value[i]);
    }
    release(&o);
}
END_TEST

/* One record that many windows hold; batches are full but for the last. */
START_TEST(a_long_record_comes_in_batches)
{
    enum { N = 100000 };
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    build_region(&b, 0x100000, 8 * (uint64_t)N, OURO_SNAP_ANONYMOUS, "");
    for (uint64_t i = 0; i < N; i++)
        build_word_as(&b, i % 4, 0x100000 + 8 * i, i % 4 ? i << 13 : i % 999);
    build_snapshot_end(&b);
    struct outcome o = read_built();

    ck_assert_int_eq(o.result, 0);
    ck_assert_uint_eq(o.words.n, N);
    ck_assert_uint_le(o.words.most, 4096);
    for (uint64_t i = 0; i < N; i++) {
        ck_assert_uint_eq(o.words.told[i].word.at, 0x100000 + 8 * i);
        ck_assert_uint_eq(o.words.told[i].word.value,
                          i % 4 ? i << 13 : i % 999);
    }
    release(&o);
}
END_TEST

static int stop_at_two(void *to, uint32_t region,
                       const struct snapshot_word *words, uint32_t n)
{
    unsigned *calls = to;
    ck_assert_uint_eq(region, *calls);
    ck_assert_uint_eq(words[0].value, 7);
    ck_assert_uint_eq(n, 1);
    return ++*calls == 2 ? 42 : 0;
}

START_TEST(a_visitor_ends_the_walk)
{
    struct err e;
    unsigned calls = 0;
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    for (uint64_t i = 0; i < 3; i++) {
        build_region(&b, 0x1000 * i, 0x1000, OURO_SNAP_HEAP, "");
        build_word(&b, 0x1000 * i + 8, 7);
    }
    build_snapshot_end(&b);
    must_list();

    ck_assert_int_eq(snapshot_walk(&t, &s.at[0], stop_at_two, &calls, &e), 42);
    ck_assert_uint_eq(calls, 2);
    calls = 0;
    ck_assert_int_eq(snapshot_walk_ahead(&t, &s.at[0], stop_at_two, &calls, &e),
                     42);
    ck_assert_uint_eq(calls, 2);
    unlist();
}
END_TEST

static uint64_t any_value(uint64_t *seed, uint64_t at)
{
    switch (random_below(seed, 4)) {
    case 0:
        return random_below(seed, 0x10000);
    case 1:
        return at + 8 * random_below(seed, 1000) - 4000;
    case 2:
        return 0x7f0000000000 + random_below(seed, 1 << 20);
    default:
        return random_u64(seed);
    }
}

/* Chunks end, and unknown records stand, anywhere. */
static void any_break(uint64_t *seed, uint64_t stamp)
{
    const uint64_t what = random_below(seed, 40);
    if (what == 0)
        build_words_end(&b);
    if (what == 1)
        build_snapshot_chunk(&b, 1, stamp);
    if (what == 2)
        build_snapshot_record(&b, 6 + (unsigned)random_below(seed, 250),
                              "\xff\xff\x00", random_below(seed, 4));
}

static struct words build_any(uint64_t seed)
{
    struct words w = {0};
    uint64_t at = 8 * random_below(&seed, 1 << 20);
    const uint64_t stamp = random_below(&seed, 1000);
    const uint32_t n_regions = (uint32_t)random_below(&seed, 8);
    build_begin(&b);
    b.seal = random_below(&seed, 2);
    SNAPSHOT(&b, 1, stamp, .name = "any");
    for (uint32_t i = 0; i < n_regions; i++) {
        const uint64_t len = 8 * random_below(&seed, 1 << 12);
        build_region(&b, at, len, OURO_SNAP_ANONYMOUS, "");
        for (uint64_t end = at + len; at < end; at += 8) {
            if (random_below(&seed, 3))
                continue;
            GROW(w.told, w.n, w.room);
            w.told[w.n++] = (struct told){i, {at, any_value(&seed, at)}};
            build_word(&b, at, w.told[w.n - 1].word.value);
            any_break(&seed, stamp);
        }
        at += 8 * random_below(&seed, 1 << 30);
    }
    build_snapshot_end(&b);
    return w;
}

static bool same(const struct words *one, const struct words *other, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (one->told[i].region != other->told[i].region ||
            one->told[i].word.at != other->told[i].word.at ||
            one->told[i].word.value != other->told[i].word.value)
            return false;
    return true;
}

START_TEST(random_snapshots_are_what_was_written)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct words w = build_any(seed);
        struct outcome o = read_built();
        if (o.result != 0 || o.n_whole != 1 || o.words.n != w.n ||
            !same(&o.words, &w, w.n))
            ck_abort_msg("seed %lu: %s", (unsigned long)seed,
                         o.result == 0 ? "not what was written" : o.e.text);
        release(&o);
        free(w.told);
        end();
    }
}
END_TEST

/* Two snapshots of a few words, and events between. */
static void build_two(bool seal)
{
    b.seal = seal;
    build_chunk(&b, 1, 100);
    RECORD(&b, OURO_ALLOC, .stamp = 101, .a = 0x5000, .size = 24);
    SNAPSHOT(&b, 1, 200, .why = OURO_SNAP_SAID, .name = "first");
    SNAP_THREAD(&b, .thread = 1, .sp = 0x7010, .sure = 0x7010, .n = 2,
                .registers = (uint64_t[]){0x5000, 9});
    build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "[heap]");
    build_word(&b, 0x5000, 0x5010);
    build_word(&b, 0x5008, UINT64_C(0x7f0012345678));
    build_snapshot_chunk(&b, 1, 200);
    build_word(&b, 0x5010, UINT64_MAX);
    build_region(&b, 0x7000, 0x1000, OURO_SNAP_STACK, "[stack]");
    build_word(&b, 0x7ff8, 3);
    build_snapshot_end(&b);
    build_chunk(&b, 1, 300);
    RECORD(&b, OURO_FREE, .stamp = 301, .a = 0x5000);
    SNAPSHOT(&b, 2, 400, .why = OURO_SNAP_EXIT);
    build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "[heap]");
    build_word(&b, 0x5000, 0x5011);
    build_word(&b, 0x5040, 0x5011);
    build_snapshot_end(&b);
    build_end_chunk(&b);
}

START_TEST(events_and_snapshots_are_apart)
{
    build_two(true);
    must_list();
    struct seen seen = must_walk(&t);

    ck_assert_uint_eq(t.n_chunks, 2);
    ck_assert_uint_eq(t.n_snapshot_chunks, 3);
    ck_assert_uint_eq(seen.n, 2);
    ck_assert(!t.cut);
    ck_assert_uint_eq(s.n, 2);
    ck_assert_uint_eq(s.at[0].n_chunks, 2);
    ck_assert_uint_eq(s.at[1].n_chunks, 1);
    ck_assert_ptr_eq(snapshots_last(&s), &s.at[1]);
    ck_assert_str_eq(snapshot_why(&s.at[0]), "OURO_SNAPSHOT");
    ck_assert_str_eq(snapshot_why(&s.at[1]), "exit");
    unsee(&seen);
    unlist();
}
END_TEST

START_TEST(chunks_of_two_snapshots_may_be_mixed)
{
    SNAPSHOT(&b, 2, 200, .why = OURO_SNAP_EXIT);
    build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "");
    SNAPSHOT(&b, 1, 100, .why = OURO_SNAP_EXIT);
    build_region(&b, 0x8000, 0x1000, OURO_SNAP_HEAP, "");
    build_snapshot_chunk(&b, 2, 200);
    build_word(&b, 0x5008, 7);
    build_snapshot_end(&b);
    b.n_words = 0;
    build_snapshot_chunk(&b, 1, 100);
    build_word(&b, 0x8008, 8);
    build_snapshot_end(&b);
    struct outcome o = read_built();

    ck_assert_int_eq(o.result, 0);
    ck_assert_uint_eq(o.n_whole, 2);
    ck_assert_uint_eq(o.words.n, 2);
    ck_assert_uint_eq(o.words.told[0].word.value, 8);
    ck_assert_uint_eq(o.words.told[1].word.value, 7);
    release(&o);
}
END_TEST

START_TEST(a_snapshot_without_an_end_is_not_whole)
{
    SNAPSHOT(&b, 1, 200, .why = OURO_SNAP_SAID);
    build_snapshot_end(&b);
    SNAPSHOT(&b, 2, 400, .why = OURO_SNAP_EXIT);
    SNAP_THREAD(&b, .sp = 0x7000);
    build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "");
    build_word(&b, 0x5000, 7);
    build_snapshot_chunk(&b, 3, 500);
    must_list();
    struct outcome o = read_open(&t);

    ck_assert_uint_eq(s.n, 3);
    ck_assert_ptr_eq(snapshots_last(&s), &s.at[0]);
    ck_assert(!s.at[1].whole);
    ck_assert_uint_eq(s.at[1].n_threads, 1);
    ck_assert_uint_eq(s.at[1].n_regions, 1);
    ck_assert_uint_eq(s.at[2].why, 0);
    ck_assert_str_eq(snapshot_why(&s.at[2]), "unknown");
    ck_assert_str_eq(s.at[2].name, "");
    ck_assert_uint_eq(o.words.n, 1);
    release(&o);
    unlist();
}
END_TEST

START_TEST(a_trace_without_snapshots_has_none)
{
    build_chunk(&b, 1, 100);
    must_list();

    ck_assert_uint_eq(s.n, 0);
    ck_assert_ptr_null(snapshots_last(&s));
    unlist();
}
END_TEST

START_TEST(unknown_records_and_longer_ones_are_skipped)
{
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    build_snapshot_record(&b, 200, "abc", 3);
    build_snapshot_record(&b, 6, "", 0);
    build_snapshot_record(&b, OURO_SNAP_THREAD,
                          "\x03\x05\x02\x21\x21\x01\x01\x03\x09more", 13);
    build_snapshot_record(&b, OURO_SNAP_REGION, "\x02\x40\x81\x03\1\1more", 9);
    build_word(&b, 0x1000, 7);
    build_snapshot_record(&b, OURO_SNAP_END, "\x03\x03\x03\x01\x01\x01more",
                          10);
    build_snapshot_record(&b, 255, "abc", 3);
    must_list();
    struct outcome o = read_open(&t);

    ck_assert_uint_eq(s.at[0].n_threads, 1);
    ck_assert_uint_eq(s.at[0].threads[0].sp, 16);
    ck_assert_uint_eq(s.at[0].threads[0].n_registers, 1);
    ck_assert_uint_eq(s.at[0].threads[0].registers[0], 4);
    ck_assert_int_eq(o.result, 0);
    ck_assert(s.at[0].whole);
    ck_assert_uint_eq(o.words.n, 1);
    release(&o);
    unlist();
}
END_TEST

/* From the whole file down to nothing: what is left is a beginning. */
START_TEST(a_file_cut_at_any_byte_tells_what_is_before_it)
{
    build_two(_i);
    const struct file f = file_built(&b);
    struct outcome whole = read_file(f.path);
    ck_assert_int_eq(whole.result, 0);
    ck_assert_uint_eq(whole.words.n, 6);
    ck_assert_uint_eq(whole.n_whole, 2);
    uint32_t n_words = 6;
    uint32_t n_whole = 2;

    for (size_t len = b.len - 1; len < b.len; len--) {
        ck_assert_int_eq(ftruncate(f.fd, (off_t)len), 0);
        struct outcome o = read_file(f.path);
        const bool headed = len >= sizeof(struct ouro_trace_header);
        if ((o.result == 0) != headed || o.words.n > n_words ||
            o.n_whole > n_whole || !same(&o.words, &whole.words, o.words.n))
            ck_abort_msg("%zu bytes: %s", len, o.e.text);
        n_words = o.words.n;
        n_whole = o.n_whole;
        release(&o);
    }
    ck_assert_uint_eq(n_words, 0);
    ck_assert_uint_eq(n_whole, 0);
    release(&whole);
    close(f.fd);
}
END_TEST

static void corrupt(const struct file *f, uint64_t seed)
{
    static const size_t chunks[] = {8192, 12288, 20480};
    unsigned char bytes[4];
    size_t at[4];
    const size_t n = 1 + random_below(&seed, 4);
    for (size_t i = 0; i < n; i++) {
        at[i] = chunks[random_below(&seed, 3)] + random_below(&seed, 160);
        bytes[i] = (unsigned char)random_u64(&seed);
        if (random_below(&seed, 3) == 0)
            bytes[i] = random_below(&seed, 2) ? 0 : 0xff;
        ck_assert_int_eq(pwrite(f->fd, &bytes[i], 1, (off_t)at[i]), 1);
    }
    struct outcome o = read_file(f->path);
    release(&o);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(pwrite(f->fd, b.bytes + at[i], 1, (off_t)at[i]), 1);
}

START_TEST(twenty_thousand_corruptions_give_words_or_a_sentence)
{
    build_two(false);
    const struct file f = file_built(&b);
    for (uint64_t seed = 1; seed <= 20000; seed++)
        corrupt(&f, seed);

    struct outcome o = read_file(f.path);
    ck_assert_uint_eq(o.words.n, 6);
    release(&o);
    close(f.fd);
}
END_TEST

START_TEST(a_flipped_bit_in_a_sealed_chunk_is_found)
{
    build_two(true);
    b.chunk = 12288;
    const size_t n = build_head(&b)->committed;
    b.chunk = 0;
    const struct file f = file_built(&b);
    for (size_t i = 0; i < n; i++) {
        const off_t at = (off_t)(12288 + 64 + i);
        const unsigned char flipped = b.bytes[at] ^ (1u << i % 8);
        ck_assert_int_eq(pwrite(f.fd, &flipped, 1, at), 1);
        struct outcome o = read_file(f.path);

        ck_assert_int_eq(o.result, -1);
        ck_assert_ptr_nonnull(strstr(o.e.text, "byte 12288: "));
        ck_assert_ptr_nonnull(strstr(o.e.text, "checksum"));
        ck_assert_int_eq(pwrite(f.fd, b.bytes + at, 1, at), 1);
    }
    close(f.fd);
}
END_TEST

/* What follows a head of 13 bytes, and the words of the sentence. */
static const struct {
    const char *bytes;
    size_t n;
    const char *words;
} claims[] = {
#define HEAD   "\x01\x13\x01\x01\x00\x01\x01\x01\x01\x01\x01"
#define REGION "\x03\x0f\x02\x40\x41\x03\x00\x01\x01"
    {HEAD HEAD, 22, "begins twice"},
    {"\x02\x01", 2, "do not hold"},
    {"\x03\x01", 2, "do not hold"},
    {REGION, 9, "does not begin"},
    {HEAD "\x00\x01", 13, "kind 0"},
    {HEAD "\x06", 12, "runs past"},
    {HEAD "\x06\x03", 13, "runs past"},
    {HEAD "\x06\0\0\0\0\0\0\0\0\x10", 21, "runs past"},
    {HEAD "\x06\0\xff\xff\xff\xff\xff\xff\xff\xff", 21, "runs past"},
    /* a head without its name, with one of 2^60 bytes, with one of 4097 */
    {"\x01\x11\x01\x01\x00\x01\x01\x01\x01\x01\x01\x01", 12, "do not hold"},
    {"\x01\x23\x01\x01\x00\x01\x01\x01\x01\x01\0\0\0\0\0\0\0\0\x10", 19,
     "do not hold"},
    {"\x01\x15\x01\x01\x00\x01\x01\x01\x01\x01\x06\x40", 12, "do not hold"},
    /* and one of 4000, in a record of 10 bytes */
    {"\x01\x15\x01\x01\x00\x01\x01\x01\x01\x01\x82\x3e", 12, "do not hold"},
    /* an epoch of 2^32 */
    {"\x01\x1b\x01\x01\x00\x10\x00\x00\x00\x20\x01\x01\x01\x01\x01", 15,
     "do not hold"},
    /* threads: none of 10^9 registers, fields that are missing */
    {HEAD "\x02\x19\x01\x01\x01\x01\x01\x01\x01\x10\x40\x59\x73\x07", 25,
     "do not hold"},
    {HEAD "\x02\x13\x01\x01\x01\x01\x01\x01\x01\x05\x03\x01\x01\x01\x01\x01",
     27, "do not hold"},
    {HEAD "\x02\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", 22, "do not hold"},
    {HEAD REGION "\x02\x11\x01\x01\x01\x01\x01\x01\x01\x01", 30,
     "behind a region"},
    /* regions: over the last one, past 2^64 */
    {HEAD REGION REGION, 29, "before the last one's end"},
    {HEAD "\x03\x2b\0\xff\xff\xff\xff\xff\xff\xff\xff\0\xff\xff\xff\xff\xff"
          "\xff\xff\xff\x00\x01\x01",
     34, "passes 2^64"},
    /* words: before a region, at 4104 + 4, before it, behind it, in two */
    {HEAD "\x04\x01", 13, "do not hold"},
    {HEAD "\x04\x09\x02\x40\x01\x03", 17, "before any region"},
    {HEAD REGION "\x04\x09\x12\x40\x01\x03", 26, "between words"},
    {HEAD REGION "\x04\x09\xe2\x3f\x01\x03", 26, "before their region"},
    {HEAD REGION "\x04\x09\x02\x80\x01\x03", 26, "behind its region"},
    {HEAD REGION "\x04\x09\x02\x40\x81\x03", 26, "behind its region"},
    {HEAD REGION "\x04\x09\x02\x40\x21\x03", 26, "behind its region"},
    {HEAD REGION "\x04\x09\x82\x40\x01\x03", 26, "behind its region"},
    {HEAD REGION "\x04\x19\x02\x40\0\xff\xff\xff\xff\xff\xff\xff\xff\x01", 34,
     "behind its region"},
    {HEAD REGION "\x04\x09\x02\x40\x01\x03\x04\x09\x02\x40\x01\x03", 32,
     "before others"},
    {HEAD REGION "\x04\x0d\x02\x40\x01\x04\x00\x08", 28, "is large"},
    {HEAD REGION "\x04\x07\x02\x40\x01\x03", 25, "within a word"},
    {HEAD REGION "\x04\x0b\x02\x40\x07\x01\x02", 27, "within a word"},
    /* ends that count what was not there, and no end */
    {HEAD "\x05\x0d\x03\x01\x01\x01\x01\x01", 19, "number of regions"},
    {HEAD "\x05\x0d\x01\x01\x03\x01\x01\x01", 19, "number of words"},
    {HEAD "\x05\x0d\x01\x01\x01\x01\x01\x02\x40", 20, "do not hold"},
    {HEAD "\x05\x0d\x01\x01\x01\x01\x01\x01" REGION, 28, "behind its end"},
};
enum { N_CLAIMS = sizeof claims / sizeof claims[0] };

static long peak_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

START_TEST(records_that_claim_too_much_are_damage)
{
    const long before = peak_kib();
    for (size_t i = 0; i < N_CLAIMS; i++) {
        build_begin(&b);
        build_snapshot_chunk(&b, 1, 1);
        build_bytes(&b, claims[i].bytes, claims[i].n);
        struct outcome o = read_built();
        if (o.result == 0 || !strstr(o.e.text, claims[i].words))
            ck_abort_msg("claim %zu (%s): %s", i, claims[i].words,
                         o.result == 0 ? "taken" : o.e.text);
        release(&o);
        end();
    }
    ck_assert_int_lt(peak_kib() - before, 32 * 1024);
}
END_TEST

START_TEST(a_text_has_4096_bytes_at_most)
{
    char name[OURO_MAX_STRING + 2];
    memset(name, 'n', sizeof name);
    name[OURO_MAX_STRING + 1 - _i] = 0;
    SNAPSHOT(&b, 1, 500, .name = name);
    build_snapshot_end(&b);
    struct outcome o = read_built();

    ck_assert_int_eq(o.result, _i ? 0 : -1);
    ck_assert(_i || strstr(o.e.text, "byte 4160: "));
}
END_TEST

/* Nine bytes each. */
START_TEST(registers_longer_than_their_record_are_damage)
{
    enum { N = 20000 };
    unsigned char *fields = calloc(1, N);
    memcpy(fields, "\x01\x01\x01\x01\x01\x01\x01", 7);
    memcpy(fields + 7, "\x84\x38\x01", 3); /* 10000 */
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    build_snapshot_record(&b, OURO_SNAP_THREAD, fields, N);
    struct outcome o = read_built();

    ck_assert_int_eq(o.result, -1);
    ck_assert_ptr_nonnull(strstr(o.e.text, "do not hold"));
    free(fields);
}
END_TEST

START_TEST(a_snapshot_is_of_one_moment)
{
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    build_snapshot_chunk(&b, 1, 501);
    struct outcome o = read_built();

    ck_assert_int_eq(o.result, -1);
    ck_assert_ptr_nonnull(strstr(o.e.text, "byte 8192: "));
    ck_assert_ptr_nonnull(strstr(o.e.text, "moment"));
}
END_TEST

/* Where its records are, and then within one. */
START_TEST(a_file_that_got_shorter_is_an_error)
{
    static uint64_t registers[10000];
    struct err e = {0};
    memset(registers, 0xff, sizeof registers);
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    SNAP_THREAD(&b, .n = 10000, .registers = registers);
    build_snapshot_end(&b);
    file = file_built(&b);
    must_open(&t, file.path);
    ck_assert_int_eq(ftruncate(file.fd, _i ? 50000 : 4200), 0);

    ck_assert_int_eq(snapshots_read(&s, &t, &e), -1);
    ck_assert_ptr_nonnull(strstr(e.text, "shorter"));
    ck_assert_int_eq(e.code, RC_TRACE);
    trace_close(&t);
    close(file.fd);
}
END_TEST

START_TEST(a_region_that_came_since_is_an_error)
{
    struct err e = {0};
    struct words w = {0};
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    const off_t at = (off_t)b.len;
    build_snapshot_record(&b, 99, "\x02\x40\x41\x03\x00\x01", 6);
    build_snapshot_end(&b);
    must_list();
    ck_assert_uint_eq(s.at[0].n_regions, 0);
    ck_assert_int_eq(pwrite(file.fd, "\x03", 1, at), 1);

    ck_assert_int_eq(snapshot_walk(&t, &s.at[0], take, &w, &e), -1);
    ck_assert_ptr_nonnull(strstr(e.text, "was not there before"));
    unlist();
}
END_TEST

static int shorten(void *to, uint32_t region, const struct snapshot_word *words,
                   uint32_t n)
{
    (void)region, (void)words, (void)n;
    ck_assert_int_eq(ftruncate(*(const int *)to, 8192), 0);
    return 0;
}

START_TEST(a_file_that_gets_shorter_in_a_walk_is_an_error)
{
    struct err e = {0};
    SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);
    build_region(&b, 0, UINT64_C(1) << 40, OURO_SNAP_HEAP, "");
    for (uint64_t i = 0; i < 50000; i++)
        build_word_as(&b, 3, 8 * i, i << 50);
    build_snapshot_end(&b);
    must_list();

    ck_assert_int_eq(snapshot_walk(&t, &s.at[0], shorten, &file.fd, &e), -1);
    ck_assert_ptr_nonnull(strstr(e.text, "shorter"));
    ck_assert_int_eq(e.code, RC_TRACE);
    unlist();
}
END_TEST

Suite *snapshot_suite(void);

Suite *snapshot_suite(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *c = tcase_create("records");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, a_head_comes_back_as_it_was_written);
    tcase_add_test(c, threads_and_regions_come_back_as_they_were_written);
    tcase_add_test(c, a_stack_without_an_end_ends_with_its_region);
    tcase_add_loop_test(c, a_word_of_each_class_is_what_was_written, 0, 4);
    tcase_add_test(c, a_long_record_comes_in_batches);
    tcase_add_test(c, a_visitor_ends_the_walk);
    tcase_add_test(c, events_and_snapshots_are_apart);
    tcase_add_test(c, chunks_of_two_snapshots_may_be_mixed);
    tcase_add_test(c, a_snapshot_without_an_end_is_not_whole);
    tcase_add_test(c, a_trace_without_snapshots_has_none);
    tcase_add_test(c, unknown_records_and_longer_ones_are_skipped);
    suite_add_tcase(suite, c);
    c = tcase_create("damage");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, a_file_cut_at_any_byte_tells_what_is_before_it, 0,
                        2);
    tcase_add_test(c, twenty_thousand_corruptions_give_words_or_a_sentence);
    tcase_add_test(c, a_flipped_bit_in_a_sealed_chunk_is_found);
    tcase_add_loop_test(c, a_text_has_4096_bytes_at_most, 0, 2);
    tcase_add_test(c, registers_longer_than_their_record_are_damage);
    tcase_add_test(c, a_snapshot_is_of_one_moment);
    tcase_add_loop_test(c, a_file_that_got_shorter_is_an_error, 0, 2);
    tcase_add_test(c, a_region_that_came_since_is_an_error);
    tcase_add_test(c, a_file_that_gets_shorter_in_a_walk_is_an_error);
    suite_add_tcase(suite, c);
    c = tcase_create("many");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, NULL, end);
    tcase_add_test(c, random_snapshots_are_what_was_written);
    tcase_add_test(c, records_that_claim_too_much_are_damage);
    suite_add_tcase(suite, c);
    return suite;
}
