/* SPDX-License-Identifier: MIT */
/*
 * place_name.h - what a place in the code is called where it has no other name
 */
#ifndef ANALYZER_REPORT_PLACE_NAME_H
#define ANALYZER_REPORT_PLACE_NAME_H

#include "explain/symbols.h"

#include <stddef.h>

enum { PLACE_NAME = 256 };

/* The last part of a path; all of it where that is nothing. */
const char *path_base(const char *path);

/* "libz.so.1+0x2a0"; the address alone where there is no file; or "". */
void place_in_module(char to[PLACE_NAME], const struct place *p);

/* Its function; or what place_in_module says, written to `room`; or "?". */
const char *place_name(const struct place *p, char room[PLACE_NAME]);

#endif
