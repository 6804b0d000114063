/* SPDX-License-Identifier: MIT */
/*
 * check_memory.c - which block points at which, and what the roots reach
 */
#include "memory_kit.h"

#include "shadow/c_runtime.h"

enum { A = 0x1000010, B = 0x1000110, C = 0x1000210, D = 0x1000310 };

static void four_blocks(void)
{
    memory_begin();
    BLOCK(A, 64);
    BLOCK(B, 64);
    BLOCK(C, 64);
    BLOCK(D, 64);
    memory_snapshot();
}

static void data(uint64_t value)
{
    build_region(&kit.b, DATA, PAGE, OURO_SNAP_FILE, "/nowhere/program");
    build_word(&kit.b, DATA + 8, value);
}

static void heap(void)
{
    build_region(&kit.b, HEAP, 16 * PAGE, OURO_SNAP_HEAP, "[heap]");
}

START_TEST(a_global_holds_a_list_and_nothing_holds_a_ring)
{
    four_blocks();
    data(A);
    heap();
    build_word(&kit.b, A, B);
    build_word(&kit.b, C, D);
    build_word(&kit.b, D + 8, C);
    remembered();

    ck_assert_int_eq(reached(A), REACHED_SURELY);
    ck_assert_int_eq(reached(B), REACHED_SURELY);
    ck_assert_int_eq(reached(C), REACHED_NOT);
    ck_assert_int_eq(reached(D), REACHED_NOT);
}
END_TEST

START_TEST(a_pointer_into_the_middle_is_perhaps_one)
{
    four_blocks();
    data(A + 16);
    heap();
    build_word(&kit.b, A, B);
    build_word(&kit.b, B, C + 64); /* behind its end */
    remembered();

    ck_assert_int_eq(reached(A), REACHED_PERHAPS);
    ck_assert_int_eq(reached(B), REACHED_PERHAPS);
    ck_assert_int_eq(reached(C), REACHED_NOT);
}
END_TEST

START_TEST(a_word_that_points_into_its_own_block_is_no_edge)
{
    four_blocks();
    heap();
    build_word(&kit.b, A, A);
    build_word(&kit.b, A + 8, A + 8);
    const struct memory *m = remembered();

    ck_assert_uint_eq(m->g.first[m->g.n], 0);
}
END_TEST

START_TEST(the_c_library_and_the_loader_are_known_by_their_files)
{
    static const char *const are[] = {
        "/lib/x86_64-linux-gnu/libc.so.6", "/lib/libc-2.31.so",
        "/lib/libpthread-2.31.so",         "/lib/libdl.so.2",
        "/lib64/ld-linux-x86-64.so.2",     "/lib/ld-linux-aarch64.so.1",
        "/lib/x86_64-linux-gnu/ld-2.31.so"};
    static const char *const are_not[] = {"/usr/lib/libcrypto.so.3",
                                          "/usr/lib/libc++.so.1",
                                          "/usr/lib/libjemalloc.so.2",
                                          "/home/libc.so.6/program",
                                          "",
                                          "/usr/lib/libstdc++.so.6"};
    for (size_t i = 0; i < sizeof are / sizeof are[0]; i++)
        ck_assert_msg(path_is_c_runtime(are[i]), "%s", are[i]);
    for (size_t i = 0; i < sizeof are_not / sizeof are_not[0]; i++)
        ck_assert_msg(!path_is_c_runtime(are_not[i]), "%s", are_not[i]);
}
END_TEST

Suite *memory_suite(void);

Suite *memory_suite(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("reach");
    tcase_add_checked_fixture(t, NULL, memory_end);
    tcase_add_test(t, a_global_holds_a_list_and_nothing_holds_a_ring);
    tcase_add_test(t, a_pointer_into_the_middle_is_perhaps_one);
    tcase_add_test(t, a_word_that_points_into_its_own_block_is_no_edge);
    tcase_add_test(t, the_c_library_and_the_loader_are_known_by_their_files);
    suite_add_tcase(s, t);
    return s;
}
