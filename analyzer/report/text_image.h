/* SPDX-License-Identifier: MIT */
/*
 * text_image.h - the line that says which process image is spoken of
 */
#ifndef ANALYZER_REPORT_TEXT_IMAGE_H
#define ANALYZER_REPORT_TEXT_IMAGE_H

#include "report/image.h"
#include "report/text_out.h"

/* "CMD ARGS  (process 123, exit status 0)". */
void text_image(const struct text_out *o, const struct image *i);

/* The command as it was typed, as well as the recording knows it. */
struct text text_image_command(const struct image *i, int max);

#endif
