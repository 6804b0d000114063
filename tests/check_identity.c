/* SPDX-License-Identifier: MIT */
/* check_identity.c - an event means the object that the program meant */
#include "replay_kit.h"

enum { T = 1, F = 2, POOL = 0x500 };
enum { A = 0x1000, B = 0x2000, C = 0x3000, STATIC = 0x100 };

START_TEST(an_interior_pointer_means_the_only_object_of_its_block)
{
    MALLOC(A, 64);
    NEW(A + 16, T);
    INCREF(A + 24);
    INCREF(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 1);
    ck_assert_int_eq(s->objects[0].rc, 3);
    ck_assert_uint_eq(s->objects[0].bytes, 48);
    ck_assert_uint_eq(s->objects[0].block, 0);
    ck_assert_uint_eq(s->blocks[0].object, OURO_NONE);
}
END_TEST

START_TEST(where_a_block_holds_two_objects_an_interior_pointer_means_neither)
{
    MALLOC(A, 64);
    NEW(A, T);
    NEW(A + 32, T);
    INCREF(A + 8);
    const struct shadow *s = result();

    ck_assert_int_eq(s->objects[0].rc, 1);
    ck_assert_int_eq(s->objects[1].rc, 1);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(an_owner_in_a_sub_object_is_the_sub_object)
{
    MALLOC(A, 64);
    MALLOC(B, 64);
    NEW(B, T);
    NEW(A, T);
    NEW_AT(A + 16, T, 1, 16);
    LINK(A + 24, 0, B);
    LINK(A + 40, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].owner, 1);
    ck_assert_int_eq(s->links[0].offset, 40);
    ck_assert_uint_eq(s->links[1].owner, 2);
    ck_assert_int_eq(s->links[1].offset, 8);
}
END_TEST

START_TEST(an_array_of_objects_in_one_block_has_an_owner_each)
{
    enum { N = 10, BYTES = 24 };
    MALLOC(A, N * BYTES);
    MALLOC(B, 8);
    NEW(B, T);
    for (uint64_t i = 0; i < N; i++)
        NEW_AT(A + i * BYTES, T, 1, BYTES);
    for (uint64_t i = 0; i < N; i++)
        LINK(A + i * BYTES + 16, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, N);
    for (uint32_t i = 0; i < N; i++)
        ck_assert_uint_eq(s->links[i].owner, 1 + i);
}
END_TEST

START_TEST(members_that_link_before_their_class_is_announced_are_its_own)
{
    MALLOC(A, 64);
    MALLOC(B, 64);
    NEW(B, T);
    LINK(A + 8, 0, B);
    NEW(A, T);
    UNLINK(A + 8, 0, B);
    LINK(A + 16, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].owner, 1);
    ck_assert_int_eq(s->links[0].offset, 16);
    ck_assert_uint_eq(s->totals.unlinks, 1);
    ck_assert_uint_eq(s->totals.unannounced, 0);
}
END_TEST

START_TEST(references_in_a_block_without_object_go_with_the_block)
{
    MALLOC(A, 64);
    MALLOC(B, 64);
    NEW(B, T);
    LINK(A + 8, 0, B);
    LINK(A + 16, F, B);
    UNLINK(A + 8, 0, B);
    FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.unlinks, 1);
    ck_assert_uint_eq(s->totals.unannounced, 2);
}
END_TEST

START_TEST(an_object_in_no_block_is_found_by_any_address_inside_it)
{
    MALLOC(B, 64);
    NEW(B, T);
    NEW_AT(STATIC, T, 1, 32);
    LINK(STATIC + 24, 0, B);
    LINK(STATIC + 32, 0, B);
    INCREF(STATIC + 8);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].owner, 1);
    ck_assert_uint_eq(s->links[1].owner, OURO_NONE);
    ck_assert_int_eq(s->objects[1].rc, 2);
}
END_TEST

