/* SPDX-License-Identifier: MIT */
/*
 * limited_child.h - work that may crash, hang or eat memory, at arm's length
 *
 * The work runs in a forked child that inherits everything in memory and
 * nothing else: descriptors are closed (0, 1 and 2 are /dev/null), no core is
 * left, its memory is limited, and it dies with its parent. It is sent requests
 * and answers each of them with messages; processor time and patience are
 * limited anew for each request.
 *
 * Messages wait in memory that both share, and leave together: when there are
 * many, when the first has waited for a while, and when the child has nothing
 * left to do. So a child that is killed takes no message with it.
 */
#ifndef ANALYZER_EXPLAIN_LIMITED_CHILD_H
#define ANALYZER_EXPLAIN_LIMITED_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct child_limits {
    uint64_t memory;     /* bytes beyond what the parent has mapped */
    uint32_t cpu_s;      /* seconds of processor time for a request */
    uint32_t silence_ms; /* between two answers */
    uint32_t total_ms;   /* for all answers to a request */
};

struct child_outbox;

struct limited_child {
    pid_t pid; /* 0: it has ended */
    int fd;
    struct child_outbox *outbox;
    uint32_t silence_ms;
    uint64_t deadline_ms;
    size_t used, filled; /* of buffer */
    unsigned char buffer[1 << 16];
};

/* The child's own end. */
struct child_end {
    int fd;
    uint32_t cpu_s;
    struct child_outbox *outbox;
    uint64_t sent_ms; /* when messages left last */
};

/* Runs serve(arg, end) in a child. False: no child could be made. */
bool limited_child_start(struct limited_child *c, const struct child_limits *l,
                         void (*serve)(const void *arg, struct child_end *end),
                         const void *arg);

/* Does it still run, with nothing more to say? */
bool limited_child_is_idle(const struct limited_child *c);

/* A request begins, with the limits' patience. */
void limited_child_begin(struct limited_child *c, const struct child_limits *l);

/* Sends exactly len bytes of it. False: it has ended, or took too long. */
bool limited_child_send(struct limited_child *c, const void *bytes, size_t len);

/* Reads exactly len bytes. False: it has ended, or took too long. */
bool limited_child_read(struct limited_child *c, void *to, size_t len);

/* Kills it. What can still be read are the messages that had not left, from the
   first of them on: some may have been read already. */
void limited_child_stop(struct limited_child *c);

/* The last call; stops it if it still runs. */
void limited_child_release(struct limited_child *c);

/* The child's side. All return false where the parent is no longer there. */

/* The next len bytes from the parent; before the first ones, `begins`. */
bool limited_child_receive(struct child_end *e, void *to, size_t len,
                           bool begins);
/* One message, in n parts. */
bool limited_child_write(struct child_end *e, const struct iovec *parts, int n);

/* What this process has mapped, in bytes; 0: unknown. */
uint64_t limited_child_mapped(void);

#endif
