/* SPDX-License-Identifier: MIT */
/*
 * glob.h - patterns for names, as suppressions have them
 *
 * There is no way to write a '*' that is only itself. The time is bounded by
 * the product of the two lengths.
 */
#ifndef ANALYZER_SUPPRESS_GLOB_H
#define ANALYZER_SUPPRESS_GLOB_H

#include <stdbool.h>

/* The whole text: '*' is any characters or none, '?' any one. */
bool glob_matches(const char *pattern, const char *text);

/*
 * A piece of the text, as LeakSanitizer's manual says: '*' is any characters
 * or none, a '^' in front the beginning of the text, a '$' its end (what comes
 * after that says nothing). No pattern matches an empty text.
 */
bool glob_matches_piece(const char *pattern, const char *text);

bool glob_has_wildcard(const char *pattern);

#endif