START_TEST(realloc_moves_objects_with_their_edges_and_slots)
{
    MALLOC(A, 64);
    NEW(A, T);
    NEW_AT(A + 32, T, 1, 16);
    MALLOC(B, 64);
    NEW(B, T);
    LINK_AT(B, F, 0, B + 8, A);
    LINK_AT(A, F, 0, A + 8, B);
    LINK_AT(A + 32, F, 0, A + 40, B);
    REALLOC_BEGIN(A);
    MALLOC(A, 16);
    REALLOC_END(C, 128);
    UNLINK(C + 32, F, B);
    LINK_AT(C + 32, F, 0, C + 44, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 3);
    ck_assert_uint_eq(s->objects[0].addr, C);
    ck_assert_uint_eq(s->objects[0].birth, 0);
    ck_assert_uint_eq(s->objects[0].bytes, 128);
    ck_assert_uint_eq(s->objects[1].addr, C + 32);
    ck_assert_uint_eq(s->n_links, 3);
    ck_assert_uint_eq(s->links[0].slot, C + 8);
    ck_assert_uint_eq(s->links[1].slot, C + 44);
    ck_assert_uint_eq(s->links[2].target, 0);
    ck_assert_uint_eq(s->totals.order_conflicts, 0);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 0);
}
END_TEST

START_TEST(realloc_of_an_owned_array_keeps_what_is_written_in_it)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    NEW(B, T);
    MALLOC(C, 16);
    OWN(A, C);
    LINK_AT(C, F, 1, C + 8, B);
    REALLOC_BEGIN(C);
    REALLOC_END(C + 0x100, 1024);
    LINK(C + 0x110, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].slot, C + 0x108);
    ck_assert_uint_eq(s->links[1].owner, 0);
    ck_assert_int_eq(s->links[1].offset, 16);
    ck_assert_uint_eq(s->blocks[2].owner, 0);
}
END_TEST

/* Two objects with 16 bytes of storage at C, which nobody owns yet. */
static void make_storage(void)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    NEW(B, T);
    MALLOC(C, 16);
}

/* One link from the owner's storage at this offset to the target, no more. */
static void one_from_storage(const struct shadow *s, uint32_t owner,
                             int64_t offset, uint32_t target)
{
    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].owner, owner);
    ck_assert(s->links[0].in_owned);
    ck_assert_int_eq(s->links[0].offset, offset);
    ck_assert_uint_eq(s->links[0].target, target);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 0);
    ck_assert_uint_eq(s->totals.unannounced, 0);
}

