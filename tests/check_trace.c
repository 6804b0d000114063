/* SPDX-License-Identifier: MIT */
/* check_trace.c - what a trace says about its process; what is no trace */
#include "read_back.h"

#include <check.h>
#include <errno.h>
#include <math.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct build b;
static struct trace t;

static void begin(void)
{
    build_begin(&b);
}

static void open_built(void)
{
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    close(f.fd);
}

static void walk(void)
{
    struct seen s = must_walk(&t);
    unsee(&s);
}

static void end(void)
{
    if (t.state)
        trace_close(&t);
    build_release(&b);
}

/* The 8,192 bytes of a trace with one lost block, all that are not zero. */
static const struct {
    size_t at, n;
    const char *bytes;
} smallest[] = {
    {0, 8, "\x8fOUR\r\n\x1a\n"},
    {8, 4, "\x01\x00\x00\x00"},         /* version */
    {12, 4, "\xd8\x00\x00\x00"},        /* header_len 216 */
    {16, 4, "\x00\x10\x00\x00"},        /* granule */
    {20, 4, "\x00\x10\x00\x00"},        /* first_chunk */
    {24, 4, "\x3e\x00\x00\x00"},        /* x86-64 */
    {28, 4, "\x08\x00\x00\x00"},        /* pointer_size */
    {32, 4, "\x01\x00\x00\x00"},        /* TSC */
    {36, 4, "\x01\x00\x00\x00"},        /* pid */
    {96, 8, "\x00\xca\x9a\x3b\0\0\0"},  /* last_stamp */
    {104, 8, "\x00\xca\x9a\x3b\0\0\0"}, /* last_ns */
    {112, 8, "\x00\x20\0\0\0\0\0"},     /* end */
    {4096, 4, "Chnk"},
    {4100, 4, "\x01\x00\x00\x00"}, /* events */
    {4104, 4, "\x00\x10\x00\x00"}, /* len */
    {4108, 4, "\x07\x00\x00\x00"}, /* thread */
    {4112, 8, "\x64\0\0\0\0\0\0"}, /* first_stamp 100 */
    {4120, 8, "\x64\0\0\0\0\0\0"}, /* ns */
    {4128, 8, "\x13\0\0\0\0\0\0"}, /* committed 19 */
    {4148, 4, "\x07\x00\x00\x00"}, /* os_thread */
    /* STACK: no pops, 2 pushes: new 0x401000, new 0x401010 */
    {4160, 9, "\x01\x02\x01\x08\x00\x02\x08\x01\x41"},
    /* malloc, with the stack: dt 1, address 0x1000 = 16 * 256, 24 bytes */
    {4169, 5, "\xa0\x03\x02\x10\x31"},
    /* END: 3 bytes: dt 5, by exit, status 0 */
    {4174, 5, "\x44\x07\x0b\x01\x01"},
};

/* Writes what stands above. */
static void lay_out(unsigned char *bytes)
{
    memset(bytes, 0, 8192);
    for (size_t i = 0; i < sizeof smallest / sizeof smallest[0]; i++)
        memcpy(bytes + smallest[i].at, smallest[i].bytes, smallest[i].n);
}

