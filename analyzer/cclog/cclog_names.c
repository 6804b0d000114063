/* SPDX-License-Identifier: MIT */
#include "cclog/cclog_names.h"

void cclog_put_name(const char *name, FILE *out)
{
    for (const char *c = name; *c; c++) {
        const unsigned byte = (unsigned char)*c;
        if (byte < ' ' || byte == 0x7f || byte == '\\')
            fprintf(out, "\\x%02x", byte);
        else
            fputc((int)byte, out);
    }
}

/* 16: it is none. */
static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    return 16;
}

size_t cclog_unescape(char *text, size_t len)
{
    size_t to = 0;
    for (size_t at = 0; at < len; at++) {
        char c = text[at];
        if (c == '\\' && len - at > 3 && text[at + 1] == 'x') {
            const unsigned high = digit_of(text[at + 2]);
            const unsigned low = digit_of(text[at + 3]);
            if (high < 16 && low < 16 && high + low > 0) {
                c = (char)(high << 4 | low);
                at += 3;
            }
        }
        text[to++] = c;
    }
    return to;
}
