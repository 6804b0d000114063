/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include "foreign.h"
#include "module.h"
#include "rule.h"

#include <stdatomic.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* A walk from the innermost frame outward. */
struct walk {
    struct stack *s;
    struct stack_frame *f; /* the frame that it has come to, in fresh[], and
                              not kept yet */
    uint32_t epoch;
    uint32_t left;   /* at[0 .. left) may still be met */
    uint32_t n;      /* fresh frames that are kept, innermost first */
    uint64_t more;   /* walked, and not kept for want of room */
    uint32_t kept;   /* at[0 .. kept) stay */
    bool is_lost;    /* outside all that was remembered */
    bool is_closing; /* modules are, meanwhile: each frame is looked at */
};

enum outcome { OUTCOME_ON, OUTCOME_END, OUTCOME_NO_RULE };

static _Atomic uint64_t n_short, n_slow;

/* A return address without the signature that aarch64 may have put on it. */
static inline uintptr_t plain(uintptr_t ip)
{
#if defined(__aarch64__)
    return ip & (((uintptr_t)1 << 48) - 1);
#else
    return ip;
#endif
}

static inline uintptr_t word_at(uintptr_t slot)
{
    return *(const volatile uintptr_t *)slot;
}

/* The usual pair of words, compared at once. */
static inline bool pair_stands(const struct stack_frame *f)
{
#if defined(__x86_64__)
    const __m128i there = _mm_loadu_si128((const __m128i *)(f->ip_slot - 8));
    const __m128i was = _mm_loadu_si128((const __m128i *)&f->fp);
    return _mm_movemask_epi8(_mm_cmpeq_epi8(there, was)) == 0xffff;
#else
    return word_at(f->ip_slot - 8) == f->fp &&
           plain(word_at(f->ip_slot)) == f->ip;
#endif
}

/* Do the words that f was read from still say the same? They were inside the
   window when they were read. */
static inline bool stands(const struct stack_frame *f)
{
    if (__builtin_expect(f->words == STACK_WORDS_PAIR, 1))
        return pair_stands(f);
    if (__builtin_expect(f->words == STACK_WORDS_IP, 1))
        return plain(word_at(f->ip_slot)) == f->ip;
    return (f->ip_slot == 0 || plain(word_at(f->ip_slot)) == f->ip) &&
           (f->fp_slot == 0 || word_at(f->fp_slot) == f->fp) &&
           (f->sp_slot == 0 || word_at(f->sp_slot) == f->sp);
}

static inline uint16_t words_of(const struct stack_frame *f)
{
    if (f->ip_slot == 0 || f->sp_slot != 0)
        return STACK_WORDS_ANY;
    if (f->fp_slot == 0)
        return STACK_WORDS_IP;
    return f->fp_slot + 8 == f->ip_slot ? STACK_WORDS_PAIR : STACK_WORDS_ANY;
}

/* at[k] was met: how far outward from it does everything stand? From the inside
   outward, so that each slot is one of the frame that was just found to be
   there. Apart, because all of a deep stack's time goes by here. */
static __attribute__((noinline)) uint32_t last_standing(const struct stack *s,
                                                        uint32_t k)
{
    const struct stack_frame *f = &s->at[k];
    while (f > s->at && stands(f - 1))
        f--;
    return (uint32_t)(f - s->at);
}

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
           old->flags == f->flags;
}

/* Takes over what stands outside the frame that was met. True: all of it;
   false: the walk goes on from the last frame that stands. */
static bool take_over(struct walk *w)
{
    struct stack_frame *at = w->s->at;
    struct stack_frame *met = &at[w->left - 1];
    const uint32_t last = last_standing(w->s, w->left - 1);
    if (w->f->ip_slot != 0) {
        met->ip_slot = w->f->ip_slot;
        met->fp_slot = w->f->fp_slot;
        met->sp_slot = w->f->sp_slot;
        met->words = w->f->words;
    }
    if (last == 0) {
        w->kept = w->left;
        return true;
    }
    for (uint32_t k = w->left - 1; k > last; k--) {
        *w->f = at[k];
        w->f = keep(w);
    }
    *w->f = at[last];
    w->left = last;
    return false;
}

