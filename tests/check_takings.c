/* SPDX-License-Identifier: MIT */
/* check_takings.c - every count that is taken comes to one end */
#include "explain/takings.h"
#include "random_graph.h"

#include <check.h>
#include <string.h>

enum { STACKS = 16, TYPE = 3 };

static struct stacks stacks;
static struct takings takings;
static struct takings_of object;

static void begin(void)
{
    stacks_init(&stacks);
    takings_init(&takings, &stacks);
    object = (struct takings_of){0};
}

static void end(void)
{
    takings_release(&takings);
    stacks_release(&stacks);
}

/* main -> caller -> function -> line, all numbers. */
static uint32_t stack(uint32_t caller, uint32_t function, uint32_t line)
{
    uint32_t s = stacks_push(&stacks, 0, stacks_frame(&stacks, 1, 0));
    s = stacks_push(&stacks, s, stacks_frame(&stacks, 100 + caller, 0));
    s = stacks_push(&stacks, s, stacks_frame(&stacks, 200 + function, 0));
    return stacks_push(&stacks, s, stacks_frame(&stacks, 300 + line, 0));
}

static uint64_t how_many(enum taken_by by, uint32_t taken, enum fate fate,
                         uint32_t other)
{
    const struct group key = {.stack = taken,
                              .what = TAKINGS_WHAT(by, fate),
                              .type = TYPE,
                              .other_stack = other};
    return groups_find(&takings.fates, &key)->instances;
}

static void close(enum fate fate, uint64_t left)
{
    takings_close(&takings, &object, TYPE, fate, left);
    ck_assert_uint_eq(takings.waiting.n_live, 0);
}

START_TEST(a_link_takes_what_was_taken_in_the_same_call)
{
    const uint32_t here = stack(1, 1, 1), far = stack(2, 2, 1);
    takings_take(&takings, &object, TAKEN_BY_NEW, far, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, here, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, far, 1);
    takings_link(&takings, &object, TYPE, stack(1, 1, 2));
    close(FATE_HELD, 2);

    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, here, FATE_LINKED, 0), 1);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, far, FATE_HELD, 0), 1);
    ck_assert_uint_eq(how_many(TAKEN_BY_NEW, far, FATE_HELD, 0), 1);
}
END_TEST

START_TEST(a_link_from_afar_takes_the_makers)
{
    const uint32_t made = stack(1, 1, 1), kept = stack(2, 2, 1);
    takings_take(&takings, &object, TAKEN_BY_NEW, made, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, kept, 1);
    takings_link(&takings, &object, TYPE, stack(3, 3, 1));
    close(FATE_DIED, 1);

    ck_assert_uint_eq(how_many(TAKEN_BY_NEW, made, FATE_LINKED, 0), 1);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, kept, FATE_DIED, 0), 1);
}
END_TEST

START_TEST(what_was_unlinked_is_given_back_first)
{
    const uint32_t made = stack(1, 1, 1), used = stack(2, 2, 1);
    takings_take(&takings, &object, TAKEN_BY_NEW, made, 1);
    takings_link(&takings, &object, TYPE, made);
    takings_take(&takings, &object, TAKEN_BY_INCREF, used, 1);
    takings_unlink(&takings, &object, TYPE, false);
    takings_give(&takings, &object, TYPE, stack(2, 2, 2), 1);
    close(FATE_HELD, 1);

    ck_assert_uint_eq(how_many(TAKEN_BEFORE, 0, FATE_GIVEN, stack(2, 2, 2)), 1);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, used, FATE_HELD, 0), 1);
}
END_TEST

/* A ROOT has no call stack, so it took the maker's. */
START_TEST(a_reference_that_is_passed_on_takes_no_second_count)
{
    const uint32_t here = stack(1, 1, 1);
    takings_take(&takings, &object, TAKEN_BY_NEW, here, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, here, 1);
    takings_link(&takings, &object, TYPE, 0);
    takings_unlink(&takings, &object, TYPE, false);
    takings_link(&takings, &object, TYPE, stack(1, 1, 2));
    close(FATE_HELD, 1);

    ck_assert_uint_eq(how_many(TAKEN_BY_NEW, here, FATE_LINKED, 0), 1);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, here, FATE_LINKED, 0), 0);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, here, FATE_HELD, 0), 1);
}
END_TEST

