/* SPDX-License-Identifier: MIT */
/* check_shadow.c - what each macro says is what the shadow graph holds */
#include "replay_kit.h"

enum { T = 1, F = 2, G = 3, NAME = 4 };
enum { A = 0x1000, B = 0x2000, C = 0x3000, D = 0x4000, STATIC = 0x100 };

/* Three objects in blocks of 64 bytes; a is object 0. */
static void three_objects(void)
{
    kit_begin();
    for (uint64_t p = A; p <= C; p += 0x1000) {
        MALLOC(p, 64);
        NEW(p, T);
    }
}

START_TEST(blocks_come_and_go_and_count_as_valgrind_counts)
{
    MALLOC(A, 10);
    MALLOC(B, 0);
    REALLOC_BEGIN(A);
    REALLOC_END(C, 30);
    FREE(B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].addr, C);
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

START_TEST(a_realloc_that_failed_changes_nothing)
{
    MALLOC(A, 10);
    NEW(A, T);
    REALLOC_BEGIN(A);
    REALLOC_FAILED();
    INCREF(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].addr, A);
    ck_assert_int_eq(s->objects[0].rc, 2);
    ck_assert_uint_eq(s->totals.allocations, 1);
    ck_assert_uint_eq(s->totals.frees, 0);
}
END_TEST

START_TEST(a_realloc_to_nothing_is_a_free)
{
    MALLOC(A, 10);
    REALLOC_BEGIN(A);
    REALLOC_FREED();
    MALLOC(A, 20);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].size, 20);
    ck_assert_uint_eq(s->totals.frees, 1);
    ck_assert_uint_eq(s->totals.order_conflicts, 0);
}
END_TEST

START_TEST(a_realloc_that_never_returned_leaves_the_block_there)
{
    MALLOC(A, 10);
    NEW(A, T);
    REALLOC_BEGIN(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->blocks[0].addr, A);
    ck_assert_uint_eq(s->blocks[0].object, 0);
    ck_assert_uint_eq(s->totals.live_bytes, 10);
}
END_TEST

static bool wants_all(void *to, uint64_t birth)
{
    (void)to, (void)birth;
    return true;
}

static void count_heard(void *to, const struct replay *r, const struct heard *h)
{
    (void)r, (void)h;
    ++*(int *)to;
}

START_TEST(what_ends_behind_the_last_event_has_no_event)
{
    int heard = 0;
    const struct listener listener = {
        .to = &heard, .wants = wants_all, .hear = count_heard};
    kit_replay.listener = &listener;
    MALLOC(A, 32);
    MALLOC(B, 32);
    NEW(A, T);
    NEW(B, T);
    LINK(A, F, B);
    REALLOC_BEGIN(A);
    MALLOC(A, 32);
    heard = 0;
    const struct shadow *s = result();

    ck_assert_int_eq(heard, 0);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->n_objects, 1);
}
END_TEST

START_TEST(an_object_starts_with_one_count_and_its_blocks_stack)
{
    kit_stack = 7;
    MALLOC(A, 48);
    kit_stack = 0;
    NEW(A, T);
    INCREF(A);
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

START_TEST(new_at_gives_the_count_the_size_and_the_leaf)
{
    SAY(OURO_REC_NEW_AT, .a = STATIC, .text = T, .n = 0, .size = 24,
        .flags = OURO_NEW_IS_LEAF);
    const struct shadow *s = result();

    ck_assert_int_eq(s->objects[0].rc, 0);
    ck_assert_uint_eq(s->objects[0].bytes, 24);
    ck_assert_uint_eq(s->objects[0].flags, OBJECT_LEAF);
    ck_assert_uint_eq(s->objects[0].block, OURO_NONE);
    ck_assert_uint_eq(s->n_misuses, 0);
}
END_TEST

START_TEST(counts_add_up)
{
    INCREF(A);
    ADD(A, 5);
    DECREF(A);
    ADD(A, -2);
    ACQUIRE(A, 77);
    ACQUIRE(A, 78);
    RELEASE(A, 77);
    const struct shadow *s = result();

    ck_assert_int_eq(s->objects[0].rc, 5);
    ck_assert_int_eq(s->objects[0].acquired, 1);
    ck_assert_uint_eq(s->totals.increfs, 8);
    ck_assert_uint_eq(s->totals.decrefs, 4);
    ck_assert_uint_eq(s->n_links, 0);
}
END_TEST

START_TEST(a_type_a_label_and_flags_are_kept)
{
    SAY(OURO_REC_TYPE, .a = A, .text = G);
    SAY(OURO_REC_LABEL, .a = A, .text = NAME);
    MARK(OURO_REC_UNTRACK, A);
    MARK(OURO_REC_IMMORTAL, A);
    MARK(OURO_REC_FINALIZER, A);
    MARK(OURO_REC_IGNORE, B + 8);
    MARK(OURO_REC_UNTRACK, C);
    MARK(OURO_REC_TRACK, C);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->objects[0].type, G);
    ck_assert_uint_eq(s->objects[0].label, NAME);
    ck_assert_uint_eq(s->objects[0].flags,
                      OBJECT_UNTRACKED | OBJECT_IMMORTAL | OBJECT_FINALIZER);
    ck_assert_uint_eq(s->objects[1].flags, OBJECT_IGNORED);
    ck_assert(s->blocks[1].ignored);
    ck_assert_uint_eq(s->objects[2].flags, 0);
    ck_assert(!s->blocks[2].ignored);
}
END_TEST

