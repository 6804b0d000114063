/* SPDX-License-Identifier: MIT */
/*
 * gate_view.h - the gate's verdict as people and programs read it
 */
#ifndef ANALYZER_GATE_GATE_VIEW_H
#define ANALYZER_GATE_GATE_VIEW_H

#include "gate/outcome.h"
#include "gate/renewal.h"

struct gate_view {
    const struct text_out *out;
    bool all; /* text: however many */
    const struct gathering *g;
    const struct verdicts *v;
    const char *baseline;    /* its path; NULL: none */
    const char *source_root; /* struct report; NULL */
    const char *kinds;       /* what fails, as it was asked for */
    const struct limits *limits;
    const struct outcome *outcome; /* NULL: nobody judges, as in a diff */
    const struct gathering *old;   /* diff: what is fixed was told here; NULL */
};

/* First the verdict, in one line; then what fails in full, and the rest in a
   line each. */
void gate_text(const struct gate_view *w);

/* Schema ouro-gate/1; keys are only added. `r`: what was written, or NULL. */
void gate_json(const struct gate_view *w, const struct renewal *r);

/* gate_checkpoints.c: those of one finding, as a caption; and of each what came
   about after it. */
void gate_checkpoints_of(const struct gate_view *w, const struct entry *k,
                         const struct gathering *g);
void gate_checkpoints(const struct gate_view *w);

/* gate_notes.c: what is not judged, and what to do about the rest. */
void gate_notes(const struct gate_view *w);

/* What --write-baseline did, a line for each change. */
void renewal_text(const struct text_out *o, const char *baseline,
                  const struct renewal *r);

/* "known    leak 3bdb7710  add_line, load, main; 3 instances, 48 bytes", and
   what is said besides ("": nothing). */
void entry_line(const struct text_out *o, const char *word,
                const struct entry *k, const char *besides);

#endif