START_TEST(what_a_dying_owner_gave_back_before_is_not_given_twice)
{
    const uint32_t made = stack(1, 1, 1), gave = stack(3, 3, 1);
    takings_take(&takings, &object, TAKEN_BY_NEW, made, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, stack(2, 2, 1), 1);
    takings_link(&takings, &object, TYPE, stack(2, 2, 2));
    takings_give(&takings, &object, TYPE, gave, 1);
    takings_unlink(&takings, &object, TYPE, true);
    close(FATE_HELD, 1);

    ck_assert_uint_eq(how_many(TAKEN_BY_NEW, made, FATE_HELD, 0), 1);
    ck_assert_uint_eq(how_many(TAKEN_BEFORE, 0, FATE_GIVEN, gave), 1);
}
END_TEST

START_TEST(what_is_given_back_far_away_waits_for_what_is_near)
{
    const uint32_t kept = stack(1, 1, 1), used = stack(2, 2, 1);
    const uint32_t far = stack(3, 3, 1), near = stack(2, 2, 2);
    takings_take(&takings, &object, TAKEN_BY_INCREF, kept, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, used, 1);
    takings_give(&takings, &object, TYPE, far, 1);
    takings_give(&takings, &object, TYPE, near, 1);
    close(FATE_DIED, 0);

    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, used, FATE_GIVEN, near), 1);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, kept, FATE_GIVEN, far), 1);
}
END_TEST

START_TEST(stacks_beyond_the_limit_are_one)
{
    for (uint32_t i = 0; i < 3 * TAKINGS_KEPT; i++)
        takings_take(&takings, &object, TAKEN_BY_INCREF, stack(i, i, i), 2);

    ck_assert_uint_le(takings.waiting.n_live, TAKINGS_KEPT + 1);
    close(FATE_HELD, UINT64_MAX);
    ck_assert_uint_eq(how_many(TAKEN_BY_INCREF, 0, FATE_HELD, 0),
                      4 * TAKINGS_KEPT);
}
END_TEST

/* A recursion that takes on its way in and gives back on its way out. */
START_TEST(what_a_recursion_takes_it_gives_back)
{
    enum { DEEP = 3000 };
    uint32_t in[DEEP], out[DEEP], caller = 0;
    for (uint32_t i = 0; i < DEEP; i++) {
        caller = stacks_push(&stacks, caller, stacks_frame(&stacks, 10, 0));
        in[i] = stacks_push(&stacks, caller, stacks_frame(&stacks, 11, 0));
        out[i] = stacks_push(&stacks, caller, stacks_frame(&stacks, 12, 0));
    }
    for (uint32_t i = 0; i < DEEP; i++)
        takings_take(&takings, &object, TAKEN_BY_INCREF, in[i], 1);
    for (uint32_t i = DEEP; i > 0; i--)
        takings_give(&takings, &object, TYPE, out[i - 1], 1);
    close(FATE_HELD, 0);

    for (uint32_t i = 0; i < DEEP; i++)
        CLAIM(how_many(TAKEN_BY_INCREF, in[i], FATE_GIVEN, out[i]) == 1, i);
}
END_TEST

START_TEST(counts_without_end_are_not_lost)
{
    const uint32_t here = stack(1, 1, 1);
    takings_take(&takings, &object, TAKEN_BY_INCREF, here, UINT64_MAX);
    takings_take(&takings, &object, TAKEN_BY_INCREF, here, UINT64_MAX);
    takings_give(&takings, &object, TYPE, stack(3, 3, 3), UINT64_MAX);
    close(FATE_HELD, UINT64_MAX);

    ck_assert_uint_eq(
        how_many(TAKEN_BY_INCREF, here, FATE_GIVEN, stack(3, 3, 3)),
        UINT64_MAX);
}
END_TEST

/*
 * The rules of takings.h once more, by looking at all there is: whoever has the
 * best rank is it. `turn`: the newest are those that were last added to.
 */
enum { SLOW_GAVE = 2 };

static struct slow_item {
    uint64_t n;
    int turn;
} slow[3][STACKS];
static uint64_t slow_fates[3][STACKS][N_FATES][STACKS];
static uint64_t slow_unlinked;
static bool slow_moves;
static int slow_turn;