START_TEST(freeze_holds_those_that_are_born_before_it)
{
    SAY(OURO_REC_GC_FREEZE, .a = 0);
    MALLOC(D, 8);
    NEW(D, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->objects[0].flags, OBJECT_FROZEN);
    ck_assert_uint_eq(s->objects[2].flags, OBJECT_FROZEN);
    ck_assert_uint_eq(s->objects[3].flags, 0);
}
END_TEST

START_TEST(unfreeze_frees_them_all)
{
    SAY(OURO_REC_GC_FREEZE, .a = 0);
    SAY(OURO_REC_GC_UNFREEZE, .a = 0);

    ck_assert_uint_eq(result()->objects[0].flags, 0);
}
END_TEST

START_TEST(a_link_is_an_edge_and_no_count)
{
    LINK(A, F, B);
    LINK(A, F, B);
    LINK(A, G, B);
    UNLINK(A, F, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].owner, 0);
    ck_assert_uint_eq(s->links[0].target, 1);
    ck_assert_uint_eq(s->links[0].field, F);
    ck_assert_int_eq(s->links[0].index, -1);
    ck_assert_uint_eq(s->links[1].field, G);
    ck_assert_int_eq(s->objects[1].rc, 1);
    ck_assert_uint_eq(s->totals.links, 3);
    ck_assert_uint_eq(s->totals.unlinks, 1);
}
END_TEST

START_TEST(unlink_takes_the_newest_of_those_that_are_alike)
{
    LINK_AT(A, F, 5, A + 8, B);
    LINK_AT(A, F, 6, A + 16, B);
    UNLINK(A, F, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_int_eq(s->links[0].index, 5);
    ck_assert_uint_eq(s->links[0].slot, A + 8);
}
END_TEST

START_TEST(unlink_wants_the_same_owner_field_and_target)
{
    LINK(A, F, B);
    UNLINK(A, G, B);
    UNLINK(A, 0, B);
    UNLINK(A, F, C);
    UNLINK(C, F, B);
    UNLINK(STATIC, F, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->totals.unlinks, 0);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 5);
    ck_assert_uint_eq(s->totals.unannounced, 0);
}
END_TEST

START_TEST(without_a_field_the_offset_is_the_name)
{
    LINK(A + 8, 0, B);
    LINK(A + 16, 0, B);
    UNLINK(A + 8, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].owner, 0);
    ck_assert_uint_eq(s->links[0].field, 0);
    ck_assert_int_eq(s->links[0].offset, 16);
}
END_TEST

START_TEST(unlink_all_empties_one_owner)
{
    LINK(A, F, B);
    LINK(A + 8, 0, C);
    LINK(B, F, C);
    UNLINK_ALL(A);
    UNLINK_ALL(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].owner, 1);
    ck_assert_uint_eq(s->totals.unlinks, 2);
}
END_TEST

START_TEST(an_owner_in_no_object_and_no_block_is_a_root)
{
    LINK(STATIC, 0, A);
    LINK(STATIC, 0, A);
    LINK(STATIC + 8, F, A);
    UNLINK(STATIC + 16, 0, A);
    UNLINK(STATIC, 0, A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].owner, OURO_NONE);
    ck_assert_int_eq(s->links[0].offset, STATIC);
    ck_assert_uint_eq(s->links[1].field, F);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 1);
}
END_TEST

