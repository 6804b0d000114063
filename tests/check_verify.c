/* SPDX-License-Identifier: MIT */
/*
 * check_verify.c - what was found is believed only where it is true: each kind
 * of wrong claim is refused, in words that say what is wrong
 */
#include "finding_kit.h"
#include "random_graph.h"
#include "verify/verify.h"

enum {
    TOP = 0x10000, /* a ring of two that holds another, and a leaf */
    TOP_2 = 0x10100,
    INNER = 0x10200,
    INNER_2 = 0x10300,
    LEAF = 0x10400,
    ALIVE = 0x10500,  /* a ring that somebody holds */
    KEPT = 0x10600,   /* a count too many */
    SHORT = 0x10700,  /* a count too few */
    ZOMBIE = 0x10800, /* none at all */
    DEAD = 0x10900,   /* and one that died while it was held */
    COOKIE = 77,
};

static char why[VERIFY_SENTENCE];

static bool holds(void)
{
    struct verified n;
    return verify_image(&kit.s, &kit.t, &kit.f, &n, why);
}

static void make(uint64_t p, const char *type)
{
    MALLOC(p, 48);
    NEW(p, type);
}

/* One of each thing that is told about objects. */
static void find_all(void)
{
    kit_begin();
    AT(1);
    make(TOP, "Top");
    make(TOP_2, "Other");
    SAY(OURO_REC_FINALIZER, .a = TOP_2);
    LINK(TOP, "next", TOP_2);
    LINK(TOP_2, "back", TOP);
    make(INNER, "Inner");
    make(INNER_2, "Inner");
    LINK(TOP, "inner", INNER);
    INCREF(INNER);
    LINK(INNER, "next", INNER_2);
    LINK(INNER_2, "back", INNER);
    MALLOC(LEAF, 16);
    SAY(OURO_REC_NEW_AT, .a = LEAF, .text = "Leaf", .n = 1,
        .flags = OURO_NEW_IS_LEAF);
    LINK(INNER, "name", LEAF);
    make(ALIVE, "Alive");
    LINK(ALIVE, "self", ALIVE);
    SAY(OURO_REC_ACQUIRE, .a = ALIVE, .size = COOKIE);
    make(KEPT, "Kept");
    INCREF(KEPT);
    make(SHORT, "Short");
    LINK(KEPT, "one", SHORT);
    LINK(KEPT, "two", SHORT);
    make(ZOMBIE, "Zombie");
    DECREF(ZOMBIE);
    make(DEAD, "Dead");
    LINK(KEPT, "dead", DEAD);
    DECREF(DEAD);
    SAY(OURO_REC_DEAD, .a = DEAD);
    FREE(DEAD);
    found();
}

static struct finding *of_kind(enum finding_kind kind)
{
    for (uint32_t i = 0; i < kit.f.n; i++)
        if (kit.f.at[i].kind == kind && kit.f.at[i].n_members > 0)
            return &kit.f.at[i];
    ck_abort_msg("no such finding");
}

static struct finding *cycle(void)
{
    return of_kind(FINDING_CYCLE);
}

static uint32_t number_of(uint64_t addr)
{
    for (uint32_t v = 0; v < kit.s.n_objects; v++)
        if (kit.s.objects[v].addr == addr)
            return v;
    ck_abort_msg("no such object");
}

static void call(uint64_t addr, bool unreachable)
{
    unsigned char *set = (unsigned char *)kit.f.unreachable;
    set[number_of(addr)] = unreachable;
}

/* Each makes one claim false. */

static void one_alive_too_many(void)
{
    call(ALIVE, true);
}

static void one_too_few(void)
{
    call(INNER, false);
}

static void whole_rings_too_few(void)
{
    call(TOP, false);
    call(TOP_2, false);
    call(INNER, false);
    call(INNER_2, false);
    kit.f.n_unreachable -= 4;
}

static void an_inner_ring_too_few(void)
{
    call(INNER, false);
    call(INNER_2, false);
    kit.f.n_unreachable -= 2;
}

