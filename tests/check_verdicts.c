/* SPDX-License-Identifier: MIT */
/* check_verdicts.c - what is new, grown, known and fixed */
#include "gate/policy.h"
#include "gate/renewal.h"
#include "gate/verdicts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct entries before, now;
static struct arena arena;
static struct policy policy;
static struct verdicts v;
static struct terms terms;

static void begin(void)
{
    struct err e;
    policy = (struct policy){0};
    ck_assert_int_eq(
        policy_read(&policy, "cycle,leak:definite", "--fail-on", &e), 0);
    terms = (struct terms){.policy = &policy, .complete = true};
}

static void release(void)
{
    entries_release(&before);
    entries_release(&now);
    arena_release(&arena);
}

static const char *id_of(unsigned n)
{
    static char id[4][17];
    static unsigned turn;
    char *to = id[turn++ % 4];
    snprintf(to, 17, "%016x", n);
    return to;
}

static struct entry *add(struct entries *to, unsigned id, uint64_t instances,
                         uint64_t bytes)
{
    struct entry *k = entries_find(to, id_of(id), NULL);
    k->kind = FINDING_CYCLE;
    k->reach = REACH_DEFINITE;
    k->instances = instances;
    k->bytes = bytes;
    k->judged = true;
    return k;
}

static void judge(void)
{
    entries_sort(&before);
    entries_sort(&now);
    ck_assert(entries_are_valid(&before) && entries_are_valid(&now));
    verdicts_find(&v, &arena, &before, &now, &terms);
}

static const struct gated *of(unsigned id)
{
    for (uint32_t i = 0; i < v.n; i++) {
        const struct gated *g = &v.at[i];
        if (strcmp((g->now ? g->now : g->before)->id, id_of(id)) == 0)
            return g;
    }
    ck_abort_msg("no verdict on %u", id);
}

START_TEST(each_has_the_verdict_of_its_figures)
{
    add(&before, 1, 2, 20);
    add(&now, 1, 2, 20);
    add(&before, 2, 2, 20);
    add(&now, 2, 3, 20);
    add(&before, 3, 2, 20);
    add(&now, 3, 2, 21);
    add(&before, 4, 2, 20);
    add(&now, 5, 1, 1);
    add(&before, 6, 9, 90);
    add(&now, 6, 1, 10);
    judge();

    ck_assert_int_eq(of(1)->is, STANDS_KNOWN);
    ck_assert_int_eq(of(2)->is, STANDS_GROWN);
    ck_assert_int_eq(of(3)->is, STANDS_GROWN);
    ck_assert_int_eq(of(4)->is, STANDS_FIXED);
    ck_assert_int_eq(of(5)->is, STANDS_NEW);
    ck_assert_int_eq(of(6)->is, STANDS_KNOWN);
    ck_assert_uint_eq(v.count[STANDS_GROWN], 2);
}
END_TEST

START_TEST(a_tolerance_is_instances_of_the_usual_size_or_percent)
{
    static const struct {
        const char *text;
        uint64_t instances, bytes;
        enum standing is;
    } cases[] = {
        {"0", 10, 100, STANDS_KNOWN},
        {"2", 12, 120, STANDS_KNOWN},
        {"2", 13, 100, STANDS_GROWN},
        {"2", 12, 121, STANDS_GROWN},
        {"25%", 12, 125, STANDS_KNOWN},
        {"25%", 12, 126, STANDS_GROWN},
        {"300%", 40, 400, STANDS_KNOWN},
        {"300%", 41, 400, STANDS_GROWN},
        {"18446744073709551615", 1000, 5000, STANDS_KNOWN},
    };
    ck_assert(tolerance_read(&terms.tolerance, cases[_i].text));
    add(&before, 1, 10, 100);
    add(&now, 1, cases[_i].instances, cases[_i].bytes);
    judge();

    ck_assert_int_eq(of(1)->is, cases[_i].is);
}
END_TEST

START_TEST(a_tolerance_is_a_number)
{
    struct tolerance t;
    ck_assert(!tolerance_read(&t, ""));
    ck_assert(!tolerance_read(&t, "-1"));
    ck_assert(!tolerance_read(&t, "%"));
    ck_assert(!tolerance_read(&t, "1%%"));
    ck_assert(!tolerance_read(&t, "99999999999999999999"));
}
END_TEST

START_TEST(a_ring_that_a_known_finding_held_is_known_when_that_is_mended)
{
    add(&before, 1, 1, 10);
    entries_hold(&before, id_of(1), id_of(2), 3);
    add(&now, 2, 3, 3000);
    judge();

    ck_assert_int_eq(of(1)->is, STANDS_FIXED);
    ck_assert_int_eq(of(2)->is, STANDS_KNOWN);
    ck_assert_str_eq(of(2)->held_by, id_of(1));
}
END_TEST

