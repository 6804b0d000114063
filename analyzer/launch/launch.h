/* SPDX-License-Identifier: MIT */
/*
 * launch.h - runs one command under the guest, and is otherwise not there
 *
 * The command gets our standard streams, our signal dispositions and mask, our
 * process group and our environment, plus what guest_preload and the OURO_
 * variables say. While it runs, an interrupt or quit from the terminal is its
 * business alone; SIGTERM and SIGHUP are passed on to it.
 */
#ifndef ANALYZER_LAUNCH_LAUNCH_H
#define ANALYZER_LAUNCH_LAUNCH_H

#include "err.h"

#include <sys/types.h>

struct launch {
    const char *path; /* what is executed */
    char **argv;
    pid_t pid;
    int wait_status;
};

/* Starts it, with the environment as it is now. 0, or an exit code (126, 127)
   with e filled. */
int launch_start(struct launch *l, struct err *e);

/* Until it has ended: sets wait_status. */
void launch_wait(struct launch *l);

/* As a shell would tell it: 0 .. 255, 128 + the signal. */
int launch_status(const struct launch *l);

#endif
