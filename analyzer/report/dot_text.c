/* SPDX-License-Identifier: MIT */
#include "report/dot_text.h"

#include "report/utf8.h"

#include <ctype.h>
#include <inttypes.h>

/* Does what follows an ampersand make it one, known or not? */
static bool is_entity(const char *s)
{
    s += *s == '#';
    const char *name = s;
    while (isascii((unsigned char)*s) && isalnum((unsigned char)*s))
        s++;
    return s > name && *s == ';';
}

/* Two that are characters, and yet not in XML. */
static bool is_hidden(uint32_t c)
{
    return utf8_is_control(c) || c == 0xfffe || c == 0xffff;
}

static void put_character(FILE *to, uint32_t c)
{
    char bytes[4] = {0};
    const unsigned n = utf8_put(bytes, c);
    fwrite(bytes, 1, n, to);
}

void dot_text(FILE *to, const char *text)
{
    while (*text) {
        const uint32_t c = utf8_next(&text);
        if (c == '&')
            fputs(is_entity(text) ? "\\\\x26" : "&amp;", to);
        else if (c == '"' || c == '\\')
            fprintf(to, "\\%c", (int)c);
        else if (is_hidden(c))
            fprintf(to, c < 0x100 ? "\\\\x%02" PRIx32 : "\\\\u%04" PRIx32, c);
        else
            put_character(to, c);
    }
}

void dot_line(FILE *to, const char *text)
{
    dot_text(to, text);
    fputs("\\n", to);
}

void dot_left_line(FILE *to, const char *text)
{
    dot_text(to, text);
    fputs("\\l", to);
}
