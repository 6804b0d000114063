/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include "foreign.h"
#include "module.h"
#include "rule.h"
#include "trail.h"

/* How far a capture has come: to a frame, whose words are in fresh[n]. (No
   struct of a struct: all of it stays in registers.) */
struct pass {
    uintptr_t ip, sp, fp;
    uint32_t flags;
    uint32_t n;
    struct stack_frame *left; /* those before it may still be met */
};

/* Is that frame remembered? Then it is left[-1]. */
static inline bool meets(const struct stack *s, struct pass *p)
{
    const uint32_t kind = STACK_INTERRUPTED | STACK_FOREIGN;
    struct stack_frame *left = p->left;
    while (left != s->at && left[-1].sp < p->sp)
        left--;
    p->left = left;
    return left != s->at && left[-1].sp == p->sp && left[-1].ip == p->ip &&
           (left[-1].flags & kind) == 0 &&
           (left[-1].fp == p->fp || !(left[-1].flags & STACK_NEEDS_FP));
}

/* at[i] is there: the number of the first word outward of it that is another,
   or 0. */
static __attribute__((noinline)) uint32_t other_word(const struct stack *s,
                                                     uint32_t i)
{
    return standing_first_other(s->words, s->near, stack_words_before(s, i));
}

/* Does all outward of left[-1] stand? If not, the capture goes on, and may end
   beyond what does not. */
static inline bool all_stand(struct stack *s, struct pass *p)
{
    const uint32_t other = other_word(s, (uint32_t)(p->left - s->at) - 1);
    if (__builtin_expect(other > 0, 0))
        p->left =
            &s->at[stack_owner(s, (uint32_t)(p->left - s->at) - 1, other) + 1];
    return other == 0;
}

/* Keeps the frame and goes on to its caller's, by a usual rule, inside the
   window. False: it is not as usual as that. */
static inline bool step(struct stack *s, struct pass *p, uint64_t epoch)
{
    const uint64_t rule = rule_known(p->ip - 1, epoch);
    const bool uses_fp = rule & 1, has_fp = rule >> 2 & RULE_FP_CFA;
    const uintptr_t sp = (uses_fp ? p->fp : p->sp) + (uintptr_t)rule_a(rule);
    const uintptr_t ip_slot = sp + (uintptr_t)rule_c(rule);
    const uintptr_t fp_slot = sp + (uintptr_t)rule_b(rule);
    if (!rule_is_usual(rule) || sp - p->sp > s->pages.hi - p->sp ||
        ip_slot < p->sp || fp_slot < p->sp || sp % sizeof sp != 0 ||
        p->n == OURO_MAX_DEPTH)
        return false;
    const uintptr_t ip = standing_word(ip_slot), fp = standing_word(fp_slot);
    struct stack_fresh *f = &s->fresh[p->n++];
    f->frame.ip = p->ip;
    f->frame.sp = p->sp;
    f->frame.fp = p->fp;
    f->frame.flags = p->flags | (uses_fp ? STACK_USES_FP : 0) |
                     (has_fp ? 0 : STACK_KEEPS_FP);
    f[1].ip = (struct stack_word){ip_slot, ip};
    f[1].fp = (struct stack_word){fp_slot, fp};
    p->ip = standing_plain(ip);
    p->sp = sp;
    p->fp = has_fp ? fp : p->fp;
    p->flags = STACK_IP_READ | (has_fp ? STACK_FP_READ : 0);
    return p->ip != 0 && p->ip >> 48 == 0;
}

/* Was left[-1] read from the same words when it was met? What they say in plain
   is known to be the same. */
static inline bool has_words(const struct stack *s, const struct pass *p)
{
    const uint32_t all = STACK_IP_READ | STACK_FP_READ | STACK_SP_READ;
    const struct stack_frame *at = p->left - 1;
    const struct stack_fresh *f = &s->fresh[p->n];
    if ((at->flags & all) != p->flags)
        return false;
    const struct stack_word *last = &s->words[at->n_words - 1];
    const bool has_fp =
        (p->flags & STACK_FP_READ) && (at->flags & STACK_NEEDS_FP);
    const struct stack_word *ip = has_fp ? last - 1 : last;
    return ip->slot == f->ip.slot && ip->value == f->ip.value &&
           (!has_fp || last->slot == f->fp.slot);
}

static __attribute__((noinline)) void take_words(struct stack *s,
                                                 const struct pass p)
{
    struct stack_fresh *f = &s->fresh[p.n];
    f->frame = (struct stack_frame){p.ip, p.sp, p.fp, 0, p.flags};
    stack_put_met(s, (uint32_t)(p.left - s->at) - 1, f);
}

