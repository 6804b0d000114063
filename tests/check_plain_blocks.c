/* SPDX-License-Identifier: MIT */
/* check_plain_blocks.c - the short way gives what the rules give */
#include "random_events.h"
#include "shadow/plain_blocks.h"

#include <check.h>
#include <string.h>

enum { BATCHES = 20, STREAMS = 100, LONGEST = 400 };

static uint64_t seed;

#define SAME(a, b)                                                             \
    ck_assert_msg((int64_t)(a) == (int64_t)(b),                                \
                  "seed %lu: %s is %ld, %s is %ld", seed, #a, (int64_t)(a),    \
                  #b, (int64_t)(b))

/* Mostly allocations and frees, several in 16 bytes, freed twice, or after
   their notes were forgotten. */
static struct event heap_event(void)
{
    static const uint8_t kinds[] = {OURO_ALLOC,     OURO_ALLOC + 9, OURO_FREE,
                                    OURO_FREE,      OURO_ALLOC + 1, OURO_FREE,
                                    OURO_ALLOC + 2, OURO_FREE};
    struct event e = {
        .kind = kinds[dice(sizeof kinds)],
        .stack = dice(3),
        .a = 0x1000 + 0x40 * (uint64_t)dice(40) + (dice(9) ? 0 : 8),
    };
    if (e.kind != OURO_FREE)
        e.size = dice(9) ? dice(64) : UINT64_MAX - dice(3);
    if (dice(60) == 0)
        e = (struct event){.kind = OURO_GAP};
    if (dice(60) == 0)
        e.kind = OURO_REALLOC_BEGIN;
    if (dice(60) == 0)
        e.kind = OURO_REALLOC_END;
    return e;
}

static void check_shadows(const struct shadow *plain,
                          const struct shadow *rules)
{
    SAME(memcmp(&plain->totals, &rules->totals, sizeof plain->totals), 0);
    SAME(plain->n_blocks, rules->n_blocks);
    for (uint32_t i = 0; i < plain->n_blocks; i++)
        SAME(
            memcmp(&plain->blocks[i], &rules->blocks[i], sizeof *plain->blocks),
            0);
    SAME(plain->n_objects, rules->n_objects);
    SAME(plain->n_misuses, rules->n_misuses);
    for (uint32_t i = 0; i < plain->n_misuses; i++) {
        const struct misuse_event *a = &plain->misuses[i];
        const struct misuse_event *b = &rules->misuses[i];
        SAME(a->what, b->what);
        SAME(a->stamp, b->stamp);
        SAME(a->addr, b->addr);
        SAME(a->birth_stack, b->birth_stack);
    }
}

static void end(struct replay *r, struct shadow *s)
{
    memset(s, 0, sizeof *s);
    replay_finish(r);
    replay_settle(r, s);
    replay_release(r);
}

/* How many went the short way. */
static uint32_t one_stream(void)
{
    struct replay plain, rules;
    struct shadow one, other;
    uint32_t n = 0;
    replay_init(&plain, NULL);
    replay_init(&rules, NULL);
    plain.waits = rules.waits = dice(2);
    plain.patience = rules.patience = dice(20);
    const uint32_t rare = dice(2) ? 50 : LONGEST;
    const uint32_t length = 1 + dice(LONGEST);
    for (uint32_t i = 0; i < length; i++) {
        struct event e = dice(rare) ? heap_event() : some_event();
        e.stamp = 1000 + i;
        e.thread = 1 + dice(2);
        replay_apply(&rules, &e);
        if (plain_blocks_may(&plain) && plain_blocks_apply(&plain, &e))
            n++;
        else
            replay_apply(&plain, &e);
        SAME(addrmap_is_valid(&plain.blocks.map), true);
        SAME(plain.stamp, rules.stamp);
        SAME(plain.blocks.lowest, rules.blocks.lowest);
        SAME(plain.blocks.end, rules.blocks.end);
    }
    end(&plain, &one);
    end(&rules, &other);
    check_shadows(&one, &other);
    shadow_release(&one);
    shadow_release(&other);
    return n;
}

START_TEST(any_stream_gives_what_the_rules_give)
{
    uint32_t n = 0;
    for (uint64_t i = 0; i < STREAMS; i++) {
        dice_state = seed = (uint64_t)_i * STREAMS + i + 1;
        n += one_stream();
    }
    ck_assert_uint_gt(n, STREAMS);
}
END_TEST

Suite *plain_blocks_suite(void);

Suite *plain_blocks_suite(void)
{
    Suite *s = suite_create("plain_blocks");
    TCase *t = tcase_create("streams");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, any_stream_gives_what_the_rules_give, 0, BATCHES);
    suite_add_tcase(s, t);
    return s;
}