static void an_outer_ring_too_few(void)
{
    call(TOP, false);
    call(TOP_2, false);
    kit.f.n_unreachable -= 2;
}

static void a_leaf_too_many(void)
{
    call(LEAF, true);
}

static void a_wrong_number(void)
{
    kit.f.n_unreachable++;
}

static void a_count_too_many(void)
{
    cycle()->members[0].refcount++;
    cycle()->members[0].anonymous++;
}

static void a_reference_too_many(void)
{
    cycle()->members[0].owned++;
    cycle()->members[0].unknown--;
}

static void an_acquire_too_many(void)
{
    of_kind(FINDING_UNBALANCED)->members[0].acquired++;
    of_kind(FINDING_UNBALANCED)->members[0].anonymous--;
}

static void counts_that_do_not_add_up(void)
{
    cycle()->members[0].anonymous++;
}

static void another_type(void)
{
    cycle()->members[0].type = "Cousin";
}

static void another_address(void)
{
    cycle()->members[0].addr++;
}

static void a_member_of_nowhere(void)
{
    cycle()->members[0].object = kit.s.n_objects;
}

static void no_members(void)
{
    cycle()->n_members = 0;
}

static void a_member_too_few(void)
{
    cycle()->n_members--;
}

static void a_member_twice(void)
{
    cycle()->members[1] = cycle()->members[0];
}

/* Claims what is true of another object. */
static void take_in(struct finding *f, uint32_t place, uint64_t addr)
{
    const uint32_t v = number_of(addr);
    const struct object *o = &kit.s.objects[v];
    struct finding_member *m = &f->members[place];
    *m = (struct finding_member){
        .object = v,
        .type = kit.t.strings.text[o->type],
        .addr = o->addr,
        .refcount = o->rc,
        .acquired = o->acquired,
    };
    for (uint32_t i = 0; i < kit.s.n_links; i++)
        m->owned += kit.s.links[i].target == v;
    m->anonymous = m->refcount - m->owned - m->acquired;
}

static void a_member_that_lives(void)
{
    take_in(cycle(), 1, KEPT);
}

static void a_member_of_another_ring(void)
{
    take_in(cycle(), 1, INNER);
}

/* The inner ring, which the outer one holds, as a finding of its own. */
static void a_component_that_is_no_source(void)
{
    struct finding *f = cycle();
    take_in(f, 0, INNER);
    take_in(f, 1, INNER_2);
}

static void an_edge_of_no_member(void)
{
    cycle()->edges[0].to = 2;
}

static void an_edge_too_few(void)
{
    cycle()->n_edges--;
}

static void an_edge_too_many(void)
{
    struct finding *f = cycle();
    struct finding_edge *edges =
        ARENA_ARRAY(&kit.f.arena, f->n_edges + 1, struct finding_edge);
    memcpy(edges, f->edges, f->n_edges * sizeof *edges);
    edges[f->n_edges] = edges[0];
    edges[f->n_edges].to = edges[0].from;
    f->edges = edges;
    f->n_edges++;
}

static void an_edge_of_another_field(void)
{
    cycle()->edges[0].field = "elsewhere";
}

static void an_edge_told_as_two(void)
{
    cycle()->edges[0].count++;
}

static void an_edge_of_another_time(void)
{
    cycle()->edges[0].time += 1;
}

static void no_way_round(void)
{
    cycle()->n_witness = 0;
}

static void a_way_over_no_edge(void)
{
    cycle()->witness[1] = cycle()->n_edges;
}

static void a_way_that_is_open(void)
{
    cycle()->n_witness--;
}

static void a_way_that_stands_still(void)
{
    cycle()->witness[1] = cycle()->witness[0];
}

static void a_way_twice_round(void)
{
    struct finding *f = cycle();
    uint32_t *twice =
        ARENA_ARRAY(&kit.f.arena, 2 * (size_t)f->n_witness, uint32_t);
    for (uint32_t i = 0; i < 2 * f->n_witness; i++)
        twice[i] = f->witness[i % f->n_witness];
    f->witness = twice;
    f->n_witness *= 2;
}

