/* SPDX-License-Identifier: MIT */
/*
 * config.h - what the environment asked for, read once, before anything else
 *
 * Everything has a default: LD_PRELOAD=libouro.so alone records into
 * ./ouro.PID.ouro. Nothing points into the host's memory: strings are copies,
 * so a host that writes over its environment changes nothing here.
 *
 *   OURO_DIR        the recording's directory, made if missing
 *   OURO_STACKS     all | alloc (protocol events without) | none
 *   OURO_CLOCK      tsc | counter
 *   OURO_IO         mmap | buffered
 *   OURO_CHILDREN   1 | 0: neither forked children nor exec'ed images
 *   OURO_ONLY       a glob: record only images whose path or name matches
 *   OURO_MAX_SIZE   bytes a trace file may have
 *   OURO_SNAPSHOT   pointers | image | none: what snapshots tell of memory
 *   OURO_SIGNAL     the number of a signal that makes an idle process look
 *                   whether it was asked for a snapshot
 *   OURO_FOLDS      1: somebody folds the traces, see ouro_trace.h
 *   OURO_GUEST      the path of this library, for those that exec
 */
#ifndef PRELOAD_CONFIG_H
#define PRELOAD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONFIG_PATH = 4096,
    CONFIG_VARIABLES = 11,
    CONFIG_TEXT = 3 * CONFIG_PATH, /* all the variables' bytes */
};

enum config_stacks {
    CONFIG_STACKS_ALL,
    CONFIG_STACKS_ALLOC,
    CONFIG_STACKS_NONE,
};

struct config {
    bool on;     /* false: set-user-id, or OURO_ONLY names others */
    bool secure; /* AT_SECURE: no variable was looked at */
    bool children;
    bool counter;  /* the counter, even where a clock would do */
    bool folds;    /* who finds no room waits for some */
    bool buffered; /* pwrite, even where mmap would do */
    enum config_stacks stacks;
    uint8_t snapshot;        /* enum ouro_snap_mode; 0: none are taken */
    uint32_t signal;         /* 0: none */
    uint64_t max_size;       /* UINT64_MAX: no limit */
    char dir[CONFIG_PATH];   /* absolute; "" where it could not be told */
    char guest[CONFIG_PATH]; /* absolute; "" the same */
    /* "NAME=VALUE", as an image that is exec'ed needs them to record into the
       same directory in the same way; a NULL after the last one. */
    const char *variables[CONFIG_VARIABLES + 1];
    char text[CONFIG_TEXT]; /* where they stand */
};

/* Reads the environment that the loader handed to this image. `guest` is the
   path under which this library was loaded, NULL if unknown. Once, after
   program_start(). */
void config_start(char **environment, const char *guest);

extern struct config shim_config __attribute__((visibility("hidden")));

/* All zero (on == false) before config_start(). */
static inline const struct config *config(void)
{
    return &shim_config;
}

#endif