static inline bool read_cfa(struct walk *w, uint64_t rule,
                            struct stack_frame *out)
{
    const uintptr_t at =
        (rule & 1 ? w->f->fp : w->f->sp) + (uintptr_t)rule_a(rule);
    if ((rule & 3) <= RULE_CFA_FP) {
        out->sp = at;
        out->sp_slot = 0;
        return true;
    }
    out->sp_slot = at;
    return window_read(&w->s->pages, at, &out->sp);
}

static inline bool read_fp(struct walk *w, uint64_t rule,
                           struct stack_frame *out)
{
    uintptr_t at = (uintptr_t)rule_b(rule);
    switch ((enum rule_fp)(rule >> 2 & 3)) {
    case RULE_FP_SAME:
        out->fp = w->f->fp;
        out->fp_slot = 0;
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
    out->fp_slot = at;
    return window_read(&w->s->pages, at, &out->fp);
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
    out->ip = plain(ip);
    return out->ip != 0 && out->ip >> 48 == 0;
}

/* A caller's frame is further out; only a signal's may be anywhere, on an
   alternate stack, and only a frame without one of its own may be empty. */
static inline bool is_outward(const struct walk *w, uint64_t rule,
                              uintptr_t cfa)
{
    return cfa > w->f->sp || (rule & RULE_SIGNAL) ||
           (cfa == w->f->sp && (w->f->flags & STACK_INTERRUPTED));
}

/* Keeps a frame and goes on to its caller's. */
static inline enum outcome step(struct walk *w)
{
    struct stack_frame *out = keep(w);
    const uintptr_t pc = w->f->ip - (w->f->flags & STACK_INTERRUPTED ? 0 : 1);
    if (__builtin_expect(w->is_closing, 0)) {
        module_find(pc);
        w->epoch = module_epoch();
    }
    const uint64_t rule = rule_find(pc, w->epoch);
    if (__builtin_expect(!(rule & RULE_SET), 0))
        return rule == RULE_NONE ? OUTCOME_NO_RULE : OUTCOME_END;
    if (!read_cfa(w, rule, out) || !is_outward(w, rule, out->sp) ||
        !read_fp(w, rule, out) || !read_ip(w, rule, out))
        return OUTCOME_END;
    out->flags = rule & RULE_SIGNAL ? STACK_INTERRUPTED : 0;
    out->words = words_of(out);
    if (__builtin_expect(out->flags, 0)) {
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
        const uint32_t number = old->number;
        *old = *new;
        old->number = number;
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
        change.pops = s->n - w->kept;
    change.pushes = w->n;
    change.cut = make_room(w);
    s->cut += change.cut;
    s->n = w->kept;
    while (w->n > 0) {
        s->at[s->n] = s->fresh[--w->n];
        s->at[s->n++].number = 0;
    }
    return change;
}

/* Modules came: what was kept is told anew, in the new epoch. */
static struct stack_change tell_all(struct stack *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->at[i].number = 0;
    return (struct stack_change){.pushes = s->n, .cut = s->cut};
}

static void forget_frames(struct stack *s)
{
    s->n = 0;
    s->cut = 0;
}

struct stack_change stack_capture(struct stack *s, struct stack_here here)
{
    const bool is_closing = module_is_closing();
    const uint32_t epoch = module_epoch();
    if (s->epoch != epoch)
        forget_frames(s);
    s->epoch = epoch;
    window_at(&s->pages, here.sp);
    s->fresh[0] = (struct stack_frame){
        .ip = plain(here.ip),
        .sp = here.sp,
        .fp = here.fp,
        .words = STACK_WORDS_ANY,
    };
    struct walk w = {
        .s = s,
        .f = s->fresh,
        .epoch = epoch,
        .left = is_closing ? 0 : s->n,
        .is_closing = is_closing,
    };
    if (walk_out(&w) == OUTCOME_NO_RULE)
        walk_slowly(&w, here);
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

bool stack_is_valid(const struct stack *s)
{
    if (s->n > OURO_MAX_DEPTH)
        return false;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct stack_frame *f = &s->at[i];
        const bool is_foreign = f->flags & STACK_FOREIGN;
        if (f->ip == 0 || (is_foreign && (f->ip_slot || f->fp_slot)))
            return false;
        if (i > 0 && !is_foreign && f->sp > f[-1].sp &&
            !(f[-1].flags & STACK_INTERRUPTED))
            return false;
    }
    return true;
}
