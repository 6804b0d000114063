/* SPDX-License-Identifier: MIT */
#include "explain/ledger.h"

#include "arena.h"

#include <stdlib.h>

void ledger_release(struct ledger *l)
{
    free(l->at);
    *l = (struct ledger){0};
}

static struct entry *find(struct ledger *l, enum entry_kind kind,
                          uint32_t stack)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->at[i].kind == kind && l->at[i].stack == stack)
            return &l->at[i];
    return NULL;
}

static struct entry *entry_of(struct ledger *l, enum entry_kind kind,
                              uint32_t stack)
{
    if (l->n >= LEDGER_STACKS && !find(l, kind, stack))
        stack = 0;
    struct entry *e = find(l, kind, stack);
    if (e)
        return e;
    GROW(l->at, l->n, l->room);
    e = &l->at[l->n++];
    *e = (struct entry){.kind = kind, .stack = stack};
    return e;
}

/* Counts come from a file: a sum stops where it would wrap. */
static void add(struct entry *e, int64_t n)
{
    if (n > 0 && __builtin_add_overflow(e->n, n, &e->n))
        e->n = INT64_MAX;
}

/* Takes at most n out of it; how many. */
static int64_t lower(struct entry *e, int64_t n)
{
    const int64_t most = n < e->n ? n : e->n;
    e->n -= most;
    return most;
}

/* The entry of that kind that is not empty and was begun last. */
static struct entry *last_of(struct ledger *l, enum entry_kind kind)
{
    for (uint32_t i = l->n; i > 0; i--)
        if (l->at[i - 1].kind == kind && l->at[i - 1].n > 0)
            return &l->at[i - 1];
    return NULL;
}

/* Do they differ in their `frames` innermost frames only? */
static bool in_one_call(const struct stacks *s, uint32_t a, uint32_t b,
                        int frames)
{
    for (int i = 0; i < frames; i++) {
        if (a == 0 || b == 0)
            return false;
        a = s->parent[a];
        b = s->parent[b];
    }
    return a == b && a != 0;
}

static bool is_near(const struct stacks *s, uint32_t a, uint32_t b)
{
    return in_one_call(s, a, b, 1) || in_one_call(s, a, b, 2);
}

/* Did it happen while the function ran in which `inner` did, at any depth? What
   is not known to have happened elsewhere did. */
static bool is_inside(const struct stacks *s, uint32_t stack, uint32_t inner)
{
    const uint32_t call = s->parent[inner];
    if (stack == 0 || call == 0)
        return true;
    while (stack > call)
        stack = s->parent[stack];
    return stack == call;
}

void ledger_take(struct ledger *l, enum entry_kind kind, uint32_t stack,
                 int64_t n)
{
    if (n > 0)
        add(entry_of(l, kind, stack), n);
}

static bool give_linked(struct ledger *l)
{
    struct entry *e = last_of(l, ENTRY_UNLINKED);
    if (!e)
        e = last_of(l, ENTRY_BEREFT);
    return e && lower(e, 1) > 0;
}

void ledger_give(struct ledger *l, uint32_t stack, int64_t n)
{
    for (; n > 0 && give_linked(l); n--) {
        l->gave_linked = true;
        l->gave_linked_at = stack;
    }
    if (n > 0)
        add(entry_of(l, ENTRY_GAVE, stack), n);
}

static struct entry *taken_near(struct ledger *l, uint32_t stack)
{
    for (uint32_t i = l->n; i > 0; i--) {
        struct entry *e = &l->at[i - 1];
        if (e->kind == ENTRY_TOOK && e->n > 0 &&
            is_near(l->stacks, e->stack, stack))
            return e;
    }
    return NULL;
}

void ledger_link(struct ledger *l, uint32_t stack)
{
    struct entry *e = taken_near(l, stack);
    if (!e && give_linked(l))
        return;
    if (!e)
        e = last_of(l, ENTRY_BORN);
    if (!e)
        e = last_of(l, ENTRY_TOOK);
    if (e)
        lower(e, 1);
    else
        add(entry_of(l, ENTRY_GAVE, stack), 1);
}

/* What the owner gave back before its end was announced. */
static struct entry *given_early(struct ledger *l, uint32_t death)
{
    for (uint32_t i = l->n; i > 0; i--) {
        struct entry *e = &l->at[i - 1];
        if (e->kind == ENTRY_GAVE && e->n > 0 &&
            is_inside(l->stacks, e->stack, death))
            return e;
    }
    return NULL;
}

void ledger_unlink(struct ledger *l, uint32_t stack, bool died, uint32_t death)
{
    struct entry *early = died ? given_early(l, death) : NULL;
    if (early)
        lower(early, 1);
    else if (died && !(l->gave_linked &&
                       is_inside(l->stacks, l->gave_linked_at, death)))
        add(entry_of(l, ENTRY_BEREFT, stack), 1);
    else
        add(entry_of(l, ENTRY_UNLINKED, stack), 1);
}

static void cancel(struct ledger *l, struct entry *gave, int frames)
{
    for (uint32_t i = 0; i < l->n && gave->n > 0; i++) {
        struct entry *e = &l->at[i];
        if ((e->kind == ENTRY_TOOK || e->kind == ENTRY_BORN) &&
            in_one_call(l->stacks, e->stack, gave->stack, frames))
            gave->n -= lower(e, gave->n);
    }
}

void ledger_settle(struct ledger *l,
                   bool (*is_last)(const void *to, uint32_t stack),
                   const void *to)
{
    for (int frames = 1; frames <= 2; frames++)
        for (uint32_t i = 0; i < l->n; i++)
            if (l->at[i].kind == ENTRY_GAVE)
                cancel(l, &l->at[i], frames);
    for (uint32_t i = 0; is_last && i < l->n; i++) {
        struct entry *born = last_of(l, ENTRY_BORN);
        if (born && l->at[i].kind == ENTRY_GAVE && is_last(to, l->at[i].stack))
            l->at[i].n -= lower(born, l->at[i].n);
    }
}

int64_t ledger_sum(const struct ledger *l, enum entry_kind kind)
{
    struct entry sum = {0};
    for (uint32_t i = 0; i < l->n; i++)
        if (l->at[i].kind == kind)
            add(&sum, l->at[i].n);
    return sum.n;
}

int64_t ledger_bereft(const struct ledger *l)
{
    struct entry others = {0};
    add(&others, ledger_sum(l, ENTRY_BORN));
    add(&others, ledger_sum(l, ENTRY_TOOK));
    add(&others, ledger_sum(l, ENTRY_UNLINKED));
    const int64_t gave = ledger_sum(l, ENTRY_GAVE);
    const int64_t early = gave > others.n ? gave - others.n : 0;
    const int64_t bereft = ledger_sum(l, ENTRY_BEREFT);
    return bereft > early ? bereft - early : 0;
}
