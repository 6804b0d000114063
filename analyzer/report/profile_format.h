/* SPDX-License-Identifier: MIT */
/*
 * profile_format.h - ways to write a profile of allocations
 *
 * A format is one file that defines one `struct profile_format`. It is driven
 * so, image by image:
 *
 *     format->begin(&out);
 *     for each image
 *         format->image(&out, image, &profile);
 *     format->end(&out);
 *
 * Where a recording holds several processes, each is told apart: as the
 * outermost frame of its stacks, or as the format has it.
 */
#ifndef ANALYZER_REPORT_PROFILE_FORMAT_H
#define ANALYZER_REPORT_PROFILE_FORMAT_H

#include "explain/profile.h"
#include "report/image.h"

#include <stdio.h>

struct timeline;

struct profile_out {
    FILE *to;
    const char *recording;
    enum usage_value value; /* folded: what is counted; else what is shown
                               first */
    bool several;           /* processes; they are to be told apart */
    const struct timeline *timeline; /* of the image; where wanted */
    void *state;                     /* the format's own, from begin to end */
};

struct profile_format {
    const char *name;
    void (*begin)(struct profile_out *o);
    void (*image)(struct profile_out *o, const struct image *i,
                  const struct profile *p);
    void (*end)(struct profile_out *o);
    bool is_binary;
    bool of_one_image;
    bool with_timeline;
};

extern const struct profile_format profile_folded, profile_speedscope,
    profile_pprof, profile_massif, profile_csv_sites;

#endif
