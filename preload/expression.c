/* SPDX-License-Identifier: MIT */
#include "expression.h"

/* DWARF's numbers. */
enum {
    DW_OP_deref = 0x06,
    DW_OP_const1u = 0x08,
    DW_OP_const1s,
    DW_OP_const2u,
    DW_OP_const2s,
    DW_OP_const4u,
    DW_OP_const4s,
    DW_OP_const8u,
    DW_OP_const8s,
    DW_OP_constu,
    DW_OP_consts,
    DW_OP_and = 0x1a,
    DW_OP_minus = 0x1c,
    DW_OP_or = 0x21,
    DW_OP_plus = 0x22,
    DW_OP_plus_uconst = 0x23,
    DW_OP_shl = 0x24,
    DW_OP_eq = 0x29,
    DW_OP_ge,
    DW_OP_gt,
    DW_OP_le,
    DW_OP_lt,
    DW_OP_ne,
    DW_OP_lit0 = 0x30,
    DW_OP_lit31 = 0x4f,
    DW_OP_breg0 = 0x70,
    DW_OP_breg31 = 0x8f,
    DW_OP_bregx = 0x92,
    DW_OP_nop = 0x96,
};

enum { DEPTH = 8 };

struct machine {
    struct value at[DEPTH];
    int n;
    uintptr_t pc;
    bool bad;
};

static void push(struct machine *m, enum value_base base, int64_t off)
{
    if (m->n == DEPTH)
        m->bad = true;
    else
        m->at[m->n++] = (struct value){base, off};
}

static struct value pop(struct machine *m)
{
    if (m->n == 0) {
        m->bad = true;
        return (struct value){VALUE_NUMBER, 0};
    }
    return m->at[--m->n];
}

static void push_register(struct machine *m, uint64_t number, int64_t off)
{
    if (number == REGISTER_SP)
        push(m, VALUE_SP, off);
    else if (number == REGISTER_FP)
        push(m, VALUE_FP, off);
#if defined(__x86_64__)
    else if (number == REGISTER_IP)
        push(m, VALUE_NUMBER, (int64_t)m->pc + off);
#endif
    else
        m->bad = true;
}

static void load(struct machine *m)
{
    const struct value v = pop(m);
    if (v.base == VALUE_SP)
        push(m, VALUE_AT_SP, v.off);
    else if (v.base == VALUE_FP)
        push(m, VALUE_AT_FP, v.off);
    else
        m->bad = true;
}

/* A base moves by a number; nothing can be added to what is in memory. */
static void add(struct machine *m, struct value a, struct value b)
{
    if (a.base == VALUE_NUMBER) {
        const struct value swap = a;
        a = b;
        b = swap;
    }
    const bool is_loaded = a.base == VALUE_AT_SP || a.base == VALUE_AT_FP;
    if (b.base != VALUE_NUMBER || (is_loaded && b.off != 0)) {
        m->bad = true;
        return;
    }
    push(m, a.base,
         is_loaded ? a.off : (int64_t)((uint64_t)a.off + (uint64_t)b.off));
}

static int64_t calculate(uint8_t op, int64_t a, int64_t b)
{
    switch (op) {
    case DW_OP_and:
        return a & b;
    case DW_OP_or:
        return a | b;
    case DW_OP_shl:
        return b < 0 || b > 63 ? 0 : (int64_t)((uint64_t)a << b);
    case DW_OP_eq:
        return a == b;
    case DW_OP_ne:
        return a != b;
    case DW_OP_ge:
        return a >= b;
    case DW_OP_gt:
        return a > b;
    case DW_OP_le:
        return a <= b;
    default:
        return a < b;
    }
}

static void combine(struct machine *m, uint8_t op)
{
    struct value b = pop(m);
    const struct value a = pop(m);
    if (op == DW_OP_minus && b.base == VALUE_NUMBER) {
        b.off = (int64_t)(0 - (uint64_t)b.off);
        add(m, a, b);
    } else if (op == DW_OP_plus) {
        add(m, a, b);
    } else if (a.base == VALUE_NUMBER && b.base == VALUE_NUMBER &&
               op != DW_OP_minus) {
        push(m, VALUE_NUMBER, calculate(op, a.off, b.off));
    } else {
        m->bad = true;
    }
}

/* Operations that push a constant; false: another one. */
static bool constant(struct machine *m, struct bytes *code, uint8_t op)
{
    int64_t v;
    if (op >= DW_OP_lit0 && op <= DW_OP_lit31)
        v = op - DW_OP_lit0;
    else if (op == DW_OP_const1u)
        v = bytes_u8(code);
    else if (op == DW_OP_const1s)
        v = (int64_t)(bytes_u8(code) ^ 0x80u) - 0x80;
    else if (op == DW_OP_const2u)
        v = bytes_u16(code);
    else if (op == DW_OP_const2s)
        v = (int16_t)bytes_u16(code);
    else if (op == DW_OP_const4u)
        v = bytes_u32(code);
    else if (op == DW_OP_const4s)
        v = (int32_t)bytes_u32(code);
    else if (op == DW_OP_const8u || op == DW_OP_const8s)
        v = (int64_t)bytes_u64(code);
    else if (op == DW_OP_constu)
        v = (int64_t)bytes_uleb(code);
    else if (op == DW_OP_consts)
        v = bytes_sleb(code);
    else
        return false;
    push(m, VALUE_NUMBER, v);
    return true;
}

static void run(struct machine *m, struct bytes *code, uint8_t op)
{
    if (constant(m, code, op))
        return;
    if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
        push_register(m, op - DW_OP_breg0, bytes_sleb(code));
        return;
    }
    switch (op) {
    case DW_OP_nop:
        break;
    case DW_OP_bregx: {
        const uint64_t number = bytes_uleb(code);
        push_register(m, number, bytes_sleb(code));
        break;
    }
    case DW_OP_deref:
        load(m);
        break;
    case DW_OP_plus_uconst:
        add(m, pop(m), (struct value){VALUE_NUMBER, (int64_t)bytes_uleb(code)});
        break;
    case DW_OP_plus:
    case DW_OP_minus:
    case DW_OP_and:
    case DW_OP_or:
    case DW_OP_shl:
    case DW_OP_eq:
    case DW_OP_ne:
    case DW_OP_ge:
    case DW_OP_gt:
    case DW_OP_le:
    case DW_OP_lt:
        combine(m, op);
        break;
    default:
        m->bad = true;
    }
}

bool expression_value(struct bytes code, const struct value *first,
                      uintptr_t pc, struct value *result)
{
    struct machine m = {.pc = pc};
    if (first)
        push(&m, first->base, first->off);
    while (!m.bad && !code.bad && code.at < code.end)
        run(&m, &code, bytes_u8(&code));
    *result = pop(&m);
    return !m.bad && !code.bad;
}