START_TEST(the_smallest_useful_trace_is_these_bytes)
{
    unsigned char bytes[8192];
    lay_out(bytes);
    build_chunk(&b, 7, 100);
    build_stack(&b, 2, (uint64_t[]){0x401000, 0x401010});
    RECORD(&b, OURO_ALLOC + OURO_ENTRY_MALLOC, .stamp = 101, .a = 0x1000,
           .size = 24, .has_stack = true);
    RECORD(&b, OURO_END, .stamp = 106, .flags = OURO_END_EXIT);
    build_end_chunk(&b);

    ck_assert_uint_eq(b.len, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        if (bytes[i] != b.bytes[i])
            ck_abort_msg("byte %zu: %02x, not %02x", i, b.bytes[i], bytes[i]);
}
END_TEST

START_TEST(those_bytes_are_read_as_one_lost_block)
{
    unsigned char bytes[8192];
    lay_out(bytes);
    const struct file f = file_of(bytes, sizeof bytes);
    must_open(&t, f.path);
    struct seen s = must_walk(&t);

    ck_assert_uint_eq(s.n, 2);
    ck_assert_uint_eq(s.events[0].stamp, 101);
    ck_assert_uint_eq(s.events[0].thread, 7);
    ck_assert_uint_eq(s.events[0].a, 0x1000);
    ck_assert_uint_eq(s.events[0].size, 24);
    ck_assert_uint_eq(s.events[0].stack, 2);
    ck_assert_uint_eq(t.stacks.frames[t.stacks.frame[2]].ip, 0x401010);
    ck_assert_uint_eq(t.stacks.frames[t.stacks.frame[1]].ip, 0x401000);
    ck_assert_uint_eq(t.n_events, 1);
    ck_assert_uint_eq(t.end_how, OURO_END_EXIT);
    ck_assert_int_eq(t.end_status, 0);
    ck_assert(!t.cut);
    unsee(&s);
    close(f.fd);
}
END_TEST

START_TEST(a_process_says_what_it_ran)
{
    const char *argv[] = {"prog", "", "-x"};
    build_chunk(&b, 1, 0);
    build_process(&b, 0, "/bin/prog", "/home", 9, 3, argv);
    build_process(&b, 0, "/bin/other", "/", 0, 0, NULL);
    open_built();
    walk();

    ck_assert_str_eq(t.exe, "/bin/prog");
    ck_assert_str_eq(t.cwd, "/home");
    ck_assert_uint_eq(t.argc, 9);
    ck_assert_uint_eq(t.n_argv, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(t.argv[i], argv[i]);
}
END_TEST

START_TEST(an_end_says_how)
{
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_EXITING, .n = -1);
    RECORD(&b, OURO_END, .flags = OURO_END__EXIT, .n = 42);
    open_built();
    ck_assert_int_eq(t.end_status, -1);
    walk();

    ck_assert(t.exiting);
    ck_assert_uint_eq(t.end_how, OURO_END__EXIT);
    ck_assert_int_eq(t.end_status, 42);
}
END_TEST

/* By the same thread it was in vain, another thread may have been late. */
START_TEST(an_exec_that_is_followed_was_none)
{
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_ALLOC, .a = 4096, .size = 1);
    RECORD(&b, OURO_END, .flags = OURO_END_EXEC, .n = 0);
    if (_i == 1)
        build_chunk(&b, 2, 0);
    if (_i != 0)
        RECORD(&b, OURO_FREE, .stamp = 900, .a = 4096);
    open_built();
    walk();

    ck_assert_uint_eq(t.end_how, _i == 2 ? 0 : OURO_END_EXEC);
}
END_TEST

START_TEST(what_is_lost_and_what_counts_is_added_up)
{
    build_chunk(&b, 1, 0);
    build_header(&b)->lost_events = 5;
    RECORD(&b, OURO_LOST, .n = 7);
    RECORD(&b, OURO_ALLOC, .a = 16);
    RECORD(&b, OURO_REALLOC_BEGIN, .a = 16);
    RECORD(&b, OURO_REALLOC_END, .a = 32);
    RECORD(&b, OURO_REC_NEW, .a = 32);
    RECORD(&b, OURO_FREE, .a = 32, .stamp = 77);
    RECORD(&b, OURO_THREAD_NAME, .text = "main", .stamp = 78);
    build_chunk(&b, 5, 0);
    RECORD(&b, OURO_FREE, .a = 32);
    open_built();
    for (int pass = 0; pass < 2; pass++)
        walk();

    ck_assert_uint_eq(t.n_lost, 12);
    ck_assert_uint_eq(t.n_events, 5);
    ck_assert_uint_eq(t.n_threads, 2);
    ck_assert_uint_eq(t.last_stamp, 78);
}
END_TEST

