/* SPDX-License-Identifier: MIT */
/*
 * program.h - which program this is, as the kernel started it
 *
 * /proc says it; where there is none, what the kernel left on the stack. Both
 * are asked once, at the start: the host may write over its arguments later.
 */
#ifndef PRELOAD_PROGRAM_H
#define PRELOAD_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_PATH = 4096, PROGRAM_ARGUMENTS = 8 * 1024 };

struct program {
    char path[PROGRAM_PATH]; /* absolute; "": nothing says */
    /* Each with its zero byte, as many as there is room for. */
    char arguments[PROGRAM_ARGUMENTS];
    size_t arguments_len;
    uint64_t n_arguments; /* all of them */
};

/* Before anything else asks, by one thread. */
void program_start(void);

const struct program *program(void);

/* The initial stack: argc, the arguments, NULL, the environment, NULL. */
const long *program_stack(void);

#endif
