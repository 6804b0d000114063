/* SPDX-License-Identifier: MIT */
#include "report/xml_out.h"

#include "report/utf8.h"

#include <inttypes.h>

static void put_character(FILE *to, uint32_t c)
{
    char bytes[4];
    const bool forbidden = c == 0xfffe || c == 0xffff;
    const unsigned n = utf8_put(bytes, forbidden ? UTF8_BAD : c);
    fwrite(bytes, 1, n, to);
}

static void put(FILE *to, const char *text, bool lines)
{
    while (*text) {
        const uint32_t c = utf8_next(&text);
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
            fprintf(to, "&#%" PRIu32 ";", c);
        else if ((c == '\n' && lines) || !utf8_is_control(c))
            put_character(to, c);
        else
            fprintf(to, c < 0x100 ? "\\x%02" PRIx32 : "\\u%04" PRIx32, c);
    }
}

void xml_put(FILE *to, const char *text)
{
    put(to, text, true);
}

void xml_attribute(FILE *to, const char *name, const char *value)
{
    fprintf(to, " %s=\"", name);
    put(to, value, false);
    fputc('"', to);
}