static int slow_level(uint32_t taken, uint32_t other)
{
    static const int strip[][2] = {{1, 1}, {2, 2}, {1, 2}, {2, 1}, {2, 3},
                                   {3, 2}, {3, 3}, {1, 3}, {3, 1}};
    for (int level = 0; level < 9; level++) {
        uint32_t a = taken, b = other;
        for (int i = 0; i < strip[level][0]; i++)
            a = a ? stacks.parent[a] : 0;
        for (int i = 0; i < strip[level][1]; i++)
            b = b ? stacks.parent[b] : 0;
        if (a != 0 && a == b)
            return level;
    }
    return 9;
}

/* The least of (level, by in the order given, age); false: nothing waits. A
   level that is not below `levels` counts as the worst, or not at all. */
static bool slow_best(uint32_t other, int levels, bool far, const int order[2],
                      int *by, uint32_t *taken)
{
    long best = 0;
    for (int o = 0; o < 2; o++)
        for (uint32_t s = 0; s < STACKS; s++) {
            const int level = slow_level(s, other);
            if (slow[order[o]][s].n == 0 || (level >= levels && !far))
                continue;
            const long rank = 1000000L * (level < levels ? level : 9) +
                              100000L * o - slow[order[o]][s].turn + 10000000;
            if (best != 0 && rank >= best)
                continue;
            best = rank;
            *by = order[o];
            *taken = s;
        }
    return best != 0;
}

static void slow_add(int by, uint32_t s, uint64_t n)
{
    slow[by][s].n += n;
    slow[by][s].turn = ++slow_turn;
}

static uint64_t slow_give_back(uint32_t other, uint64_t n, int levels, bool far)
{
    static const int near_order[] = {TAKEN_BY_NEW, TAKEN_BY_INCREF};
    int by;
    uint32_t s;
    while (n > 0 && slow_best(other, levels, false, near_order, &by, &s)) {
        slow[by][s].n--;
        slow_fates[by][s][FATE_GIVEN][other]++;
        n--;
    }
    static const int far_order[] = {TAKEN_BY_INCREF, TAKEN_BY_NEW};
    while (far && n > 0 && slow_best(other, 0, true, far_order, &by, &s)) {
        slow[by][s].n--;
        slow_fates[by][s][FATE_GIVEN][other]++;
        n--;
    }
    return n;
}

static void slow_give(uint32_t s, uint64_t n)
{
    while (n > 0 && slow_unlinked > 0) {
        n--;
        slow_moves &= --slow_unlinked > 0;
        slow_fates[TAKEN_BEFORE][0][FATE_GIVEN][s]++;
    }
    n = slow_give_back(s, n, 2, false);
    if (n > 0)
        slow_add(SLOW_GAVE, s, n);
}

static void slow_link(uint32_t s)
{
    static const int increfs[] = {TAKEN_BY_INCREF, TAKEN_BY_INCREF};
    static const int any[] = {TAKEN_BY_NEW, TAKEN_BY_INCREF};
    int by;
    uint32_t taken;
    bool found = !slow_moves && slow_best(s, 4, false, increfs, &by, &taken);
    if (!found && slow_unlinked > 0) {
        slow_moves &= --slow_unlinked > 0;
        return;
    }
    if (!found && !slow_best(s, 0, true, any, &by, &taken))
        return;
    slow[by][taken].n--;
    slow_fates[by][taken][FATE_LINKED][0]++;
}

static bool slow_newest_gift(uint32_t *s)
{
    int turn = 0;
    for (uint32_t i = 0; i < STACKS; i++)
        if (slow[SLOW_GAVE][i].n > 0 && slow[SLOW_GAVE][i].turn > turn) {
            turn = slow[SLOW_GAVE][i].turn;
            *s = i;
        }
    return turn > 0;
}

static void slow_unlink(bool died)
{
    uint32_t s;
    if (!died || !slow_newest_gift(&s)) {
        slow_unlinked++;
        slow_moves = true;
        return;
    }
    slow[SLOW_GAVE][s].n--;
    slow_fates[TAKEN_BEFORE][0][FATE_GIVEN][s]++;
}