static void another_closing_edge(void)
{
    cycle()->closing_edge = !cycle()->closing_edge;
}

static void no_closing_edge(void)
{
    cycle()->closing_edge = OURO_NONE;
}

static void more_retained(void)
{
    cycle()->retained_objects++;
}

static void more_held_cycles(void)
{
    ck_assert_uint_eq(cycle()->n_held, 1);
    cycle()->held[0].rings++;
}

static void no_held_cycles(void)
{
    cycle()->n_held = 0;
}

static void more_objects_in_held_cycles(void)
{
    cycle()->held[0].objects++;
}

static void another_generation(void)
{
    cycle()->generation = 2;
}

static void less_uncollectable(void)
{
    cycle()->uncollectable--;
}

static struct finding_weaken *weaken(void)
{
    ck_assert_uint_gt(cycle()->n_weaken, 0);
    ck_assert(cycle()->weaken->alone);
    return cycle()->weaken;
}

static void a_field_that_opens_nothing(void)
{
    weaken()->field = "inner";
}

static void a_field_of_another_type(void)
{
    weaken()->type = "Inner";
}

static void more_weak_edges(void)
{
    weaken()->edges++;
}

static void more_freed(void)
{
    weaken()->frees_objects++;
}

static void more_instances(void)
{
    cycle()->instances++;
}

static void more_objects(void)
{
    cycle()->objects++;
}

/* The findings are sorted by what they retain: the cycle is the first. */
static void a_cycle_untold(void)
{
    ck_assert_int_eq(kit.f.at[0].kind, FINDING_CYCLE);
    kit.f.at++;
    kit.f.n--;
}

static void a_surplus_untold(void)
{
    of_kind(FINDING_UNBALANCED)->instances--;
}

static void a_lack_untold(void)
{
    of_kind(FINDING_OVER_RELEASE)->instances--;
}

static void a_death_untold(void)
{
    for (uint32_t i = 0; i < kit.f.n; i++)
        kit.f.at[i].instances -= kit.f.at[i].kind == FINDING_OVER_RELEASE &&
                                 kit.f.at[i].n_members == 0;
}

static void a_surplus_called_a_lack(void)
{
    of_kind(FINDING_UNBALANCED)->kind = FINDING_OVER_RELEASE;
}

static void a_lack_called_a_surplus(void)
{
    of_kind(FINDING_OVER_RELEASE)->kind = FINDING_UNBALANCED;
}

static void a_zombie_with_a_count(void)
{
    take_in(of_kind(FINDING_MISUSE), 0, KEPT);
}

static void one_kept_on_purpose(void)
{
    kit.s.objects[number_of(KEPT)].flags |= OBJECT_IMMORTAL;
}

static void a_reference_that_went(void)
{
    kit.s.links[0].target = kit.s.n_objects;
}

static void references_in_disorder(void)
{
    const struct link first = kit.s.links[0];
    kit.s.links[0] = kit.s.links[kit.s.n_links - 1];
    kit.s.links[kit.s.n_links - 1] = first;
}

