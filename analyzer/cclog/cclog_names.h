/* SPDX-License-Identifier: MIT */
/*
 * cclog_names.h - names of any bytes in lines of text, and back
 *
 * Control bytes and backslashes are \xNN. A backslash before anything else
 * stands for itself, and so does \x00: no name holds it.
 */
#ifndef ANALYZER_CCLOG_CCLOG_NAMES_H
#define ANALYZER_CCLOG_CCLOG_NAMES_H

#include <stddef.h>
#include <stdio.h>

void cclog_put_name(const char *name, FILE *out);

/* In place; the new length. */
size_t cclog_unescape(char *text, size_t len);

#endif
