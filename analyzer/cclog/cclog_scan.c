/* SPDX-License-Identifier: MIT */
#include "cclog/cclog_scan.h"

#include "trace/trace_writer.h"

#include <string.h>

char *scan_word(char *at, const char *word)
{
    const size_t n = strlen(word);
    return strncmp(at, word, n) == 0 ? at + n : NULL;
}

static unsigned digit_of(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *is = c ? strchr(digits, c) : NULL;
    if (!is)
        return 16;
    const unsigned value = (unsigned)(is - digits);
    return value < 16 ? value : value - 6;
}

/* The place behind a hexadecimal number; NULL: there is none, or it is too
   large. */
static char *scan_hex(char *at, uint64_t *v)
{
    char *x = scan_word(at, "0x");
    at = x ? x : at;
    const char *first = at;
    *v = 0;
    for (; digit_of(*at) < 16; at++) {
        *v = *v << 4 | digit_of(*at);
        if (*v >= TRACE_WRITER_ADDRESSES)
            return NULL;
    }
    return at == first ? NULL : at;
}

char *scan_address(char *at, uint64_t *addr)
{
    at = scan_hex(at, addr);
    return at && *addr != 0 ? at : NULL;
}

char *scan_weak_address(char *at, uint64_t *addr)
{
    char *nil = scan_word(at, "(nil)");
    if (!nil)
        return scan_hex(at, addr);
    *addr = 0;
    return nil;
}

char *scan_count(char *at, int64_t *count)
{
    const bool below = *at == '-';
    at += below;
    const char *first = at;
    int64_t v = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, *at - '0', &v))
            return NULL;
    if (at == first || (!below && v == INT64_MIN))
        return NULL;
    *count = below ? v : -v;
    return at;
}

char *scan_bracket(char *at)
{
    at = at ? scan_word(at, "]") : NULL;
    if (!at || (*at != ' ' && *at != '\0'))
        return NULL;
    return at + (*at == ' ');
}
