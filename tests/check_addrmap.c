/* SPDX-License-Identifier: MIT */
/* check_addrmap.c - addresses are found, exactly and from above */
#include "shadow/addrmap.h"

#include <check.h>

enum { STEPS = 3000, LIVING = 200 };

static struct slots slots;
static struct addrmap map;
static uint64_t seed, dice_state;

static void begin(void)
{
    slots_init(&slots, sizeof(struct place));
    addrmap_init(&map, &slots);
}

static void end(void)
{
    addrmap_release(&map);
    slots_release(&slots);
}

static uint64_t dice(void)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return dice_state >> 16;
}

static struct place *place(uint32_t i)
{
    return slots_at(&slots, i);
}

static uint32_t put(uint64_t addr)
{
    const uint32_t i = slots_take(&slots);
    place(i)->addr = addr;
    addrmap_add(&map, i);
    return i;
}

static void drop(uint32_t i, uint32_t note)
{
    addrmap_remove(&map, i, note);
    slots_give(&slots, i);
}

/* Crowded in one leaf, spread over some, or anywhere at all. */
static uint64_t some_address(uint64_t how)
{
    switch (how % 4) {
    case 0:
        return 0x7000 + dice() % 256;
    case 1:
        return 0x555500000000 + dice() % (1 << 20);
    case 2:
        return (dice() % 4) << 62 | (dice() % 8) << 40 | dice() % 4096;
    default:
        return dice() << 17 ^ dice();
    }
}

static uint32_t living(const uint32_t *all, uint32_t n, uint64_t addr)
{
    for (uint32_t i = n; i-- > 0;)
        if (place(all[i])->addr == addr)
            return all[i];
    return OURO_NONE;
}

static uint64_t below(const uint32_t *all, uint32_t n, uint64_t addr)
{
    uint64_t best = UINT64_MAX;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t a = place(all[i])->addr;
        if (a <= addr && (best == UINT64_MAX || a > best))
            best = a;
    }
    return best;
}

/* `all` is in order of coming: the last at an address is the first found. */
static void step(uint32_t *all, uint32_t *n)
{
    if (*n == LIVING || (*n > 0 && dice() % 3 == 0)) {
        const uint32_t i = (uint32_t)(dice() % *n);
        drop(all[i], 0);
        --*n;
        for (uint32_t k = i; k < *n; k++)
            all[k] = all[k + 1];
    } else {
        all[*n] = put(some_address(seed));
        ++*n;
    }
    const uint64_t addr = *n > 0 && dice() % 2
                              ? place(all[dice() % *n])->addr + dice() % 64
                              : some_address(seed);
    ck_assert_msg(addrmap_at(&map, addr) == living(all, *n, addr),
                  "seed %lu: at %lx", seed, addr);
    const uint32_t i = addrmap_below(&map, addr);
    ck_assert_msg((i == OURO_NONE ? UINT64_MAX : place(i)->addr) ==
                      below(all, *n, addr),
                  "seed %lu: below %lx", seed, addr);
}

START_TEST(what_a_list_finds_is_found)
{
    uint32_t all[LIVING];
    uint32_t n = 0;
    dice_state = seed = (uint64_t)_i + 1;
    for (int i = 0; i < STEPS; i++)
        step(all, &n);
    ck_assert(addrmap_is_valid(&map));
    while (n > 0)
        drop(all[--n], 0);
    ck_assert_uint_eq(addrmap_below(&map, UINT64_MAX), OURO_NONE);
}
END_TEST

START_TEST(of_several_at_one_address_the_newest_is_found_first)
{
    const uint32_t a = put(0x1008);
    const uint32_t b = put(0x1000);
    const uint32_t c = put(0x1008);

    ck_assert_uint_eq(addrmap_at(&map, 0x1008), c);
    ck_assert_uint_eq(addrmap_next_at(&map, c), a);
    ck_assert_uint_eq(addrmap_next_at(&map, a), OURO_NONE);
    ck_assert_uint_eq(addrmap_at(&map, 0x1000), b);
    ck_assert_uint_eq(addrmap_below(&map, 0x1009), c);
    ck_assert_uint_eq(addrmap_below(&map, 0x1007), b);
}
END_TEST

START_TEST(a_note_stays_until_something_else_comes)
{
    drop(put(0x1000), 7);
    drop(put(0x2008), 7);

    ck_assert_uint_eq(addrmap_note(&map, 0x1000), 7);
    ck_assert_uint_eq(addrmap_note(&map, 0x2008), 0);
    ck_assert_uint_eq(addrmap_at(&map, 0x1000), OURO_NONE);
    const uint32_t i = put(0x1008);
    ck_assert_uint_eq(addrmap_note(&map, 0x1000), 0);
    drop(i, 8);
    ck_assert_uint_eq(addrmap_note(&map, 0x1000), 0);
    drop(put(0x1000), 9);
    addrmap_forget_notes(&map);
    ck_assert_uint_eq(addrmap_note(&map, 0x1000), 0);
}
END_TEST

/* A million blocks, each in a region of its own, never two at a time. */
START_TEST(memory_follows_what_is_alive)
{
    for (uint64_t i = 0; i < 1000000; i++)
        drop(put(i << 20), 1);

    ck_assert(addrmap_is_valid(&map));
    ck_assert_uint_lt(map.leaves.n, 100000);
    ck_assert_uint_lt(map.nodes.n, 100000);
    ck_assert_uint_lt(map.node_of.n, 100000);
    ck_assert_uint_lt(map.words[0].n, 100000);
    ck_assert_uint_eq(addrmap_below(&map, UINT64_MAX), OURO_NONE);
    ck_assert(addrmap_is_valid(&map));
    for (int i = 0; i < ADDRMAP_LEVELS; i++)
        ck_assert_uint_eq(map.words[i].n, 0);
}
END_TEST

/* 3,000 regions that are far apart, and nothing between: constant time. */
START_TEST(what_is_below_is_found_at_any_distance)
{
    for (uint64_t i = 0; i < 3000; i++)
        put(i * 0x0010000100010000);

    for (uint64_t i = 1; i < 3000; i++) {
        const uint32_t k = addrmap_below(&map, i * 0x0010000100010000 - 1);
        ck_assert_uint_eq(place(k)->addr, (i - 1) * 0x0010000100010000);
    }
}
END_TEST

Suite *addrmap_suite(void);

Suite *addrmap_suite(void)
{
    Suite *s = suite_create("addrmap");
    TCase *t = tcase_create("addresses");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, what_a_list_finds_is_found, 0, 40);
    tcase_add_test(t, of_several_at_one_address_the_newest_is_found_first);
    tcase_add_test(t, a_note_stays_until_something_else_comes);
    tcase_add_test(t, memory_follows_what_is_alive);
    tcase_add_test(t, what_is_below_is_found_at_any_distance);
    suite_add_tcase(s, t);
    return s;
}
