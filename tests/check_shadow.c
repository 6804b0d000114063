/* SPDX-License-Identifier: MIT */
/* check_shadow.c - what each macro says is what the shadow graph holds */
#include "replay_kit.h"

enum { T = 1, F = 2, G = 3 };

START_TEST(blocks_come_and_go_and_count_as_valgrind_counts)
{
    MALLOC(0x1000, 10);
    MALLOC(0x2000, 0);
    REALLOC_BEGIN(0x1000);
    REALLOC_END(0x3000, 30);
    FREE(0x2000);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].addr, 0x3000);
    ck_assert_uint_eq(s->blocks[0].stamp, 1000);
    ck_assert_int_eq(s->blocks[0].entry, OURO_ENTRY_REALLOC);
    ck_assert_uint_eq(s->totals.allocations, 3);
    ck_assert_uint_eq(s->totals.frees, 2);
    ck_assert_uint_eq(s->totals.allocated_bytes, 40);
    ck_assert_uint_eq(s->totals.peak_bytes, 30);
    ck_assert_uint_eq(s->totals.live_blocks, 1);
    ck_assert_uint_eq(s->totals.live_bytes, 30);
}
END_TEST

START_TEST(an_object_starts_with_one_count_and_its_blocks_stack)
{
    kit_stack = 7;
    MALLOC(0x1000, 48);
    kit_stack = 0;
    NEW(0x1000, T);
    INCREF(0x1000);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 1);
    ck_assert_int_eq(s->objects[0].rc, 2);
    ck_assert_uint_eq(s->objects[0].type, T);
    ck_assert_uint_eq(s->objects[0].bytes, 48);
    ck_assert_uint_eq(s->objects[0].stack, 7);
    ck_assert_uint_eq(s->objects[0].block, 0);
    ck_assert_uint_eq(s->blocks[0].object, 0);
}
END_TEST

START_TEST(a_link_is_an_edge_and_no_count)
{
    MALLOC(0x1000, 16);
    MALLOC(0x2000, 16);
    NEW(0x1000, T);
    NEW(0x2000, T);
    LINK(0x1000, F, 0x2000);
    LINK(0x1000, F, 0x2000);
    LINK(0x1000, G, 0x2000);
    UNLINK(0x1000, F, 0x2000);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].owner, 0);
    ck_assert_uint_eq(s->links[0].target, 1);
    ck_assert_uint_eq(s->links[0].field, F);
    ck_assert_uint_eq(s->links[0].stamp, 1004);
    ck_assert_uint_eq(s->links[1].field, G);
    ck_assert_int_eq(s->objects[1].rc, 1);
    ck_assert_uint_eq(s->totals.links, 3);
    ck_assert_uint_eq(s->totals.unlinks, 1);
}
END_TEST

Suite *shadow_suite(void);

Suite *shadow_suite(void)
{
    Suite *s = suite_create("shadow");
    TCase *t = tcase_create("rules");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, blocks_come_and_go_and_count_as_valgrind_counts);
    tcase_add_test(t, an_object_starts_with_one_count_and_its_blocks_stack);
    tcase_add_test(t, a_link_is_an_edge_and_no_count);
    suite_add_tcase(s, t);
    return s;
}
