/* SPDX-License-Identifier: MIT */
/* check_dump.c - `ouro dump`: every record, one line each, in file order */
#include "build_snapshot.h"
#include "commands/cmd.h"
#include "read_back.h"

#include <check.h>

static struct build b;
static char *out;

static void begin(void)
{
    build_begin(&b);
}

static void end(void)
{
    build_release(&b);
    free(out);
    out = NULL;
}

static int dump_with(char *option, const char *path)
{
    char name[] = "dump";
    char *operand = strdup(path); /* options come before it */
    char *argv[] = {name, operand, option, NULL};
    size_t len = 0;
    FILE *f = open_memstream(&out, &len);
    const int code = cmd_dump.run(option ? 3 : 2, argv, f);
    fclose(f);
    free(operand);
    return code;
}

static int dump(const char *path)
{
    return dump_with(NULL, path);
}

static int dump_built_with(char *option)
{
    const struct file f = file_built(&b);
    const int code = dump_with(option, f.path);
    close(f.fd);
    return code;
}

static int dump_built(void)
{
    return dump_built_with(NULL);
}

/* What comes behind the header's lines. */
static const char *records(void)
{
    const char *at = strstr(out, "\n4096 ");
    return at ? at + 1 : "";
}

START_TEST(records_are_lines_in_file_order)
{
    build_chunk(&b, 2, 100);
    build_stack(&b, 2, (uint64_t[]){0x401000, 0x402000});
    RECORD(&b, OURO_ALLOC, .stamp = 101, .a = 0x5000, .size = 24,
           .has_stack = true);
    build_stack(&b, 2, (uint64_t[]){0x401000, 0x401000});
    RECORD(&b, OURO_REC_LINK_AT, .stamp = 103, .a = 0x5000, .text = "ne\xff\"t",
           .n = -1, .size = 0x5008, .b = 0x6000);
    RECORD(&b, OURO_CUT, .stamp = 103, .n = 1);
    RECORD(&b, OURO_EPOCH, .stamp = 103, .n = 2);
    RECORD(&b, OURO_THREAD, .stamp = 103, .n = 7, .size = 4711);
    RECORD(&b, OURO_UNMODULE, .stamp = 103, .a = 2, .b = 9);
    RECORD(&b, OURO_REC_THRESHOLD, .stamp = 104, .threshold = {700, 10, 9});
    build_bytes(&b, "\x7e\x0b\x01next", 7);
    build_chunk(&b, 1, 50);
    RECORD(&b, OURO_FREE, .stamp = 50, .a = 0x5000);

    ck_assert_int_eq(dump_built(), RC_CLEAN);
    ck_assert_str_eq(
        records(),
        "4096 chunk thread=2 os_thread=2 first_stamp=100 ns=100 len=4096 "
        "committed=62\n"
        "4160 100 2 STACK pops=0 pushes=2 +1:0x401000 +2:0x402000\n"
        "4170 101 2 malloc block=0x5000 size=24 stack\n"
        "4175 101 2 STACK pops=1 pushes=1 1:0x401000\n"
        "4178 103 2 LINK_AT owner=0x5000 field=\"ne\\xff\\x22t\" index=-1 "
        "slot=0x5008 target=0x6000\n"
        "4192 103 2 CUT frames=1\n"
        "4195 103 2 EPOCH epoch=2\n"
        "4198 103 7 THREAD os_thread=4711\n"
        "4203 103 7 UNMODULE epoch=2 id=9\n"
        "4208 104 7 THRESHOLD young=700 middle=10 old=9\n"
        "4215 104 7 unknown-126 len=5\n"
        "8192 chunk thread=1 os_thread=1 first_stamp=50 ns=50 len=4096 "
        "committed=4\n"
        "8256 50 1 FREE block=0x5000\n");
}
END_TEST

START_TEST(what_it_ran_and_loaded_is_shown)
{
    build_chunk(&b, 1, 0);
    build_process(&b, 0, "/bin/p\n", "/", 3, 2, (const char *[]){"p", ""});
    build_module(&b, 0, 1, 2, 0x1000, 0x2000, 0x3000, "\xab\x01", "/lib/x");
    dump_built();

    ck_assert_ptr_nonnull(strstr(
        out, "PROCESS exe=\"/bin/p\\x0a\" cwd=\"/\" argc=3 argv=\"p\" \"\"\n"));
    ck_assert_ptr_nonnull(
        strstr(out, "MODULE epoch=1 id=2 bias=0x1000 start=0x2000 end=0x3000 "
                    "build_id=ab01 path=\"/lib/x\"\n"));
}
END_TEST

/* In file order, between the events' chunks. */
static void build_memory(void)
{
    const uint64_t registers[] = {0x5000, 7};
    build_chunk(&b, 2, 100);
    SNAPSHOT(&b, 3, 500, .why = OURO_SNAP_SAID, .mode = OURO_SNAP_POINTERS,
             .flags = 2, .epoch = 7, .os_thread = 9, .malloc_at = 0x7000,
             .tls = -176, .tls_len = 96, .name = "a\n");
    SNAP_THREAD(&b, .thread = 1, .os_thread = 9, .seen = OURO_SNAP_WAITED,
                .sp = 0x7010, .sure = 0x7020, .tp = 0x6008, .n = 2,
                .registers = registers);
    SNAP_THREAD(&b, .seen = 77);
    build_region(&b, 0x5000, 4096, OURO_SNAP_HEAP, "[heap]");
    build_word_as(&b, 1, 0x5000, 0x5010);
    build_word(&b, 0x5010, 3);
    build_snapshot_record(&b, 6, "more", 4);
    build_snapshot_chunk(&b, 3, 500);
    build_word_as(&b, 3, 0x5018, UINT64_MAX);
    build_snapshot_end(&b);
    build_chunk(&b, 1, 600);
    RECORD(&b, OURO_FREE, .stamp = 600, .a = 0x5000);
}

