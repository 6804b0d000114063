/* SPDX-License-Identifier: MIT */
/* check_census.c - who was alive at a checkpoint is known at the end */
#include "random_events.h"
#include "replay_kit.h"
#include "slow_replay.h"

enum { STREAMS = 300, LONGEST = 250, BATCHES = 20, KINDS = 256, MARKS = 256 };

static uint64_t seed;

struct kind {
    uint32_t type, stack;
    uint8_t what;
    struct tally alive;
};

struct kinds {
    uint64_t stamp;
    int n;
    struct kind at[KINDS];
};

/* At each checkpoint, counted when it came; and at its number, counted at the
   end. */
static struct kinds marks[MARKS], again;
static int n_marks;
static bool moved_storage; /* see note_storage */
static long n_exact;

static struct kind *kind_of(struct kinds *k, uint32_t type, uint32_t stack,
                            int what)
{
    int i = 0;
    while (i < k->n && (k->at[i].type != type || k->at[i].stack != stack ||
                        k->at[i].what != what))
        i++;
    if (i == k->n) {
        ck_assert_int_lt(k->n, KINDS);
        k->at[k->n++] =
            (struct kind){.type = type, .stack = stack, .what = (uint8_t)what};
    }
    return &k->at[i];
}

static void count(struct kinds *k, uint32_t type, uint32_t stack, int what,
                  int n, uint64_t bytes)
{
    struct kind *kind = kind_of(k, type, stack, what);
    kind->alive.n += n;
    kind->alive.bytes += (int64_t)bytes;
}

static void slow_count_object(const struct slow *s, int i, struct kinds *to)
{
    const struct slow_object *o = &s->objects[i];
    uint64_t bytes = o->bytes;
    if (!o->alive || o->flags & OBJECT_IGNORED)
        return;
    if (bytes == 0 && o->block != NOBODY)
        bytes = s->blocks[o->block].addr + s->blocks[o->block].size - o->addr;
    count(to, o->type, o->stack, WHAT_OBJECT, 1, bytes);
}

static bool slow_holds_object(const struct slow *s, int block)
{
    for (int i = 0; i < s->n_objects; i++)
        if (s->objects[i].alive && s->objects[i].block == block)
            return true;
    return false;
}

static bool slow_holds_element(const struct slow *s, int block)
{
    for (int i = 0; i < s->n_blocks; i++)
        if (s->blocks[i].alive && s->blocks[i].parent == block)
            return true;
    return false;
}

static void slow_count_block(const struct slow *s, int i, struct kinds *to)
{
    const struct slow_block *b = &s->blocks[i];
    if (!b->alive || slow_holds_object(s, i))
        return;
    if (b->owner != NOBODY) {
        const struct slow_object *o = &s->objects[b->owner];
        if (!(o->flags & OBJECT_IGNORED))
            count(to, o->type, o->stack, WHAT_OBJECT, 0, b->size);
    } else if (!slow_holds_element(s, i) && !b->ignored) {
        count(to, 0, b->stack, b->element ? WHAT_ELEMENT : b->entry + 1, 1,
              b->size);
    }
}

static void mark(struct slow *s, uint64_t stamp)
{
    struct kinds *to = &marks[n_marks++];
    s->now = stamp;
    to->n = 0;
    to->stamp = stamp;
    for (int i = 0; i < s->n_objects; i++)
        slow_count_object(s, i, to);
    for (int i = 0; i < s->n_blocks; i++)
        slow_count_block(s, i, to);
}

/* What an object owns stays where it was counted if its type, or the stack that
   it gets from a block, comes later. */
static void note_storage(const struct slow *s, const struct event *e)
{
    const int told = e->kind == OURO_REC_TYPE ? slow_meant(s, e->a) : NOBODY;
    for (int i = 0; i < s->n_blocks; i++) {
        const struct slow_block *b = &s->blocks[i];
        if (b->alive && b->owner != NOBODY)
            moved_storage |=
                b->owner == told || s->objects[b->owner].stack == 0;
    }
}

/* Those of the result that came before the stamp. */
static void count_result(const struct slow *s, uint64_t stamp)
{
    static struct slow old;
    old = *s;
    for (int i = 0; i < old.n_objects; i++)
        if (old.objects[i].stamp >= stamp)
            old.objects[i].flags |= OBJECT_IGNORED;
    again.n = 0;
    for (int i = 0; i < old.n_objects; i++)
        slow_count_object(&old, i, &again);
    for (int i = 0; i < s->n_blocks; i++)
        if (s->blocks[i].stamp < stamp)
            slow_count_block(s, i, &again);
}

static void add_gone(const struct checkpoints *c, uint64_t number)
{
    for (uint32_t i = 0; i < c->n_gone; i++) {
        const struct gone *g = &c->gone[i];
        const struct tally t =
            number == UINT64_MAX ? g->first : gone_at(g, number);
        count(&again, g->type, g->stack, g->what, (int)t.n, (uint64_t)t.bytes);
    }
}

