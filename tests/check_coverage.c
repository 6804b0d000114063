/* SPDX-License-Identifier: MIT */
/* check_coverage.c - what is explained, what is not, and what to do about it */
#include "explain/coverage.h"
#include "finding_kit.h"
#include "random_graph.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, APART = 0x1000 };

#define ACQUIRE(p, cookie) SAY(OURO_REC_ACQUIRE, .a = (p), .size = (cookie))
#define RELEASE(p, cookie) SAY(OURO_REC_RELEASE, .a = (p), .size = (cookie))
#define DEAD(p)            SAY(OURO_REC_DEAD, .a = (p))
#define ROOT(name, p)      SAY(OURO_REC_ROOT, .text = (name), .b = (p))
#define UNROOT(name, p)    SAY(OURO_REC_UNROOT, .text = (name), .b = (p))
#define COUNT(p, count)    SAY(OURO_REC_COUNT, .a = (p), .n = (count))
#define TYPE(p, type)      SAY(OURO_REC_TYPE, .a = (p), .text = (type))

static struct coverage c;

static void release(void)
{
    coverage_release(&c);
    shadow_release(&kit.s);
    trace_close(&kit.t);
    kit_release();
}

/* main -> caller -> function, at a line of each. */
static uint64_t place(unsigned function, unsigned line)
{
    return PROGRAM + (uint64_t)SITES * (function + 1) + line;
}

static void IN(unsigned caller, unsigned function, unsigned line)
{
    const uint64_t ips[] = {PROGRAM + 0x10, place(0, caller),
                            place(caller, function), place(function, line)};
    build_stack(&kit.b, 4, ips);
}

static void cover(void)
{
    struct err e;
    snprintf(kit.path, sizeof kit.path, "/tmp/check_coverage.%d.trace",
             (int)getpid());
    ck_assert(build_save(&kit.b, kit.path));
    ck_assert_int_eq(trace_open(&kit.t, kit.path, &e), 0);
    unlink(kit.path);
    ck_assert_int_eq(shadow_build(&kit.s, &kit.t, NULL, NULL, &e), 0);
    struct symbolizer *z = symbolizer_begin();
    const int rc = coverage_make(&c, z, &kit.s, &kit.t, NULL, NULL, &e);
    symbolizer_end(z);
    ck_assert_int_eq(rc, 0);
}

static const struct coverage_type *type(const char *name)
{
    for (uint32_t i = 0; i < c.n_types; i++)
        if (strcmp(c.types[i].type, name) == 0)
            return &c.types[i];
    ck_abort_msg("no type %s", name);
}

static const struct todo *todo(enum todo_what what)
{
    for (uint32_t i = 0; i < c.n_todo; i++)
        if (c.todo[i].what == what)
            return &c.todo[i];
    return NULL;
}

static void make(uint64_t p, const char *name)
{
    MALLOC(p, 64);
    NEW(p, name);
}

enum { MAKER = 1, PUSH, FREES, LENDS, GET, PUT };

START_TEST(what_no_reference_holds_any_more_at_the_end_is_next)
{
    for (uint64_t i = 0; i < 4; i++) {
        IN(MAKER, MAKER, 1);
        make(B + i * APART, "Node");
        INCREF(B + i * APART);
        ROOT("kept", B + i * APART);
        UNROOT("kept", B + i * APART);
        DECREF(B + i * APART);
    }
    cover();

    ck_assert_uint_eq(type("Node")->anonymous, 4);
    uint64_t told = 0;
    for (uint32_t i = 0; i < c.n_todo; i++)
        if (c.todo[i].what == TODO_SITE || c.todo[i].what == TODO_LEFT)
            told += c.todo[i].weight;
    ck_assert_uint_eq(told, 4);
}
END_TEST

START_TEST(counts_of_references_that_were_taken_back_are_next)
{
    IN(MAKER, MAKER, 1);
    make(A, "Node");
    make(B, "Node");
    for (int i = 0; i < 2; i++) {
        LINK(A, "next", B);
        UNLINK(A, "next", B);
    }
    DECREF(A);
    FREE(A);
    cover();

    ck_assert_uint_eq(type("Node")->anonymous, 1);
    ck_assert_ptr_nonnull(todo(TODO_LEFT));
    ck_assert_uint_eq(todo(TODO_LEFT)->weight, 1);
}
END_TEST

