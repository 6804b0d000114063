/* SPDX-License-Identifier: MIT */
/*
 * descriptor.h - the two descriptors: the trace file and its directory
 *
 * Both are remembered as (device, inode). A number that the host has closed or
 * given to another file is never used: it is opened again, through the
 * directory, or through the absolute path where the directory is gone too.
 * Numbers are negative errors, as the kernel returns them.
 */
#ifndef PRELOAD_DESCRIPTOR_H
#define PRELOAD_DESCRIPTOR_H

#include <stdint.h>

/* Makes PID.SERIAL.trace in config()->dir, which is made too if missing. A
   file that was there before (a parent's) is closed. */
long descriptor_create(uint32_t *serial);

/* The trace file, ours for certain. */
long descriptor_trace(void);

/* A file of the directory, to be read and closed. */
long descriptor_beside(const char *name);

/* In a copy of the process: all but the trace file, as long as the kernel lets
   us see which there are. */
void descriptor_close_others(void);

/* Removes the file that was just made, and closes everything. */
void descriptor_abandon(void);

#endif