static void compare(struct kinds *was, uint64_t number)
{
    for (int i = 0; i < was->n; i++)
        kind_of(&again, was->at[i].type, was->at[i].stack, was->at[i].what);
    for (int i = 0; i < again.n; i++) {
        const struct kind *k = &again.at[i];
        const struct kind *w = kind_of(was, k->type, k->stack, k->what);
        n_exact += k->what == WHAT_OBJECT && !moved_storage && w->alive.bytes;
        const bool exact = k->what != WHAT_OBJECT || !moved_storage;
        ck_assert_msg(k->alive.n == w->alive.n &&
                          (!exact || k->alive.bytes == w->alive.bytes),
                      "seed %lu, checkpoint %ld: type %u, stack %u, what %u: "
                      "%ld of %ld bytes, not %ld of %ld",
                      seed, (long)number, k->type, k->stack, k->what,
                      k->alive.n, k->alive.bytes, w->alive.n, w->alive.bytes);
    }
}

static void check_marks(const struct slow *slow, const struct checkpoints *c)
{
    ck_assert_uint_eq(c->n_all, (uint64_t)n_marks);
    ck_assert_uint_eq(c->n, (uint64_t)n_marks);
    for (int i = 0; i < n_marks; i++)
        ck_assert_uint_eq(c->at[i].stamp, marks[i].stamp);
    for (int i = 0; i < n_marks; i++) {
        if (i > 0 && (uint64_t)i < checkpoints_oldest(c))
            continue;
        count_result(slow, marks[i].stamp);
        add_gone(c, i == 0 ? UINT64_MAX : (uint64_t)i);
        compare(&marks[i], (uint64_t)i);
    }
}

static void one_stream(struct slow *slow)
{
    memset(slow, 0, sizeof *slow);
    slow->away = NOBODY;
    memcpy(slow->gc.threshold, (uint64_t[]){700, 10, 10},
           sizeof slow->gc.threshold);
    n_marks = 0;
    moved_storage = false;
    kit_begin();
    kit_replay.patience = slow->patience = dice(2) ? 0 : dice(20);
    const uint32_t often = 2 + dice(60);
    const uint32_t length = 1 + dice(LONGEST);
    for (uint32_t i = 0; i < length; i++) {
        struct event e = some_event();
        if (dice(often) == 0) {
            e.kind = dice(2) ? OURO_REC_CHECKPOINT : OURO_REC_SNAPSHOT;
            mark(slow, 1000 + i);
        }
        e.stamp = 1000 + i;
        replay_apply(&kit_replay, &e);
        if (e.kind == OURO_REC_CHECKPOINT || e.kind == OURO_REC_SNAPSHOT)
            continue;
        note_storage(slow, &e);
        slow_apply(slow, &e);
    }
    slow_finish(slow);
    check_marks(slow, &result()->checkpoints);
    kit_end();
}

START_TEST(any_checkpoint_is_told_as_it_was)
{
    static struct slow slow;
    for (uint64_t i = 0; i < STREAMS; i++) {
        dice_state = seed = (uint64_t)_i * STREAMS + i + 1;
        one_stream(&slow);
    }
    ck_assert_int_gt(n_exact, 0);
}
END_TEST

/* It stood behind an allocation that was not possible yet. */
START_TEST(what_waited_until_behind_a_checkpoint_was_before_it)
{
    enum { HELD_UP = 2 };
    kit_begin();
    kit_replay.waits = true;
    kit_replay.patience = 100;
    MALLOC(0x1000, 16);
    MALLOC(0x2000, 16);
    SAY(OURO_REC_CHECKPOINT);
    kit_thread = HELD_UP;
    MALLOC(0x1000, 32);
    FREE(0x2000);
    kit_thread = 1;
    SAY(OURO_REC_CHECKPOINT);
    FREE(0x1000);

    const struct checkpoints *c = &result()->checkpoints;

    int64_t alive = 1; /* the block of 32 bytes */
    for (uint32_t i = 0; i < c->n_gone; i++)
        alive += gone_at(&c->gone[i], 1).n;
    ck_assert_int_eq(alive, 2);
    kit_end();
}
END_TEST

/* More than are kept: every second one is, the first among them. */
START_TEST(any_number_of_checkpoints_is_kept_in_bounds)
{
    enum { MANY = 3 * CHECKPOINTS_KEPT };
    kit_begin();
    for (int i = 0; i < MANY; i++)
        SAY(OURO_REC_CHECKPOINT);

    const struct checkpoints *c = &result()->checkpoints;

    ck_assert_uint_eq(c->n_all, MANY);
    ck_assert_uint_eq(c->step, 4);
    ck_assert_uint_eq(c->n, MANY / 4);
    for (uint32_t i = 0; i < c->n; i++)
        ck_assert_uint_eq(c->at[i].stamp, 1000 + 4 * (uint64_t)i);
    kit_end();
}
END_TEST

Suite *census_suite(void);

Suite *census_suite(void)
{
    Suite *s = suite_create("census");
    TCase *t = tcase_create("streams");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, any_checkpoint_is_told_as_it_was, 0, BATCHES);
    tcase_add_test(t, what_waited_until_behind_a_checkpoint_was_before_it);
    tcase_add_test(t, any_number_of_checkpoints_is_kept_in_bounds);
    suite_add_tcase(s, t);
    return s;
}
