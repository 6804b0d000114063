/* SPDX-License-Identifier: MIT */
/*
 * check_replay_scale.c - a million of anything is not a million times a million
 *
 * No time is asserted: what is quadratic does not end before the test does.
 */
#include "replay_kit.h"

enum { MILLION = 1000000, T = 1, F = 2, HUB = 0x1000 };

static uint64_t node(uint64_t i)
{
    return 0x100000 + 32 * i;
}

static void million_objects(void)
{
    MALLOC(HUB, 64);
    NEW_AT(HUB, T, 0, 0);
    for (uint64_t i = 0; i < MILLION; i++) {
        MALLOC(node(i), 24);
        NEW_AT(node(i), T, 0, 0);
    }
}

START_TEST(a_list_of_a_million_objects_falls)
{
    million_objects();
    for (uint64_t i = 0; i + 1 < MILLION; i++)
        LINK(node(i), F, node(i + 1));
    for (uint64_t i = 0; i + 1 < MILLION; i += 2)
        FREE(node(i));
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, MILLION / 2 + 1);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.dangling_links, MILLION / 2 - 1);
}
END_TEST

START_TEST(a_star_gives_up_its_oldest_edge_first)
{
    million_objects();
    for (uint64_t i = 0; i < MILLION; i++)
        LINK(HUB, F, node(i));
    for (uint64_t i = 0; i < MILLION / 2; i++)
        UNLINK(HUB, F, node(i));
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, MILLION / 2);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 0);
}
END_TEST

START_TEST(a_million_point_at_one_that_dies)
{
    million_objects();
    for (uint64_t i = 0; i < MILLION; i++)
        LINK(node(i), F, HUB);
    FREE(HUB);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.dangling_links, MILLION);
}
END_TEST

START_TEST(one_reference_a_million_times)
{
    MALLOC(HUB, 64);
    NEW(HUB, T);
    for (uint64_t i = 0; i < MILLION; i++)
        LINK(HUB, F, HUB);
    for (uint64_t i = 0; i < MILLION / 2; i++)
        UNLINK(HUB, F, HUB);
    for (uint64_t i = 0; i < 1000; i++)
        UNLINK(HUB, T, HUB);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, MILLION / 2);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 1000);
}
END_TEST

START_TEST(an_array_that_grows_one_by_one_moves_a_million_times)
{
    MALLOC(HUB, 64);
    NEW(HUB, T);
    MALLOC(node(0), 8);
    for (uint64_t i = 0; i < MILLION; i++) {
        OWN(HUB, node(i % 2));
        LINK_AT(HUB, F, (int64_t)i, node(i % 2) + 16, HUB);
        REALLOC_BEGIN(node(i % 2));
        REALLOC_END(node((i + 1) % 2), 24);
    }
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, MILLION);
    ck_assert_uint_eq(s->links[1].slot, node(0) + 16);
}
END_TEST

START_TEST(a_block_of_a_million_objects_is_freed)
{
    MALLOC(node(0), 32 * MILLION);
    for (uint64_t i = 0; i < MILLION; i++)
        NEW_AT(node(i), T, 0, 16);
    for (uint64_t i = 0; i < MILLION; i++)
        LINK(node(i) + 8, 0, node(0));
    FREE(node(0));
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 0);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.unannounced, 0);
}
END_TEST

START_TEST(a_million_acquires_are_released_in_their_order)
{
    MALLOC(HUB, 64);
    NEW(HUB, T);
    for (uint64_t i = 0; i < MILLION; i++)
        ACQUIRE(HUB, i);
    for (uint64_t i = 0; i < MILLION; i++)
        RELEASE(HUB, i);
    const struct shadow *s = result();

    ck_assert_int_eq(s->objects[0].rc, 1);
    ck_assert_int_eq(s->objects[0].acquired, 0);
}
END_TEST

START_TEST(a_million_elements_come_to_one_place)
{
    const uint64_t end = UINT64_C(1) << 40;
    POOL_CREATE(HUB, 0, 0);
    for (uint64_t i = 0; i < MILLION / 4; i++) {
        MALLOC(node(i), 16 * MILLION);
        POOL_ALLOC(HUB, node(i) + 16 * (i + 1), 16);
        REALLOC_BEGIN(node(i));
        REALLOC_END(end - 16 * (i + 1), 16 * MILLION);
    }
    for (uint64_t i = 0; i < MILLION / 4; i++)
        FREE(end - 16 * (i + 1));
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 0);
    ck_assert_uint_eq(s->totals.order_conflicts, 0);
}
END_TEST

START_TEST(an_owner_of_a_million_blocks_clears_itself_a_million_times)
{
    million_objects();
    for (uint64_t i = 0; i < MILLION; i++)
        OWN(HUB, node(i));
    for (uint64_t i = 0; i < MILLION; i++) {
        DEAD(node(i));
        LINK(node(i) + 8, 0, HUB);
        UNLINK_ALL(HUB);
    }
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.unlinks, MILLION);
}
END_TEST

START_TEST(storage_of_a_million_goes_to_and_fro)
{
    enum { STORAGE = 0x10000000, OTHER = 0x2000 };
    million_objects();
    MALLOC(OTHER, 64);
    NEW(OTHER, T);
    MALLOC(STORAGE, 8 * (uint64_t)MILLION);
    for (uint64_t i = 0; i < MILLION; i++)
        LINK(STORAGE + 8 * i, 0, node(i));
    for (int i = 0; i < MILLION / 2; i++) {
        OWN(HUB, STORAGE);
        OWN(OTHER, STORAGE);
    }
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, MILLION);
    ck_assert_uint_eq(s->links[0].owner, s->n_objects - 1);
}
END_TEST

START_TEST(memory_goes_unseen_a_million_times)
{
    for (uint64_t i = 0; i < MILLION; i++) {
        MALLOC(node(32 * i), 24);
        FREE(node(32 * i));
        SAY(OURO_GAP, .flags = 1);
        FREE(node(32 * i));
    }
    const struct shadow *s = result();

    ck_assert_uint_eq(s->all_misuses[MISUSE_DOUBLE_FREE], 0);
    ck_assert_uint_eq(s->totals.unknown_frees, MILLION);
}
END_TEST

Suite *replay_scale_suite(void);

Suite *replay_scale_suite(void)
{
    Suite *s = suite_create("replay_scale");
    TCase *t = tcase_create("millions");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, a_list_of_a_million_objects_falls);
    tcase_add_test(t, a_star_gives_up_its_oldest_edge_first);
    tcase_add_test(t, a_million_point_at_one_that_dies);
    tcase_add_test(t, one_reference_a_million_times);
    tcase_add_test(t, an_array_that_grows_one_by_one_moves_a_million_times);
    tcase_add_test(t, a_block_of_a_million_objects_is_freed);
    tcase_add_test(t, a_million_acquires_are_released_in_their_order);
    tcase_add_test(t, a_million_elements_come_to_one_place);
    tcase_add_test(t,
                   an_owner_of_a_million_blocks_clears_itself_a_million_times);
    tcase_add_test(t, storage_of_a_million_goes_to_and_fro);
    tcase_add_test(t, memory_goes_unseen_a_million_times);
    suite_add_tcase(s, t);
    return s;
}
