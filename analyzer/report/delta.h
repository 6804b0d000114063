/* SPDX-License-Identifier: MIT */
/*
 * delta.h - what became of memory between two moments of a run
 *
 * The image is analysed as of each moment, as if it had ended there, and
 * findings are matched by id (what can still be reached is one here). Where
 * memory was seen at a moment (a snapshot), reach is known there.
 *
 *   appeared   there was none of it
 *   lost       more of it is lost than was
 *   grew       there is more of it
 *   shrank     there is less; or none (gone)
 *
 * Objects are counted by type besides, whether they are findings or not.
 */
#ifndef ANALYZER_REPORT_DELTA_H
#define ANALYZER_REPORT_DELTA_H

#include "report/image.h"
#include "report/moment.h"

struct delta_sum {
    uint64_t instances, blocks, bytes;
};

enum { DELTA_REACHES = 4 };

struct delta_side {
    struct delta_sum of[DELTA_REACHES]; /* by enum reach */
    struct delta_sum all;
};

enum delta_what {
    DELTA_SAME,
    DELTA_APPEARED,
    DELTA_LOST,
    DELTA_GREW,
    DELTA_SHRANK,
    DELTA_GONE,
};

struct delta_row {
    enum delta_what what;
    const char *id;
    const struct finding *f; /* as of the second moment; gone: NULL */
    struct delta_side before, after;
};

struct delta_type {
    const char *type;
    uint64_t before, after; /* objects */
    uint64_t bytes_before, bytes_after;
};

struct delta_moment {
    const char *name; /* as it was asked for */
    bool ends;        /* else it is the end of the run */
    uint64_t stamp;
    double seconds; /* of the end: 0 */
    bool seen;      /* memory was */
};

struct delta {
    const struct image *image; /* as of the second moment */
    struct delta_moment from, to;
    uint32_t n;
    struct delta_row *rows; /* but those that are the same: appeared, lost,
                               grew, shrank; in each, most bytes more first */
    uint32_t n_types;
    struct delta_type *types; /* of which there are more, or less: most objects
                                 more first */
    struct arena arena;
};

/*
 * Of an image that is open, from `from` to `to`, which moment_find, or "end",
 * has told. Analyses it twice. 0, or -1 with i->damage filled; to be released
 * in both cases, before the image is.
 */
int delta_make(struct delta *d, struct image *i);
void delta_release(struct delta *d);

const char *delta_word(enum delta_what what);

/* The text for people, and one object of a JSON array. */
struct text_out;
struct json_out;
void delta_text(const struct text_out *o, const struct delta *d, bool all);
void delta_json(struct json_out *j, const struct delta *d);

#endif