START_TEST(an_element_that_links_before_its_storage_is_owned_is_the_owners)
{
    make_storage();
    LINK(C + 8, 0, B);
    OWN(A, C);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

START_TEST(an_element_that_links_after_its_storage_is_owned_is_the_owners)
{
    make_storage();
    OWN(A, C);
    LINK(C + 8, 0, B);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

START_TEST(storage_that_moved_before_it_was_owned_keeps_its_elements)
{
    make_storage();
    LINK(C + 8, 0, B);
    REALLOC_BEGIN(C);
    REALLOC_END(C + 0x100, 32);
    OWN(A, C + 0x100);
    LINK(C + 0x110, 0, B);
    UNLINK(C + 0x110, 0, B);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

/* What std::vector does: the new element first, then the old ones move. */
START_TEST(a_vector_that_grows_keeps_its_elements)
{
    enum { LARGER = C + 0x100 };
    make_storage();
    LINK(C, 0, A);
    OWN(A, C);
    MALLOC(LARGER, 32);
    LINK(LARGER + 8, 0, B);
    UNLINK(C, 0, A);
    LINK(LARGER, 0, A);
    FREE(C);
    OWN(A, LARGER);
    UNLINK(LARGER, 0, A);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

START_TEST(storage_that_goes_to_another_owner_takes_its_elements_along)
{
    make_storage();
    LINK(C + 8, 0, A);
    LINK(C, 0, A);
    OWN(A, C);
    OWN(B, C);
    UNLINK(C, 0, A);

    one_from_storage(result(), 1, 8, 0);
}
END_TEST

START_TEST(an_offset_in_storage_is_not_one_in_the_object)
{
    make_storage();
    OWN(A, C);
    LINK(A + 8, 0, B);
    LINK(C + 8, 0, B);
    UNLINK(A + 8, 0, B);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

START_TEST(a_named_field_is_the_owners_wherever_it_was_written)
{
    make_storage();
    OWN(A, C);
    LINK(C, F, B);
    LINK(C + 8, F, B);
    LINK(A, F, B);
    UNLINK(A, F, B);
    UNLINK(A + 16, F, B);
    LINK(A, F, A);
    UNLINK(C, F, A);
    const struct shadow *s = result();

    one_from_storage(s, 0, 0, 1);
    ck_assert_uint_eq(s->links[0].field, F);
}
END_TEST

START_TEST(an_element_takes_over_what_its_owner_acquired)
{
    make_storage();
    OWN(A, C);
    ACQUIRE(B, A);
    ACQUIRE(B, C);
    LINK(C + 8, 0, B);
    const struct shadow *s = result();

    one_from_storage(s, 0, 8, 1);
    ck_assert_int_eq(s->objects[1].acquired, 1);
}
END_TEST

START_TEST(elements_go_with_their_storage_and_with_their_owner)
{
    make_storage();
    LINK(C, 0, B);
    OWN(A, C);
    MALLOC(C + 0x100, 16);
    OWN(A, C + 0x100);
    LINK(C + 0x100, 0, B);
    FREE(C);
    one_from_storage(result(), 0, 0, 1);
    kit_end();

    kit_begin();
    make_storage();
    OWN(A, C);
    LINK(C, 0, B);
    DEAD(A);
    ck_assert_uint_eq(result()->n_links, 0);
}
END_TEST

START_TEST(an_owner_that_clears_itself_clears_its_storage)
{
    make_storage();
    LINK(C, 0, B);
    OWN(A, C);
    LINK(A + 8, 0, B);
    UNLINK_ALL(A);
    LINK(C, 0, B);
    LINK(A, 0, B);
    UNLINK_ALL(C + 8);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.unlinks, 4);
}
END_TEST

START_TEST(an_element_that_came_and_went_before_its_owner_was_only_early)
{
    make_storage();
    LINK(C, 0, B);
    LINK(C + 8, 0, B);
    UNLINK(C, 0, B);
    OWN(A, C);
    OWN(B, C);
    OWN(A, C);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

START_TEST(an_element_that_waits_for_its_owner_is_found)
{
    kit_replay.waits = true;
    kit_replay.patience = 10;
    make_storage();
    LINK(C, 0, B);
    LINK(C + 8, 0, B);
    OWN(A, C);
    UNLINK(C, 0, B);

    one_from_storage(result(), 0, 8, 1);
}
END_TEST

START_TEST(a_slot_in_a_block_that_was_freed_is_unknown)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    NEW(B, T);
    MALLOC(C, 16);
    LINK_AT(A, F, 1, C + 8, B);
    LINK_AT(A, F, 2, STATIC, B);
    FREE(C);
    MALLOC(C, 16);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->links[0].slot, 0);
    ck_assert_uint_eq(s->links[1].slot, STATIC);
}
END_TEST

START_TEST(a_block_that_shrinks_loses_the_objects_behind_its_end)
{
    MALLOC(A, 64);
    NEW(A, T);
    NEW_AT(A + 32, T, 1, 16);
    REALLOC_BEGIN(A);
    REALLOC_END(A, 32);

    ck_assert_uint_eq(result()->n_objects, 1);
}
END_TEST

START_TEST(an_object_announced_just_before_its_block_lives_in_it)
{
    kit_replay.patience = 10;
    NEW(A, T);
    MALLOC(A, 64);
    FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 0);
}
END_TEST

START_TEST(an_object_from_long_before_its_block_is_gone)
{
    kit_replay.patience = 10;
    NEW_AT(A + 8, T, 1, 8);
    NEW(B, T);
    kit_stamp += 100;
    MALLOC(A, 64);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 1);
    ck_assert_uint_eq(s->objects[0].addr, B);
}
END_TEST

START_TEST(two_lives_at_one_address_are_two_objects)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    NEW(B, T);
    LINK(B, F, A);
    FREE(A);
    MALLOC(A, 64);
    INCREF(A);
    NEW(A, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 2);
    ck_assert_uint_eq(s->objects[1].birth, 2);
    ck_assert_int_eq(s->objects[1].rc, 1);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(objects_need_not_be_aligned)
{
    MALLOC(A, 64);
    for (uint64_t i = 0; i < 16; i++)
        NEW_AT(A + i, T, (int64_t)i, 1);
    for (uint64_t i = 0; i < 16; i += 2)
        DEAD(A + i);
    for (uint64_t i = 1; i < 16; i += 2)
        INCREF(A + i);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 8);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_int_eq(s->objects[i].rc, 2 * i + 2);
}
END_TEST

