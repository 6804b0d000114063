/* SPDX-License-Identifier: MIT */
/*
 * elf_check.h - would the program that exec starts accept us?
 *
 * A program that cannot take our LD_PRELOAD entry suffers from it: a musl
 * program dies with 127, a 32-bit one prints a warning, one built with a
 * sanitizer refuses to start. So before exec we look at what will be run:
 *
 *   takes us      an ELF file of this machine and word size whose PT_INTERP is
 *                 glibc's loader, without a sanitizer's runtime, that runs
 *                 without AT_SECURE; or a script (#!) whose interpreter does
 *   takes us not  static, static-pie, musl or another loader, 32-bit, another
 *                 machine, a sanitizer, setuid, setgid, file capabilities
 *
 * What cannot be looked at (absent, unreadable, no regular file, unknown to us)
 * counts as taking us: exec fails by itself, or another program's format
 * handler runs, and nothing changes for it.
 *
 * Raw system calls on the stack only; nothing that is no regular file is ever
 * opened. Safe in a vfork child and in a signal handler. Leaves errno alone.
 */
#ifndef PRELOAD_ELF_CHECK_H
#define PRELOAD_ELF_CHECK_H

#include <stdbool.h>

enum elf_start {
    ELF_BY_KERNEL, /* execve: a text without #! is not started */
    ELF_BY_SHELL,  /* execvp: /bin/sh is given such a text */
};

/* The file as execveat(dirfd, path, ..., flags) names it. */
bool elf_takes_us(int dirfd, const char *path, int flags, enum elf_start how);

/* The same for what execvp would find in PATH. */
bool elf_found_takes_us(const char *file, const char *path);

#endif
