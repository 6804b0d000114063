/* SPDX-License-Identifier: MIT */
/* check_unreleased.c - who took the count that nobody gave back */
#include "finding_kit.h"

enum {
    THING = 0x10000,
    OWNER = 0x20000,
    HOLDER = 0x30000,
    APART = 0x1000,
    GLOBAL = 0x500,
};

/* Functions that main calls, each from a line of its own. */
enum { MAKES = 1, KEEPS, USES, DROPS, STORES, ENDS };

static uint64_t place(unsigned function, unsigned line)
{
    return PROGRAM + (uint64_t)SITES * (function + 1) + line;
}

/* main -> function, at that line of it */
static void IN(unsigned function, unsigned line)
{
    const uint64_t ips[] = {PROGRAM + 0x10, PROGRAM + 0x100 + function,
                            place(function, line)};
    build_stack(&kit.b, 3, ips);
}

static void IN_MAIN(unsigned line)
{
    const uint64_t ips[] = {PROGRAM + 0x10, PROGRAM + 0x200 + line};
    build_stack(&kit.b, 2, ips);
}

#define ACQUIRE(p, cookie) SAY(OURO_REC_ACQUIRE, .a = (p), .size = (cookie))
#define RELEASE(p, cookie) SAY(OURO_REC_RELEASE, .a = (p), .size = (cookie))
#define DEAD(p)            SAY(OURO_REC_DEAD, .a = (p))

static void make(uint64_t p, const char *type)
{
    IN(MAKES, 1);
    MALLOC(p, 64);
    NEW(p, type);
}

static void use(uint64_t p)
{
    IN(USES, 1);
    INCREF(p);
    IN(USES, 2);
    DECREF(p);
}

static void keep(uint64_t p)
{
    IN(KEEPS, 1);
    INCREF(p);
}

/* What main made it gives back. */
static void finish(uint64_t p)
{
    IN_MAIN(9);
    DECREF(p);
}

/* The innermost place, as `place` gave it. */
static uint64_t where(const struct finding_unreleased *u)
{
    return u->stack.n > 0 ? PROGRAM + u->stack.at[0].offset : 0;
}

static const struct finding *unbalanced(void)
{
    return only(found(), FINDING_UNBALANCED);
}

START_TEST(an_acquire_is_paired_by_its_cookie)
{
    make(THING, "Thing");
    IN(USES, 1);
    ACQUIRE(THING, 77);
    IN(KEEPS, 1);
    ACQUIRE(THING, 88);
    IN(USES, 2);
    RELEASE(THING, 77);
    finish(THING);
    const struct finding *f = unbalanced();

    ck_assert_int_eq(f->reach, REACH_UNKNOWN);
    ck_assert_uint_eq(f->n_unreleased, 1);
    ck_assert_uint_eq(where(f->unreleased), place(KEEPS, 1));
    ck_assert_uint_eq(f->unreleased->count, 1);
    ck_assert(f->unreleased->certain);
    ck_assert(!f->unreleased->holder_dead);
}
END_TEST

START_TEST(equal_stacks_are_one_entry)
{
    make(THING, "Thing");
    IN(KEEPS, 1);
    for (uint64_t i = 0; i < 5; i++)
        ACQUIRE(THING, 10 + i);
    IN(DROPS, 1);
    RELEASE(THING, 12);
    finish(THING);
    const struct finding *f = unbalanced();

    ck_assert_uint_eq(f->n_unreleased, 1);
    ck_assert_uint_eq(f->unreleased->count, 4);
}
END_TEST

START_TEST(of_equal_cookies_as_many_remain_as_were_not_given_back)
{
    make(THING, "Thing");
    IN(KEEPS, 1);
    for (int i = 0; i < 3; i++)
        ACQUIRE(THING, 5);
    IN(DROPS, 1);
    RELEASE(THING, 5);
    finish(THING);
    const struct finding *f = unbalanced();

    ck_assert_uint_eq(f->n_unreleased, 1);
    ck_assert_uint_eq(f->unreleased->count, 2);
    ck_assert_int_eq(f->members->acquired, 2);
}
END_TEST

