/* SPDX-License-Identifier: MIT */
/*
 * each_image.h - the process images of a recording, one after the other
 *
 * For the commands that ask something of each: memory follows the largest one,
 * and one that is damaged is said on stderr and passed over.
 */
#ifndef ANALYZER_REPORT_EACH_IMAGE_H
#define ANALYZER_REPORT_EACH_IMAGE_H

#include "report/image.h"

struct image_query {
    uint32_t pid; /* 0: all */
    struct symbolizer
        *symbolizer; /* of many recordings; NULL: one of its own */
    struct suppressions *suppressions; /* NULL: none */
    /* How much is done before an image is visited: image_open, image_replay or
       image_analyse. */
    int (*prepare)(struct image *i);
    /* RC_CLEAN, or a code that ends it all; where it is RC_TRACE, i->damage
       says why, and the others are visited all the same. */
    int (*visit)(void *to, struct image *i);
    void *to;
};

/* RC_CLEAN; what `visit` returned; RC_TRACE where some of it could not be read;
   RC_USAGE where no image has that pid: all but the second were said. */
int each_image(const char *recording, const struct image_query *q);

#endif
