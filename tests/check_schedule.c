/* SPDX-License-Identifier: MIT */
/* check_schedule.c - replayed collections come when CPython's own came, collect
   the same generations, and find as much */
#include "oracle.h"
#include "replay_kit.h"

enum { N_TRIALS = 400, MOST_OPS = 4096 };
enum { CREATE, GARBAGE, DROP, COLLECT, THRESHOLD, ENABLE, DISABLE, FREEZE };

static uint64_t n_made;

static void say(struct event e)
{
    static uint64_t stamp;
    e.stamp = ++stamp;
    replay_apply(&kit_replay, &e);
}

static uint64_t address(int64_t object)
{
    return 0x1000 + 0x20 * (uint64_t)object;
}

/* It holds the only count of itself. */
static void say_garbage(void)
{
    const uint64_t a = 0x10000000 + 0x20 * n_made++;
    say((struct event){.kind = OURO_REC_NEW, .a = a});
    say((struct event){.kind = OURO_REC_LINK, .a = a, .b = a, .text = 1});
}

static void say_op(const int64_t op[4])
{
    static const uint8_t kinds[] = {
        [CREATE] = OURO_REC_NEW,       [DROP] = OURO_REC_DEAD,
        [COLLECT] = OURO_REC_COLLECT,  [THRESHOLD] = OURO_REC_THRESHOLD,
        [ENABLE] = OURO_REC_GC_ENABLE, [DISABLE] = OURO_REC_GC_DISABLE,
        [FREEZE] = OURO_REC_GC_FREEZE,
    };
    struct event e = {.kind = kinds[op[0]], .a = address(op[1]), .n = op[1]};
    for (int g = 0; g < GC_GENERATIONS; g++)
        e.threshold[g] = (uint64_t)op[1 + g];
    if (op[0] == GARBAGE)
        say_garbage();
    else
        say(e);
}

static void say_ops(FILE *in)
{
    const int64_t n = oracle_number(in);
    ck_assert_int_le(n, MOST_OPS);
    for (int64_t i = 0; i < n; i++) {
        int64_t op[4];
        for (int k = 0; k < 4; k++)
            op[k] = oracle_number(in);
        ck_assert(op[0] >= CREATE && op[0] <= FREEZE);
        say_op(op);
    }
}

static uint64_t one_trial(FILE *in, int trial)
{
    kit_begin();
    n_made = 0;
    say_ops(in);
    const struct generations *g = &kit_replay.generations;
    uint64_t n = 0;
    for (int k = 0; k < GC_GENERATIONS; k++)
        ck_assert_msg((int64_t)g->gc.count[k] == oracle_number(in),
                      "trial %d: count %d", trial, k);
    for (int k = 0; k < GC_GENERATIONS; k++) {
        ck_assert_msg((int64_t)g->gc.stats[k].collections == oracle_number(in),
                      "trial %d: collections of %d", trial, k);
        ck_assert_msg((int64_t)g->gc.stats[k].unreachable == oracle_number(in),
                      "trial %d: found in %d", trial, k);
        n += g->gc.stats[k].collections;
    }
    for (int k = 0; k < GC_GENERATIONS; k++)
        ck_assert_msg(g->list[k].n == oracle_number(in),
                      "trial %d: objects in %d", trial, k);
    kit_end();
    return n;
}

START_TEST(collections_come_when_those_of_cpython_come)
{
    FILE *in = oracle_start("schedule_oracle.py", N_TRIALS);
    if (!in)
        return;
    uint64_t n = 0;
    for (int i = 0; i < N_TRIALS; i++)
        n += one_trial(in, i);
    oracle_end(in);
    ck_assert_uint_gt(n, 10 * N_TRIALS);
}
END_TEST

Suite *schedule_suite(void);

Suite *schedule_suite(void)
{
    Suite *s = suite_create("schedule");
    TCase *t = tcase_create("cpython");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, collections_come_when_those_of_cpython_come);
    suite_add_tcase(s, t);
    return s;
}
