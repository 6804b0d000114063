/* SPDX-License-Identifier: MIT */
/*
 * rule.h - how a frame's caller is found: one table for the process
 *
 * A rule says, for one address of code, where the caller's state is. With sp
 * and fp the frame's own:
 *
 *     cfa    = sp + a, fp + a, *(sp + a) or *(fp + a)     the caller's sp
 *     its fp = fp, *(cfa + b), *(fp + b) or *(sp + b)
 *     its ip = *(cfa + c), *(sp + c), or the link register
 *
 * Rules come from call frame information alone (cfi.h), never from what
 * registers happen to hold. A rule is a number of 64 bits: bits 0-1 enum
 * rule_cfa, 2-3 enum rule_fp, 4-5 enum rule_ip, 6 signal frame, 7 set; then a
 * (20 bits), b and c (18 bits each), signed and in words.
 *
 * The table maps an address, in an epoch of module.h, to its rule. Readers
 * and writers use no lock: a slot is {key ^ rule, rule}, so one that is half
 * written is one that does not hold the key.
 */
#ifndef PRELOAD_RULE_H
#define PRELOAD_RULE_H

#include "hot.h"
#include "module.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum rule_cfa { RULE_CFA_SP, RULE_CFA_FP, RULE_CFA_AT_SP, RULE_CFA_AT_FP };
enum rule_fp { RULE_FP_SAME, RULE_FP_CFA, RULE_FP_FP, RULE_FP_SP };
enum rule_ip { RULE_IP_CFA, RULE_IP_SP, RULE_IP_LINK };

enum {
    RULE_SIGNAL = 1 << 6, /* the caller was interrupted */
    RULE_SET = 1 << 7,    /* not set in the two that follow */
    RULE_NONE = 1,        /* code whose caller is found by no such rule */
    RULE_END = 2,         /* has no caller, or nothing says where */
};

/*
 * Nearly all rules: cfa from a register, fp kept or in the frame, and the
 * return address in the frame too, which is to say below the cfa. Two of a
 * rule's bits are left to ask about, and neither needs a branch: where fp is
 * kept b is c.
 */
#define RULE_BELOW ((uint64_t)1 << 63 | (uint64_t)1 << 45)
enum { RULE_NOT_USUAL = 1 << 1 | 1 << 3 | 3 << 4 | RULE_SIGNAL };

static inline bool rule_is_usual(uint64_t rule)
{
    return (rule & (RULE_BELOW | RULE_NOT_USUAL | RULE_SET)) ==
           (RULE_BELOW | RULE_SET);
}

enum { RULE_SLOTS = 32 * 1024, RULE_WAYS = 4 };

struct rule_slot {
    _Atomic uint64_t check, rule;
};

/* The table: few slots until rule_start(). `slots` is set before `mask`, which
   is the number of slots less RULE_WAYS. */
struct rule_table {
    _Atomic uint64_t mask;
    struct rule_slot *_Atomic slots;
};
extern HOT struct rule_table rule_table;

/* Makes room for all RULE_SLOTS. Without memory the few must do. */
void rule_start(void);

static inline int64_t rule_a(uint64_t rule)
{
    return ((int64_t)(rule << 36) >> 44) * 8;
}

static inline int64_t rule_b(uint64_t rule)
{
    return ((int64_t)(rule << 18) >> 46) * 8;
}

static inline int64_t rule_c(uint64_t rule)
{
    return ((int64_t)rule >> 46) * 8;
}

/* RULE_NONE where an offset does not fit. */
uint64_t rule_make(unsigned kinds, int64_t a, int64_t b, int64_t c);

/* An epoch's part of a key. */
static inline uint64_t rule_epoch(uint64_t epoch)
{
    return epoch << 48;
}

static inline struct rule_slot *rule_ways(uintptr_t pc)
{
    const uint64_t hash = (uint64_t)pc * 0x9e3779b97f4a7c15u >> 48;
    const uint64_t mask =
        atomic_load_explicit(&rule_table.mask, memory_order_acquire);
    return atomic_load_explicit(&rule_table.slots, memory_order_relaxed) +
           (hash & mask);
}

/* Reads the call frame information for pc, and keeps the rule if a module
   holds pc. */
uint64_t rule_learn(uintptr_t pc);

/* The same where it is known already; RULE_NONE: it is not. */
static inline uint64_t rule_known(uintptr_t pc, uint64_t epoch)
{
    const uint64_t key = (uint64_t)pc | epoch;
    const struct rule_slot *way = rule_ways(pc);
    for (int i = 0; i < RULE_WAYS; i++) {
        const uint64_t rule =
            atomic_load_explicit(&way[i].rule, memory_order_relaxed);
        if ((atomic_load_explicit(&way[i].check, memory_order_relaxed) ^
             rule) == key)
            return rule;
    }
    return RULE_NONE;
}

/* The rule of pc: the address that a frame is at, or, where that is a return
   address, the one before it. The epoch, as rule_epoch() says it, may be one
   that has just passed. */
static inline uint64_t rule_find(uintptr_t pc, uint64_t epoch)
{
    const uint64_t rule = rule_known(pc, epoch);
    return rule != RULE_NONE ? rule : rule_learn(pc);
}

#endif