START_TEST(a_site_that_takes_and_never_links_is_told_with_who_gives_back)
{
    for (uint64_t i = 0; i < 5; i++) {
        IN(MAKER, MAKER, 1);
        make(A + i * APART, "Node");
        IN(PUSH, PUSH, 1);
        INCREF(A + i * APART);
        IN(MAKER, MAKER, 2);
        DECREF(A + i * APART);
        IN(FREES, FREES, 1);
        DECREF(A + i * APART);
        FREE(A + i * APART);
    }
    cover();

    ck_assert_uint_eq(c.n_sites, 1);
    const struct coverage_site *s = &c.sites[0];
    ck_assert_str_eq(s->type, "Node");
    ck_assert_int_eq(s->by, TAKEN_BY_INCREF);
    ck_assert_uint_eq(s->open, 5);
    ck_assert_uint_eq(s->elsewhere, 5);
    ck_assert_uint_eq(s->stack.at[s->at].offset, place(PUSH, 1) - PROGRAM);
    ck_assert_uint_eq(s->back.at[s->back_at].offset, place(FREES, 1) - PROGRAM);
    ck_assert_uint_eq(type("Node")->nearby, 5);
    ck_assert_uint_eq(c.todo[0].weight, 5);
    ck_assert_int_eq(c.todo[0].what, TODO_SITE);
}
END_TEST

START_TEST(what_became_a_reference_or_has_a_name_is_explained)
{
    IN(MAKER, MAKER, 1);
    make(A, "Owner");
    make(B, "Node");
    LINK(A, "first", B);
    INCREF(B);
    LINK(A, "second", B);
    ACQUIRE(B, 7);
    cover();

    const struct coverage_type *t = type("Node");
    ck_assert_uint_eq(t->taken, 3);
    ck_assert_uint_eq(t->linked, 2);
    ck_assert_uint_eq(t->run.named, 1);
    ck_assert_uint_eq(t->open, 0);
    ck_assert_uint_eq(t->counts, 3);
    ck_assert_uint_eq(t->owned, 2);
    ck_assert_uint_eq(t->acquired, 1);
    ck_assert_uint_eq(t->anonymous, 0);
    ck_assert(!coverage_never_holds(type("Owner")));
    ck_assert(coverage_never_holds(t));
}
END_TEST

START_TEST(a_link_takes_the_count_that_its_owner_took_by_name)
{
    IN(MAKER, MAKER, 1);
    make(A, "Owner");
    make(B, "Node");
    ACQUIRE(B, A);
    LINK(A, "field", B);
    cover();

    ck_assert_uint_eq(type("Node")->run.named, 1);
    ck_assert_uint_eq(type("Node")->linked, 0);
    ck_assert_uint_eq(type("Node")->open, 1);
    ck_assert_uint_eq(type("Node")->owned, 1);
    ck_assert_uint_eq(type("Node")->acquired, 0);
}
END_TEST

START_TEST(a_count_that_a_caller_gives_back_is_explained)
{
    IN(LENDS, MAKER, 1);
    make(A, "Node");
    IN(PUSH, PUSH, 1);
    INCREF(A);
    const uint64_t inner[] = {PROGRAM + 0x10, place(0, PUSH), place(PUSH, PUSH),
                              place(PUSH, 5), place(GET, 1)};
    build_stack(&kit.b, 5, inner);
    INCREF(A);
    IN(PUSH, PUSH, 2);
    DECREF(A);
    IN(PUSH, PUSH, 3);
    DECREF(A);
    cover();

    ck_assert_uint_eq(c.n_sites, 1);
    ck_assert_int_eq(c.sites[0].by, TAKEN_BY_NEW);
    ck_assert_uint_eq(type("Node")->nearby, 2);
}
END_TEST

