/* SPDX-License-Identifier: MIT */
#include "launch/recording_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pattern, what was read of it, and what came of that. */
struct expansion {
    const char *pattern, *at;
    char *name;
    size_t len;
    struct err *e;
};

static bool wrong(const struct expansion *x, int len, const char *what)
{
    err_set(x->e, "-o '%.200s': '%.*s' at character %td: %s", x->pattern, len,
            x->at, x->at - x->pattern + 1, what);
    x->e->code = RC_USAGE;
    return false;
}

static bool add(struct expansion *x, const char *text, size_t len)
{
    if (len >= PATH_MAX - x->len)
        return wrong(x, 0, "the name is longer than a path may be");
    memcpy(x->name + x->len, text, len);
    x->len += len;
    x->name[x->len] = '\0';
    return true;
}

static bool add_pid(struct expansion *x)
{
    char number[16];
    const int n = snprintf(number, sizeof number, "%ld", (long)getpid());
    return add(x, number, (size_t)n);
}

/* At "%q". */
static bool add_variable(struct expansion *x)
{
    char variable[128];
    const size_t len = strcspn(x->at, "}");
    if (x->at[2] != '{' || x->at[len] != '}' || len == 3)
        return wrong(x, len < 64 ? (int)len + 1 : 64,
                     "an environment variable is written %q{NAME}");
    if (len - 3 >= sizeof variable)
        return wrong(x, 64, "no variable has so long a name");
    memcpy(variable, x->at + 3, len - 3);
    variable[len - 3] = '\0';
    const char *value = getenv(variable);
    if (!value)
        return wrong(x, (int)len + 1, "that variable is not set");
    if (!add(x, value, strlen(value)))
        return false;
    x->at += len + 1;
    return true;
}

static bool add_percent(struct expansion *x)
{
    if (x->at[1] == 'q')
        return add_variable(x);
    if (x->at[1] != 'p' && x->at[1] != '%')
        return wrong(x, x->at[1] ? 2 : 1,
                     "only %p, %q{NAME} and %% may stand there");
    if (!(x->at[1] == 'p' ? add_pid(x) : add(x, "%", 1)))
        return false;
    x->at += 2;
    return true;
}

int recording_name(const char *pattern, char name[PATH_MAX], struct err *e)
{
    struct expansion x = {
        .pattern = pattern, .at = pattern, .name = name, .e = e};
    name[0] = '\0';
    while (*x.at) {
        const size_t plain = strcspn(x.at, "%");
        if (!add(&x, x.at, plain))
            return -1;
        x.at += plain;
        if (*x.at && !add_percent(&x))
            return -1;
    }
    return 0;
}