START_TEST(more_rings_than_were_held_are_grown)
{
    add(&before, 1, 1, 10);
    entries_hold(&before, id_of(1), id_of(2), 3);
    add(&now, 1, 1, 10);
    entries_hold(&now, id_of(1), id_of(2), 3);
    add(&now, 2, 1, 1);
    judge();

    ck_assert_int_eq(of(1)->is, STANDS_KNOWN);
    ck_assert_int_eq(of(2)->is, STANDS_GROWN);
}
END_TEST

START_TEST(a_ring_that_another_finding_holds_now_is_not_fixed)
{
    add(&before, 2, 1, 10);
    add(&now, 1, 1, 10);
    entries_hold(&now, id_of(1), id_of(2), 1);
    judge();

    ck_assert_int_eq(of(1)->is, STANDS_NEW);
    ck_assert_int_eq(of(2)->is, STANDS_KNOWN);
}
END_TEST

START_TEST(nothing_is_fixed_where_data_is_missing)
{
    terms.complete = false;
    add(&before, 1, 1, 10);
    judge();

    ck_assert_int_eq(of(1)->is, STANDS_UNSEEN);
}
END_TEST

START_TEST(what_the_policy_does_not_name_is_apart)
{
    add(&before, 1, 1, 10)->reach = REACH_UNKNOWN;
    before.at[0].kind = FINDING_LEAK;
    add(&now, 2, 1, 10)->judged = false;
    judge();

    ck_assert_int_eq(of(1)->is, STANDS_APART);
    ck_assert_int_eq(of(2)->is, STANDS_APART);
}
END_TEST

/* Section by section, with nothing sorted and nothing merged. */
static const struct entry *slow_find(const struct entries *e, const char *id)
{
    for (uint32_t i = 0; i < e->n; i++)
        if (strcmp(e->at[i].id, id) == 0)
            return &e->at[i];
    return NULL;
}

static uint64_t slow_held(const struct entries *e, const char *id, bool judged)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < e->n_rings; i++)
        if (strcmp(e->rings[i].id, id) == 0 &&
            (!judged || slow_find(e, e->rings[i].holder)->judged))
            n += e->rings[i].rings;
    return n;
}

static enum standing slow_standing(const char *id)
{
    const struct entry *b = slow_find(&before, id), *n = slow_find(&now, id);
    const uint64_t then = slow_held(&before, id, false);
    const uint64_t is = slow_held(&now, id, true);
    if (!n && slow_held(&now, id, false) > 0)
        return STANDS_KNOWN;
    if (!n && (b->kind != FINDING_CYCLE || b->reach != REACH_DEFINITE))
        return STANDS_APART;
    if (!n)
        return terms.complete ? STANDS_FIXED : STANDS_UNSEEN;
    if (!b && then == 0)
        return n->judged ? STANDS_NEW : STANDS_APART;
    if (!n->judged)
        return STANDS_KNOWN;
    const uint64_t allowed = (b ? b->instances : 0) + then;
    if (n->instances + is > allowed + terms.tolerance.n)
        return STANDS_GROWN;
    const bool has_size = b && b->bytes > 0 && b->instances > 0;
    if (then > 0 || (terms.tolerance.n > 0 && has_size))
        return STANDS_KNOWN;
    return n->bytes > b->bytes ? STANDS_GROWN : STANDS_KNOWN;
}

static void fill(struct entries *e)
{
    enum { IDS = 12 };
    const long n = random() % IDS;
    for (long i = 0; i < n; i++) {
        const unsigned id = (unsigned)random() % IDS;
        struct entry *k =
            add(e, id, (uint64_t)(random() % 4), (uint64_t)(random() % 4));
        k->judged = random() % 4 != 0;
        if (random() % 4 == 0)
            k->kind = FINDING_UNBALANCED;
        for (long rings = random() % 3; rings > 0; rings--)
            entries_hold(e, id_of(id), id_of((unsigned)random() % IDS),
                         (uint64_t)(1 + random() % 2));
    }
}

START_TEST(random_ones_agree_with_a_slow_twin)
{
    enum { ROUNDS = 4000 };
    const unsigned seed = (unsigned)getpid();
    srandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
        terms.complete = random() % 2;
        /* so large that bytes matter only where there were none, or 0 */
        terms.tolerance.n = random() % 2 ? 0 : 1000000;
        fill(&before);
        fill(&now);
        judge();
        uint32_t n = before.n + now.n;
        for (uint32_t i = 0; i < now.n; i++)
            n -= slow_find(&before, now.at[i].id) != NULL;
        ck_assert_msg(v.n == n, "seed %u, round %d", seed, round);
        for (uint32_t i = 0; i < v.n; i++) {
            const struct gated *g = &v.at[i];
            const char *id = (g->now ? g->now : g->before)->id;
            ck_assert_msg(g->is == slow_standing(id),
                          "seed %u, round %d: %s is %s", seed, round, id,
                          standing_word(g->is));
        }
        release();
    }
}
END_TEST