START_TEST(a_function_that_only_counts_is_not_the_one_that_gives_back)
{
    IN(LENDS, MAKER, 1);
    make(A, "Node");
    for (unsigned i = 0; i < 8; i++) {
        const uint64_t get[] = {PROGRAM + 0x10, place(0, PUSH), place(PUSH, i),
                                place(PUSH, 8 + i), place(GET, 1)};
        const uint64_t put[] = {PROGRAM + 0x10, place(0, PUSH), place(PUSH, i),
                                place(PUSH, 80 + i), place(PUT, 1)};
        build_stack(&kit.b, 5, get);
        INCREF(A);
        build_stack(&kit.b, 5, put);
        DECREF(A);
    }
    cover();

    ck_assert_uint_eq(type("Node")->nearby, 8);
    ck_assert_uint_eq(type("Node")->open, 1);
}
END_TEST

START_TEST(a_link_without_a_count_is_told)
{
    IN(MAKER, MAKER, 1);
    make(A, "Parent");
    make(B, "Child");
    LINK(B, "self", A);
    IN(PUSH, PUSH, 1);
    LINK(B, "parent", A);
    IN(FREES, FREES, 1);
    LINK(A, "child", B);
    cover();

    ck_assert_uint_eq(c.n_surplus, 1);
    ck_assert_str_eq(c.surplus[0].type, "Parent");
    ck_assert_str_eq(c.surplus[0].field, "parent");
    ck_assert_uint_eq(c.surplus[0].n, 1);
    ck_assert_uint_eq(c.all.missing, 1);
    ck_assert_ptr_nonnull(todo(TODO_SURPLUS));
}
END_TEST

START_TEST(a_link_told_before_its_count_or_its_unlink_is_none)
{
    IN(MAKER, MAKER, 1);
    make(A, "Node");
    make(B, "Owner");
    LINK(B, "first", A);
    LINK(B, "second", A);
    INCREF(A);
    LINK(B, "third", A);
    UNLINK(B, "first", A);
    LINK(B, "fourth", A);
    INCREF(A);
    cover();

    ck_assert_uint_eq(c.n_surplus, 0);
    ck_assert_uint_eq(c.all.missing, 0);
}
END_TEST

START_TEST(references_that_outlive_their_counts_are_told_at_the_newest)
{
    IN(MAKER, MAKER, 1);
    make(A, "Node");
    make(B, "Owner");
    INCREF(A);
    LINK(B, "first", A);
    LINK(B, "second", A);
    DECREF(A);
    cover();

    ck_assert_uint_eq(c.n_surplus, 1);
    ck_assert_str_eq(c.surplus[0].field, "second");
}
END_TEST

START_TEST(a_mismatch_is_told_with_the_last_match_and_what_came_between)
{
    IN(MAKER, MAKER, 1);
    make(A, "Node");
    INCREF(A);
    COUNT(A, 2);
    const double matched = (double)(kit.stamp - 1000) / 1e9;
    IN(PUSH, PUSH, 1);
    INCREF(A);
    DECREF(A);
    COUNT(A, 3);
    INCREF(A);
    COUNT(A, 9);
    cover();

    ck_assert_uint_eq(c.n_mismatches, 1);
    const struct coverage_mismatch *m = &c.mismatches[0];
    ck_assert(m->known && m->matched);
    ck_assert_int_eq(m->matched_count, 2);
    ck_assert(m->matched_time - matched < 1e-5);
    ck_assert_int_eq(m->is->said, 3);
    ck_assert_int_eq(m->is->announced, 2);
    ck_assert_uint_eq(m->is->n, 2);
    ck_assert_uint_eq(m->n_told, 2);
    ck_assert_int_eq(m->told[0].kind, OURO_REC_INCREF);
    ck_assert_int_eq(m->told[0].rc, 3);
    ck_assert_int_eq(m->told[1].kind, OURO_REC_DECREF);
    ck_assert_int_eq(m->told[1].rc, 2);
    ck_assert(m->went_on);
    ck_assert_int_eq(m->after.kind, OURO_REC_INCREF);
    ck_assert_int_eq(m->after.rc, 3);
}
END_TEST

