/* SPDX-License-Identifier: MIT */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    e->code = RC_TRACE;
    return -1;
}

/* One line, whatever the names in it are: bytes that move the cursor are
   spelled out. */
static void put_line(const char *before, const char *text)
{
    enum { SPELLED = 4 };
    char line[SPELLED * sizeof(((struct err *)0)->text) + 1];
    char *to = line;
    for (const char *c = text; *c; c++) {
        const unsigned byte = (unsigned char)*c;
        if (byte < ' ' || byte == 0x7f)
            to += snprintf(to, SPELLED + 1, "\\x%02x", byte);
        else
            *to++ = *c;
    }
    *to = '\0';
    fprintf(stderr, "%s%s\n", before, line);
}

int err_say(const struct err *e)
{
    put_line("ouro: ", e->text);
    return e->code;
}

void err_note(const char *fmt, ...)
{
    struct err e;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e.text, sizeof e.text, fmt, ap);
    va_end(ap);
    put_line("ouro: note: ", e.text);
}
