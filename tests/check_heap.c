/* SPDX-License-Identifier: MIT */
/* check_heap.c - which address glibc's malloc gives next: a guess */
#include "arena.h"
#include "pack/heap.h"
#include "random_events.h"

#include <check.h>
#include <stdlib.h>

enum { BASE = 0x10000, FIRST = BASE + 0x2a0 };

static struct known known;
static struct heap heap;

static void begin(void)
{
    known_init(&known);
    heap_init(&heap, &known);
}

static void end(void)
{
    heap_release(&heap);
    known_release(&known);
}

static void take_at(uint64_t addr)
{
    const uint32_t block = known_at(&known, addr);
    heap_taken(&heap, block);
}

/* Allocates where the heap expects it. */
static uint64_t take_as(uint64_t size, enum heap_call call)
{
    const uint64_t addr = heap_expect(&heap, size, call);
    ck_assert_uint_ne(addr, 0);
    take_at(addr);
    return addr;
}

static uint64_t take(uint64_t size)
{
    return take_as(size, HEAP_MALLOC);
}

static void give(uint64_t addr)
{
    heap_given(&heap, known_find(&known, addr));
}

static uint64_t resize(uint64_t addr, uint64_t size)
{
    heap_resize(&heap, known_find(&known, addr));
    return take_as(size, HEAP_REALLOC);
}

/* The first one tells where the arena begins. */
static void take_first(uint64_t size)
{
    heap_expect(&heap, size, HEAP_MALLOC);
    take_at(FIRST);
}

START_TEST(blocks_follow_each_other_with_their_heads)
{
    take_first(24);
    ck_assert_uint_eq(take(25), FIRST + 32);
    ck_assert_uint_eq(take(1), FIRST + 32 + 48);
    ck_assert_uint_eq(take(100), FIRST + 32 + 48 + 32);
}
END_TEST

START_TEST(what_was_freed_last_comes_first)
{
    take_first(24);
    const uint64_t a = take(40), b = take(40);
    give(a);
    give(b);
    ck_assert_uint_eq(take(33), b);
    ck_assert_uint_eq(take(40), a);
}
END_TEST

START_TEST(calloc_does_not_take_from_the_cache)
{
    take_first(24);
    const uint64_t a = take(40), top = a + 48;
    give(a);
    ck_assert_uint_eq(take_as(40, HEAP_CALLOC), top);
    ck_assert_uint_eq(take(40), a);
}
END_TEST

/* Seven are cached. The others are joined, and split from below. */
START_TEST(neighbours_that_are_free_become_one)
{
    uint64_t blocks[9];
    take_first(24);
    for (int i = 0; i < 9; i++)
        blocks[i] = take(200);
    take(24);
    for (int i = 0; i < 9; i++)
        give(blocks[i]);
    ck_assert_uint_eq(take(400), blocks[7]);
    ck_assert_uint_eq(take(200), blocks[6]);
}
END_TEST

/* Small ones wait in lists of their size until a large one is asked for. */
START_TEST(a_large_request_joins_what_is_small)
{
    uint64_t blocks[9];
    take_first(24);
    for (int i = 0; i < 9; i++)
        blocks[i] = take(40);
    take(24);
    for (int i = 0; i < 9; i++)
        give(blocks[i]);
    const uint64_t large = take(2000);
    ck_assert_uint_gt(large, blocks[8]);
    ck_assert_uint_eq(take(80), blocks[7]);
}
END_TEST

START_TEST(realloc_grows_into_what_is_free_behind_it)
{
    take_first(24);
    const uint64_t a = take(2000), b = take(2000);
    take(24);
    give(b);
    ck_assert_uint_eq(resize(a, 3000), a);
    ck_assert_uint_eq(take(1010), a + 3008);
    const uint64_t c = resize(a, 8000);
    ck_assert_uint_ne(c, a);
    ck_assert_uint_eq(take(3000), a);
}
END_TEST

START_TEST(the_last_block_is_resized_in_place)
{
    take_first(24);
    const uint64_t a = take(100);
    ck_assert_uint_eq(resize(a, 5000), a);
    ck_assert_uint_eq(take(24), a + 5008);
}
END_TEST

/* It was not told of everything: it goes on behind what it is told. */
START_TEST(it_learns_where_it_was_wrong)
{
    take_first(24);
    heap_expect(&heap, 100, HEAP_MALLOC);
    take_at(FIRST + 1024);
    ck_assert_uint_eq(take(24), FIRST + 1024 + 112);
}
END_TEST

/* Each block that is in a list is there once, and no list lies about its
   length. */
static void assert_lists(uint32_t n_lists)
{
    uint32_t listed = 0, is = 0;
    for (uint32_t i = 0; i < n_lists; i++) {
        uint32_t n = 0, before = 0;
        for (uint32_t k = heap.lists[i].first; k; k = known.at[k].next) {
            ck_assert_uint_eq(known.at[k].before, before);
            ck_assert_uint_eq(known.at[k].list, i);
            before = k;
            ck_assert_uint_le(++n, known.n);
        }
        ck_assert_uint_eq(heap.lists[i].last, before);
        ck_assert_uint_eq(heap.lists[i].n, n);
        listed += n;
    }
    for (uint32_t i = 1; i < known.n; i++)
        is += heap_is_listed(&known.at[i]);
    ck_assert_uint_eq(listed, is);
}

/* Addresses, sizes and threads as they fall, and half of what it is told
   forgotten now and then. */
START_TEST(nonsense_leaves_its_lists_whole)
{
    dice_state = (uint64_t)_i + 1;
    for (int i = 0; i < 4000; i++) {
        const uint64_t size = dice(4) ? dice(300) : dice(1u << dice(24));
        const uint64_t near = BASE + (uint64_t)dice(4096) * 16;
        const uint32_t block = known_find(&known, near);
        heap.thread = dice(3);
        if (dice(3) == 0 && block) {
            heap_given(&heap, block);
        } else if (dice(6) == 0 && block) {
            heap_resize(&heap, block);
        } else {
            const uint64_t addr =
                heap_expect(&heap, size, (enum heap_call)dice(4));
            take_at(addr && dice(3) ? addr : near + (dice(50) ? 0 : 8));
        }
        if (i % 1000 == 999) {
            uint32_t *now = must_calloc(known.n, sizeof *now), n = 1;
            for (uint32_t k = 1; k < known.n; k++)
                now[k] = heap_keeps(&known.at[k]) || dice(2) ? n++ : 0;
            heap_rename(&heap, now);
            known_rename(&known, now, n);
            free(now);
        }
        if (i % 100 == 0)
            assert_lists(HEAP_LISTS);
    }
}
END_TEST

Suite *heap_suite(void);

Suite *heap_suite(void)
{
    Suite *s = suite_create("heap");
    TCase *t = tcase_create("guesses");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, blocks_follow_each_other_with_their_heads);
    tcase_add_test(t, what_was_freed_last_comes_first);
    tcase_add_test(t, calloc_does_not_take_from_the_cache);
    tcase_add_test(t, neighbours_that_are_free_become_one);
    tcase_add_test(t, a_large_request_joins_what_is_small);
    tcase_add_test(t, realloc_grows_into_what_is_free_behind_it);
    tcase_add_test(t, the_last_block_is_resized_in_place);
    tcase_add_test(t, it_learns_where_it_was_wrong);
    tcase_add_loop_test(t, nonsense_leaves_its_lists_whole, 0, 40);
    suite_add_tcase(s, t);
    return s;
}
