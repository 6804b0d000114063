/* SPDX-License-Identifier: MIT */
/*
 * text_retainers.h - the biggest retainers of an image, as a person reads them,
 * and as JSON
 */
#ifndef ANALYZER_REPORT_TEXT_RETAINERS_H
#define ANALYZER_REPORT_TEXT_RETAINERS_H

#include "explain/retainers.h"
#include "report/image.h"
#include "report/json_out.h"
#include "report/text_out.h"

/* `r` NULL: memory was not seen; what to do about it is said. */
void text_retainers(const struct text_out *o, const struct image *i,
                    const struct retainers *r);

/* The value of one process. */
void json_retainers(struct json_out *j, const struct image *i,
                    const struct retainers *r);

#endif
