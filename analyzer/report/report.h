/* SPDX-License-Identifier: MIT */
/*
 * report.h - everything found in a recording, image by image, in one format
 *
 * Images are analysed one at a time, in their stable order, and written as they
 * are done: memory follows the largest one. Equal recordings give equal bytes.
 *
 * A format is one file that defines one `struct report_format`, and a row in
 * report_formats.c. It is driven so, by report_recording or by whoever has
 * images of his own:
 *
 *     format->begin(&r);
 *     for each image
 *         report_image(&r, format, image);   image, finding..., image_end
 *     format->end(&r);
 *
 * Where findings are compared with a baseline, `struct judge` says of each what
 * has come of it; a plain report has none, and asks all the same.
 */
#ifndef ANALYZER_REPORT_REPORT_H
#define ANALYZER_REPORT_REPORT_H

#include "report/finding_words.h"
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

/* What a finding is beside the baseline. */
enum judgement { JUDGED_NOT, JUDGED_NEW, JUDGED_GROWN, JUDGED_KNOWN };

struct judged {
    enum judgement as;
    bool fails; /* it alone is reason enough to fail */
};

/* What the baseline has and no image shows any more. */
struct fixed_finding {
    const char *id, *kind, *what;
};

struct judge {
    struct judged (*of)(void *to, const struct image *i,
                        const struct finding *f);
    void *to;
    uint32_t n_fixed; /* read at the end */
    const struct fixed_finding *fixed;
};

struct report {
    FILE *out;
    bool colour;
    bool all;                  /* however many of a kind */
    bool quiet;                /* nothing where all is clean */
    bool failed;               /* some of it could not be written */
    const struct judge *judge; /* NULL: nothing to compare with */
    const struct suppressions *suppressions; /* at the end, what each left
                                                out; NULL */
    const char *source_root;     /* what files are shown relative to; NULL: the
                                    working directory */
    struct report_totals totals; /* of the images so far */
    void *state;                 /* the format's own, from begin to end */
};

/* One way to write a report. `end` may look at the totals of all images.
   `finding` is called for what is told, kind by kind, between `image` and
   `image_end`; both may be NULL. */
struct report_format {
    const char *name;
    void (*begin)(struct report *r);
    void (*image)(struct report *r, const struct image *i);
    void (*finding)(struct report *r, const struct image *i,
                    const struct finding *f);
    void (*image_end)(struct report *r, const struct image *i);
    void (*end)(struct report *r);
    bool with_survivors; /* image.survivors are told */
};

extern const struct report_format report_text, report_json, report_sarif,
    report_junit, report_github, report_markdown;

/* All of them, the default first; NULL ends the table. */
extern const struct report_format *const report_formats[];

/* What --help says of --format: the names in that table. */
#define REPORT_FORMATS_HELP                                                    \
    "text (the default), json, sarif, junit,\ngithub or markdown"

/* The one with that name, or NULL. */
const struct report_format *report_format_named(const char *name);

/* "text, json or sarif", for a message. */
const char *report_format_names(char text[256]);

struct report_options {
    const struct report_format *format; /* NULL: text */
    const struct judge *judge;          /* as in struct report */
    const char *source_root;
    struct suppressions *suppressions; /* NULL: none */
    bool show_suppressed;              /* also what the system keeps on purpose,
                                          and what is suppressed */
    unsigned shown;                    /* reach_shown.h; 0: as usual */
    bool all;    /* also what comes after the first of a kind, and
                    what is unbalanced for unknown reasons */
    bool quiet;  /* text: nothing where the verdict is clean */
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
void report_image(struct report *r, const struct report_format *format,
                  const struct image *i);

/* The kinds in the order in which they are told. */
extern const enum finding_kind report_kinds[N_FINDING_KINDS];

/* Is the finding told one by one? */
bool report_tells(const struct report *r, const struct image *i,
                  const struct finding *f);

/* What the judge says of it. Without one: JUDGED_NOT, and it fails where it
   counts for the verdict. */
struct judged report_judged(const struct report *r, const struct image *i,
                            const struct finding *f);

/* "new", "grown", "known"; "" for JUDGED_NOT. */
const char *judgement_word(enum judgement j);

#endif