/* Plugins loaded and unloaded in turn at one address. */
START_TEST(an_address_is_in_the_module_of_its_epoch)
{
    build_chunk(&b, 1, 0);
    build_module(&b, 0, 0, 0, 0, 0x400000, 0x500000, "\x01\x02", "/bin/prog");
    for (uint32_t i = 1; i < 100; i++) {
        char path[] = "/lib/00.so";
        path[5] = (char)('0' + i / 10);
        path[6] = (char)('0' + i % 10);
        build_module(&b, 0, 2 * i, i, 0, 0x700000, 0x700000 + 0x1000 * i, "",
                     path);
        RECORD(&b, OURO_UNMODULE, .a = 2 * i + 1, .b = i);
    }
    open_built();
    ck_assert_ptr_null(trace_module(&t, 0x400000, 0));
    walk();

    ck_assert_uint_eq(t.n_modules, 100);
    for (uint32_t i = 1; i < 100; i++) {
        const struct module *m = trace_module(&t, 0x700000, 2 * i);
        ck_assert_ptr_nonnull(m);
        ck_assert_uint_eq(m->id, i);
        ck_assert_ptr_eq(trace_module(&t, 0x700000 + 0x1000 * i - 1, 2 * i), m);
        ck_assert_ptr_null(trace_module(&t, 0x700000 + 0x1000 * i, 2 * i));
        ck_assert_ptr_null(trace_module(&t, 0x700000, 2 * i + 1));
        m = trace_module(&t, 0x4fffff, 2 * i);
        ck_assert_str_eq(m->path, "/bin/prog");
        ck_assert_uint_eq(m->build_id_len, 2);
        ck_assert_mem_eq(m->build_id, "\x01\x02", 2);
    }
    ck_assert_ptr_null(trace_module(&t, 0x3fffff, 0));
    ck_assert_ptr_null(trace_module(&t, 0x500000, 0));
}
END_TEST

START_TEST(a_module_told_twice_is_one)
{
    build_chunk(&b, 1, 0);
    for (int i = 0; i < 2; i++)
        build_module(&b, 0, 1, 3, 0, 0x1000, 0x2000, "", "/bin/prog");
    build_module(&b, 0, 0, 4, 0, 0x3000, 0x4000, "", "/bin/first");
    open_built();
    walk();

    ck_assert_uint_eq(t.n_modules, 2);
    ck_assert_uint_eq(t.modules[0].id, 4);
    ck_assert_uint_eq(t.modules[1].id, 3);
}
END_TEST

START_TEST(stamps_of_a_clock_are_seconds_in_between)
{
    struct ouro_trace_header *h = build_header(&b);
    h->start_stamp = 1000;
    h->last_stamp = 1000 + UINT64_C(6000000000);
    h->start_ns = 500;
    h->last_ns = 500 + UINT64_C(2000000000);
    open_built();

    ck_assert(fabs(trace_seconds(&t, 1000 + UINT64_C(3000000000)) - 1) < 1e-9);
    ck_assert(trace_seconds(&t, 10) == 0);
    ck_assert_uint_eq(trace_patience(&t), 30000);
}
END_TEST

START_TEST(a_clock_of_unknown_rate_is_taken_for_3_ghz)
{
    struct ouro_trace_header *h = build_header(&b);
    h->last_stamp = h->last_ns = 0;
    open_built();

    ck_assert(fabs(trace_seconds(&t, 3000000) - 0.001) < 1e-9);
    ck_assert_uint_eq(trace_patience(&t), 30000);
}
END_TEST

START_TEST(a_counter_is_dated_by_its_chunks)
{
    build_header(&b)->clock = OURO_CLOCK_COUNTER;
    build_header(&b)->start_ns = 1000000000;
    build_chunk(&b, 1, 500);
    build_head(&b)->ns = UINT64_C(3000000000);
    build_chunk(&b, 2, 100);
    build_head(&b)->ns = UINT64_C(2000000000);
    open_built();

    ck_assert(trace_seconds(&t, 99) == 0);
    ck_assert(trace_seconds(&t, 100) == 1);
    ck_assert(trace_seconds(&t, 499) == 1);
    ck_assert(trace_seconds(&t, 500) == 2);
    ck_assert(trace_seconds(&t, UINT64_MAX) == 2);
    ck_assert_uint_eq(trace_patience(&t), 64);
}
END_TEST

/* Opens what b holds; it must not be taken for a trace. */
static void assert_refused(const char *words)
{
    struct err e;
    const struct file f = file_built(&b);
    ck_assert_int_eq(trace_open(&t, f.path, &e), -1);
    ck_assert_int_eq(e.code, RC_TRACE);
    ck_assert_msg(strstr(e.text, words), "%s", e.text);
    ck_assert_ptr_nonnull(strstr(e.text, "byte "));
    close(f.fd);
}

START_TEST(a_later_version_is_refused_with_what_to_do)
{
    build_header(&b)->version = OURO_TRACE_VERSION + 1;
    assert_refused("newer one");
}
END_TEST

