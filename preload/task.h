/* SPDX-License-Identifier: MIT */
/*
 * task.h - the threads of this process, as the kernel knows them
 *
 * Nobody is traced, interrupted or asked: /proc/self/task says who there is,
 * and of a thread that is blocked also where; their processor time and their
 * thread pointer come by system calls. All of it works in a container, under
 * a debugger and without privileges. Where /proc is not there, too little is
 * known, and each function says so.
 */
#ifndef PRELOAD_TASK_H
#define PRELOAD_TASK_H

#include <stdbool.h>
#include <stdint.h>

/* Calls visit(to, number) for each thread. False: not all could be listed. */
bool task_each(void (*visit)(void *to, uint32_t task), void *to);

enum task_state {
    TASK_RUNS,    /* or is about to */
    TASK_BLOCKED, /* in a system call or a page fault, at `sp` */
    TASK_GONE,    /* has no memory any more */
    TASK_HIDDEN,  /* the kernel does not say */
};

enum { TASK_ARGUMENTS = 6 };

struct task_call {
    enum task_state state;
    long number;                        /* of the system call; -1: in none */
    uintptr_t argument[TASK_ARGUMENTS]; /* 0 where it is in none */
    uintptr_t sp, ip;
};

struct task_call task_call(uint32_t task);

/* ns that it ran, ever; false: not known. */
bool task_time(uint32_t task, uint64_t *ns);

/* Its thread pointer, from where libc told the kernel of its robust mutexes; 0:
   not known. */
uintptr_t task_pointer(uint32_t task);

#endif
