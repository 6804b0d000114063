/* SPDX-License-Identifier: MIT */
/* check_stacks.c - equal stacks have equal numbers, and no others do */
#include "trace/stacks.h"

#include "read_back.h"

#include <check.h>

static struct stacks stacks;

static void begin(void)
{
    stacks_init(&stacks);
}

static void end(void)
{
    stacks_release(&stacks);
}

START_TEST(an_address_is_another_frame_in_another_epoch)
{
    const uint32_t first = stacks_frame(&stacks, 0x1000, 0);

    ck_assert_uint_ne(stacks_frame(&stacks, 0x1000, 1), first);
    ck_assert_uint_ne(stacks_frame(&stacks, 0x1001, 0), first);
    ck_assert_uint_eq(stacks_frame(&stacks, 0x1000, 0), first);
    ck_assert_uint_eq(stacks.frames[first].ip, 0x1000);
}
END_TEST

START_TEST(frame_0_is_what_was_cut_off)
{
    const uint32_t null = stacks_frame(&stacks, 0, 0);

    ck_assert_uint_eq(stacks.frames[0].ip, 0);
    ck_assert_uint_ne(null, 0);
    ck_assert_uint_eq(stacks_push(&stacks, 0, 0), 1);
    ck_assert_uint_ne(stacks_push(&stacks, 0, null), 1);
    ck_assert(stacks_are_valid(&stacks));
}
END_TEST

START_TEST(a_stack_that_points_forward_is_not_valid)
{
    const uint32_t f = stacks_frame(&stacks, 0x1000, 0);
    const uint32_t s = stacks_push(&stacks, 0, f);
    ck_assert(stacks_are_valid(&stacks));

    stacks.parent[s] = s;

    ck_assert(!stacks_are_valid(&stacks));
}
END_TEST

/* The twin looks through all of them. */
START_TEST(random_stacks_get_the_numbers_of_a_linear_search)
{
    enum { N = 3000 };
    static uint32_t parents[N], frames[N];
    uint64_t seed = (uint64_t)_i + 1;
    uint32_t n = 1;
    for (int i = 0; i < N - 1; i++) {
        const uint32_t parent = (uint32_t)random_below(&seed, n);
        const uint32_t frame = (uint32_t)random_below(&seed, 20);
        uint32_t want = 1;
        while (want < n && (parents[want] != parent || frames[want] != frame))
            want++;
        parents[want] = parent;
        frames[want] = frame;
        n += want == n;
        stacks_frame(&stacks, frame + 1, 0);
        ck_assert_msg(stacks_push(&stacks, parent, frame) == want,
                      "seed %d, push %d", _i + 1, i);
    }
    while (stacks.n_frames < 20)
        stacks_frame(&stacks, 1000 + stacks.n_frames, 0);
    ck_assert(stacks_are_valid(&stacks));
}
END_TEST

/* Pointers into one module, and into arenas that are 64 MiB apart. */
START_TEST(regular_addresses_keep_their_numbers)
{
    for (int shift = 0; shift < 40; shift++) {
        for (int pass = 0; pass < 2; pass++)
            for (uint32_t i = 1; i <= 5000; i++)
                if (stacks_frame(&stacks, (uint64_t)i << shift, 7) != i)
                    ck_abort_msg("address %u << %d", i, shift);
        end();
        begin();
    }
}
END_TEST

START_TEST(one_address_in_many_epochs_keeps_its_numbers)
{
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 1; i <= 20000; i++)
            if (stacks_frame(&stacks, 0x401000, i) != i)
                ck_abort_msg("epoch %u", i);
}
END_TEST

Suite *stacks_suite(void);

Suite *stacks_suite(void)
{
    Suite *s = suite_create("stacks");
    TCase *t = tcase_create("numbers");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, an_address_is_another_frame_in_another_epoch);
    tcase_add_test(t, frame_0_is_what_was_cut_off);
    tcase_add_test(t, a_stack_that_points_forward_is_not_valid);
    tcase_add_loop_test(t, random_stacks_get_the_numbers_of_a_linear_search, 0,
                        5);
    tcase_add_test(t, regular_addresses_keep_their_numbers);
    tcase_add_test(t, one_address_in_many_epochs_keeps_its_numbers);
    suite_add_tcase(s, t);
    return s;
}
