/* SPDX-License-Identifier: MIT */
#include "explain/takings.h"

#include "arena.h"

/* Others that wait: to learn what they gave back; and nothing near is left. */
enum { GAVE = TAKEN_BEFORE, GAVE_FAR };

struct waiting_count {
    uint32_t state; /* slots.h */
    uint32_t next;  /* older, + 1 */
    uint32_t stack;
    uint32_t by; /* enum taken_by, or GAVE, GAVE_FAR */
    uint64_t n;
};

void takings_init(struct takings *t, const struct stacks *stacks)
{
    *t = (struct takings){.stacks = stacks};
    slots_init(&t->waiting, sizeof(struct waiting_count));
    groups_init(&t->fates);
}

void takings_release(struct takings *t)
{
    slots_release(&t->waiting);
    groups_release(&t->fates);
}

static struct waiting_count *at(const struct takings *t, uint32_t number)
{
    return slots_at(&t->waiting, number - 1);
}

static void became(struct takings *t, uint32_t type, uint32_t by,
                   uint32_t stack, enum fate fate, uint32_t other, uint64_t n)
{
    const struct group key = {
        .stack = stack,
        .what = TAKINGS_WHAT(by, fate),
        .type = type,
        .other_stack = other,
    };
    struct group *g = groups_find(&t->fates, &key);
    if (__builtin_add_overflow(g->instances, n, &g->instances))
        g->instances = UINT64_MAX;
}

/* Takes the one behind *from out of the list; its number. */
static uint32_t unchain(const struct takings *t, uint32_t *from)
{
    const uint32_t i = *from;
    *from = at(t, i)->next;
    return i;
}

static uint32_t *find(const struct takings *t, struct takings_of *k,
                      uint32_t by, uint32_t stack)
{
    uint32_t *from = &k->first;
    for (int i = 0; i < TAKINGS_SEEN && *from != 0; i++) {
        if (at(t, *from)->by == by && at(t, *from)->stack == stack)
            return from;
        from = &at(t, *from)->next;
    }
    return NULL;
}

/* It comes to the front of the list. */
static void wait(struct takings *t, struct takings_of *k, uint32_t by,
                 uint32_t stack, uint64_t n)
{
    uint32_t *from = find(t, k, by, stack);
    uint32_t i;
    if (!from && k->n >= TAKINGS_KEPT)
        from = find(t, k, by, stack = 0);
    if (from) {
        i = unchain(t, from);
    } else {
        i = slots_take(&t->waiting) + 1;
        at(t, i)->by = by;
        at(t, i)->stack = stack;
        k->n++;
    }
    struct waiting_count *w = at(t, i);
    if (__builtin_add_overflow(w->n, n, &w->n))
        w->n = UINT64_MAX;
    w->next = k->first;
    k->first = i;
}

/* n fewer wait there; an empty one is dropped, and *from is the next. */
static void lower(struct takings *t, struct takings_of *k, uint32_t *from,
                  uint64_t n)
{
    struct waiting_count *w = at(t, *from);
    w->n -= n;
    if (w->n > 0)
        return;
    slots_give(&t->waiting, unchain(t, from) - 1);
    k->n--;
}

/* Frames that must go at the inner ends before two stacks are equal. */
struct nearness {
    int of_taken, of_other;
};

static const struct nearness levels[] = {
    {1, 1}, {2, 2}, {1, 2}, {2, 1}, {2, 3}, {3, 2}, {3, 3}, {1, 3}, {3, 1},
};
enum { IN_ONE_FUNCTION = 2, IN_ONE_CALL = 4, N_LEVELS = 9 };

static uint32_t outer(const struct stacks *s, uint32_t stack, int frames)
{
    while (frames-- > 0 && stack != 0)
        stack = s->parent[stack];
    return stack;
}

static bool is_near(const struct stacks *s, uint32_t taken, uint32_t other,
                    const struct nearness *by)
{
    const uint32_t call = outer(s, taken, by->of_taken);
    return call != 0 && call == outer(s, other, by->of_other);
}

/* The newest of that kind that was taken that near `stack`, or NULL. */
static uint32_t *near_by(const struct takings *t, struct takings_of *k,
                         uint32_t by, uint32_t stack, const struct nearness *is)
{
    uint32_t *from = &k->first;
    for (int i = 0; i < TAKINGS_SEEN && *from != 0; i++) {
        const struct waiting_count *w = at(t, *from);
        if (w->by == by && is_near(t->stacks, w->stack, stack, is))
            return from;
        from = &at(t, *from)->next;
    }
    return NULL;
}

static uint32_t *taken_near(const struct takings *t, struct takings_of *k,
                            uint32_t stack, const struct nearness *is)
{
    uint32_t *from = near_by(t, k, TAKEN_BY_NEW, stack, is);
    return from ? from : near_by(t, k, TAKEN_BY_INCREF, stack, is);
}

