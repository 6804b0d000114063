/* SPDX-License-Identifier: MIT */
#include "report/utf8.h"

/* How many bytes follow a first byte; -1: it is none. */
static int followers(unsigned char first)
{
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    if (first >= 0xf0 && first <= 0xf4)
        return 3;
    return -1;
}

static bool is_character(uint32_t c, int n)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    return c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

uint32_t utf8_next(const char **at)
{
    const unsigned char *s = (const unsigned char *)(*at)++;
    const int n = followers(*s);
    if (n < 0)
        return UTF8_BAD;
    uint32_t c = n == 0 ? *s : *s & (0x3fu >> n);
    for (int i = 1; i <= n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return UTF8_BAD;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (!is_character(c, n))
        return UTF8_BAD;
    *at += n;
    return c;
}

unsigned utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    const unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (unsigned i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)((0xf00u >> n & 0xf0) | c);
    return n;
}

bool utf8_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || c == 0x61c;
}
