/* SPDX-License-Identifier: MIT */
/*
 * file.h - this image's trace file: header, room for chunks, two descriptors
 *
 * The header stands at one address for the whole life of the process; a forked
 * child's own header takes the place of its parent's there. Counters are
 * added to in place, by anyone, at any time.
 *
 * Where the file system can, room is allocated (fallocate) before it is
 * reserved by an exchange of header.end: so a full disk is an error here and
 * never a SIGBUS in the host, and whenever the process ends its file is as long
 * as it says. Where it cannot, chunks are private memory and are written with
 * pwrite. Limits are looked at before the kernel would raise SIGXFSZ.
 *
 * The descriptors are close-on-exec and stand high; the host may close them or
 * put files of its own in their place, so each use first asks whose they are,
 * and opens them again if they are not ours.
 *
 * Where the tool folds the file (FOLDING in ouro_trace.h) the bytes that it
 * gave back do not count against OURO_MAX_SIZE, and who finds no room waits for
 * it to give some, a moment at most.
 *
 * The first thing that cannot be done stops recording for good: header.stopped
 * says why.
 */
#ifndef PRELOAD_FILE_H
#define PRELOAD_FILE_H

#include "hot.h"
#include "ouro_trace.h"

#include <stdbool.h>
#include <stdint.h>

enum { FILE_GRANULE = 16 * 1024, FILE_CHUNK_MAX = 256 * 1024 };

/* NULL before the first file_start. */
extern HOT struct ouro_trace_header *shim_header;

/* Makes the directory (if missing), the file and its header. False: this image
   cannot be recorded. A forked child passes on what its parent's header said.
 */
bool file_start(const struct ouro_trace_header *parent, uint64_t fork_stamp);

/* Room for a chunk of at least `need` bytes; 0: recording has stopped. */
uint64_t file_reserve(uint64_t need, uint32_t *len);

/* The same where it may be refused and recording goes on; 0: it was. */
uint64_t file_reserve_if(uint64_t need, uint32_t *len);

/* Memory for [offset, offset + len) of the file; NULL: recording has stopped.
   In a buffered file it is private, and file_write puts it where it belongs. */
void *file_map(uint64_t offset, uint32_t len);
void file_unmap(void *at, uint32_t len);
bool file_is_buffered(void);
/* Does a copy of the process reserve what the process does not? */
bool file_is_common(void);
void file_write(const void *at, uint64_t len, uint64_t offset);
/* The same, and where it fails recording goes on. In a buffered file or a
   mapped one. */
bool file_put(const void *at, uint64_t len, uint64_t offset);

/* Recording ends, for a reason of enum ouro_stopped. */
void file_stop(int why, long error);

/* A moment (the same): nothing that lives across it is folded. Begun before its
   stamp is read, and told when that is in the file. */
void file_moment_begins(void);
void file_moment_told(void);

/* Is there somebody who folds? */
bool file_is_folded(void);

/* One more of a counter of the header. */
static inline void file_count(uint64_t *counter)
{
    if (shim_header)
        __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

#endif