static const struct wrong {
    void (*claim)(void);
    const char *refusal;
} wrong[] = {
    {one_alive_too_many,
     "0x10500 (Alive) is called unreachable, but has 2 counts and 1 ref"},
    {one_too_few, "is called unreachable, but 0x10200 (Inner), which lives"},
    {whole_rings_too_few, "0x10000 (Top) is not called unreachable, but no"},
    {an_inner_ring_too_few, "(Inner) is not called unreachable, but no"},
    {an_outer_ring_too_few,
     "0x10200 (Inner) is called unreachable, but 0x10000 (Top), which lives"},
    {a_leaf_too_many, "0x10400 (Leaf) is called unreachable, but the coll"},
    {a_wrong_number, "6 objects are said to be unreachable, but 5"},
    {a_count_too_many, "counts, but it has"},
    {a_reference_too_many, "references, but there are"},
    {an_acquire_too_many, "does not explain the counts of"},
    {counts_that_do_not_add_up, "does not explain the counts of"},
    {another_type, "names another object than"},
    {another_address, "names another object than"},
    {a_member_of_nowhere, "has a member that does not exist"},
    {no_members, "has no members"},
    {a_member_too_few, "has 1 members, but 2 objects are held round"},
    {a_member_twice, "twice"},
    {a_member_that_lives, "has a member 0x10600 (Kept) that is reachable"},
    {a_member_of_another_ring, "no way leads round through 0x10200 (Inner)"},
    {a_component_that_is_no_source, "is no source: 0x10000 (Top), which"},
    {an_edge_of_no_member, "has an edge of no member"},
    {an_edge_too_few, "is left out"},
    {an_edge_too_many, "does not exist"},
    {an_edge_of_another_field, "is left out"},
    {an_edge_told_as_two, "is told 2 times, but is there 1"},
    {an_edge_of_another_time, "was made at another time"},
    {no_way_round, "shows no way round"},
    {a_way_over_no_edge, "its way round has an edge that does not exist"},
    {a_way_that_is_open, "its way round is not closed"},
    {a_way_that_stands_still, "its way round is not closed"},
    {a_way_twice_round, "its way round has 4 edges, but there is one of 2"},
    {another_closing_edge, "its closing edge is not the newest"},
    {no_closing_edge, "its closing edge is not the newest"},
    {more_retained, "retains 5 objects, but says 6"},
    {more_held_cycles, "holds 1 cycles of 2 objects, but says 2 of 2"},
    {no_held_cycles, "holds 1 cycles of 2 objects, but says 0 of 0"},
    {more_objects_in_held_cycles, "holds 1 cycles of 2 objects, but says 1"},
    {another_generation, "is of generation 0, but says 2"},
    {less_uncollectable, "has 2 uncollectable members, but says 1"},
    {a_field_that_opens_nothing, "inner weak, 0 of its 2 members are freed"},
    {a_field_of_another_type, "weak, 0 of its 2 members are freed"},
    {more_weak_edges, "1 edges are Other.back, but it says 2"},
    {more_freed, "with Other.back weak, 2 objects are freed, but it says 3"},
    {more_instances, "2 cycles are told, but there are 1"},
    {more_objects, "3 objects in cycles are told, but there are 2"},
    {a_cycle_untold, "0 cycles are told, but there are 1"},
    {a_surplus_untold, "more counts than references are told, but there are"},
    {a_lack_untold, "fewer counts than references are told, but there are"},
    {a_death_untold, "1 objects with fewer counts than references are told"},
    {a_surplus_called_a_lack, "has no fewer counts than references"},
    {a_lack_called_a_surplus, "has no more counts than references"},
    {a_zombie_with_a_count, "0x10600 (Kept) is no zombie"},
    {one_kept_on_purpose, "which is kept on purpose"},
    {a_reference_that_went, "names no object"},
    {references_in_disorder, "is not in order"},
};
enum { N_WRONG = sizeof wrong / sizeof wrong[0] };

START_TEST(what_is_true_is_accepted)
{
    struct verified n;
    find_all();

    ck_assert_msg(verify_image(&kit.s, &kit.t, &kit.f, &n, why), "%s", why);
    ck_assert_uint_eq(n.objects, 9);
    ck_assert_uint_eq(n.edges, 9);
    ck_assert_uint_eq(n.unreachable, 5);
    ck_assert_uint_eq(n.findings, kit.f.n - 1);
}
END_TEST

START_TEST(each_wrong_claim_is_refused_and_named)
{
    find_all();
    wrong[_i].claim();

    ck_assert_msg(!holds(), "claim %d is believed", _i);
    ck_assert_msg(strstr(why, wrong[_i].refusal), "claim %d: %s", _i, why);
}
END_TEST

