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

int err_say(const struct err *e)
{
    fprintf(stderr, "ouro: %s\n", e->text);
    return e->code;
}

void err_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ouro: note: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}
