/* SPDX-License-Identifier: MIT */
/*
 * gather.h - what many recordings hold, merged by fingerprint
 *
 * Recordings are analysed one image at a time, in the order in which they were
 * named, with one symbolizer for all: memory follows the largest image and the
 * number of different findings. How the report tells a finding is put aside,
 * from the image where it was met first (and would fail first): whether it is
 * new is known only when all are done.
 *
 * Gathered is what a report tells one by one, and what the policy names beside
 * that. It is judged where the policy covers it, unless data is missing and it
 * may have been freed unseen.
 */
#ifndef ANALYZER_GATE_GATHER_H
#define ANALYZER_GATE_GATHER_H

#include "gate/entries.h"
#include "gate/policy.h"
#include "report/image.h"
#include "report/text_out.h"

struct symbolizer;

struct gathered_recording {
    const char *path;
    uint32_t n_images;
    bool complete; /* all its images are */
    bool damaged;  /* or missing, which was said */
};

struct gathering {
    /* Set these first. */
    const struct policy *policy;
    bool as_json; /* what is put aside */
    bool colour;
    struct symbolizer *symbolizer;
    struct suppressions *suppressions; /* NULL: none */

    struct entries found;
    FILE *aside;
    uint32_t n_recordings;
    struct gathered_recording *recordings;
    uint32_t n_images, n_doubtful, n_damaged;
    char doubt[192];  /* the first: "process 7 was killed by signal 9" */
    uint64_t bytes;   /* that all findings retain */
    bool fragile;     /* some ids that are judged rest on addresses */
    bool no_snapshot; /* some leak is of unknown reach, and not judged */
};

/* How an image is prepared: with what a root reaches too, where the policy
   speaks of that. */
int (*gather_prepare(const struct gathering *g))(struct image *i);

/* RC_CLEAN: whatever could be read is in it; another code ends it all, and was
   said. */
int gather(struct gathering *g, char *const *paths, uint32_t n);
void gather_release(struct gathering *g);

/* Copies what was put aside. */
void gather_tell(const struct gathering *g, struct piece piece, FILE *to);

#endif
