/* SPDX-License-Identifier: MIT */
/* check_finding.c - cycles are told with all that belongs to them */
#include "finding_kit.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000 };

static uint64_t offset_at(struct places p)
{
    ck_assert_uint_gt(p.n, 0);
    return p.at[0].offset;
}

/* A is made at 1, B at 2, linked at 3 and 4, released at 5. */
static const struct findings *told_pair(void)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Parent");
    AT(2);
    MALLOC(B, 32);
    NEW(B, "Child");
    AT(3);
    LINK(A, "child", B);
    INCREF(A);
    AT(4);
    LINK(B, "parent", A);
    AT(5);
    DECREF(A);
    return found();
}

START_TEST(a_pair_that_hold_each_other_is_a_cycle)
{
    const struct finding *f = only(told_pair(), FINDING_CYCLE);

    ck_assert_uint_eq(kit.f.n, 1);
    ck_assert_uint_eq(kit.f.n_unreachable, 2);
    ck_assert_uint_eq(f->instances, 1);
    ck_assert_uint_eq(f->objects, 2);
    ck_assert_uint_eq(f->blocks, 2);
    ck_assert_uint_eq(f->bytes, 96);
    ck_assert_uint_eq(f->retained_bytes, 96);
    ck_assert_str_eq(f->evidence, "counted");
    ck_assert_str_eq(f->shape, "ring");
    ck_assert_int_eq(f->generation, 0);
    ck_assert_uint_eq(f->n_types, 2);
    ck_assert_str_eq(f->types[0].type, "Child");
}
END_TEST