START_TEST(of_many_events_before_a_mismatch_the_last_are_told)
{
    IN(MAKER, MAKER, 1);
    make(A, "Node");
    for (int i = 0; i < 5 * STORY_EVENTS; i++)
        INCREF(A);
    COUNT(A, 1000);
    cover();

    const struct coverage_mismatch *m = &c.mismatches[0];
    ck_assert(m->known && !m->matched);
    ck_assert_uint_eq(m->n_events, 5 * STORY_EVENTS + 1);
    ck_assert_uint_eq(m->n_told, STORY_EVENTS);
    ck_assert_int_eq(m->told[STORY_EVENTS - 1].rc, 5 * STORY_EVENTS + 1);
}
END_TEST

START_TEST(types_are_told_for_how_they_end)
{
    IN(MAKER, MAKER, 1);
    make(A, "Dropped");
    FREE(A);
    make(B, "Kept");
    make(C, "Right");
    DECREF(C);
    DEAD(C);
    cover();

    ck_assert_uint_eq(type("Dropped")->run.died_early, 1);
    ck_assert_uint_eq(type("Dropped")->run.left, 1);
    ck_assert(coverage_never_given(type("Kept")));
    ck_assert(!coverage_never_given(type("Right")));
    ck_assert_uint_eq(type("Right")->open, 0);
    ck_assert_str_eq(c.types[todo(TODO_DIED)->index].type, "Dropped");
    ck_assert_str_eq(c.types[todo(TODO_NEVER_GIVEN)->index].type, "Kept");
}
END_TEST

START_TEST(members_that_link_before_their_class_make_it_a_holder)
{
    IN(MAKER, MAKER, 1);
    make(B, "Node");
    MALLOC(A, 64);
    LINK(A + 8, "", B);
    NEW(A, "Class");
    FREE(B);
    cover();

    ck_assert(!coverage_never_holds(type("Class")));
    ck_assert_uint_eq(c.totals->unannounced, 0);
    ck_assert_uint_eq(c.totals->dangling_links, 1);
}
END_TEST

START_TEST(an_object_counts_for_the_type_that_it_has_in_the_end)
{
    IN(MAKER, MAKER, 1);
    make(A, "Base");
    TYPE(A, "Derived");
    cover();

    ck_assert_uint_eq(type("Derived")->run.created, 1);
    ck_assert_uint_eq(type("Derived")->taken, 1);
    ck_assert_uint_eq(type("Derived")->open, 1);
}
END_TEST

START_TEST(what_is_immortal_needs_no_explanation)
{
    IN(MAKER, MAKER, 1);
    make(A, "None");
    INCREF(A);
    SAY(OURO_REC_IMMORTAL, .a = A);
    cover();

    ck_assert_uint_eq(type("None")->taken, 2);
    ck_assert_uint_eq(type("None")->excused, 2);
    ck_assert_uint_eq(type("None")->open, 0);
    ck_assert_uint_eq(type("None")->live, 0);
    ck_assert_uint_eq(c.n_sites, 0);
}
END_TEST

START_TEST(a_program_that_says_nothing_is_told_so)
{
    IN(MAKER, MAKER, 1);
    MALLOC(A, 64);
    cover();

    ck_assert(!c.speaks);
    ck_assert_uint_eq(c.n_todo, 0);
}
END_TEST

START_TEST(events_about_nothing_are_enough_to_speak)
{
    IN(MAKER, MAKER, 1);
    INCREF(A);
    cover();

    ck_assert(c.speaks);
    ck_assert_int_eq(c.todo[0].what, TODO_ODDITY);
    ck_assert_uint_eq(c.oddities[0].stack.n, 4);
}
END_TEST

