/* SPDX-License-Identifier: MIT */
/*
 * Any stack: signals' frames, frames that libunwind has to find, stacks that
 * outgrow what is kept, modules that come and go meanwhile.
 */
#include "stack.h"

#include "foreign.h"
#include "module.h"
#include "rule.h"

#include <stdatomic.h>
#include <string.h>

/* A walk from the innermost frame outward. */
struct walk {
    struct stack *s;
    struct stack_fresh *f; /* the frame that it has come to, and not kept yet */
    uint64_t epoch;        /* as rule_epoch() says it */
    uint32_t left;         /* at[0 .. left) may still be met */
    uint32_t n;            /* fresh frames that are kept, innermost first */
    uint64_t more;         /* walked, and not kept for want of room */
    uint32_t kept;         /* at[0 .. kept) stay */
    bool is_lost;          /* outside all that was remembered */
    bool is_closing;       /* modules are, meanwhile: each frame is looked at */
};

enum outcome { OUTCOME_ON, OUTCOME_END, OUTCOME_NO_RULE };

static _Atomic uint64_t n_short, n_slow;

/* Keeps the frame that the walk is at; where the next one goes: behind it, or,
   where there is no more room, into one of two places in turn. */
static struct stack_fresh *keep(struct walk *w)
{
    struct stack_fresh *fresh = w->s->fresh;
    if (w->n == OURO_MAX_DEPTH) {
        w->more++;
        return &fresh[OURO_MAX_DEPTH + (w->f == &fresh[OURO_MAX_DEPTH])];
    }
    return &fresh[++w->n];
}

void stack_put(struct stack *s, uint32_t i, const struct stack_fresh *f)
{
    struct stack_end end = stack_end(s, i);
    stack_place(s, &end, f);
}

void stack_put_met(struct stack *s, uint32_t i, struct stack_fresh *f)
{
    f->frame.flags |= s->at[i].flags & (STACK_USES_FP | STACK_KEEPS_FP);
    stack_put(s, i, f);
}

/* Is the walk at a frame that is remembered? Then left is its index + 1. */
static bool meets(struct walk *w)
{
    const struct stack_frame *at = w->s->at;
    const struct stack_frame *f = &w->f->frame;
    while (w->left > 0 && at[w->left - 1].sp < f->sp)
        w->left--;
    if (w->left == 0)
        return false;
    return stack_is_same(&at[w->left - 1], f);
}

/* at[k] is there: the outermost frame up to which all stand. */
static uint32_t standing_outward(const struct stack *s, uint32_t k)
{
    const uint32_t other =
        standing_first_other(s->words, s->near, stack_words_before(s, k));
    return other > 0 ? stack_owner(s, k, other) + 1 : 0;
}

/* Takes over what stands outside the frame that was met. True: all of it;
   false: the walk goes on, and may end beyond what does not. (Frames between
   are not taken over: their fp may never have been looked at.) */
static bool take_over(struct walk *w)
{
    const uint32_t last = standing_outward(w->s, w->left - 1);
    if (last > 0) {
        w->left = last;
        return false;
    }
    if (w->f->frame.flags & STACK_IP_READ)
        stack_put_met(w->s, w->left - 1, w->f);
    w->kept = w->left;
    return true;
}

/* The caller's frame address, or where it is to be read. */
static uintptr_t cfa(const struct stack_frame *f, uint64_t rule)
{
    return (rule & 1 ? f->fp : f->sp) + (uintptr_t)rule_a(rule);
}

static bool read_word(struct walk *w, uintptr_t slot, struct stack_word *word)
{
    word->slot = slot;
    return window_read(&w->s->pages, slot, &word->value);
}

static bool read_cfa(struct walk *w, uint64_t rule, struct stack_fresh *out)
{
    out->frame.sp = cfa(&w->f->frame, rule);
    out->frame.flags = rule & RULE_SIGNAL ? STACK_INTERRUPTED : 0;
    if ((rule & 3) <= RULE_CFA_FP)
        return true;
    out->frame.flags |= STACK_SP_READ;
    const bool is_read = read_word(w, out->frame.sp, &out->sp);
    out->frame.sp = out->sp.value;
    return is_read;
}

