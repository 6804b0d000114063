/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include "foreign.h"
#include "module.h"
#include "rule.h"
#include "standing.h"

#include <stdatomic.h>
#include <string.h>

/* A walk from the innermost frame outward. */
struct walk {
    struct stack *s;
    struct stack_frame *f; /* the frame that it has come to, in fresh[], and
                              not kept yet */
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
static inline struct stack_frame *keep(struct walk *w)
{
    struct stack_frame *fresh = w->s->fresh;
    if (__builtin_expect(w->n == OURO_MAX_DEPTH, 0)) {
        w->more++;
        return &fresh[OURO_MAX_DEPTH + (w->f == &fresh[OURO_MAX_DEPTH])];
    }
    return &fresh[++w->n];
}

/* Is the walk at a frame that is remembered? Then left is its index + 1. */
static inline bool meets(struct walk *w)
{
    const struct stack_frame *at = w->s->at;
    const struct stack_frame *f = w->f;
    uint32_t left = w->left;
    while (left > 0 && at[left - 1].sp < f->sp)
        left--;
    w->left = left;
    if (left == 0)
        return false;
    const struct stack_frame *old = &at[left - 1];
    return old->sp == f->sp && old->ip == f->ip && old->fp == f->fp &&
           (old->flags & ~STACK_READ_SP) == (f->flags & ~STACK_READ_SP);
}

/* Word by word: what was just written a word at a time is there to be read so,
   and only so, without waiting. */
static inline void copy(struct stack_frame *to, const struct stack_frame *from)
{
    to->fp = from->fp;
    to->ip = from->ip;
    to->ip_slot = from->ip_slot;
    to->also_slot = from->also_slot;
    to->also = from->also;
    to->sp = from->sp;
    to->flags = from->flags;
}

/* The frame that was met may have been read from other words this time. */
static inline void take_words(struct walk *w, uint32_t i)
{
    struct stack_frame *met = &w->s->at[i];
    const struct stack_frame *f = w->f;
    if (f->ip_slot == 0 ||
        (f->ip_slot == met->ip_slot && f->also_slot == met->also_slot &&
         f->also == met->also))
        return;
    copy(met, f);
    standing_note(w->s->at, i);
}

/* Takes over what stands outside the frame that was met. True: all of it;
   false: the walk goes on from the last frame that stands. */
static inline bool take_over(struct walk *w)
{
    struct stack_frame *at = w->s->at;
    const uint32_t last = standing_outward(at, w->left - 1);
    take_words(w, w->left - 1);
    if (__builtin_expect(last == 0, 1)) {
        w->kept = w->left;
        return true;
    }
    for (uint32_t k = w->left - 1; k > last; k--) {
        copy(w->f, &at[k]);
        w->f = keep(w);
    }
    copy(w->f, &at[last]);
    w->left = last;
    return false;
}

/* The caller's frame address, or where it is to be read. */
static inline uintptr_t cfa(const struct stack_frame *f, uint64_t rule)
{
    return (rule & 1 ? f->fp : f->sp) + (uintptr_t)rule_a(rule);
}

static inline bool read_cfa(struct walk *w, uint64_t rule,
                            struct stack_frame *out)
{
    out->sp = cfa(w->f, rule);
    return (rule & 3) <= RULE_CFA_FP ||
           window_read(&w->s->pages, out->sp, &out->sp);
}

static inline uint16_t flags_of(uint64_t rule)
{
    return (rule & RULE_SIGNAL ? STACK_INTERRUPTED : 0) |
           ((rule & 3) > RULE_CFA_FP ? STACK_READ_SP : 0);
}

static inline bool read_fp(struct walk *w, uint64_t rule,
                           struct stack_frame *out)
{
    uintptr_t at = (uintptr_t)rule_b(rule);
    switch ((enum rule_fp)(rule >> 2 & 3)) {
    case RULE_FP_SAME:
        out->fp = w->f->fp;
        out->also_slot = 0;
        return true;
    case RULE_FP_CFA:
        at += out->sp;
        break;
    case RULE_FP_FP:
        at += w->f->fp;
        break;
    case RULE_FP_SP:
        at += w->f->sp;
        break;
    }
    out->also_slot = at;
    if (!window_read(&w->s->pages, at, &out->fp))
        return false;
    out->also = out->fp;
    return true;
}

/* The link register still holds the return address only where a signal came
   in between. The kernel saved it 16 bytes before the interrupted address,
   maybe on another stack than the interrupted frame's. */
static bool read_link(const struct walk *w, uintptr_t *at, uintptr_t *ip)
{
    struct window saved = {0, 0};
    *at = w->f->ip_slot - 16;
    return (w->f->flags & STACK_INTERRUPTED) && w->f->ip_slot != 0 &&
           window_jump(&saved, *at, sizeof *ip) && window_read(&saved, *at, ip);
}

static inline bool read_ip(struct walk *w, uint64_t rule,
                           struct stack_frame *out)
{
    uintptr_t at = (uintptr_t)rule_c(rule), ip;
    switch ((enum rule_ip)(rule >> 4 & 3)) {
    case RULE_IP_CFA:
        at += out->sp;
        break;
    case RULE_IP_SP:
        at += w->f->sp;
        break;
    case RULE_IP_LINK:
        break;
    }
    if ((rule >> 4 & 3) == RULE_IP_LINK ? !read_link(w, &at, &ip)
                                        : !window_read(&w->s->pages, at, &ip))
        return false;
    out->ip_slot = at;
    out->ip = standing_plain(ip);
    if (out->also_slot == 0) {
        out->also_slot = at;
        out->also = ip;
    }
    return out->ip != 0 && out->ip >> 48 == 0;
}

/* A caller's frame is further out; only a signal's may be anywhere, on an
   alternate stack, and only a frame without one of its own may be empty. */
static inline bool is_outward(const struct walk *w, uint64_t rule, uintptr_t sp)
{
    return sp > w->f->sp || (rule & RULE_SIGNAL) ||
           (sp == w->f->sp && (w->f->flags & STACK_INTERRUPTED));
}

static inline bool is_readable(const struct walk *w, uintptr_t slot)
{
    return (slot & (sizeof slot - 1)) == 0 &&
           window_holds(&w->s->pages, slot, sizeof slot);
}

/* By a usual rule, inside the window. False: it is not as usual as that. */
static inline bool step_usually(const struct walk *w, uint64_t rule,
                                struct stack_frame *out)
{
    const struct stack_frame *f = w->f;
    const uintptr_t sp = cfa(f, rule);
    const uintptr_t ip_slot = sp + (uintptr_t)rule_c(rule);
    const uintptr_t fp_slot = sp + (uintptr_t)rule_b(rule);
    const bool has_fp = rule >> 2 & RULE_FP_CFA;
    const uintptr_t also_slot = has_fp ? fp_slot : ip_slot;
    if (sp <= f->sp || !is_readable(w, ip_slot) || !is_readable(w, also_slot))
        return false;
    const uintptr_t ip = standing_plain(standing_word(ip_slot));
    const uintptr_t also = standing_word(also_slot);
    out->sp = sp;
    out->fp = has_fp ? also : f->fp;
    out->ip = ip;
    out->ip_slot = ip_slot;
    out->also_slot = also_slot;
    out->also = also;
    out->flags = 0;
    return ip != 0 && ip >> 48 == 0;
}

/* Keeps a frame and goes on to its caller's. */
static inline enum outcome step(struct walk *w)
{
    struct stack_frame *out = keep(w);
    const uintptr_t pc = w->f->ip - (w->f->flags & STACK_INTERRUPTED ? 0 : 1);
    if (__builtin_expect(w->is_closing, 0)) {
        module_find(pc);
        w->epoch = rule_epoch(module_epoch());
    }
    const uint64_t rule = rule_find(pc, w->epoch);
    if (__builtin_expect(rule_is_usual(rule) && step_usually(w, rule, out),
                         1)) {
        w->f = out;
        return OUTCOME_ON;
    }
    if (__builtin_expect(!(rule & RULE_SET), 0))
        return rule == RULE_NONE ? OUTCOME_NO_RULE : OUTCOME_END;
    if (!read_cfa(w, rule, out) || !is_outward(w, rule, out->sp) ||
        !read_fp(w, rule, out) || !read_ip(w, rule, out))
        return OUTCOME_END;
    out->flags = flags_of(rule);
    if (__builtin_expect(out->flags & STACK_READ_SP, 0))
        out->also = cfa(w->f, rule);
    if (__builtin_expect(out->flags & STACK_INTERRUPTED, 0)) {
        window_at(&w->s->pages, out->sp);
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
    window_at(&w->s->pages, w->f->sp);
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
        struct stack_frame *old = &s->at[w->kept];
        const struct stack_frame *new = &s->fresh[w->n - 1];
        if (stack_frame_address(old) != stack_frame_address(new))
            return;
        copy(old, new);
        standing_note(s->at, w->kept);
        w->kept++;
        w->n--;
    }
}

/* Room for the fresh frames at the inner end; how many went or stayed away at
   the outer end. */
static uint64_t make_room(struct walk *w)
{
    struct stack *s = w->s;
    uint32_t drop = 0;
    if (w->more > 0)
        drop = w->kept;
    else if (w->kept + w->n > OURO_MAX_DEPTH)
        drop = w->kept < STACK_CUT ? w->kept : STACK_CUT;
    if (w->kept + w->n - drop > OURO_MAX_DEPTH)
        drop = w->kept + w->n - OURO_MAX_DEPTH;
    if (drop > 0)
        memmove(s->at, s->at + drop, (w->kept - drop) * sizeof s->at[0]);
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
    while (w->n > 0) {
        copy(&s->at[s->n], &s->fresh[--w->n]);
        standing_note(s->at, s->n++);
    }
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

struct stack_change stack_capture(struct stack *s,
                                  const struct stack_here *here)
{
    const bool is_closing = module_is_closing();
    const uint32_t epoch = module_epoch();
    if (s->epoch != epoch)
        forget_frames(s);
    s->epoch = epoch;
    if (__builtin_expect(!window_holds(&s->pages, here->sp, 1), 0))
        window_at(&s->pages, here->sp);
    s->fresh[0] = (struct stack_frame){
        .ip = standing_plain(here->ip),
        .sp = here->sp,
        .fp = here->fp,
    };
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

void stack_count(uint64_t *too_short, uint64_t *slow)
{
    *too_short = atomic_load_explicit(&n_short, memory_order_relaxed);
    *slow = atomic_load_explicit(&n_slow, memory_order_relaxed);
}

bool stack_has_libunwind(void)
{
    return foreign_is_ready();
}

/* Outward of at[0] frames may have been cut. */
static bool has_right_counts(const struct stack *s, uint32_t i)
{
    const struct stack_frame *f = &s->at[i];
    if (i == 0)
        return true;
    return f->n_two == standing_two(s->at, i) &&
           f->n_pairs == standing_pairs(s->at, i);
}

bool stack_is_valid(const struct stack *s)
{
    if (s->n > OURO_MAX_DEPTH)
        return false;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct stack_frame *f = &s->at[i];
        const bool is_foreign = f->flags & STACK_FOREIGN;
        if (!has_right_counts(s, i))
            return false;
        if (f->ip == 0 || (is_foreign && f->ip_slot))
            return false;
        if (i > 0 && !is_foreign && f->sp > f[-1].sp &&
            !(f[-1].flags & STACK_INTERRUPTED))
            return false;
    }
    return true;
}
