/* SPDX-License-Identifier: MIT */
/*
 * running.h - the trace of a process that runs now, and asking it for something
 *
 * Found as the process has it: by its descriptor in /proc/PID/fd, or where it
 * has closed that, by the header's mapping. So the directory may have moved, or
 * be another one where the process lives (a container). No ptrace.
 */
#ifndef ANALYZER_LAUNCH_RUNNING_H
#define ANALYZER_LAUNCH_RUNNING_H

#include "err.h"
#include "ouro_trace.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct running {
    uint32_t pid;
    uint64_t process_start;
    int fd;                           /* its trace */
    char path[PATH_MAX];              /* as the process sees it */
    struct ouro_trace_header *header; /* shared with it, unless buffered */
    bool buffered;                    /* its header is elsewhere */
};

/* 0, or -1 with e filled (RC_USAGE: no such process, another user's, not
   recorded) and nothing to release. */
int running_open(struct running *r, uint32_t pid, struct err *e);
void running_release(struct running *r);

/* Is it still the process that was opened, and no zombie? */
bool running_is_there(const struct running *r);

/* Would that signal call a handler in it? */
bool running_handles(const struct running *r, uint32_t signal);

/* Asks for a snapshot: the number of this request. */
uint32_t running_ask(struct running *r);

/* Was the request taken up, or answered? */
bool running_took_up(const struct running *r, uint32_t request);
bool running_answered(const struct running *r, uint32_t request);

#endif