START_TEST(its_members_are_told_with_their_counts_and_birth)
{
    const struct finding *f = only(told_pair(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_members, 2);
    const struct finding_member *m = f->members;
    ck_assert_str_eq(m[0].type, "Child");
    ck_assert_str_eq(m[1].type, "Parent");
    ck_assert_uint_eq(m[0].addr, B);
    ck_assert_uint_eq(m[1].bytes, 64);
    ck_assert_int_eq(m[1].refcount, 1);
    ck_assert_int_eq(m[1].owned, 1);
    ck_assert_int_eq(m[1].anonymous, 0);
    ck_assert_int_eq(m[1].unknown, 0);
    ck_assert_uint_eq(offset_at(m[1].stack), 2 * SITES);
}
END_TEST

START_TEST(its_edges_go_round_and_the_newest_closed_it)
{
    const struct finding *f = only(told_pair(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_edges, 2);
    ck_assert_uint_eq(f->n_witness, 2);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert_uint_eq(f->edges[f->witness[i]].to,
                          f->edges[f->witness[1 - i]].from);
    const struct finding_edge *closing = &f->edges[f->closing_edge];
    ck_assert_str_eq(closing->field, "parent");
    ck_assert_str_eq(f->members[closing->from].type, "Child");
    ck_assert_uint_eq(closing->count, 1);
    ck_assert_uint_eq(offset_at(closing->stack), 5 * SITES);
}
END_TEST

START_TEST(the_last_release_orphaned_it)
{
    const struct finding *f = only(told_pair(), FINDING_CYCLE);

    ck_assert(f->has_orphaned);
    ck_assert_str_eq(f->orphaned_by, "release");
    ck_assert_uint_eq(offset_at(f->orphaned_stack), 6 * SITES);
    ck_assert(f->has_last_release);
    ck_assert(f->orphaned_time == f->last_release_time);
    ck_assert(f->orphaned_time > f->edges[f->closing_edge].time);
}
END_TEST

START_TEST(a_count_given_to_oneself_orphans_by_the_link)
{
    AT(1);
    MALLOC(A, 16);
    NEW(A, "Selfish");
    AT(2);
    LINK(A, "self", A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_str_eq(f->orphaned_by, "link");
    ck_assert(!f->has_last_release);
    ck_assert_uint_eq(offset_at(f->orphaned_stack), 3 * SITES);
    ck_assert_uint_eq(f->n_witness, 1);
    ck_assert(f->edges[f->closing_edge].time == f->orphaned_time);
}
END_TEST

START_TEST(of_several_releases_the_newest_counts)
{
    AT(1);
    dead_pair(A, B);
    INCREF(A);
    INCREF(B);
    AT(2);
    DECREF(B);
    AT(3);
    DECREF(A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_str_eq(f->orphaned_by, "release");
    ck_assert_uint_eq(offset_at(f->orphaned_stack), 4 * SITES);
}
END_TEST

START_TEST(of_several_links_the_newest_counts_also_after_a_release)
{
    AT(1);
    MALLOC(A, 16);
    NEW(A, "One");
    MALLOC(B, 16);
    NEW(B, "Two");
    INCREF(A);
    DECREF(A);
    AT(2);
    LINK(A, "two", B);
    AT(3);
    LINK(B, "one", A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_str_eq(f->orphaned_by, "link");
    ck_assert_uint_eq(offset_at(f->orphaned_stack), 4 * SITES);
    ck_assert(f->last_release_time < f->orphaned_time);
}
END_TEST

START_TEST(a_ring_that_somebody_holds_is_no_cycle)
{
    AT(1);
    dead_pair(A, B);
    INCREF(B);
    const struct findings *f = found();

    ck_assert_uint_eq(how_many(f, FINDING_CYCLE), 0);
    ck_assert_uint_eq(f->n_unreachable, 0);
    const struct finding *u = only(f, FINDING_UNBALANCED);
    ck_assert_int_eq(u->reach, REACH_UNKNOWN);
    ck_assert_int_eq(u->members[0].anonymous, 1);
}
END_TEST

START_TEST(a_ring_that_a_root_holds_is_no_finding)
{
    AT(1);
    dead_pair(A, B);
    INCREF(A);
    SAY(OURO_REC_ROOT, .text = "the_global", .b = A);

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

START_TEST(ten_thousand_equal_cycles_are_one_finding)
{
    AT(1);
    for (uint64_t i = 0; i < 10000; i++)
        dead_pair(A + 0x200 * i, A + 0x200 * i + 0x100);
    const struct findings *all = found();
    const struct finding *f = only(all, FINDING_CYCLE);

    ck_assert_uint_eq(all->n, 1);
    ck_assert_uint_eq(f->instances, 10000);
    ck_assert_uint_eq(f->objects, 20000);
    ck_assert_uint_eq(f->bytes, 960000);
    ck_assert_uint_eq(f->n_members, 2);
    ck_assert_uint_eq(f->members[1].addr, A);
    ck_assert_uint_eq(f->types[0].count, 10000);
}
END_TEST

/* n objects in a ring, A first. */
static void dead_ring(uint32_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        MALLOC(A + 0x40 * i, 32);
        NEW(A + 0x40 * i, "Link");
    }
    for (uint64_t i = 0; i < n; i++)
        LINK(A + 0x40 * i, "next", A + 0x40 * ((i + 1) % n));
}

START_TEST(the_smallest_of_equal_cycles_is_described)
{
    AT(1);
    dead_ring(50);
    const uint64_t far = A + 0x100000;
    for (uint64_t i = 0; i < 3; i++) {
        MALLOC(far + 0x40 * i, 32);
        NEW(far + 0x40 * i, "Link");
    }
    for (uint64_t i = 0; i < 3; i++)
        LINK(far + 0x40 * i, "next", far + 0x40 * ((i + 1) % 3));
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->instances, 2);
    ck_assert_uint_eq(f->objects, 53);
    ck_assert_uint_eq(f->n_members, 3);
    ck_assert_uint_eq(f->members[0].addr, far);
}
END_TEST

/* Another depth of recursion is another stack, and the same site. */
START_TEST(equal_cycles_from_other_stacks_are_one_finding)
{
    const uint64_t ips[] = {PROGRAM + 0x100, PROGRAM + 2 * SITES,
                            PROGRAM + 2 * SITES, PROGRAM + 2 * SITES};
    build_stack(&kit.b, 2, ips);
    dead_ring(5);
    build_stack(&kit.b, 4, ips);
    const uint64_t far = A + 0x100000;
    MALLOC(far, 32);
    NEW(far, "Link");
    LINK(far, "next", far);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->instances, 2);
    ck_assert_uint_eq(f->objects, 6);
    ck_assert_uint_eq(f->n_members, 1);
    ck_assert_uint_eq(f->n_types, 1);
    ck_assert_uint_eq(f->types[0].count, 6);
}
END_TEST

START_TEST(a_ring_of_fifty_thousand_is_told_whole)
{
    AT(1);
    dead_ring(50000);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_members, 50000);
    ck_assert_uint_eq(f->n_witness, 50000);
}
END_TEST

static const struct {
    unsigned kind;
    const char *why;
} keepers[] = {
    {OURO_REC_IMMORTAL, "never collected"},
    {OURO_REC_IGNORE, "kept on purpose"},
    {OURO_REC_UNTRACK, "its edges cannot be trusted"},
};

START_TEST(a_ring_through_an_object_that_is_kept_is_no_finding)
{
    AT(1);
    dead_pair(A, B);
    SAY(keepers[_i].kind, .a = A);

    ck_assert_msg(found()->n == 0, "%s", keepers[_i].why);
}
END_TEST

START_TEST(a_ring_in_a_block_that_is_kept_is_no_finding)
{
    AT(1);
    MALLOC(A, 64);
    SAY(OURO_REC_IGNORE, .a = A);
    NEW(A + 16, "BehindItsHeader");
    LINK(A + 16, "self", A + 16);

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

START_TEST(references_through_one_field_are_one_edge)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "List");
    SAY(OURO_REC_LINK_AT, .a = A, .text = "items", .n = 0, .b = A);
    for (int i = 1; i < 4; i++) {
        INCREF(A);
        SAY(OURO_REC_LINK_AT, .a = A, .text = "items", .n = i, .b = A);
    }
    for (uint64_t i = 16; i <= 24; i += 8) {
        INCREF(A);
        SAY(OURO_REC_LINK, .a = A + i, .b = A);
    }
    INCREF(A);
    AT(2);
    SAY(OURO_REC_LINK_AT, .a = A, .text = "items", .n = 4, .b = A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_edges, 3);
    ck_assert_str_eq(f->edges[0].field, "+16");
    ck_assert_str_eq(f->edges[1].field, "+24");
    ck_assert_str_eq(f->edges[2].field, "items");
    ck_assert_uint_eq(f->edges[2].count, 5);
    ck_assert_uint_eq(offset_at(f->edges[2].stack), 3 * SITES);
    ck_assert_int_eq(f->members[0].owned, 7);
}
END_TEST

/* A pair whose storage of 16 bytes each refers to the other at this offset. */
static void dead_vectors(uint64_t p, uint64_t q, uint64_t offset)
{
    AT(1);
    MALLOC(p, 64);
    NEW(p, "Parent");
    MALLOC(q, 32);
    NEW(q, "Child");
    MALLOC(p + 0x100, 64);
    MALLOC(q + 0x100, 64);
    SAY(OURO_REC_LINK, .a = p + 0x100 + offset, .b = q);
    INCREF(p);
    SAY(OURO_REC_LINK, .a = q + 0x100 + offset, .b = p);
    DECREF(p);
    SAY(OURO_REC_OWN, .a = p, .b = p + 0x100);
    SAY(OURO_REC_OWN, .a = q, .b = q + 0x100);
}

START_TEST(all_elements_of_owned_storage_are_one_field)
{
    dead_vectors(A, B, 0);
    INCREF(B);
    SAY(OURO_REC_LINK, .a = A + 0x108, .b = B);
    dead_vectors(C, D, 8);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->instances, 2);
    ck_assert_uint_eq(f->n_edges, 2);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert_str_eq(f->edges[i].field, "[]");
}
END_TEST

