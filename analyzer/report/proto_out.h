/* SPDX-License-Identifier: MIT */
/*
 * proto_out.h - a message in the wire format of protocol buffers
 *
 * Fields are appended; one whose value is 0 is left out, as proto3 has it, but
 * in a packed list. A message that is a field of another is made apart and put
 * into it whole.
 */
#ifndef ANALYZER_REPORT_PROTO_OUT_H
#define ANALYZER_REPORT_PROTO_OUT_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty message. */
struct proto_out {
    unsigned char *at;
    size_t n, room;
};

void proto_out_clear(struct proto_out *p); /* keeps its memory */
void proto_out_release(struct proto_out *p);

void proto_number(struct proto_out *p, unsigned field, uint64_t v);
void proto_bytes(struct proto_out *p, unsigned field, const void *bytes,
                 size_t n);
void proto_numbers(struct proto_out *p, unsigned field, const uint64_t *v,
                   size_t n);
void proto_message(struct proto_out *p, unsigned field,
                   const struct proto_out *message);

#endif
