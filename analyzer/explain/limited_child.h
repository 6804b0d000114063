/* SPDX-License-Identifier: MIT */
/*
 * limited_child.h - work that may crash, hang or eat memory, at arm's length
 *
 * The work runs in a forked child that inherits everything in memory and
 * nothing else: descriptors are closed (0, 1 and 2 are /dev/null), no core is
 * left, memory and processor time are limited, and it dies with its parent. It
 * answers through a pipe, and the parent waits no longer than it was told to.
 */
#ifndef ANALYZER_EXPLAIN_LIMITED_CHILD_H
#define ANALYZER_EXPLAIN_LIMITED_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child_limits {
    uint64_t memory;     /* bytes beyond what the parent has mapped */
    uint32_t cpu_s;      /* seconds of processor time */
    uint32_t silence_ms; /* between two answers */
    uint32_t total_ms;   /* for all of them */
};

struct limited_child {
    pid_t pid;
    int fd; /* where its answers come from */
    uint32_t silence_ms;
    uint64_t deadline_ms;
    size_t used, filled; /* of buffer */
    unsigned char buffer[1 << 16];
};

/* Runs serve(arg, out) in a child; out is the pipe. False: no child could be
   made. */
bool limited_child_start(struct limited_child *c, const struct child_limits *l,
                         void (*serve)(const void *arg, int out),
                         const void *arg);

/* Reads exactly len bytes. False: it has ended, or took too long. */
bool limited_child_read(struct limited_child *c, void *to, size_t len);

/* Kills it if it still runs, and takes it away. */
void limited_child_end(struct limited_child *c);

/* Writes it all, or returns false. For use in the child. */
bool limited_child_write(int out, const void *bytes, size_t len);

#endif
