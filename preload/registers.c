/* SPDX-License-Identifier: MIT */
#include "registers.h"

#include "cfi.h"
#include "expression.h"
#include "module.h"
#include "rule.h"
#include "window.h"

/* Frames of ours between the host and its registers, at most. */
enum { DEEPEST = 32 };

static const uint8_t kept[REGISTERS_KEPT] = {
#if defined(__x86_64__)
    3, 6, 12, 13, 14, 15,
#elif defined(__aarch64__)
    19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
#endif
};

/* A frame on the way out. */
struct leaving {
    const struct registers *inner;
    struct registers outer;
    struct window pages;
};

static bool read_cfa(struct leaving *l, uint64_t rule, uintptr_t *cfa)
{
    const uintptr_t *at = l->inner->now.at;
    *cfa = at[rule & 1 ? REGISTER_FP : REGISTER_SP] + (uintptr_t)rule_a(rule);
    return (rule & 3) <= RULE_CFA_FP ||
           (window_jump(&l->pages, *cfa, sizeof *cfa) &&
            window_read(&l->pages, *cfa, cfa));
}

/* The register whose rule this is. */
static bool read_kept(struct leaving *l, uint64_t rule, unsigned number)
{
    const uintptr_t *at = l->inner->now.at;
    uintptr_t where = (uintptr_t)rule_b(rule);
    switch ((enum rule_fp)(rule >> 2 & 3)) {
    case RULE_FP_SAME:
        return true;
    case RULE_FP_CFA:
        where += l->outer.now.at[SWITCH_SP];
        break;
    case RULE_FP_FP:
        where += at[REGISTER_FP];
        break;
    case RULE_FP_SP:
        where += at[REGISTER_SP];
        break;
    }
    return window_jump(&l->pages, where, sizeof where) &&
           window_read(&l->pages, where, &l->outer.now.at[number]);
}

/* On aarch64 a function that has called nobody yet has its return address in a
   register that calls do not keep: such a one is not left. */
static bool read_ip(struct leaving *l, uint64_t rule)
{
    uintptr_t where = (uintptr_t)rule_c(rule);
    if ((rule >> 4 & 3) == RULE_IP_LINK)
        return false;
    where += (rule >> 4 & 3) == RULE_IP_CFA ? l->outer.now.at[SWITCH_SP]
                                            : l->inner->now.at[REGISTER_SP];
    uintptr_t *ip = &l->outer.now.at[SWITCH_IP];
    if (!window_jump(&l->pages, where, sizeof *ip) ||
        !window_read(&l->pages, where, ip))
        return false;
#if defined(__aarch64__)
    *ip &= ((uintptr_t)1 << 48) - 1; /* it may be signed */
#endif
    return true;
}

bool registers_leave(struct registers *r)
{
    struct leaving l = {.inner = r, .outer = *r};
    const uintptr_t pc = r->now.at[SWITCH_IP] - (r->is_return ? 1 : 0);
    const struct module *m = module_find(pc);
    uint64_t rule = m ? cfi_rule(m, pc) : RULE_NONE;
    if (!(rule & RULE_SET) || (rule & RULE_SIGNAL) ||
        !read_cfa(&l, rule, &l.outer.now.at[SWITCH_SP]) || !read_ip(&l, rule))
        return false;
    for (int i = 0; i < REGISTERS_KEPT; i++) {
        rule = cfi_rule_of(m, pc, kept[i]);
        if (!(rule & RULE_SET) || !read_kept(&l, rule, kept[i]))
            return false;
    }
    l.outer.is_return = true;
    *r = l.outer;
    return true;
}

bool registers_leave_us(struct registers *r)
{
    for (int i = 0; i < DEEPEST; i++) {
        if (!module_is_ours(r->now.at[SWITCH_IP] - (r->is_return ? 1 : 0)))
            return true;
        if (!registers_leave(r))
            return false;
    }
    return false;
}

void registers_list(const struct registers *r, uintptr_t to[REGISTERS_KEPT])
{
    for (int i = 0; i < REGISTERS_KEPT; i++)
        to[i] = r->now.at[kept[i]];
}