static void slow_close(enum fate fate, uint64_t left)
{
    uint32_t s;
    uint64_t far[STACKS] = {0};
    while (slow_newest_gift(&s)) {
        const uint64_t n = slow[SLOW_GAVE][s].n;
        slow[SLOW_GAVE][s].n = 0;
        far[s] = slow_give_back(s, n, 9, false);
    }
    for (uint32_t i = 0; i < STACKS; i++)
        slow[SLOW_GAVE][i].n = far[i];
    while (slow_newest_gift(&s)) {
        slow[SLOW_GAVE][s].n = 0;
        slow_fates[TAKEN_BEFORE][0][FATE_GIVEN][s] +=
            slow_give_back(s, far[s], 0, true);
    }
    for (;;) { /* the newest of all, whoever took it */
        int by = 0, turn = 0;
        uint32_t which = 0;
        for (int b = 0; b < 2; b++)
            for (uint32_t i = 0; i < STACKS; i++)
                if (slow[b][i].n > 0 && slow[b][i].turn > turn) {
                    turn = slow[b][i].turn;
                    by = b;
                    which = i;
                }
        if (turn == 0)
            break;
        slow[by][which].n--;
        slow_fates[by][which][left > 0 ? fate : FATE_GIVEN][0]++;
        left -= left > 0;
    }
}

static void begin_slow(uint64_t *seed)
{
    memset(slow, 0, sizeof slow);
    memset(slow_fates, 0, sizeof slow_fates);
    slow_unlinked = 0;
    slow_moves = false;
    slow_turn = 0;
    while (stacks.n < STACKS) {
        const uint32_t parent = (uint32_t)random_below(seed, stacks.n);
        const uint64_t ip = 1 + random_below(seed, 12);
        stacks_push(&stacks, parent, stacks_frame(&stacks, ip, 0));
    }
}

/* One life of both. */
static void live_at_random(uint64_t *seed)
{
    for (uint64_t i = random_below(seed, 40); i > 0; i--) {
        const uint32_t s = (uint32_t)random_below(seed, STACKS);
        const uint64_t n = 1 + random_below(seed, 3);
        const bool died = random_below(seed, 2);
        switch (random_below(seed, 6)) {
        case 0:
            takings_take(&takings, &object, TAKEN_BY_NEW, s, n);
            slow_add(TAKEN_BY_NEW, s, n);
            slow_moves = false;
            break;
        case 1:
        case 2:
            takings_take(&takings, &object, TAKEN_BY_INCREF, s, n);
            slow_add(TAKEN_BY_INCREF, s, n);
            slow_moves = false;
            break;
        case 3:
            takings_give(&takings, &object, TYPE, s, n);
            slow_give(s, n);
            break;
        case 4:
            takings_link(&takings, &object, TYPE, s);
            slow_link(s);
            break;
        default:
            takings_unlink(&takings, &object, TYPE, died);
            slow_unlink(died);
        }
    }
    const uint64_t left = random_below(seed, 6);
    const enum fate fate = random_below(seed, 2) ? FATE_DIED : FATE_HELD;
    close(fate, left);
    slow_close(fate, left);
    slow_unlinked = 0;
    slow_moves = false;
}

START_TEST(every_count_comes_to_the_end_that_the_rules_say)
{
    uint64_t seed = (uint64_t)_i + 1;
    begin_slow(&seed);
    for (int life = 0; life < 20; life++)
        live_at_random(&seed);

    for (int by = 0; by < 3; by++)
        for (uint32_t s = 0; s < STACKS; s++)
            for (int fate = 0; fate < N_FATES; fate++)
                for (uint32_t other = 0; other < STACKS; other++) {
                    const uint64_t n =
                        how_many((enum taken_by)by, s, (enum fate)fate, other);
                    if (n != slow_fates[by][s][fate][other])
                        ck_abort_msg("seed %d: %d at %u, fate %d by %u", _i + 1,
                                     by, s, fate, other);
                }
}
END_TEST

Suite *takings_suite(void);

Suite *takings_suite(void)
{
    Suite *s = suite_create("takings");
    TCase *t = tcase_create("fates");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, a_link_takes_what_was_taken_in_the_same_call);
    tcase_add_test(t, a_link_from_afar_takes_the_makers);
    tcase_add_test(t, a_reference_that_is_passed_on_takes_no_second_count);
    tcase_add_test(t, what_was_unlinked_is_given_back_first);
    tcase_add_test(t, what_a_dying_owner_gave_back_before_is_not_given_twice);
    tcase_add_test(t, what_is_given_back_far_away_waits_for_what_is_near);
    tcase_add_test(t, stacks_beyond_the_limit_are_one);
    tcase_add_test(t, what_a_recursion_takes_it_gives_back);
    tcase_add_test(t, counts_without_end_are_not_lost);
    tcase_add_loop_test(t, every_count_comes_to_the_end_that_the_rules_say, 0,
                        200);
    suite_add_tcase(s, t);
    return s;
}
