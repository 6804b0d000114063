/* SPDX-License-Identifier: MIT */
/*
 * manifest.h - what the tool itself knows about a run: the file `manifest` in a
 * recording
 *
 *     ouro-manifest 1
 *     release 0.1.0
 *     argument ls          one line for each
 *     argument -l
 *     pid 4711
 *     process-start 88123  /proc/PID/stat field 22; a pid alone is used again
 *     started 1700000000.123456789      CLOCK_REALTIME, s
 *     finished 1700000001.000000000
 *     status exit:0                     or signal:9
 *
 * A word, a blank, the rest of the line; a backslash stands before n for a line
 * feed and before a backslash. Readers skip words they do not know. The file is
 * written when the program has been started, without the last two lines, and
 * written anew when it has ended: a recording without a status is still growing
 * while its process lives (manifest_is_running), and was abandoned otherwise.
 * A recording made by LD_PRELOAD alone has no manifest.
 */
#ifndef ANALYZER_LAUNCH_MANIFEST_H
#define ANALYZER_LAUNCH_MANIFEST_H

#include "arena.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define MANIFEST_NAME "manifest"

struct manifest {
    const char *release;
    uint32_t n_arguments;
    const char **arguments;
    uint32_t pid;
    uint64_t process_start;
    struct timespec started, finished;
    const char *status; /* "exit:N", "signal:N"; NULL: has not ended */
};

/* Replaces the file in one step. 0, or -1 with e filled. */
int manifest_write(const char *dir, const struct manifest *m, struct err *e);

/* 0; 1: there is none, or an empty one (the run is just beginning); -1 with e
 * filled: it is damaged. Texts live in `a`. */
int manifest_read(const char *dir, struct manifest *m, struct arena *a,
                  struct err *e);

/* No status yet, and the process is still there. */
bool manifest_is_running(const struct manifest *m);

/* /proc/PID/stat field 22; 0: there is no such process. */
uint64_t manifest_process_start(uint32_t pid);

#endif
