/* SPDX-License-Identifier: MIT */
/*
 * gzip_out.h - compresses what is written, as gzip does, without name and time
 */
#ifndef ANALYZER_REPORT_GZIP_OUT_H
#define ANALYZER_REPORT_GZIP_OUT_H

#include <stddef.h>
#include <stdio.h>

struct gzip_out;

/* Whether `to` took it all is told by ferror(to). */
struct gzip_out *gzip_out_begin(FILE *to);
void gzip_out_write(struct gzip_out *z, const void *bytes, size_t n);
/* Writes what is left, and frees z. */
void gzip_out_end(struct gzip_out *z);

#endif