START_TEST(an_acquire_that_became_a_reference_is_not_missing)
{
    make(OWNER, "Owner");
    make(THING, "Thing");
    IN(STORES, 1);
    ACQUIRE(THING, OWNER);
    IN(STORES, 2);
    LINK(OWNER, "it", THING);
    const struct findings *f = found();

    ck_assert_uint_eq(how_many(f, FINDING_UNBALANCED), 2);
    for (uint32_t i = 0; i < f->n; i++) {
        ck_assert_uint_eq(f->at[i].n_unreleased, 1);
        ck_assert_uint_eq(where(f->at[i].unreleased), place(MAKES, 1));
    }
}
END_TEST

START_TEST(an_acquire_in_a_block_that_is_gone_is_definite)
{
    make(THING, "Thing");
    MALLOC(HOLDER, 100);
    IN(KEEPS, 1);
    ACQUIRE(THING, HOLDER + 40);
    finish(THING);
    FREE(HOLDER);
    const struct finding *f = unbalanced();

    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert_uint_eq(f->objects, 1);
    ck_assert_uint_eq(f->bytes, 64);
    ck_assert_uint_eq(f->n_unreleased, 1);
    ck_assert(f->unreleased->certain && f->unreleased->holder_dead);
    ck_assert_uint_eq(where(f->unreleased), place(KEEPS, 1));
}
END_TEST

START_TEST(another_block_at_that_address_is_another_holder)
{
    make(THING, "Thing");
    MALLOC(HOLDER, 100);
    IN(KEEPS, 1);
    ACQUIRE(THING, HOLDER);
    finish(THING);
    FREE(HOLDER);
    MALLOC(HOLDER, 100);

    ck_assert_int_eq(unbalanced()->reach, REACH_DEFINITE);
}
END_TEST

START_TEST(a_holder_that_moved_is_alive)
{
    make(THING, "Thing");
    MALLOC(HOLDER, 100);
    IN(KEEPS, 1);
    ACQUIRE(THING, HOLDER);
    finish(THING);
    SAY(OURO_REALLOC_BEGIN, .a = HOLDER);
    SAY(OURO_REALLOC_END, .a = HOLDER + APART, .size = 200);

    ck_assert_int_eq(unbalanced()->reach, REACH_UNKNOWN);
}
END_TEST

START_TEST(a_holder_in_no_block_is_unknown)
{
    make(THING, "Thing");
    IN(KEEPS, 1);
    ACQUIRE(THING, GLOBAL);
    finish(THING);

    ck_assert_int_eq(unbalanced()->reach, REACH_UNKNOWN);
}
END_TEST

START_TEST(an_object_that_died_may_have_been_the_holder)
{
    make(THING, "Thing");
    IN(MAKES, 2);
    SAY(OURO_REC_NEW_AT, .a = GLOBAL, .text = "Static", .n = 1, .size = 32);
    IN(KEEPS, 1);
    ACQUIRE(THING, GLOBAL + 8);
    finish(THING);
    DEAD(GLOBAL);

    ck_assert_int_eq(unbalanced()->reach, REACH_DEFINITE);
}
END_TEST

/* An owner holds a thing that main gave up; it ends, here or there. */
static void own(void)
{
    make(OWNER, "Owner");
    make(THING, "Thing");
    IN(STORES, 1);
    INCREF(THING);
    IN(STORES, 2);
    LINK(OWNER, "it", THING);
    finish(THING);
    IN_MAIN(8);
    DECREF(OWNER);
}

/* A global holds it, and so did something that is gone. */
static void hold_by_a_global_and(uint64_t cookie)
{
    make(THING, "Thing");
    SAY(OURO_REC_ROOT, .text = "the_thing", .b = THING);
    IN(KEEPS, 1);
    MALLOC(HOLDER, 64);
    ACQUIRE(THING, cookie);
}

START_TEST(a_dead_holder_is_told_though_a_root_reaches_the_object)
{
    hold_by_a_global_and(HOLDER);
    FREE(HOLDER);
    const struct finding *f = only(found(), FINDING_UNBALANCED);
    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert(f->unreleased->holder_dead);
}
END_TEST

