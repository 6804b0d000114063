/* SPDX-License-Identifier: MIT */
/*
 * cclog_scan.h - the pieces of a log's line
 *
 * Each takes a place in a line that ends in a zero byte and returns the place
 * behind what it read, or NULL where there is something else. Addresses are
 * below TRACE_WRITER_ADDRESSES.
 */
#ifndef ANALYZER_CCLOG_CCLOG_SCAN_H
#define ANALYZER_CCLOG_CCLOG_SCAN_H

#include <stdint.h>

char *scan_word(char *at, const char *word);
/* Hexadecimal, with or without 0x, and not 0. */
char *scan_address(char *at, uint64_t *addr);
/* "(nil)" and 0 too. */
char *scan_weak_address(char *at, uint64_t *addr);
/* Decimal, and perhaps below zero. */
char *scan_count(char *at, int64_t *count);
/* "]", or "] " and a name, which is where the place is then. NULL for NULL. */
char *scan_bracket(char *at);

#endif
