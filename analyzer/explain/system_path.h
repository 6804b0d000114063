/* SPDX-License-Identifier: MIT */
/*
 * system_path.h - is a file the system's, or the user's own?
 *
 * What stands in /bin, /sbin, /lib..., /usr/bin, /usr/sbin, /usr/lib... came
 * with the system: nobody who reads a report built it, or can mend it.
 */
#ifndef ANALYZER_EXPLAIN_SYSTEM_PATH_H
#define ANALYZER_EXPLAIN_SYSTEM_PATH_H

#include <stdbool.h>

bool path_is_system(const char *path);

#endif
