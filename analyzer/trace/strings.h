/* SPDX-License-Identifier: MIT */
/*
 * strings.h - texts as numbers: equal texts, equal number; 0 is "none"
 *
 * Texts hold no zero byte (the first one ends them) and may be any bytes:
 * whoever prints one escapes it.
 */
#ifndef ANALYZER_TRACE_STRINGS_H
#define ANALYZER_TRACE_STRINGS_H

#include <stddef.h>
#include <stdint.h>

struct strings {
    uint32_t n;        /* ids are 1 .. n-1; 0 is none */
    const char **text; /* text[0] is "" */
    struct strings_index *index;
};

void strings_init(struct strings *s);
void strings_release(struct strings *s);
uint32_t strings_id(struct strings *s, const char *bytes, size_t len);

#endif