START_TEST(a_holder_that_lives_is_not_told_where_a_root_reaches_the_object)
{
    hold_by_a_global_and(HOLDER);
    ck_assert_uint_eq(how_many(found(), FINDING_UNBALANCED), 0);
}
END_TEST

START_TEST(what_a_dead_owner_never_gave_back_is_definite)
{
    own();
    IN(ENDS, 1);
    DEAD(OWNER);
    FREE(OWNER);
    const struct finding *f = unbalanced();

    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert_uint_eq(f->unreleased->count, 1);
    ck_assert(f->unreleased->holder_dead);
    ck_assert_uint_eq(where(f->unreleased), place(STORES, 2));
}
END_TEST

START_TEST(what_is_given_back_after_the_owner_is_not_missing)
{
    own();
    IN(ENDS, 1);
    DEAD(OWNER);
    IN(ENDS, 2);
    DECREF(THING);
    DEAD(THING);
    FREE(THING);
    FREE(OWNER);

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

/* Somebody else keeps the thing: that is no fault of the owner, which gave back
   its count before its end, in the same function. */
START_TEST(an_owner_may_give_back_before_its_end_is_announced)
{
    make(OWNER, "Owner");
    make(THING, "Thing");
    IN(STORES, 1);
    INCREF(THING);
    LINK(OWNER, "it", THING);
    keep(THING);
    finish(THING);
    IN(ENDS, 1);
    DECREF(THING);
    use(THING);
    IN(ENDS, 2);
    DECREF(OWNER);
    DEAD(OWNER);
    FREE(OWNER);

    ck_assert_int_eq(unbalanced()->reach, REACH_UNKNOWN);
}
END_TEST

START_TEST(an_owner_that_goes_without_a_stack_proves_nothing)
{
    own();
    keep(THING);
    IN(ENDS, 1);
    DECREF(THING);
    RECORD(&kit.b, OURO_FREE, .stamp = kit.stamp += 1000, .a = OWNER);

    ck_assert_int_eq(unbalanced()->reach, REACH_UNKNOWN);
}
END_TEST

START_TEST(an_unlinked_count_may_have_gone_elsewhere)
{
    own();
    UNLINK(OWNER, "it", THING);
    IN(ENDS, 1);
    DEAD(OWNER);
    FREE(OWNER);

    ck_assert_int_eq(unbalanced()->reach, REACH_UNKNOWN);
}
END_TEST

START_TEST(a_function_that_takes_and_gives_back_is_not_blamed)
{
    for (uint64_t i = 0; i < 10; i++) {
        make(THING + i * APART, "Thing");
        use(THING + i * APART);
        if (i % 2)
            keep(THING + i * APART);
        finish(THING + i * APART);
        if (i % 2)
            continue;
        DEAD(THING + i * APART);
        FREE(THING + i * APART);
    }
    const struct finding *f = unbalanced();

    ck_assert_uint_eq(f->objects, 5);
    ck_assert_int_eq(f->reach, REACH_UNKNOWN);
    ck_assert_uint_eq(f->n_unreleased, 1);
    ck_assert_uint_eq(f->unreleased->count, 5);
    ck_assert_uint_eq(where(f->unreleased), place(KEEPS, 1));
    ck_assert(f->unreleased->certain);
}
END_TEST

/* Who gave back what NEW gave cannot be known where no such object died. */
START_TEST(where_two_sites_remain_neither_is_certain)
{
    for (uint64_t i = 0; i < 3; i++) {
        make(THING + i * APART, "Thing");
        keep(THING + i * APART);
        finish(THING + i * APART);
    }
    const struct finding *f = unbalanced();

    ck_assert_uint_eq(f->n_unreleased, 2);
    ck_assert(!f->unreleased[0].certain && !f->unreleased[1].certain);
    ck_assert_uint_eq(f->unreleased[0].count, 3);
}
END_TEST

START_TEST(what_is_never_given_back_is_the_count_it_was_born_with)
{
    make(THING, "Thing");
    use(THING);
    const struct finding *f = unbalanced();

    ck_assert_uint_eq(f->n_unreleased, 1);
    ck_assert_uint_eq(where(f->unreleased), place(MAKES, 1));
    ck_assert(f->unreleased->certain);
}
END_TEST

START_TEST(only_so_many_objects_of_a_site_are_looked_at)
{
    IN(MAKES, 1);
    for (uint64_t i = 0; i < 5000; i++) {
        MALLOC(THING + i * 0x40, 32);
        NEW(THING + i * 0x40, "Thing");
    }
    const struct finding *f = unbalanced();

    ck_assert_str_eq(f->what, "more counts than references "
                              "(4096 of 5000 objects looked at)");
    ck_assert_uint_eq(f->objects, 5000);
    ck_assert_uint_eq(f->unreleased->count, 4096);
}
END_TEST

START_TEST(counts_may_be_as_large_as_they_like)
{
    make(THING, "Thing");
    IN(KEEPS, 1);
    SAY(OURO_REC_ADD, .a = THING, .n = INT64_MAX - 1);
    IN(STORES, 1);
    SAY(OURO_REC_ADD, .a = THING, .n = INT64_MIN);
    SAY(OURO_REC_ADD, .a = THING, .n = INT64_MAX);
    const struct findings *f = found();

    ck_assert_uint_ge(f->n, 1);
}
END_TEST

START_TEST(the_constructor_is_not_where_an_object_is_made)
{
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t ips[] = {PROGRAM + 0x10, place(USES + i, 1),
                                place(MAKES, 1)};
        build_stack(&kit.b, 3, ips);
        MALLOC(THING + i * (uint64_t)APART, 64);
        NEW(THING + i * (uint64_t)APART, "Thing");
    }
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 2);
    ck_assert_uint_eq(f->at[0].made_at, 1);
    ck_assert_uint_eq(f->at[1].made_at, 1);
}
END_TEST

