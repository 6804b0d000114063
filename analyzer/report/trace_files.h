/* SPDX-License-Identifier: MIT */
/*
 * trace_files.h - which images a recording holds, and how they belong together
 *
 * Only the headers are read here. Images are sorted by (start, pid, serial,
 * name): a total order that does not depend on the directory's.
 */
#ifndef ANALYZER_REPORT_TRACE_FILES_H
#define ANALYZER_REPORT_TRACE_FILES_H

#include "arena.h"
#include "report/image.h"

struct trace_files {
    struct arena arena;
    uint32_t n;
    struct image *images;
    uint32_t main_pid; /* what the launcher started; 0: not known */
};

/* `path` is a recording's directory, or one trace file: then it alone is an
   image, and its neighbours say what it came from and became. 0, or -1 with e
   filled. */
int trace_files_find(struct trace_files *f, const char *path, struct err *e);
void trace_files_release(struct trace_files *f);

#endif