START_TEST(an_element_is_no_offset_in_the_object)
{
    dead_vectors(A, B, 8);
    INCREF(B);
    SAY(OURO_REC_LINK, .a = A + 8, .b = B);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_edges, 3);
}
END_TEST

START_TEST(frames_of_the_guest_never_show)
{
    const uint64_t ips[] = {PROGRAM + 0x100, PROGRAM + 0x2000, GUEST + 0x500,
                            GUEST + 0x900};
    build_stack(&kit.b, 4, ips);
    MALLOC(A, 16);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->stack.n, 2);
    ck_assert_uint_eq(f->stack.at[0].offset, 0x2000);
}
END_TEST

START_TEST(most_retained_comes_first)
{
    AT(1);
    dead_pair(A, B);
    AT(2);
    MALLOC(C, 5000);
    AT(3);
    MALLOC(D, 10);
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 3);
    ck_assert_int_eq(f->at[0].kind, FINDING_LEAK);
    ck_assert_int_eq(f->at[1].kind, FINDING_CYCLE);
    ck_assert_uint_eq(f->at[2].bytes, 10);
}
END_TEST

START_TEST(an_empty_program_has_no_findings)
{
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 0);
    ck_assert(!f->fingerprints_fragile);
}
END_TEST

static TCase *stories(void)
{
    TCase *t = tcase_create("stories");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_pair_that_hold_each_other_is_a_cycle);
    tcase_add_test(t, its_members_are_told_with_their_counts_and_birth);
    tcase_add_test(t, its_edges_go_round_and_the_newest_closed_it);
    tcase_add_test(t, the_last_release_orphaned_it);
    tcase_add_test(t, a_count_given_to_oneself_orphans_by_the_link);
    tcase_add_test(t, of_several_releases_the_newest_counts);
    tcase_add_test(t, of_several_links_the_newest_counts_also_after_a_release);
    tcase_add_test(t, references_through_one_field_are_one_edge);
    tcase_add_test(t, all_elements_of_owned_storage_are_one_field);
    tcase_add_test(t, an_element_is_no_offset_in_the_object);
    tcase_add_test(t, frames_of_the_guest_never_show);
    tcase_add_test(t, most_retained_comes_first);
    tcase_add_test(t, an_empty_program_has_no_findings);
    return t;
}

Suite *finding_suite(void);

Suite *finding_suite(void)
{
    Suite *s = suite_create("finding");
    suite_add_tcase(s, stories());
    TCase *t = tcase_create("sets");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_ring_that_somebody_holds_is_no_cycle);
    tcase_add_test(t, a_ring_that_a_root_holds_is_no_finding);
    tcase_add_test(t, ten_thousand_equal_cycles_are_one_finding);
    tcase_add_test(t, the_smallest_of_equal_cycles_is_described);
    tcase_add_test(t, equal_cycles_from_other_stacks_are_one_finding);
    tcase_add_test(t, a_ring_of_fifty_thousand_is_told_whole);
    tcase_add_test(t, a_ring_in_a_block_that_is_kept_is_no_finding);
    tcase_add_loop_test(t, a_ring_through_an_object_that_is_kept_is_no_finding,
                        0, sizeof keepers / sizeof keepers[0]);
    suite_add_tcase(s, t);
    return s;
}