START_TEST(a_constructor_that_is_called_at_one_place_is_all_there_is)
{
    make(THING, "Thing");

    ck_assert_uint_eq(unbalanced()->made_at, 0);
}
END_TEST

Suite *unreleased_suite(void);

Suite *unreleased_suite(void)
{
    Suite *s = suite_create("unreleased");
    TCase *t = tcase_create("named");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, an_acquire_is_paired_by_its_cookie);
    tcase_add_test(t, equal_stacks_are_one_entry);
    tcase_add_test(t, of_equal_cookies_as_many_remain_as_were_not_given_back);
    tcase_add_test(t, an_acquire_that_became_a_reference_is_not_missing);
    tcase_add_test(t, an_acquire_in_a_block_that_is_gone_is_definite);
    tcase_add_test(t, another_block_at_that_address_is_another_holder);
    tcase_add_test(t, a_holder_that_moved_is_alive);
    tcase_add_test(t, a_holder_in_no_block_is_unknown);
    tcase_add_test(t, an_object_that_died_may_have_been_the_holder);
    suite_add_tcase(s, t);
    t = tcase_create("owned");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, a_dead_holder_is_told_though_a_root_reaches_the_object);
    tcase_add_test(
        t, a_holder_that_lives_is_not_told_where_a_root_reaches_the_object);
    tcase_add_test(t, what_a_dead_owner_never_gave_back_is_definite);
    tcase_add_test(t, what_is_given_back_after_the_owner_is_not_missing);
    tcase_add_test(t, an_owner_may_give_back_before_its_end_is_announced);
    tcase_add_test(t, an_owner_that_goes_without_a_stack_proves_nothing);
    tcase_add_test(t, an_unlinked_count_may_have_gone_elsewhere);
    suite_add_tcase(s, t);
    t = tcase_create("anonymous");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, a_function_that_takes_and_gives_back_is_not_blamed);
    tcase_add_test(t, where_two_sites_remain_neither_is_certain);
    tcase_add_test(t, what_is_never_given_back_is_the_count_it_was_born_with);
    tcase_add_test(t, only_so_many_objects_of_a_site_are_looked_at);
    tcase_add_test(t, counts_may_be_as_large_as_they_like);
    tcase_add_test(t, the_constructor_is_not_where_an_object_is_made);
    tcase_add_test(t,
                   a_constructor_that_is_called_at_one_place_is_all_there_is);
    suite_add_tcase(s, t);
    return s;
}
