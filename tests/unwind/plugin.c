/* SPDX-License-Identifier: MIT */
/*
 * plugin.c - built twice, with frames of another size at the same addresses
 */
#include <stdlib.h>

#ifndef ROOM
#define ROOM 24
#endif

static volatile unsigned sink;

__attribute__((visibility("hidden"), used)) void leak(void);

void leak(void)
{
    char *volatile p = malloc(10);
    free(p);
    sink++;
}

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

__asm__(".text\n.globl plugin_run\n"
#if defined(__x86_64__)
        ".type plugin_run, @function\nplugin_run:\n.cfi_startproc\n"
        "sub $" TEXT(ROOM) ", %rsp\n.cfi_adjust_cfa_offset " TEXT(
            ROOM) "\n"
                  "call leak\n"
                  "add $" TEXT(ROOM) ", %rsp\n.cfi_adjust_cfa_offset -" TEXT(
                      ROOM) "\n"
                            "ret\n"
#elif defined(__aarch64__)
        ".type plugin_run, %function\nplugin_run:\n.cfi_startproc\n"
        "stp x29, x30, [sp, -" TEXT(
            ROOM) " - 8]!\n"
                  ".cfi_def_cfa_offset " TEXT(
                      ROOM) " + 8\n"
                            ".cfi_offset 29, -" TEXT(
                                ROOM) " - 8\n"
                                      ".cfi_offset 30, -" TEXT(
                                          ROOM) "\n"
                                                "bl leak\n"
                                                "ldp x29, x30, [sp], " TEXT(
                                                    ROOM) " + "
                                                          "8\n.cfi_def_cfa_"
                                                          "offset 0\n"
                                                          "ret\n"
#endif
                            ".cfi_endproc\n.size plugin_run, . - plugin_run\n");
