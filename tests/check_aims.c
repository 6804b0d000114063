/* SPDX-License-Identifier: MIT */
/* check_aims.c - what is there may be there, and little else */
#include "read_back.h"
#include "shadow/aims.h"

#include <check.h>

enum { ROUNDS = 50, PIECES = 40, ASKED = 20 };

static void ask_within(const struct aims *a, uint64_t *seed, uint64_t round,
                       uint64_t addr, uint64_t len)
{
    const uint64_t most = UINT64_MAX - addr;
    const uint64_t behind = len == 0 ? 0 : len - 1;
    const uint64_t last = behind < most ? behind : most;
    ck_assert_msg(aims_may(a, addr), "seed %lu", round);
    ck_assert_msg(aims_may(a, addr + last), "seed %lu", round);
    for (int i = 0; i < ASKED && last > 0; i++)
        ck_assert_msg(aims_may(a, addr + random_below(seed, last)), "seed %lu",
                      round);
}

/* Short as a rule; at times so long that all bits are set. */
START_TEST(whatever_was_added_may_be_there)
{
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct aims a = {0};
        uint64_t seed = round * 0x9e3779b97f4a7c15u;
        const uint64_t wide = random_below(&seed, 50);
        uint64_t addr[PIECES], len[PIECES];
        for (int i = 0; i < PIECES; i++) {
            addr[i] = random_u64(&seed) >> random_below(&seed, 40);
            len[i] = random_below(&seed, UINT64_C(1) << wide);
            if (random_below(&seed, 9) == 0)
                addr[i] = UINT64_MAX - random_below(&seed, 9000);
            aims_add(&a, addr[i], len[i]);
        }
        for (int i = 0; i < PIECES; i++)
            ask_within(&a, &seed, round, addr[i], len[i]);
    }
}
END_TEST

START_TEST(what_was_not_added_is_not_there)
{
    struct aims a = {0};
    ck_assert(!aims_may(&a, 0));
    aims_add(&a, 0x7000ff0, 0x20);
    ck_assert(!aims_may(&a, 0x6fff));
    ck_assert(!aims_may(&a, 0x6fffff8));
    ck_assert(aims_may(&a, 0x7000000));
    ck_assert(aims_may(&a, 0x7001ff8));
    ck_assert(!aims_may(&a, 0x7002000));
}
END_TEST

Suite *aims_suite(void);

Suite *aims_suite(void)
{
    Suite *s = suite_create("aims");
    TCase *t = tcase_create("core");
    tcase_add_test(t, whatever_was_added_may_be_there);
    tcase_add_test(t, what_was_not_added_is_not_there);
    suite_add_tcase(s, t);
    return s;
}