static bool read_fp(struct walk *w, uint64_t rule, struct stack_fresh *out)
{
    const struct stack_frame *f = &w->f->frame;
    uintptr_t at = (uintptr_t)rule_b(rule);
    switch ((enum rule_fp)(rule >> 2 & 3)) {
    case RULE_FP_SAME:
        out->frame.fp = f->fp;
        return true;
    case RULE_FP_CFA:
        at += out->frame.sp;
        break;
    case RULE_FP_FP:
        at += f->fp;
        break;
    case RULE_FP_SP:
        at += f->sp;
        break;
    }
    out->frame.flags |= STACK_FP_READ;
    const bool is_read = read_word(w, at, &out->fp);
    out->frame.fp = out->fp.value;
    return is_read;
}

/* The link register still holds the return address only where a signal came
   in between. The kernel saved it 16 bytes before the interrupted address,
   maybe on another stack than the interrupted frame's. */
static bool read_link(const struct walk *w, struct stack_word *link)
{
    const uint32_t both = STACK_INTERRUPTED | STACK_IP_READ;
    struct window saved = {0, 0};
    if ((w->f->frame.flags & both) != both)
        return false;
    link->slot = w->f->ip.slot - 16;
    return window_jump(&saved, link->slot, sizeof link->value) &&
           window_read(&saved, link->slot, &link->value);
}

static bool read_ip(struct walk *w, uint64_t rule, struct stack_fresh *out)
{
    uintptr_t at = (uintptr_t)rule_c(rule);
    bool is_read = false;
    switch ((enum rule_ip)(rule >> 4 & 3)) {
    case RULE_IP_CFA:
        is_read = read_word(w, at + out->frame.sp, &out->ip);
        break;
    case RULE_IP_SP:
        is_read = read_word(w, at + w->f->frame.sp, &out->ip);
        break;
    case RULE_IP_LINK:
        is_read = read_link(w, &out->ip);
        break;
    }
    out->frame.flags |= STACK_IP_READ;
    out->frame.ip = standing_plain(out->ip.value);
    return is_read && out->frame.ip != 0 && out->frame.ip >> 48 == 0;
}

/* What the frame's fp means to its caller. */
static uint32_t use_of_fp(uint64_t rule)
{
    const unsigned fp = rule >> 2 & 3;
    return (rule & 1 || fp == RULE_FP_FP ? STACK_USES_FP : 0) |
           (fp == RULE_FP_SAME ? STACK_KEEPS_FP : 0);
}

/* A caller's frame is further out; only a signal's may be anywhere, on an
   alternate stack, and only a frame without one of its own may be empty. */
static bool is_outward(const struct walk *w, uint64_t rule, uintptr_t sp)
{
    const struct stack_frame *f = &w->f->frame;
    return sp > f->sp || (rule & RULE_SIGNAL) ||
           (sp == f->sp && (f->flags & STACK_INTERRUPTED));
}

/* Keeps a frame and goes on to its caller's. */
static enum outcome step(struct walk *w)
{
    struct stack_fresh *out = keep(w);
    const struct stack_frame *f = &w->f->frame;
    const uintptr_t pc = f->ip - (f->flags & STACK_INTERRUPTED ? 0 : 1);
    if (w->is_closing) {
        module_find(pc);
        w->epoch = rule_epoch(module_epoch());
    }
    const uint64_t rule = rule_find(pc, w->epoch);
    if (!(rule & RULE_SET))
        return rule == RULE_NONE ? OUTCOME_NO_RULE : OUTCOME_END;
    /* Also where nothing is found by it: another fp may find something. */
    w->f->frame.flags |= use_of_fp(rule);
    if (!read_cfa(w, rule, out) || !is_outward(w, rule, out->frame.sp) ||
        !read_fp(w, rule, out) || !read_ip(w, rule, out))
        return OUTCOME_END;
    if (out->frame.flags & STACK_INTERRUPTED) {
        window_at(&w->s->pages, out->frame.sp);
        w->left = w->is_closing ? 0 : w->s->n;
    }
    w->f = out;
    return OUTCOME_ON;
}

/* Outside all that was remembered this is another stack, or the same one after
   much has changed: its pages are asked for anew. */
static void notice_lost(struct walk *w)
{
    if (w->is_lost || w->left > 0 || w->s->n == 0)
        return;
    w->is_lost = true;
    w->s->pages = (struct window){0, 0};
    window_at(&w->s->pages, w->f->frame.sp);
}

static enum outcome walk_out(struct walk *w)
{
    enum outcome outcome = OUTCOME_ON;
    while (outcome == OUTCOME_ON && w->more < STACK_MAX_WALK) {
        if (meets(w) && take_over(w))
            return OUTCOME_END;
        notice_lost(w);
        outcome = step(w);
    }
    return outcome;
}