START_TEST(what_memory_held_is_lines_too)
{
    build_memory();
    ck_assert_int_eq(dump_built(), RC_CLEAN);
    ck_assert_str_eq(
        records(),
        "4096 chunk thread=2 os_thread=2 first_stamp=100 ns=100 len=4096 "
        "committed=0\n"
        "8192 chunk snapshot=3 os_thread=3 first_stamp=500 ns=500 len=4096 "
        "committed=77\n"
        "8256 500 3 SNAP_BEGIN why=\"OURO_SNAPSHOT\" mode=pointers flags=2 "
        "epoch=7 os_thread=9 malloc=0x7000 tls=-176 tls_len=96 "
        "name=\"a\\x0a\"\n"
        "8272 500 3 SNAP_THREAD thread=1 os_thread=9 seen=waited sp=0x7010 "
        "sure=0x7020 end=0x0 tp=0x6008 registers=2 0x5000 0x7\n"
        "8292 500 3 SNAP_THREAD thread=0 os_thread=0 seen=77 sp=0x0 sure=0x0 "
        "end=0x0 tp=0x0 registers=0\n"
        "8302 500 3 SNAP_REGION start=0x5000 len=4096 what=heap flags=0 "
        "path=\"[heap]\"\n"
        "8318 500 3 SNAP_WORDS at=0x5000 words=2\n"
        "8327 500 3 unknown-6 len=4\n"
        "12288 chunk snapshot=3 os_thread=3 first_stamp=500 ns=500 len=4096 "
        "committed=24\n"
        "12352 500 3 SNAP_WORDS at=0x5018 words=1\n"
        "12366 500 3 SNAP_END regions=1 words_read=3 words_told=3 unreadable=0 "
        "pause_ns=1000 ns=2000\n"
        "16384 chunk thread=1 os_thread=1 first_stamp=600 ns=600 len=4096 "
        "committed=4\n"
        "16448 600 1 FREE block=0x5000\n");
}
END_TEST

START_TEST(each_word_is_shown_where_it_is_asked_for)
{
    char option[] = "--words";
    build_memory();
    ck_assert_int_eq(dump_built_with(option), RC_CLEAN);
    ck_assert_ptr_nonnull(strstr(out, " SNAP_WORDS at=0x5000\n"
                                      "0x5000 0x5010 class=1\n"
                                      "0x5010 0x3 class=0\n"
                                      "8327 "));
    ck_assert_ptr_nonnull(strstr(out, " SNAP_WORDS at=0x5018\n"
                                      "0x5018 0xffffffffffffffff class=3\n"
                                      "12366 "));
}
END_TEST

START_TEST(a_damaged_piece_of_memory_does_not_hide_the_next_one)
{
    build_snapshot_chunk(&b, 1, 0);
    build_byte(&b, 0);
    build_memory();

    ck_assert_int_eq(dump_built(), RC_TRACE);
    ck_assert_ptr_nonnull(strstr(out, " SNAP_BEGIN "));
    ck_assert_ptr_nonnull(strstr(out, " FREE block=0x5000\n"));
}
END_TEST

START_TEST(a_damaged_chunk_does_not_hide_the_next_one)
{
    build_chunk(&b, 1, 0);
    build_byte(&b, 30);
    build_chunk(&b, 2, 0);
    RECORD(&b, OURO_FREE, .a = 0x5000);

    ck_assert_int_eq(dump_built(), RC_TRACE);
    ck_assert_ptr_nonnull(strstr(out, "8256 0 2 FREE block=0x5000\n"));
}
END_TEST

START_TEST(a_recording_is_its_traces_in_order_of_names)
{
    char dir[] = "/tmp/check_dump.XXXXXX";
    static const char *const names[] = {"9.0.trace", "10.0.trace", "manifest"};
    char path[3][64];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (int i = 0; i < 3; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", dir, names[i]);
        ck_assert(build_save(&b, path[i]));
    }

    ck_assert_int_eq(dump(dir), RC_CLEAN);
    const char *first = strstr(out, "== \"10.0.trace\"\n0 header");
    ck_assert_ptr_eq(first, out);
    ck_assert_ptr_nonnull(strstr(first, "\n== \"9.0.trace\"\n0 header"));
    ck_assert_ptr_null(strstr(out, "manifest"));
    for (int i = 0; i < 3; i++)
        unlink(path[i]);
    free(out);
    out = NULL;
    ck_assert_int_eq(dump(dir), RC_TRACE);
    ck_assert_str_eq(out, "");
    rmdir(dir);
}
END_TEST

START_TEST(what_is_not_there_is_an_error)
{
    ck_assert_int_eq(dump("/nonexistent"), RC_TRACE);
    ck_assert_str_eq(out, "");
}
END_TEST

Suite *dump_suite(void);

Suite *dump_suite(void)
{
    Suite *s = suite_create("dump");
    TCase *c = tcase_create("lines");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, records_are_lines_in_file_order);
    tcase_add_test(c, what_it_ran_and_loaded_is_shown);
    tcase_add_test(c, what_memory_held_is_lines_too);
    tcase_add_test(c, each_word_is_shown_where_it_is_asked_for);
    tcase_add_test(c, a_damaged_piece_of_memory_does_not_hide_the_next_one);
    tcase_add_test(c, a_damaged_chunk_does_not_hide_the_next_one);
    tcase_add_test(c, a_recording_is_its_traces_in_order_of_names);
    tcase_add_test(c, what_is_not_there_is_an_error);
    suite_add_tcase(s, c);
    return s;
}