/* What a program does that says whatever comes to its mind. */
static void speak_at_random(uint64_t *seed)
{
    static const char *const names[] = {"One", "Two", "Three"};
    const uint64_t p = A + APART * (uint64_t)random_below(seed, 6);
    const uint64_t q = A + APART * (uint64_t)random_below(seed, 6);
    const uint64_t cookie = random_below(seed, 3);
    IN(random_below(seed, 3), random_below(seed, 3), random_below(seed, 2));
    switch (random_below(seed, 12)) {
    case 0:
        MALLOC(p, 64);
        NEW(p, names[random_below(seed, 3)]);
        return;
    case 1:
        FREE(p);
        return;
    case 2:
    case 3:
        INCREF(p);
        return;
    case 4:
    case 5:
        DECREF(p);
        return;
    case 6:
        ACQUIRE(p, cookie);
        return;
    case 7:
        RELEASE(p, cookie);
        return;
    case 8:
        UNLINK(p, "f", q);
        return;
    case 9:
        TYPE(p, names[random_below(seed, 3)]);
        return;
    default:
        LINK(p, "f", q);
    }
}

/* Every sum once more, from what the shadow says. */
START_TEST(every_count_is_in_one_sum)
{
    uint64_t seed = (uint64_t)_i + 1;
    for (int i = 0; i < 300; i++)
        speak_at_random(&seed);
    cover();

    uint64_t counts = 0;
    for (uint32_t i = 0; i < kit.s.n_objects; i++)
        if (kit.s.objects[i].rc > 0)
            counts += (uint64_t)kit.s.objects[i].rc;
    const struct coverage_type *all = &c.all;
    const struct shadow_totals *t = &kit.s.totals;
    CLAIM(all->run.created == t->objects_created, seed);
    CLAIM(all->live == t->objects_live, seed);
    CLAIM(all->taken == t->objects_created + t->increfs, seed);
    CLAIM(all->run.given == t->decrefs, seed);
    CLAIM(all->run.links == t->links, seed);
    CLAIM(all->taken == all->run.named + all->linked + all->nearby + all->open,
          seed);
    CLAIM(all->excused == 0, seed);
    CLAIM(all->counts == counts, seed);
    CLAIM(all->counts == all->owned + all->acquired + all->anonymous, seed);
    uint64_t open = 0;
    for (uint32_t i = 0; i < c.n_sites; i++)
        open += c.sites[i].elsewhere + c.sites[i].died + c.sites[i].held;
    CLAIM(open == all->open, seed);
    for (uint32_t i = 1; i < c.n_todo; i++)
        CLAIM(c.todo[i - 1].weight >= c.todo[i].weight, seed);
}
END_TEST

Suite *coverage_suite(void);

Suite *coverage_suite(void)
{
    Suite *s = suite_create("coverage");
    TCase *t = tcase_create("counts");
    tcase_add_checked_fixture(t, kit_begin, release);
    tcase_add_test(
        t, a_site_that_takes_and_never_links_is_told_with_who_gives_back);
    tcase_add_test(t, what_no_reference_holds_any_more_at_the_end_is_next);
    tcase_add_test(t, counts_of_references_that_were_taken_back_are_next);
    tcase_add_test(t, what_became_a_reference_or_has_a_name_is_explained);
    tcase_add_test(t, a_link_takes_the_count_that_its_owner_took_by_name);
    tcase_add_test(t, a_count_that_a_caller_gives_back_is_explained);
    tcase_add_test(t,
                   a_function_that_only_counts_is_not_the_one_that_gives_back);
    tcase_add_test(t, a_link_without_a_count_is_told);
    tcase_add_test(t, a_link_told_before_its_count_or_its_unlink_is_none);
    tcase_add_test(t,
                   references_that_outlive_their_counts_are_told_at_the_newest);
    tcase_add_test(
        t, a_mismatch_is_told_with_the_last_match_and_what_came_between);
    tcase_add_test(t, of_many_events_before_a_mismatch_the_last_are_told);
    tcase_add_test(t, types_are_told_for_how_they_end);
    tcase_add_test(t, members_that_link_before_their_class_make_it_a_holder);
    tcase_add_test(t, an_object_counts_for_the_type_that_it_has_in_the_end);
    tcase_add_test(t, what_is_immortal_needs_no_explanation);
    tcase_add_test(t, a_program_that_says_nothing_is_told_so);
    tcase_add_test(t, events_about_nothing_are_enough_to_speak);
    tcase_add_loop_test(t, every_count_is_in_one_sum, 0, 100);
    suite_add_tcase(s, t);
    return s;
}