START_TEST(a_root_by_name_holds_until_unroot)
{
    ROOT(NAME, A);
    ROOT(NAME, A);
    ROOT(F, B);
    UNROOT(NAME, A);
    UNROOT(F, A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].owner, OURO_NONE);
    ck_assert_uint_eq(s->links[0].target, 0);
    ck_assert_uint_eq(s->links[0].field, NAME);
    ck_assert_uint_eq(s->links[1].target, 1);
    ck_assert_uint_eq(s->totals.unmatched_unlinks, 1);
}
END_TEST

START_TEST(weak_references_are_not_edges)
{
    WEAK(A, F, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.unannounced, 0);
}
END_TEST

START_TEST(what_stands_in_an_owned_block_is_the_owners)
{
    MALLOC(D, 80);
    OWN(A, D);
    LINK(D + 24, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->blocks[3].owner, 0);
    ck_assert_uint_eq(s->links[0].owner, 0);
    ck_assert_int_eq(s->links[0].offset, 24);
}
END_TEST

START_TEST(owning_again_changes_the_owner)
{
    MALLOC(D, 80);
    OWN(A, D);
    OWN(B, D + 8);
    DEAD(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->blocks[3].owner, 0);
    ck_assert_uint_eq(s->objects[0].addr, B);
}
END_TEST

START_TEST(dead_drops_edges_and_owned_blocks_but_not_the_counts_it_gave)
{
    MALLOC(D, 80);
    OWN(A, D);
    LINK(A, F, B);
    INCREF(B);
    LINK(C, F, A);
    DEAD(A);
    LINK(D, 0, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 2);
    ck_assert_uint_eq(s->n_blocks, 4);
    ck_assert_uint_eq(s->blocks[0].object, OURO_NONE);
    ck_assert_uint_eq(s->blocks[3].owner, OURO_NONE);
    ck_assert_int_eq(s->objects[0].rc, 2);
    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].owner, OURO_NONE);
    ck_assert_uint_eq(s->totals.dangling_links, 1);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(freeing_the_block_says_dead)
{
    LINK(A, F, B);
    DECREF(A);
    FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 2);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.objects_live, 2);
    ck_assert_uint_eq(s->totals.objects_created, 3);
    ck_assert_uint_eq(s->n_misuses, 0);
}
END_TEST

START_TEST(link_makes_the_count_that_its_owner_acquired_an_owned_one)
{
    ACQUIRE(B, A);
    ACQUIRE(B, 9);
    LINK(A + 8, F, B);
    const struct shadow *s = result();

    ck_assert_int_eq(s->objects[1].rc, 3);
    ck_assert_int_eq(s->objects[1].acquired, 1);
}
END_TEST

START_TEST(move_takes_identity_edges_and_slots_along)
{
    MALLOC(D, 64);
    LINK_AT(A, F, 0, A + 8, B);
    LINK_AT(B, F, 0, B + 8, A);
    MOVE(A, D);
    FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->objects[0].birth, 0);
    ck_assert_uint_eq(s->objects[0].addr, D);
    ck_assert_uint_eq(s->objects[0].block, 2);
    ck_assert_uint_eq(s->blocks[2].object, 0);
    ck_assert_uint_eq(s->n_links, 2);
    ck_assert_uint_eq(s->links[0].slot, D + 8);
    ck_assert_uint_eq(s->links[1].target, 0);
    ck_assert_uint_eq(s->links[1].slot, B + 8);
}
END_TEST

START_TEST(a_new_life_at_a_live_address_ends_the_old_one)
{
    LINK(B, F, A);
    NEW(A, G);
    MOVE(C, B);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_objects, 2);
    ck_assert_uint_eq(s->objects[0].birth, 2);
    ck_assert_uint_eq(s->objects[0].addr, B);
    ck_assert_uint_eq(s->objects[1].birth, 3);
    ck_assert_uint_eq(s->objects[1].type, G);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->totals.renewed, 2);
}
END_TEST

START_TEST(the_first_mismatch_of_each_type_is_remembered)
{
    COUNT(A, 1);
    INCREF(A);
    kit_stack = 9;
    COUNT(A, 3);
    COUNT(A, 4);
    COUNT(A, 2);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->totals.count_mismatches, 2);
    ck_assert_uint_eq(s->n_mismatches, 1);
    ck_assert_uint_eq(s->mismatches[0].type, T);
    ck_assert_uint_eq(s->mismatches[0].stamp, 1008);
    ck_assert_uint_eq(s->mismatches[0].stack, 9);
    ck_assert_int_eq(s->mismatches[0].said, 3);
    ck_assert_int_eq(s->mismatches[0].announced, 2);
    ck_assert_uint_eq(s->mismatches[0].n, 2);
    ck_assert_int_eq(s->objects[0].rc, 2);
}
END_TEST

