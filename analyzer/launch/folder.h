/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a helper that folds the traces of a recording while they grow
 *
 * Where --max-size limits them: see FOLDING in ouro_trace.h. It is a process of
 * its own, so that whatever befalls it, the recorded program and the recorder
 * go on; then its traces end at the limit.
 */
#ifndef ANALYZER_LAUNCH_FOLDER_H
#define ANALYZER_LAUNCH_FOLDER_H

#include <stdint.h>
#include <sys/types.h>

struct folder {
    pid_t pid; /* 0: none was needed, or none could be had */
    int tell;  /* what it ends with */
};

/* Starts it for the recording in that directory. max_size: bytes a trace may
   have. */
void folder_start(struct folder *f, const char *directory, uint64_t max_size);

/* The program has ended: so does it. */
void folder_end(struct folder *f);

#endif