static void walk_slowly(struct walk *w, struct stack_here here)
{
    uint64_t more;
    const uint32_t n = foreign_walk(w->s, here, &more);
    if (n == 0) {
        atomic_fetch_add_explicit(&n_short, 1, memory_order_relaxed);
        return;
    }
    atomic_fetch_add_explicit(&n_slow, 1, memory_order_relaxed);
    w->n = n;
    w->more = more;
}

/* Outermost fresh frames that stand where the same address stood before: new
   words, but nothing that the recorder has to be told. */
static void keep_alike(struct walk *w)
{
    struct stack *s = w->s;
    if (w->more > 0 || (w->kept == 0 && s->cut > 0))
        return;
    while (w->n > 0 && w->kept < s->n) {
        const struct stack_fresh *f = &s->fresh[w->n - 1];
        if (stack_frame_address(&s->at[w->kept]) !=
            stack_frame_address(&f->frame))
            return;
        stack_put(s, w->kept, f);
        w->kept++;
        w->n--;
    }
}

/* The outermost frames go. */
static void cut(struct stack *s, uint32_t kept, uint32_t drop)
{
    const uint32_t n_words = stack_words_before(s, drop);
    const uint32_t all = stack_words_before(s, kept);
    for (uint32_t i = n_words; i < all; i++)
        stack_push_word(s, i - n_words, &s->words[i]);
    memmove(s->at, s->at + drop, (kept - drop) * sizeof s->at[0]);
    for (uint32_t i = 0; i < kept - drop; i++)
        s->at[i].n_words -= n_words;
}

/* Room for the fresh frames at the inner end; how many went or stayed away at
   the outer end. */
static uint64_t make_room(struct walk *w)
{
    uint32_t drop = 0;
    if (w->more > 0)
        drop = w->kept;
    else if (w->kept + w->n > OURO_MAX_DEPTH)
        drop = w->kept < STACK_CUT ? w->kept : STACK_CUT;
    if (w->kept + w->n - drop > OURO_MAX_DEPTH)
        drop = w->kept + w->n - OURO_MAX_DEPTH;
    if (drop > 0)
        cut(w->s, w->kept, drop);
    w->kept -= drop;
    return drop + w->more;
}

static struct stack_change settle(struct walk *w)
{
    struct stack *s = w->s;
    struct stack_change change = {.pops = 0};
    keep_alike(w);
    change.restart = w->kept == 0 && s->cut > 0;
    if (change.restart)
        s->cut = 0;
    else
        change.pops = (uint16_t)(s->n - w->kept);
    change.pushes = (uint16_t)w->n;
    change.cut = make_room(w);
    s->cut += change.cut;
    s->n = w->kept;
    while (w->n > 0)
        stack_put(s, s->n++, &s->fresh[--w->n]);
    return change;
}

/* Modules came: what was kept is told anew, in the new epoch. */
static struct stack_change tell_all(const struct stack *s)
{
    return (struct stack_change){.pushes = (uint16_t)s->n, .cut = s->cut};
}

static void forget_frames(struct stack *s)
{
    s->n = 0;
    s->cut = 0;
}

struct stack_change stack_capture_rarely(struct stack *s,
                                         const struct stack_here *here)
{
    const bool is_closing = module_is_closing();
    const uint32_t epoch = module_epoch();
    if (s->epoch != epoch)
        forget_frames(s);
    s->epoch = epoch;
    if (!window_holds(&s->pages, here->sp, 1))
        window_at(&s->pages, here->sp);
    s->fresh[0].frame = stack_innermost(here);
    struct walk w = {
        .s = s,
        .f = s->fresh,
        .epoch = rule_epoch(epoch),
        .left = is_closing ? 0 : s->n,
        .is_closing = is_closing,
    };
    if (walk_out(&w) == OUTCOME_NO_RULE)
        walk_slowly(&w, *here);
    const struct stack_change change = settle(&w);
    const uint32_t now = module_epoch();
    if (now == epoch)
        return change;
    s->epoch = now;
    return tell_all(s);
}

void stack_forget(struct stack *s)
{
    forget_frames(s);
    s->epoch = module_epoch();
    s->pages = (struct window){0, 0};
}

void stack_count(uint64_t *too_short, uint64_t *slow)
{
    *too_short = atomic_load_explicit(&n_short, memory_order_relaxed);
    *slow = atomic_load_explicit(&n_slow, memory_order_relaxed);
}
