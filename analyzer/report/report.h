/* SPDX-License-Identifier: MIT */
/*
 * report.h - everything found in a recording, image by image, in one format
 *
 * Images are analysed one at a time, in their stable order, and written as they
 * are done: memory follows the largest one. Equal recordings give equal bytes.
 */
#ifndef ANALYZER_REPORT_REPORT_H
#define ANALYZER_REPORT_REPORT_H

#include "report/image.h"

#include <stdio.h>

struct report_totals {
    uint32_t n_images, n_clean, n_damaged;
    bool found;             /* something that counts, whatever the verdict */
    uint32_t n_left_behind; /* clean ones that left blocks to the end: */
    uint64_t left_blocks, left_bytes;
    uint64_t unexplained; /* objects of clean ones */
    enum verdict verdict;
    uint32_t doubtful_pid; /* of the first that is indeterminate */
    char doubt[64];        /* "was killed by signal 9" */
};

struct report {
    FILE *out;
    bool colour;
    bool all;                    /* however many of a kind */
    bool failed;                 /* some of it could not be written */
    struct report_totals totals; /* of the images so far */
    void *state;                 /* the format's own, from begin to end */
};

/* One way to write a report. `end` may look at the totals of all images. */
struct report_format {
    const char *name;
    void (*begin)(struct report *r);
    void (*image)(struct report *r, const struct image *i);
    void (*end)(struct report *r);
    bool with_survivors; /* image.survivors are told */
};

extern const struct report_format report_text, report_json;

struct report_options {
    const struct report_format *format; /* NULL: text */
    bool show_suppressed; /* also what the system keeps on purpose */
    bool all;             /* text: also what comes after ten of a kind */
    bool *found; /* set to whether something was found, in whatever could be
                    read; may be NULL */
};

/*
 * Reports the recording (a directory, or one trace file) to `out`. Options may
 * be NULL. RC_CLEAN; RC_FOUND: something was found; another code where it could
 * not be read, or not all of it: what is wrong was said on stderr, and the
 * images that are whole are in the report all the same.
 */
int report_recording(const char *path, const struct report_options *o,
                     FILE *out);

/* Adds an image to the totals, then writes it. */
void report_image(struct report *r, const struct report_format *f,
                  const struct image *i);

#endif