START_TEST(a_header_that_cannot_be_is_refused)
{
    static const struct {
        size_t at;
        uint32_t value;
        const char *words;
    } wrong[] = {
        {0, 0x1f8b0800, "does not begin"},
        {8, 0, "version 0"},
        {12, 215, "shorter"},
        {12, 5000, "first chunk"},
        {16, 0, "granule"},
        {16, 2048, "granule"},
        {16, 12288, "granule"},
        {20, 216, "first chunk"},
        {20, 0, "first chunk"},
        {32, 0, "clock"},
        {32, 4, "clock"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        memcpy(b.bytes + wrong[i].at, &wrong[i].value, 4);
        assert_refused(wrong[i].words);
        build_release(&b);
        build_begin(&b);
    }
}
END_TEST

START_TEST(a_longer_header_of_later_days_is_read)
{
    build_header(&b)->header_len = 4096;
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    open_built();
    walk();

    ck_assert_uint_eq(t.n_events, 1);
}
END_TEST

static void assert_no_file(const char *path, const char *words)
{
    struct err e;
    ck_assert_int_eq(trace_open(&t, path, &e), -1);
    ck_assert_int_eq(e.code, RC_TRACE);
    ck_assert_msg(strstr(e.text, path) && strstr(e.text, words), "%s", e.text);
}

START_TEST(what_is_no_file_is_refused_at_once)
{
    char dir[] = "/tmp/check_trace.XXXXXX";
    char fifo[64];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);

    assert_no_file(fifo, "regular file");
    assert_no_file(dir, "regular file");
    assert_no_file("/dev/zero", "regular file");
    assert_no_file("/dev/null", "regular file");
    assert_no_file("/nonexistent.trace", "No such file");
    unlink(fifo);
    rmdir(dir);
}
END_TEST

START_TEST(a_last_chunk_written_through_a_buffer_is_not_cut)
{
    build_header(&b)->flags = OURO_HEADER_BUFFERED;
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    const size_t len = b.len;
    build_end_chunk(&b);
    const struct file f = file_of(b.bytes, len);
    must_open(&t, f.path);
    walk();

    ck_assert(!t.cut);
    ck_assert_uint_eq(t.n_events, 1);
    trace_close(&t);
    ck_assert_int_eq(ftruncate(f.fd, (off_t)len - 1), 0);
    must_open(&t, f.path);
    ck_assert(t.cut);
    trace_close(&t);
    ck_assert_int_eq(ftruncate(f.fd, 4096), 0);
    must_open(&t, f.path);
    ck_assert(t.cut);
    close(f.fd);
}
END_TEST

/* What could not be had was reserved all the same. */
START_TEST(a_recording_that_was_stopped_is_not_cut)
{
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    build_end_chunk(&b);
    build_header(&b)->end += 4096;
    build_header(&b)->stopped = _i ? OURO_STOPPED_SIZE : OURO_STOPPED_NOT;
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    ck_assert_int_eq(t.cut, !_i);
    close(f.fd);
}
END_TEST

START_TEST(a_recording_that_grows_is_read_as_of_opening)
{
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    const size_t whole = b.len - b.chunk - sizeof(struct ouro_chunk);
    RECORD(&b, OURO_FREE, .a = 2);
    const struct file f = file_built(&b);
    ck_assert_int_eq(pwrite(f.fd, &whole, 8, 4096 + 32), 8);
    must_open(&t, f.path);
    walk();
    ck_assert_uint_eq(t.n_events, 1);

    ck_assert_int_eq(pwrite(f.fd, b.bytes + 4096, b.len - 4096, 4096),
                     (ssize_t)b.len - 4096);
    struct seen s = must_walk(&t);

    ck_assert_uint_eq(s.n, 1);
    unsee(&s);
    close(f.fd);
}
END_TEST

/* A process of its own folds and lets go. */
START_TEST(what_is_folded_until_it_is_held_is_read)
{
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    build_end_chunk(&b);
    const size_t before = b.len;
    build_chunk(&b, 1, 5);
    RECORD(&b, OURO_FREE, .a = 2);
    build_end_chunk(&b);
    const struct file f = file_built(&b);
    ck_assert_int_eq(ftruncate(f.fd, (off_t)before), 0);
    ck_assert_int_eq(flock(f.fd, LOCK_EX), 0);
    const pid_t folder = fork();
    if (folder == 0) {
        usleep(30 * 1000);
        const bool put = pwrite(f.fd, b.bytes + before, b.len - before,
                                (off_t)before) == (ssize_t)(b.len - before);
        _exit(flock(f.fd, LOCK_UN) == 0 && put ? 0 : 1);
    }
    must_open(&t, f.path);
    ck_assert_uint_eq(t.n_chunks, 2);
    int status;
    ck_assert_int_eq(waitpid(folder, &status, 0), folder);
    ck_assert_int_eq(status, 0);
    close(f.fd);
}
END_TEST

