/* SPDX-License-Identifier: MIT */
#include "row.h"

#include "expression.h"

#include <stddef.h>

enum { REMEMBERED = 6 };

struct interpreter {
    const struct common *common;
    struct row row, first, stack[REMEMBERED];
    int n_stack;
    uintptr_t at, pc;
    bool bad;
};

static struct saved *saved_of(struct interpreter *i, struct row *row,
                              uint64_t number)
{
    if (number == i->common->ip_register)
        return &row->ip;
    if (number == i->common->fp_register)
        return &row->fp;
    return number == REGISTER_SP ? &row->sp : NULL;
}

static void save(struct interpreter *i, uint64_t number, enum how how,
                 int64_t off)
{
    struct saved *s = saved_of(i, &i->row, number);
    if (s)
        *s = (struct saved){.how = how, .off = off};
}

static void restore(struct interpreter *i, uint64_t number)
{
    struct saved *s = saved_of(i, &i->row, number);
    if (s)
        *s = *saved_of(i, &i->first, number);
}

static struct code read_code(struct bytes *b)
{
    const uint64_t len = bytes_uleb(b);
    const struct code code = {b->at, len};
    bytes_skip(b, len);
    return code;
}

static void save_expression(struct interpreter *i, struct bytes *b,
                            enum how how)
{
    const uint64_t number = bytes_uleb(b);
    const struct code code = read_code(b);
    struct saved *s = saved_of(i, &i->row, number);
    if (s)
        *s = (struct saved){.how = how, .expression = code};
}

static void define_cfa(struct interpreter *i, uint64_t number, int64_t off)
{
    i->row.cfa_is_expression = false;
    i->row.cfa_register = number;
    i->row.cfa_off = off;
}

static int64_t scaled(const struct interpreter *i, uint64_t n)
{
    return (int64_t)(n * (uint64_t)i->common->data_align);
}

/* DW_CFA_*, by DWARF's numbers. */
enum {
    ADVANCE = 1,
    OFFSET = 2,
    RESTORE = 3,
    NOP = 0,
    SET_LOC,
    ADVANCE1,
    ADVANCE2,
    ADVANCE4,
    OFFSET_EXTENDED,
    RESTORE_EXTENDED,
    UNDEFINED,
    SAME_VALUE,
    REGISTER,
    REMEMBER,
    RESTORE_STATE,
    CFA,
    CFA_REGISTER,
    CFA_OFFSET,
    CFA_EXPRESSION,
    EXPRESSION,
    OFFSET_SIGNED,
    CFA_SIGNED,
    CFA_OFFSET_SIGNED,
    VALUE_OFFSET,
    VALUE_OFFSET_SIGNED,
    VALUE_EXPRESSION,
    SIGN_RETURN = 0x2d, /* aarch64: return addresses are signed here */
    ARGUMENTS_SIZE = 0x2e,
    OFFSET_NEGATIVE = 0x2f,
};

static void remember(struct interpreter *i)
{
    if (i->n_stack == REMEMBERED)
        i->bad = true;
    else
        i->stack[i->n_stack++] = i->row;
}

static void recall(struct interpreter *i)
{
    if (i->n_stack == 0)
        i->bad = true;
    else
        i->row = i->stack[--i->n_stack];
}

static void advance(struct interpreter *i, uint64_t by)
{
    i->at += by * i->common->code_align;
}

/* The caller's stack pointer and where things are relative to it. */
static bool run_cfa(struct interpreter *i, struct bytes *b, uint8_t op)
{
    switch (op) {
    case CFA: {
        const uint64_t number = bytes_uleb(b);
        define_cfa(i, number, (int64_t)bytes_uleb(b));
        return true;
    }
    case CFA_SIGNED: {
        const uint64_t number = bytes_uleb(b);
        define_cfa(i, number, scaled(i, (uint64_t)bytes_sleb(b)));
        return true;
    }
    case CFA_REGISTER:
        i->bad |= i->row.cfa_is_expression;
        i->row.cfa_register = bytes_uleb(b);
        return true;
    case CFA_OFFSET:
        i->bad |= i->row.cfa_is_expression;
        i->row.cfa_off = (int64_t)bytes_uleb(b);
        return true;
    case CFA_OFFSET_SIGNED:
        i->bad |= i->row.cfa_is_expression;
        i->row.cfa_off = scaled(i, (uint64_t)bytes_sleb(b));
        return true;
    case CFA_EXPRESSION:
        i->row.cfa_is_expression = true;
        i->row.cfa_expression = read_code(b);
        return true;
    default:
        return false;
    }
}