static uint32_t *newest(const struct takings *t, struct takings_of *k,
                        uint32_t by)
{
    uint32_t *from = &k->first;
    while (*from != 0 && at(t, *from)->by != by)
        from = &at(t, *from)->next;
    return from;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* At most n of *from were given back at `stack`; how many. */
static uint64_t give_back(struct takings *t, struct takings_of *k,
                          uint32_t type, uint32_t *from, uint32_t stack,
                          uint64_t n)
{
    const struct waiting_count *w = at(t, *from);
    const uint64_t most = least(n, w->n);
    became(t, type, w->by, w->stack, FATE_GIVEN, stack, most);
    lower(t, k, from, most);
    return most;
}

static uint64_t give_near(struct takings *t, struct takings_of *k,
                          uint32_t type, uint32_t stack, uint64_t n,
                          int n_levels)
{
    for (int i = 0; i < n_levels; i++)
        while (n > 0) {
            uint32_t *from = taken_near(t, k, stack, &levels[i]);
            if (!from)
                break;
            n -= give_back(t, k, type, from, stack, n);
        }
    return n;
}

void takings_take(struct takings *t, struct takings_of *k, enum taken_by by,
                  uint32_t stack, uint64_t n)
{
    k->moves = false;
    if (n > 0)
        wait(t, k, by, stack, n);
}

void takings_give(struct takings *t, struct takings_of *k, uint32_t type,
                  uint32_t stack, uint64_t n)
{
    const uint64_t unlinked = least(n, k->unlinked);
    k->unlinked -= unlinked;
    k->moves = k->moves && k->unlinked > 0;
    n -= unlinked;
    if (unlinked > 0)
        became(t, type, TAKEN_BEFORE, 0, FATE_GIVEN, stack, unlinked);
    n = give_near(t, k, type, stack, n, IN_ONE_FUNCTION);
    if (n > 0)
        wait(t, k, GAVE, stack, n);
}

void takings_link(struct takings *t, struct takings_of *k, uint32_t type,
                  uint32_t stack)
{
    uint32_t *from = NULL;
    for (int i = 0; i < IN_ONE_CALL && !from && !k->moves; i++)
        from = near_by(t, k, TAKEN_BY_INCREF, stack, &levels[i]);
    if (!from && k->unlinked > 0) {
        k->unlinked--;
        k->moves = k->moves && k->unlinked > 0;
        return;
    }
    if (!from)
        from = newest(t, k, TAKEN_BY_NEW);
    if (*from == 0)
        from = newest(t, k, TAKEN_BY_INCREF);
    if (*from == 0)
        return;
    became(t, type, at(t, *from)->by, at(t, *from)->stack, FATE_LINKED, 0, 1);
    lower(t, k, from, 1);
}

void takings_unlink(struct takings *t, struct takings_of *k, uint32_t type,
                    bool died)
{
    uint32_t *gave = newest(t, k, GAVE);
    if (!died || *gave == 0) {
        k->unlinked++;
        k->moves = true;
        return;
    }
    became(t, type, TAKEN_BEFORE, 0, FATE_GIVEN, at(t, *gave)->stack, 1);
    lower(t, k, gave, 1);
}

static void give_far(struct takings *t, struct takings_of *k, uint32_t type,
                     uint32_t stack, uint64_t n)
{
    for (int by = TAKEN_BY_INCREF; by >= TAKEN_BY_NEW; by--)
        for (uint32_t *from;
             n > 0 && *(from = newest(t, k, (uint32_t)by)) != 0;)
            n -= give_back(t, k, type, from, stack, n);
    if (n > 0)
        became(t, type, TAKEN_BEFORE, 0, FATE_GIVEN, stack, n);
}

/* What was given back far away, now that nothing more is taken: what is nearest
   for all of them, before anything else for any. */
static void match_given(struct takings *t, struct takings_of *k, uint32_t type)
{
    uint32_t *gave;
    while (*(gave = newest(t, k, GAVE)) != 0) {
        const uint32_t i = *gave;
        at(t, i)->by = GAVE_FAR;
        at(t, i)->n =
            give_near(t, k, type, at(t, i)->stack, at(t, i)->n, N_LEVELS);
    }
    while (*(gave = newest(t, k, GAVE_FAR)) != 0) {
        const struct waiting_count w = *at(t, *gave);
        lower(t, k, gave, w.n);
        give_far(t, k, type, w.stack, w.n);
    }
}

void takings_close(struct takings *t, struct takings_of *k, uint32_t type,
                   enum fate fate, uint64_t left)
{
    match_given(t, k, type);
    while (k->first != 0) {
        const struct waiting_count w = *at(t, k->first);
        const uint64_t n = least(w.n, left);
        left -= n;
        if (n > 0)
            became(t, type, w.by, w.stack, fate, 0, n);
        if (n < w.n)
            became(t, type, w.by, w.stack, FATE_GIVEN, 0, w.n - n);
        lower(t, k, &k->first, w.n);
    }
    *k = (struct takings_of){0};
}
