/* SPDX-License-Identifier: MIT */
/*
 * export.h - what `ouro export` was asked for, and who does it
 */
#ifndef ANALYZER_COMMANDS_EXPORT_H
#define ANALYZER_COMMANDS_EXPORT_H

#include "report/profile_format.h"
#include "report/trace_files.h"

struct export_request {
    const char *recording;
    FILE *out;
    const char *path;       /* of -o; NULL: standard output */
    long pid;               /* 0: any */
    const char *at;         /* a moment (moment.h); NULL: the end */
    enum usage_value value; /* of profiles */
};

/* Each returns an exit code; what is wrong was said. */
int export_cclog(const struct export_request *r);
int export_profile(const struct export_request *r,
                   const struct profile_format *format);

struct csv_table;
int export_csv(const struct export_request *r, const struct csv_table *table);

/* How many images were asked for. */
uint32_t export_count(const struct trace_files *files,
                      const struct export_request *r);
/* The only one, for a format that tells of one; NULL with e filled (RC_USAGE):
   there are none or several. */
const struct image *export_pick(const struct trace_files *files,
                                const struct export_request *r, struct err *e);

#endif