static const unsigned marks[] = {OURO_REC_UNTRACK, OURO_REC_IMMORTAL,
                                 OURO_REC_IGNORE};

static uint64_t address(uint32_t v)
{
    return 0x10000 + 0x100 * (uint64_t)v;
}

/* A program with the graph's counts and references. */
static void find_random(uint64_t seed)
{
    static const char *const types[] = {"a", "b", "c"};
    static const char *const fields[] = {"x", "y", NULL};
    const struct random_graph r = random_graph(seed, seed % N_RANDOM_KINDS);
    uint64_t state = seed * 77 + 5;
    kit_begin();
    AT(1);
    for (uint32_t v = 0; v < r.n; v++) {
        const bool leaf = random_below(&state, 5) == 0;
        MALLOC(address(v), 16 + 8 * (uint64_t)v);
        SAY(OURO_REC_NEW_AT, .a = address(v), .n = r.rc[v],
            .text = types[random_below(&state, 3)],
            .flags = leaf ? OURO_NEW_IS_LEAF : 0);
        if (!r.candidate[v])
            SAY(marks[random_below(&state, 3)], .a = address(v));
    }
    for (uint32_t i = 0; i < r.m; i++)
        LINK(address(r.edges[i].from), fields[random_below(&state, 3)],
             address(r.edges[i].to));
    if (random_below(&state, 3) == 0)
        SAY(OURO_REC_ROOT, .text = "global",
            .b = address(random_below(&state, r.n)));
    found();
}

START_TEST(what_is_found_in_random_programs_holds_and_no_other_set_does)
{
    for (uint64_t seed = 1; seed <= 600; seed++) {
        find_random(seed);
        if (!holds())
            ck_abort_msg("seed %lu: %s", (unsigned long)seed, why);
        unsigned char *set = (unsigned char *)kit.f.unreachable;
        for (uint32_t v = 0; v < kit.s.n_objects; v++) {
            const uint32_t n = kit.f.n_unreachable;
            set[v] = !set[v];
            kit.f.n_unreachable = set[v] ? n + 1 : n - 1;
            CLAIM(!holds(), seed);
            set[v] = !set[v];
            kit.f.n_unreachable = n;
        }
        kit_release();
    }
}
END_TEST

/* Neither length nor width is a matter of the C stack, or of squares. */
START_TEST(a_long_ring_and_a_wide_star_are_verified)
{
    enum { N = 200000 };
    kit_begin();
    for (uint32_t v = 0; v < N; v++)
        NEW(address(v), "link");
    for (uint32_t v = 0; v < N; v++)
        LINK(address(v), "next", address((v + 1) % N));
    NEW(address(N), "hub");
    for (uint32_t v = N + 1; v < 2 * N; v++) {
        NEW(address(v), "spoke");
        INCREF(address(N));
        LINK(address(N), "item", address(v));
        LINK(address(v), "hub", address(N));
    }
    DECREF(address(N));
    found();

    ck_assert_msg(holds(), "%s", why);
    ck_assert_uint_eq(kit.f.n_unreachable, 2 * N);
}
END_TEST

Suite *verify_suite(void);

Suite *verify_suite(void)
{
    Suite *s = suite_create("verify");
    TCase *t = tcase_create("claims");
    tcase_add_checked_fixture(t, NULL, kit_release);
    tcase_add_test(t, what_is_true_is_accepted);
    tcase_add_loop_test(t, each_wrong_claim_is_refused_and_named, 0, N_WRONG);
    suite_add_tcase(s, t);
    t = tcase_create("programs");
    tcase_add_checked_fixture(t, NULL, kit_release);
    tcase_set_timeout(t, 120);
    tcase_add_test(
        t, what_is_found_in_random_programs_holds_and_no_other_set_does);
    tcase_add_test(t, a_long_ring_and_a_wide_star_are_verified);
    suite_add_tcase(s, t);
    return s;
}
