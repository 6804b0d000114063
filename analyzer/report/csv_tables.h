/* SPDX-License-Identifier: MIT */
/*
 * csv_tables.h - what was found, as tables for a database
 *
 * Each row begins with the process image that it is about: (pid, serial) is its
 * key in a recording, exe what it ran. Columns may be added behind the others,
 * not renamed. The table of sites is a profile (profile_format.h).
 */
#ifndef ANALYZER_REPORT_CSV_TABLES_H
#define ANALYZER_REPORT_CSV_TABLES_H

#include "report/csv_out.h"
#include "report/image.h"

struct csv_table {
    const char *name;
    const char *columns;
    int (*prepare)(struct image *i); /* how much must be known */
    void (*rows)(struct csv_out *c, const struct image *i);
    bool with_summary; /* its figures (summary.h) are the last columns */
};

void csv_table_head(struct csv_out *c, const struct csv_table *t);

extern const struct csv_table csv_runs, csv_findings, csv_types,
    csv_generations, csv_survivors;

#define CSV_IMAGE "pid,serial,exe,"
void csv_image(struct csv_out *c, const struct image *i);

#endif