/* fresh[n] is left[-1]; the others are new, but for outermost ones that stand
   where the same address stood. */
static inline struct stack_change settle(struct stack *s, const struct pass *p)
{
    const struct stack_frame *behind = &s->at[s->n], *same = p->left;
    struct stack_end end = {p->left, p->left[-1].n_words, p->left[-1].flags};
    const struct stack_fresh *f = &s->fresh[p->n];
    for (uint32_t k = p->n; k > 0; k--) {
        f--;
        if (same == end.at && same < behind &&
            stack_frame_address(same) == f->frame.ip)
            same++;
        stack_place(s, &end, f);
    }
    s->n = (uint32_t)(end.at - s->at);
    return (struct stack_change){
        .pops = (uint16_t)(behind - same),
        .pushes = (uint16_t)(end.at - same),
    };
}

/* A walk by the rules, from the innermost frame. False: they are not usual. */
static bool walk(struct stack *s, struct pass *p, uint64_t epoch)
{
    while (!meets(s, p) || !all_stand(s, p))
        if (__builtin_expect(p->left == s->at || !step(s, p, rule_epoch(epoch)),
                             0))
            return false;
    return module_epoch() == epoch && p->left + p->n <= &s->at[OURO_MAX_DEPTH];
}

/* As usual, or by the long way. */
static __attribute__((noinline)) struct stack_change walk_and_keep(
    struct stack *s, const struct stack_here *here, uint64_t epoch)
{
    struct pass p = {
        standing_plain(here->ip), here->sp, here->fp, 0, 0, &s->at[s->n]};
    if (__builtin_expect(!walk(s, &p, epoch), 0))
        return stack_capture_rarely(s, here);
    if (p.n > 0 && __builtin_expect(!has_words(s, &p), 0))
        take_words(s, p);
    const struct stack_change change = settle(s, &p);
    if (p.n > 0)
        trail_keep(s, here, (uint32_t)(p.left - s->at) - 1);
    return change;
}

/* By a trail that begins here, or else like any other. */
static __attribute__((noinline)) struct stack_change follow(
    struct stack *s, const struct stack_trail *t, const struct stack_here *here,
    uint64_t epoch)
{
    if (__builtin_expect(trail_leads(s, t, here) &&
                             other_word(s, t->base) == 0 &&
                             module_epoch() == epoch,
                         1))
        return trail_take(s, t);
    return walk_and_keep(s, here, epoch);
}

struct stack_change stack_capture(struct stack *s,
                                  const struct stack_here *here)
{
    const uint64_t epoch = module_epoch();
    if (__builtin_expect(s->epoch != epoch || module_is_closing() ||
                             !window_holds(&s->pages, here->sp, 1),
                         0))
        return stack_capture_rarely(s, here);
    const struct stack_trail *t = trail_of(s, here);
    if (__builtin_expect(trail_begins(t, here), 1))
        return follow(s, t, here, epoch);
    return walk_and_keep(s, here, epoch);
}

void stack_start(void)
{
    foreign_start();
}

void stack_forked(void)
{
    foreign_forked();
}

bool stack_is_foreign(uintptr_t caller)
{
    return foreign_is_loading() && !module_is_ours(caller);
}

bool stack_has_libunwind(void)
{
    return foreign_is_ready();
}

static bool has_its_words(const struct stack *s, uint32_t i)
{
    const struct stack_frame *f = &s->at[i];
    const uint32_t from = stack_words_before(s, i);
    const bool needs = f->flags & STACK_NEEDS_FP;
    const uint32_t n = (f->flags & STACK_IP_READ ? 1u : 0u) +
                       (needs && (f->flags & STACK_FP_READ) ? 1u : 0u) +
                       (f->flags & STACK_SP_READ ? 1u : 0u);
    return f->n_words == from + n &&
           (n == 0 || standing_plain(s->words[from].value) == f->ip);
}

bool stack_is_valid(const struct stack *s)
{
    if (s->n > OURO_MAX_DEPTH)
        return false;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct stack_frame *f = &s->at[i];
        if (f->ip == 0 || !has_its_words(s, i))
            return false;
        if (i > 0 && !(f->flags & STACK_FOREIGN) && f->sp > f[-1].sp &&
            !(f[-1].flags & STACK_INTERRUPTED))
            return false;
    }
    return true;
}