START_TEST(the_innermost_block_holds_an_address)
{
    MALLOC(A, 256);
    POOL_CREATE(POOL, A, 256);
    POOL_ALLOC(POOL, A, 16);
    POOL_ALLOC(POOL, A + 16, 16);
    NEW(A, T);
    NEW(A + 16, T);
    INCREF(A + 8);
    LINK(A + 24, 0, A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 3);
    ck_assert(!s->blocks[0].pool);
    ck_assert(s->blocks[1].pool);
    ck_assert_uint_eq(s->blocks[1].addr, A);
    ck_assert_uint_eq(s->blocks[1].object, 0);
    ck_assert_uint_eq(s->blocks[0].object, OURO_NONE);
    ck_assert_int_eq(s->objects[0].rc, 2);
    ck_assert_uint_eq(s->objects[0].bytes, 16);
    ck_assert_uint_eq(s->links[0].owner, 1);
    ck_assert_uint_eq(s->totals.live_blocks, 1);
    ck_assert_uint_eq(s->totals.live_bytes, 256);
    ck_assert_uint_eq(s->totals.allocations, 1);
}
END_TEST

START_TEST(a_pool_element_that_is_freed_takes_its_object_along)
{
    MALLOC(A, 256);
    POOL_CREATE(POOL, A, 256);
    POOL_ALLOC(POOL, A, 16);
    POOL_ALLOC(POOL, A + 16, 16);
    NEW_AT(A, T, 0, 0);
    NEW_AT(A + 16, T, 0, 0);
    POOL_FREE(POOL, A);
    POOL_FREE(POOL, A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 2);
    ck_assert_uint_eq(s->n_objects, 1);
    ck_assert_uint_eq(s->objects[0].addr, A + 16);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(a_reset_empties_a_pool_and_a_destroy_ends_it)
{
    MALLOC(A, 256);
    POOL_CREATE(POOL, A, 256);
    POOL_CREATE(POOL + 1, A, 256);
    POOL_ALLOC(POOL, A, 16);
    POOL_ALLOC(POOL + 1, A + 16, 16);
    POOL_RESET(POOL);
    POOL_ALLOC(POOL, A + 32, 16);
    POOL_DESTROY(POOL);
    POOL_ALLOC(POOL, A + 48, 16);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 2);
    ck_assert_uint_eq(s->blocks[1].addr, A + 16);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(the_memory_of_a_pool_takes_the_elements_along)
{
    MALLOC(A, 256);
    POOL_CREATE(POOL, A, 256);
    POOL_ALLOC(POOL, A, 128);
    POOL_CREATE(POOL + 1, A, 128);
    POOL_ALLOC(POOL + 1, A, 16);
    POOL_ALLOC(POOL + 1, A + 16, 16);
    NEW_AT(A + 16, T, 0, 0);
    FREE(A);
    MALLOC(B, 64);
    POOL_ALLOC(POOL + 1, B, 32);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 2);
    ck_assert_uint_eq(s->blocks[0].addr, B);
    ck_assert_uint_eq(s->n_objects, 0);
}
END_TEST

