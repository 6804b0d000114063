/* SPDX-License-Identifier: MIT */
/*
 * exec.h - how the host starts other programs, and ends without handlers
 *
 * Exported, each forwards to the next definition of the same call:
 *     execve execv execvp execvpe execl execlp execle fexecve execveat
 *     posix_spawn posix_spawnp _exit _Exit quick_exit abort
 *
 * Before a program is started its environment is made right (exec_env.h): we
 * go along where children are followed and the program can take us
 * (elf_check.h), and leave no trace of us where not. The last four take a
 * snapshot first, and all of them but abort say life_end().
 *
 * Every exec function may be called in a vfork child, which shares our memory,
 * and in a signal handler: nothing global changes, nothing locks or allocates.
 * A new environment stands on the stack; one of more than 4 KiB in pages of its
 * own (which stay behind in the parent of a vfork child).
 *
 * Not followed: system() and popen() under an environment that the host has
 * emptied (libc starts /bin/sh without asking anyone), and raw system calls.
 */
#ifndef PRELOAD_EXEC_H
#define PRELOAD_EXEC_H

/* Once, from the constructor, after config_start(): finds the next definitions
   (dlsym, so it may allocate). An image that OURO_ONLY leaves out still has its
   children followed; under AT_SECURE everything is only forwarded. */
void exec_start(void);

#endif
