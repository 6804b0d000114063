/* SPDX-License-Identifier: MIT */
/*
 * kinds.h - the kinds of records: what they are called, what they carry
 *
 * One table for the decoder, the walk and `ouro dump`. A new kind is a row here
 * and, where its fields are like no other's, a shape.
 */
#ifndef ANALYZER_TRACE_KINDS_H
#define ANALYZER_TRACE_KINDS_H

#include <stdbool.h>
#include <stdint.h>

/* What follows dt, in the words of ouro_trace.h. */
enum shape {
    SHAPE_UNKNOWN,
    SHAPE_STACK,
    SHAPE_CUT,
    SHAPE_THREAD,
    SHAPE_EPOCH,
    SHAPE_NONE,
    /* decode_plain.c knows their order: */
    SHAPE_A,        /* addr */
    SHAPE_A_SIZE,   /* addr, u */
    SHAPE_A_COOKIE, /* addr, u, which may be an address */
    SHAPE_A_N,      /* addr, s */
    SHAPE_A_TEXT,   /* addr, str */
    SHAPE_A_B,      /* addr, addr */
    SHAPE_A_TEXT_B, /* addr, str, addr */
    SHAPE_TEXT_B,   /* str, addr */
    SHAPE_NEW_AT,
    SHAPE_LINK_AT,
    /* long records */
    SHAPE_PROCESS,
    SHAPE_MODULE,
    SHAPE_UNMODULE,
    SHAPE_LONG_NONE,
    SHAPE_LONG_N,        /* s */
    SHAPE_LONG_U,        /* u */
    SHAPE_LONG_TEXT,     /* text */
    SHAPE_LONG_A,        /* abs */
    SHAPE_LONG_A_TEXT,   /* abs, text */
    SHAPE_LONG_A_B,      /* abs, abs */
    SHAPE_LONG_A_B_SIZE, /* abs, abs, u */
    SHAPE_END,
    SHAPE_GAP,
    SHAPE_THRESHOLD,
    SHAPE_AS,
    SHAPE_FOLDED,
    SHAPE_FOLDED_SITE,
    N_SHAPES
};

struct kind {
    const char *name;   /* as the protocol calls it; NULL: unknown */
    const char *fields; /* what the shape's fields are here, in its order */
    uint8_t shape;      /* enum shape */
    bool told;          /* trace_walk gives it to its visitor */
    bool counted;       /* in trace.n_events */
};

enum { N_KINDS = 128, FIRST_LONG = 0x40 };

extern const struct kind kinds[N_KINDS];

/* The fields of each shape that struct event has, in their order on disk: a, b
   addresses; c a third one, k a number, in `size`; s size; n; u the same
   without a sign; f flags; t text; 0 1 2 thresholds. NULL: it is no event. */
extern const char *const shape_fields[N_SHAPES];

#endif
