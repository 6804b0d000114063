/* SPDX-License-Identifier: MIT */
/* reader.c - text becomes values */
#include "lisp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void skip_space(const char **at)
{
    while (isspace((unsigned char)**at) || **at == ';') {
        if (**at == ';')
            *at += strcspn(*at, "\n");
        else
            ++*at;
    }
}

static struct object *read_needed(const char **at)
{
    struct object *v = NULL;
    if (!read_value(at, &v))
        fail("the text ends inside a list", NULL);
    return v;
}

static struct object *read_list(const char **at)
{
    struct object *first = NULL, *last = NULL;
    for (;;) {
        skip_space(at);
        if (**at == ')')
            break;
        struct object *pair = make_pair(read_needed(at), NULL);
        if (last)
            set_field(last, "cdr", &last->as.pair.cdr, pair);
        else
            first = retain(pair);
        last = pair;
        release(pair); /* its predecessor holds it */
    }
    ++*at;
    return first;
}

static struct object *read_string(const char **at)
{
    const size_t len = strcspn(*at, "\"");
    struct object *s = make_string(*at, len);
    if ((*at)[len] == '\0')
        fail("the text ends inside a string", NULL);
    *at += len + 1;
    return s;
}

static struct object *read_atom(const char **at)
{
    const char *text = *at;
    const size_t len = strcspn(text, "()'\"; \t\r\n");
    char *end = NULL;
    const long n = strtol(text, &end, 10);
    *at += len;
    if (end == *at)
        return make_number(n);
    return retain(borrow_symbol(text, len));
}

static struct object *read_quote(const char **at)
{
    struct object *quoted = make_pair(read_needed(at), NULL);
    return make_pair(retain(borrow_symbol("quote", 5)), quoted);
}

bool read_value(const char **at, struct object **v)
{
    skip_space(at);
    const char c = **at;
    if (c == '\0')
        return false;
    if (c == ')')
        fail("a list ends that did not begin", NULL);
    if (c == '(' || c == '"' || c == '\'')
        ++*at;
    *v = c == '('    ? read_list(at)
         : c == '"'  ? read_string(at)
         : c == '\'' ? read_quote(at)
                     : read_atom(at);
    return true;
}