START_TEST(what_was_never_announced_is_counted_and_no_misuse)
{
    MALLOC(D, 64);
    INCREF(D);
    DECREF(D);
    DEAD(D);
    DECREF(STATIC);
    LINK(A, F, D);
    UNLINK(A, F, D);
    OWN(A, STATIC);
    OWN(STATIC, D);
    ROOT(NAME, D);
    MOVE(D, STATIC);
    MARK(OURO_REC_IGNORE, STATIC);
    COUNT(D, 3);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->totals.unannounced, 12);
    ck_assert_uint_eq(s->n_misuses, 0);
    ck_assert_uint_eq(s->n_links, 0);
    ck_assert_uint_eq(s->n_objects, 3);
}
END_TEST

START_TEST(a_full_address_space_is_no_trouble)
{
    const uint64_t last = UINT64_MAX;
    MALLOC(last, 1);
    NEW_AT(last, T, 1, 100);
    MALLOC(0, UINT64_MAX);
    NEW(0, T);
    LINK(last, F, 12345);
    ADD(0, INT64_MAX);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_blocks, 2);
    ck_assert_uint_eq(s->n_objects, 2);
    ck_assert_uint_eq(s->n_links, 1);
    ck_assert_uint_eq(s->links[0].target, 1);
    ck_assert_int_eq(s->objects[1].rc, INT64_MIN);
}
END_TEST

Suite *shadow_suite(void);

Suite *shadow_suite(void)
{
    Suite *s = suite_create("shadow");
    TCase *t = tcase_create("blocks");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, blocks_come_and_go_and_count_as_valgrind_counts);
    tcase_add_test(t, a_realloc_that_failed_changes_nothing);
    tcase_add_test(t, a_realloc_to_nothing_is_a_free);
    tcase_add_test(t, a_realloc_that_never_returned_leaves_the_block_there);
    tcase_add_test(t, what_ends_behind_the_last_event_has_no_event);
    tcase_add_test(t, an_object_starts_with_one_count_and_its_blocks_stack);
    tcase_add_test(t, new_at_gives_the_count_the_size_and_the_leaf);
    tcase_add_test(t, a_full_address_space_is_no_trouble);
    suite_add_tcase(s, t);

    t = tcase_create("objects");
    tcase_add_checked_fixture(t, three_objects, kit_end);
    tcase_add_test(t, counts_add_up);
    tcase_add_test(t, a_type_a_label_and_flags_are_kept);
    tcase_add_test(t, freeze_holds_those_that_are_born_before_it);
    tcase_add_test(t, unfreeze_frees_them_all);
    tcase_add_test(t, freeing_the_block_says_dead);
    tcase_add_test(t, move_takes_identity_edges_and_slots_along);
    tcase_add_test(t, a_new_life_at_a_live_address_ends_the_old_one);
    tcase_add_test(t, the_first_mismatch_of_each_type_is_remembered);
    tcase_add_test(t, what_was_never_announced_is_counted_and_no_misuse);
    suite_add_tcase(s, t);

    t = tcase_create("edges");
    tcase_add_checked_fixture(t, three_objects, kit_end);
    tcase_add_test(t, a_link_is_an_edge_and_no_count);
    tcase_add_test(t, unlink_takes_the_newest_of_those_that_are_alike);
    tcase_add_test(t, unlink_wants_the_same_owner_field_and_target);
    tcase_add_test(t, without_a_field_the_offset_is_the_name);
    tcase_add_test(t, unlink_all_empties_one_owner);
    tcase_add_test(t, an_owner_in_no_object_and_no_block_is_a_root);
    tcase_add_test(t, a_root_by_name_holds_until_unroot);
    tcase_add_test(t, weak_references_are_not_edges);
    tcase_add_test(t, what_stands_in_an_owned_block_is_the_owners);
    tcase_add_test(t, owning_again_changes_the_owner);
    tcase_add_test(
        t, dead_drops_edges_and_owned_blocks_but_not_the_counts_it_gave);
    tcase_add_test(t,
                   link_makes_the_count_that_its_owner_acquired_an_owned_one);
    suite_add_tcase(s, t);
    return s;
}