/* Lists that are longer than the file has granules, again and again. */
START_TEST(a_folded_chunk_replaces_no_more_than_there_is)
{
    struct err e;
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    build_end_chunk(&b);
    struct ouro_chunk *c = (struct ouro_chunk *)(b.bytes + 4096);
    c->kind = OURO_CHUNK_FOLDED;
    c->reserved = 100;
    c->sealed = 1;
    const struct file f = file_built(&b);
    ck_assert_int_eq(trace_open(&t, f.path, &e), -1);
    ck_assert_ptr_nonnull(strstr(e.text, "does not say what it replaces"));
    t.state = NULL;
    close(f.fd);
}
END_TEST

START_TEST(a_file_that_becomes_shorter_while_it_is_read_is_an_error)
{
    struct err e;
    struct seen s = {0};
    build_chunk(&b, 1, 0);
    for (uint64_t i = 0; i < 100000; i++)
        RECORD(&b, OURO_FREE, .a = i);
    const struct file f = file_built(&b);
    must_open(&t, f.path);
    ck_assert_int_eq(ftruncate(f.fd, 100000), 0);

    ck_assert_int_eq(trace_walk(&t, see, &s, &e), -1);
    ck_assert_int_eq(e.code, RC_TRACE);
    ck_assert_ptr_nonnull(strstr(e.text, "shorter"));
    unsee(&s);
    close(f.fd);
}
END_TEST

START_TEST(holes_between_chunks_cost_nothing)
{
    const off_t far = (off_t)1 << 40;
    struct file f;
    build_chunk(&b, 1, 0);
    RECORD(&b, OURO_FREE, .a = 1);
    f = file_built(&b);
    ck_assert_int_eq(pwrite(f.fd, b.bytes + 4096, 4096, far), 4096);
    must_open(&t, f.path);
    walk();

    ck_assert_uint_eq(t.n_chunks, 2);
    ck_assert_uint_eq(t.n_events, 2);
    close(f.fd);
}
END_TEST

Suite *trace_suite(void);

Suite *trace_suite(void)
{
    Suite *s = suite_create("trace");
    TCase *c = tcase_create("process");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, the_smallest_useful_trace_is_these_bytes);
    tcase_add_test(c, those_bytes_are_read_as_one_lost_block);
    tcase_add_test(c, a_process_says_what_it_ran);
    tcase_add_test(c, an_end_says_how);
    tcase_add_loop_test(c, an_exec_that_is_followed_was_none, 0, 3);
    tcase_add_test(c, what_is_lost_and_what_counts_is_added_up);
    tcase_add_test(c, an_address_is_in_the_module_of_its_epoch);
    tcase_add_test(c, a_module_told_twice_is_one);
    tcase_add_test(c, stamps_of_a_clock_are_seconds_in_between);
    tcase_add_test(c, a_clock_of_unknown_rate_is_taken_for_3_ghz);
    tcase_add_test(c, a_counter_is_dated_by_its_chunks);
    suite_add_tcase(s, c);
    c = tcase_create("files");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, a_later_version_is_refused_with_what_to_do);
    tcase_add_test(c, a_header_that_cannot_be_is_refused);
    tcase_add_test(c, a_longer_header_of_later_days_is_read);
    tcase_add_test(c, what_is_no_file_is_refused_at_once);
    tcase_add_test(c, a_last_chunk_written_through_a_buffer_is_not_cut);
    tcase_add_loop_test(c, a_recording_that_was_stopped_is_not_cut, 0, 2);
    tcase_add_test(c, a_recording_that_grows_is_read_as_of_opening);
    tcase_add_test(c, what_is_folded_until_it_is_held_is_read);
    tcase_add_test(c, a_folded_chunk_replaces_no_more_than_there_is);
    tcase_add_test(c, a_file_that_becomes_shorter_while_it_is_read_is_an_error);
    tcase_add_test(c, holes_between_chunks_cost_nothing);
    suite_add_tcase(s, c);
    return s;
}