START_TEST(a_renewed_baseline_knows_all_that_was_judged)
{
    enum { ROUNDS = 2000 };
    const unsigned seed = (unsigned)getpid();
    srandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct renewal r;
        fill(&before);
        fill(&now);
        judge();
        renewal_make(&r, &before, &now, &v);
        ck_assert(entries_are_valid(&r.next));
        struct verdicts again;
        verdicts_find(&again, &arena, &r.next, &now, &terms);
        ck_assert_msg(again.count[STANDS_NEW] + again.count[STANDS_GROWN] +
                              again.count[STANDS_FIXED] ==
                          0,
                      "seed %u, round %d", seed, round);
        renewal_release(&r);
        release();
    }
}
END_TEST

START_TEST(changes_are_told_by_what_they_allow)
{
    struct renewal r;
    add(&before, 1, 1, 10)->note = "why";
    add(&now, 1, 2, 10);
    add(&before, 2, 2, 10);
    add(&now, 2, 1, 10);
    add(&before, 3, 1, 10);
    add(&now, 4, 1, 10);
    judge();
    renewal_make(&r, &before, &now, &v);

    ck_assert_uint_eq(r.count[CHANGE_RAISED], 1);
    ck_assert_uint_eq(r.count[CHANGE_LOWERED], 1);
    ck_assert_uint_eq(r.count[CHANGE_DROPPED], 1);
    ck_assert_uint_eq(r.count[CHANGE_ADDED], 1);
    ck_assert_str_eq(r.next.at[0].note, "why");
    renewal_release(&r);
}
END_TEST

static bool covers(const char *kinds, enum finding_kind kind, enum reach reach)
{
    struct policy p = {0};
    struct err e;
    ck_assert_msg(policy_read(&p, kinds, "--fail-on", &e) == 0, "%s", e.text);
    return policy_covers(&p, kind, reach);
}

START_TEST(a_policy_is_the_sum_of_its_words)
{
    struct policy p = {0};
    struct err e;
    ck_assert(covers(POLICY_DEFAULT, FINDING_LEAK, REACH_DEFINITE));
    ck_assert(!covers(POLICY_DEFAULT, FINDING_LEAK, REACH_UNKNOWN));
    ck_assert(!covers(POLICY_DEFAULT, FINDING_GHOST_EDGE, REACH_DEFINITE));
    ck_assert(covers("default,leak:unknown", FINDING_LEAK, REACH_UNKNOWN));
    ck_assert(covers("default,leak:unknown", FINDING_CYCLE, REACH_DEFINITE));
    ck_assert(covers("leak", FINDING_LEAK, REACH_POSSIBLE));
    ck_assert(!covers("leak", FINDING_LEAK, REACH_REACHABLE));
    ck_assert(!covers("all", FINDING_LEAK, REACH_REACHABLE));
    ck_assert(covers("leak:reachable", FINDING_LEAK, REACH_REACHABLE));
    static const char *const wrong[] = {
        "", "leek", "leak:", "leak,", "leak:x", ",leak", "all:unknown"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(policy_read(&p, wrong[i], "--fail-on", &e) != 0, "%s",
                      wrong[i]);
        ck_assert_int_eq(e.code, RC_USAGE);
    }
}
END_TEST

Suite *verdicts_suite(void);

Suite *verdicts_suite(void)
{
    Suite *s = suite_create("verdicts");
    TCase *t = tcase_create("join");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, each_has_the_verdict_of_its_figures);
    tcase_add_loop_test(
        t, a_tolerance_is_instances_of_the_usual_size_or_percent, 0, 9);
    tcase_add_test(t, a_tolerance_is_a_number);
    tcase_add_test(
        t, a_ring_that_a_known_finding_held_is_known_when_that_is_mended);
    tcase_add_test(t, more_rings_than_were_held_are_grown);
    tcase_add_test(t, a_ring_that_another_finding_holds_now_is_not_fixed);
    tcase_add_test(t, nothing_is_fixed_where_data_is_missing);
    tcase_add_test(t, what_the_policy_does_not_name_is_apart);
    tcase_add_test(t, random_ones_agree_with_a_slow_twin);
    tcase_add_test(t, a_renewed_baseline_knows_all_that_was_judged);
    tcase_add_test(t, changes_are_told_by_what_they_allow);
    tcase_add_test(t, a_policy_is_the_sum_of_its_words);
    suite_add_tcase(s, t);
    return s;
}
