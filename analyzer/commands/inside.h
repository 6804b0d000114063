/* SPDX-License-Identifier: MIT */
/*
 * inside.h - would a file be written into a directory?
 */
#ifndef ANALYZER_COMMANDS_INSIDE_H
#define ANALYZER_COMMANDS_INSIDE_H

#include <stdbool.h>

/* Does `path`, which need not be there, lie in the directory or in one below
   it, whatever the names and links by which both are named? */
bool inside(const char *directory, const char *path);

#endif
