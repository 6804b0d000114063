/* SPDX-License-Identifier: MIT */
/*
 * source_path.h - where a source file is, seen from the root of the sources
 *
 * What is published (an upload, an annotation) names files as the repository
 * does, and tells nothing about the machine that built them. A compiler names
 * them by what it was given: in full, or relative to where it ran.
 */
#ifndef ANALYZER_REPORT_SOURCE_PATH_H
#define ANALYZER_REPORT_SOURCE_PATH_H

#include <stdbool.h>
#include <stdio.h>

enum { SOURCE_PATH = 4096 };

struct source_root {
    char path[SOURCE_PATH]; /* in full, without a slash at its end */
};

/* The directory `dir`; NULL: the working directory. */
void source_root_find(struct source_root *r, const char *dir);

/*
 * Writes the file's path without "." and "..": relative to the root where it is
 * below it, or where it was relative all along (what leads up out of the
 * build's directory is dropped); else in full, and false. "unknown" where
 * nothing is left of it.
 */
bool source_path(const struct source_root *r, const char *file,
                 char to[SOURCE_PATH]);

/* The path as an URI: "src/a%20b.c", "file:///usr/include/stdio.h". */
void source_uri(const struct source_root *r, const char *file,
                char to[3 * SOURCE_PATH + 8]);

#endif
