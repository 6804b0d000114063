/* SPDX-License-Identifier: MIT */
/*
 * container.h - writes the file that packed.h reads: bytes, then what they are
 */
#ifndef ANALYZER_PACKING_CONTAINER_H
#define ANALYZER_PACKING_CONTAINER_H

#include "pack/columns.h"
#include "pack/packed.h"
#include "pack/seekable.h"

struct container {
    struct seekable_writer bytes;
    struct column index; /* of the members so far */
    uint32_t n;
    uint64_t packed_events; /* of the bytes written: blocks of events */
};

void container_begin(struct container *c, FILE *to, int level);
/* False: errno says why. Releases what c holds, but not `to`. */
bool container_end(struct container *c);

void container_number(struct container *c, uint64_t v);
void container_text(struct container *c, const void *bytes, size_t n);

/* A member's head; for a MODULE or DEBUG, its build-id (else NULL). Then what
   packed.h says comes behind. */
void container_member(struct container *c, enum packed_kind kind,
                      const char *name, const unsigned char *build_id,
                      uint32_t build_id_len);

#endif
