/* SPDX-License-Identifier: MIT */
/*
 * utf8.h - reads text that may be any bytes
 */
#ifndef ANALYZER_REPORT_UTF8_H
#define ANALYZER_REPORT_UTF8_H

#include <stdbool.h>
#include <stdint.h>

enum { UTF8_BAD = 0xfffd };

/* The character at **at (not its end), which moves on behind it. A byte that
   begins no well-formed character is UTF8_BAD by itself. */
uint32_t utf8_next(const char **at);

/* Writes c and no zero byte; returns how many bytes, at most 4. */
unsigned utf8_put(char *to, uint32_t c);

/* Moves the cursor, hides or reorders text: never shown as it is. */
bool utf8_is_control(uint32_t c);

#endif
