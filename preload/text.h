/* SPDX-License-Identifier: MIT */
/*
 * text.h - strings where libc's functions would lock, allocate or set errno
 *
 * A struct text is a buffer that fills up from the left, always ends in a zero
 * byte, and remembers that something did not fit.
 */
#ifndef PRELOAD_TEXT_H
#define PRELOAD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *at;
    size_t room; /* > 0; bytes, with the zero byte */
    size_t len;
    bool cut;
};

struct text text_in(char *at, size_t room);
void text_add(struct text *t, const char *s);
void text_add_number(struct text *t, uint64_t n);

/* Adds `path`, after the working directory if it is relative. */
void text_add_absolute(struct text *t, const char *path);

/* The number that s begins with; UINT64_MAX where it is too large. */
uint64_t text_number(const char *s);

/* The rest of s after `prefix`; NULL: s does not begin with it. */
const char *text_after(const char *s, const char *prefix);

/* Shell's *, ? and nothing else; a * matches slashes too. */
bool text_matches(const char *s, const char *glob);

#endif