static bool run_saved(struct interpreter *i, struct bytes *b, uint8_t op)
{
    const bool is_saved = (op >= OFFSET_EXTENDED && op <= REGISTER) ||
                          (op >= EXPRESSION && op <= VALUE_EXPRESSION) ||
                          op == OFFSET_NEGATIVE;
    if (!is_saved)
        return false;
    if (op == EXPRESSION || op == VALUE_EXPRESSION) {
        save_expression(i, b, op == EXPRESSION ? HOW_EXPRESSION : HOW_OTHER);
        return true;
    }
    const uint64_t number = bytes_uleb(b);
    if (op == OFFSET_EXTENDED)
        save(i, number, HOW_AT_CFA, scaled(i, bytes_uleb(b)));
    else if (op == OFFSET_SIGNED)
        save(i, number, HOW_AT_CFA, scaled(i, (uint64_t)bytes_sleb(b)));
    else if (op == OFFSET_NEGATIVE)
        save(i, number, HOW_AT_CFA, -scaled(i, bytes_uleb(b)));
    else if (op == RESTORE_EXTENDED)
        restore(i, number);
    else if (op == UNDEFINED)
        save(i, number, HOW_UNDEFINED, 0);
    else if (op == SAME_VALUE)
        save(i, number, HOW_SAME, 0);
    else {
        bytes_uleb(b); /* a register, or an offset that is a value */
        save(i, number, HOW_OTHER, 0);
    }
    return true;
}

static void run_other(struct interpreter *i, struct bytes *b, uint8_t op)
{
    switch (op) {
    case NOP:
    case SIGN_RETURN:
        break;
    case SET_LOC:
        i->at = bytes_pointer(b, i->common->encoding);
        break;
    case ADVANCE1:
        advance(i, bytes_u8(b));
        break;
    case ADVANCE2:
        advance(i, bytes_u16(b));
        break;
    case ADVANCE4:
        advance(i, bytes_u32(b));
        break;
    case REMEMBER:
        remember(i);
        break;
    case RESTORE_STATE:
        recall(i);
        break;
    case ARGUMENTS_SIZE:
        bytes_uleb(b);
        break;
    default:
        i->bad = true;
    }
}

/* Runs instructions until the row of pc is complete. */
static void run(struct interpreter *i, struct code program)
{
    struct bytes b = bytes_in(program.at, program.at + program.len);
    while (b.at < b.end && i->at <= i->pc && !i->bad && !b.bad) {
        const uint8_t op = bytes_u8(&b);
        if (op >> 6 == ADVANCE)
            advance(i, op & 0x3f);
        else if (op >> 6 == OFFSET)
            save(i, op & 0x3f, HOW_AT_CFA, scaled(i, bytes_uleb(&b)));
        else if (op >> 6 == RESTORE)
            restore(i, op & 0x3f);
        else if (!run_cfa(i, &b, op) && !run_saved(i, &b, op))
            run_other(i, &b, op);
    }
    i->bad |= b.bad;
}

bool row_find(struct row *row, const struct common *common, struct code program,
              uintptr_t start, uintptr_t pc)
{
    struct interpreter i = {.common = common, .at = start, .pc = pc};
#if defined(__x86_64__)
    i.row.ip.how = HOW_OTHER; /* no link register to be the same */
#endif
    run(&i, common->program);
    i.first = i.row;
    i.at = start;
    run(&i, program);
    *row = i.row;
    return !i.bad;
}