START_TEST(pool_memory_that_moves_keeps_its_elements)
{
    MALLOC(A, 256);
    POOL_CREATE(POOL, A, 256);
    POOL_ALLOC(POOL, A + 16, 16);
    NEW(A + 16, T);
    REALLOC_BEGIN(A);
    REALLOC_END(B, 512);
    INCREF(B + 24);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->blocks[1].addr, B + 16);
    ck_assert_uint_eq(s->objects[0].addr, B + 16);
    ck_assert_int_eq(s->objects[0].rc, 2);
}
END_TEST

START_TEST(blocks_are_not_nested_without_end)
{
    MALLOC(A, 256);
    for (uint64_t i = 0; i < 100; i++) {
        POOL_CREATE(POOL + i, A, 256);
        POOL_ALLOC(POOL + i, A, 256);
    }
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 1 + MAX_DEPTH);
    ck_assert_uint_eq(s->totals.unannounced, 100 - MAX_DEPTH);
}
END_TEST

Suite *identity_suite(void);

Suite *identity_suite(void)
{
    Suite *s = suite_create("identity");
    TCase *t = tcase_create("addresses");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, an_interior_pointer_means_the_only_object_of_its_block);
    tcase_add_test(
        t, where_a_block_holds_two_objects_an_interior_pointer_means_neither);
    tcase_add_test(t, an_owner_in_a_sub_object_is_the_sub_object);
    tcase_add_test(t, an_array_of_objects_in_one_block_has_an_owner_each);
    tcase_add_test(
        t, members_that_link_before_their_class_is_announced_are_its_own);
    tcase_add_test(t, references_in_a_block_without_object_go_with_the_block);
    tcase_add_test(t, an_object_in_no_block_is_found_by_any_address_inside_it);
    tcase_add_test(t, two_lives_at_one_address_are_two_objects);
    tcase_add_test(t, objects_need_not_be_aligned);
    tcase_add_test(t, an_object_announced_just_before_its_block_lives_in_it);
    tcase_add_test(t, an_object_from_long_before_its_block_is_gone);
    suite_add_tcase(s, t);

    t = tcase_create("moves");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, realloc_moves_objects_with_their_edges_and_slots);
    tcase_add_test(t, realloc_of_an_owned_array_keeps_what_is_written_in_it);
    tcase_add_test(t, a_slot_in_a_block_that_was_freed_is_unknown);
    tcase_add_test(t, a_block_that_shrinks_loses_the_objects_behind_its_end);
    suite_add_tcase(s, t);

    t = tcase_create("storage");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(
        t, an_element_that_links_before_its_storage_is_owned_is_the_owners);
    tcase_add_test(
        t, an_element_that_links_after_its_storage_is_owned_is_the_owners);
    tcase_add_test(t,
                   storage_that_moved_before_it_was_owned_keeps_its_elements);
    tcase_add_test(t, a_vector_that_grows_keeps_its_elements);
    tcase_add_test(t,
                   storage_that_goes_to_another_owner_takes_its_elements_along);
    tcase_add_test(t, an_offset_in_storage_is_not_one_in_the_object);
    tcase_add_test(t, a_named_field_is_the_owners_wherever_it_was_written);
    tcase_add_test(t, an_element_takes_over_what_its_owner_acquired);
    tcase_add_test(t, elements_go_with_their_storage_and_with_their_owner);
    tcase_add_test(t, an_owner_that_clears_itself_clears_its_storage);
    tcase_add_test(
        t, an_element_that_came_and_went_before_its_owner_was_only_early);
    tcase_add_test(t, an_element_that_waits_for_its_owner_is_found);
    suite_add_tcase(s, t);

    t = tcase_create("pools");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, the_innermost_block_holds_an_address);
    tcase_add_test(t, a_pool_element_that_is_freed_takes_its_object_along);
    tcase_add_test(t, a_reset_empties_a_pool_and_a_destroy_ends_it);
    tcase_add_test(t, the_memory_of_a_pool_takes_the_elements_along);
    tcase_add_test(t, pool_memory_that_moves_keeps_its_elements);
    tcase_add_test(t, blocks_are_not_nested_without_end);
    suite_add_tcase(s, t);
    return s;
}
