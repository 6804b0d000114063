/* SPDX-License-Identifier: MIT */
/*
 * expression.h - DWARF expressions, as far as they say "register plus offset"
 *
 * Values are known by where they come from, not by what they are: an
 * expression is worked out once for an address of code, for all frames that
 * will ever be there.
 */
#ifndef PRELOAD_EXPRESSION_H
#define PRELOAD_EXPRESSION_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
#if defined(__x86_64__)
    REGISTER_FP = 6,
    REGISTER_SP = 7,
    REGISTER_IP = 16,
#elif defined(__aarch64__)
    REGISTER_FP = 29,
    REGISTER_IP = 30, /* the link register */
    REGISTER_SP = 31,
#endif
};

enum value_base {
    VALUE_NUMBER,
    VALUE_SP,
    VALUE_FP,
    VALUE_CFA,
    VALUE_AT_SP, /* the word at sp + off */
    VALUE_AT_FP,
};

struct value {
    enum value_base base;
    int64_t off;
};

/* What the expression in `code` leaves on top, given what it starts with (NULL:
   nothing) and the address pc; false: more than can be said like this. */
bool expression_value(struct bytes code, const struct value *first,
                      uintptr_t pc, struct value *result);

#endif
