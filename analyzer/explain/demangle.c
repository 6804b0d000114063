/* SPDX-License-Identifier: MIT */
#include "explain/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { STYLE = DMGL_PARAMS | DMGL_ANSI };

struct sink {
    struct demangled *to;
    jmp_buf full;
};

/* The demangler has no way to stop, and a bomb never would: leaving through
   longjmp is safe, as its callback form keeps its state on the stack. */
static void take(const char *text, size_t len, void *opaque)
{
    struct sink *s = opaque;
    const size_t room = sizeof s->to->text - 1 - s->to->len;
    const size_t n = len < room ? len : room;
    memcpy(s->to->text + s->to->len, text, n);
    s->to->len += (unsigned)n;
    s->to->text[s->to->len] = 0;
    if (n < len)
        longjmp(s->full, 1);
}

typedef int demangler(const char *, int, demangle_callbackref, void *);

static bool try_with(demangler *with, struct demangled *d, const char *name)
{
    struct sink s = {.to = d};
    d->len = 0;
    if (setjmp(s.full) != 0)
        return true;
    return with(name, STYLE, take, &s) != 0 && d->len > 0;
}

static bool try_d(struct demangled *d, const char *name)
{
    char *text = dlang_demangle(name, STYLE);
    if (!text)
        return false;
    const size_t len = strnlen(text, sizeof d->text - 1);
    memcpy(d->text, text, len);
    d->text[len] = 0;
    d->len = (unsigned)len;
    free(text);
    return len > 0;
}

bool demangle(struct demangled *d, const char *name)
{
    if (strnlen(name, DEMANGLE_MAX_IN + 1) > DEMANGLE_MAX_IN)
        return false;
    if (strncmp(name, "_D", 2) == 0)
        return try_d(d, name);
    if (strncmp(name, "_R", 2) == 0)
        return try_with(rust_demangle_callback, d, name);
    if (strncmp(name, "_Z", 2) != 0)
        return false;
    /* Rust's older names look like C++'s: the stricter reader goes first. */
    return try_with(rust_demangle_callback, d, name) ||
           try_with(cplus_demangle_v3_callback, d, name);
}

unsigned demangle_base_len(const char *name)
{
    static const char *const copies[] = {".cold",   ".part.",     ".constprop.",
                                         ".isra.",  ".lto_priv.", ".localalias",
                                         ".clone.", ".llvm."};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++) {
        const char *at = strstr(name, copies[i]);
        if (at && at > name && (size_t)(at - name) < len)
            len = (size_t)(at - name);
    }
    return (unsigned)len;
}
