/* SPDX-License-Identifier: MIT */
/*
 * row.h - the interpreter of call frame instructions
 *
 * Call frame information describes, for each address of a function, a row:
 * where the caller's stack pointer and registers are. Of the registers a row
 * here keeps the frame pointer, the stack pointer and the return address.
 */
#ifndef PRELOAD_ROW_H
#define PRELOAD_ROW_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a register of the caller is. */
enum how { HOW_SAME, HOW_UNDEFINED, HOW_AT_CFA, HOW_EXPRESSION, HOW_OTHER };

struct code {
    uintptr_t at;
    uint64_t len;
};

struct saved {
    enum how how;
    int64_t off;
    struct code expression;
};

/* One row of the table that call frame information describes. */
struct row {
    bool cfa_is_expression;
    uint64_t cfa_register;
    int64_t cfa_off;
    struct code cfa_expression;
    struct saved fp, sp, ip;
};

/* What a common information entry says. */
struct common {
    uint64_t code_align;
    int64_t data_align;
    uint64_t ip_register;
    uint64_t fp_register; /* whose place row.fp is: not always the frame
                             pointer's */
    uint8_t encoding;
    bool has_augmentation, is_signal;
    struct code program;
};

/* The row of pc in a function that begins at `start`; false: not well formed,
   or more than is understood here. */
bool row_find(struct row *row, const struct common *common, struct code program,
              uintptr_t start, uintptr_t pc);

#endif
