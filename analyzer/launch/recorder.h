/* SPDX-License-Identifier: MIT */
/*
 * recorder.h - what `ouro record` and `ouro run` do alike: check the command,
 * take a recording's directory, run the command under the guest
 */
#ifndef ANALYZER_LAUNCH_RECORDER_H
#define ANALYZER_LAUNCH_RECORDER_H

#include "commands/cmd.h"
#include "launch/recording.h"

#include <limits.h>
#include <stdbool.h>

/* What the options said; NULL: not given. */
struct recorder {
    const char *dir, *max_size, *only, *stacks, *clock, *snapshot;
    int signal; /* 0: none */
    bool no_children;
    char name[PATH_MAX]; /* what dir points at */
    struct recording recording;
    bool started; /* the command ran: its status is the result */
    int n_traces; /* images that left something */
};

enum {
    RECORDER_MAX_SIZE = CMD_LONG,
    RECORDER_NO_CHILDREN,
    RECORDER_ONLY,
    RECORDER_STACKS,
    RECORDER_CLOCK,
    RECORDER_SNAPSHOT,
    RECORDER_SIGNAL,
    RECORDER_NEXT_ID /* for the options of one command alone */
};

/* Rows for the option tables of both. */
#define RECORDER_OPTIONS                                                       \
    {'o', "output", "DIR",                                                     \
     "record into DIR, which must not exist or be empty\n"                     \
     "(default: ouro.out.ouro; the one before is kept as\n"                    \
     "ouro.out.ouro.old); %p in it is ouro's process id,\n"                    \
     "%q{VAR} an environment variable, %% a percent sign"},                    \
        {RECORDER_MAX_SIZE, "max-size", "N",                                   \
         "keep the trace of a process at N bytes (K, M, G):\n"                 \
         "blocks that are gone are folded into totals; where\n"                \
         "that is not enough, its recording stops"},                           \
        {RECORDER_NO_CHILDREN, "no-children", NULL,                            \
         "record the command itself, not what it starts"},                     \
        {RECORDER_ONLY, "only", "GLOB",                                        \
         "record only programs whose path or name matches"},                   \
        {RECORDER_STACKS, "stacks", "WHICH",                                   \
         "call stacks of: all (default), alloc, none"},                        \
        {RECORDER_CLOCK, "clock", "WHICH",                                     \
         "what orders events: tsc (default), counter"},                        \
        {RECORDER_SNAPSHOT, "snapshot", "WHAT",                                \
         "what snapshots keep of memory: pointers (default),\n"                \
         "image (every word), none (take no snapshots)"},                      \
    {                                                                          \
        RECORDER_SIGNAL, "signal", "[SIG]",                                    \
            "let 'ouro snapshot --signal' wake the program with\n"             \
            "SIG (default: SIGUSR2), unless it handles that itself"            \
    }

#define RECORDER_EXIT_CODES                                                    \
    "The exit status is the command's own (128 + the signal that killed "      \
    "it);\n"                                                                   \
    "127: it was not found, 126: it cannot be executed, 2: it cannot be\n"     \
    "recorded (static, musl, 32-bit, set-user-ID, sanitized: the message "     \
    "says\n"                                                                   \
    "why), or the options or the output directory make no sense; in these\n"   \
    "cases it was not started.\n"

/* Takes an option of the table. False: it is none of these, or wrong, which
   was said and *status set to what to return (0: not one of these). */
bool recorder_option(struct recorder *r, const struct cmd *cmd, int id,
                     const char *value, int *status);

/* Runs argv (which may be empty: said, RC_USAGE). Returns its exit status, or
   why it was not started (r->started is false), which was said. The recording
   stays locked, so that no other run takes its name before it is reported:
   recording_release() is the caller's. */
int recorder_run(struct recorder *r, const struct cmd *cmd, char **argv);

#endif
