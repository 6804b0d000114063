/* SPDX-License-Identifier: MIT */
/*
 * dot_out.h - what the parts of a picture share
 *
 * Names of nodes: m0, m1, ... the members; h0, h1, ... who else holds them; s0,
 * s1, ... notes; c0, c1, ... calls; way, more, holders: what is left out;
 * p0, p1, ... words that point there; b1, b2, ... lost blocks; rest: more of
 * them; retained; r0, r1, ... rings in it; j0, j1, ... what is held jointly;
 * thing: what a finding without members is about.
 */
#ifndef ANALYZER_REPORT_DOT_OUT_H
#define ANALYZER_REPORT_DOT_OUT_H

#include "report/dot_choice.h"
#include "report/dot_text.h"
#include "report/image.h"

#define DOT_RED  "#b00020"
#define DOT_GREY "#606060"

enum { DOT_LABEL = 48 /* columns */, DOT_WIDE = 60 };

struct dot_out {
    FILE *to;
    const struct image *image;
    const struct finding *f;
    uint32_t most;
    struct arena *arena;
    struct dot_choice choice;
    uint32_t n_notes;
};

/* dot_graph.c: members and the references between them. */
void dot_graph(struct dot_out *o);

/* dot_retained.c: what would be freed too, and what would be left. */
void dot_retained(struct dot_out *o);

/* dot_referrers.c: who else holds the first member at the end. */
void dot_referrers(struct dot_out *o);

/* dot_memory.c: who points there, and what a lost block leads to. */
void dot_memory(const struct dot_out *o, struct image *image);

/* dot_notes.c: where things happened. */
void dot_notes(struct dot_out *o);
/* The innermost places, each a line of a label, and how many more. */
void dot_places(FILE *to, struct places p, uint32_t most);

/* dot_calls.c: the calls that made a block. */
void dot_calls(struct dot_out *o);

/* "m3", or "thing" where there is no member. */
void dot_put_subject(const struct dot_out *o);
/* "children x3" */
void dot_put_field(FILE *to, const char *field, uint64_t count);

#endif
