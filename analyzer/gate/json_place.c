/* SPDX-License-Identifier: MIT */
#include "gate/json_place.h"

#include <stdbool.h>
#include <string.h>

struct scan {
    const char *at, *end;
    uint32_t line;
};

static bool is_any(char c, const char *of)
{
    return c && strchr(of, c);
}

static void skip(struct scan *s, const char *any)
{
    for (; s->at < s->end && is_any(*s->at, any); s->at++)
        s->line += *s->at == '\n';
}

static void skip_string(struct scan *s)
{
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
        s->at += *s->at == '\\' && s->at + 1 < s->end;
    s->at += s->at < s->end;
}

/* Up to what stands behind it, however deep it goes. */
static void skip_value(struct scan *s)
{
    size_t depth = 0;
    for (;;) {
        skip(s, " \t\r\n,:");
        if (s->at == s->end)
            return;
        if (is_any(*s->at, "[{")) {
            depth++;
            s->at++;
        } else if (is_any(*s->at, "]}")) {
            depth -= depth > 0;
            s->at++;
        } else if (*s->at == '"') {
            skip_string(s);
        } else {
            while (s->at < s->end && !is_any(*s->at, " \t\r\n,:]}\""))
                s->at++;
        }
        skip(s, " \t\r\n");
        if (depth == 0)
            return;
    }
}

static bool key_is(const struct scan *s, const char *key)
{
    const size_t len = strlen(key);
    return (size_t)(s->end - s->at) > len + 1 &&
           memcmp(s->at + 1, key, len) == 0 && s->at[len + 1] == '"';
}

/* Behind the opening bracket; true: at the value, `line` is where it (or its
   key) begins. */
static bool step(struct scan *s, const struct json_step *to, uint32_t *line)
{
    for (size_t i = 0;; i++) {
        skip(s, " \t\r\n,");
        if (s->at == s->end || is_any(*s->at, "]}"))
            return false;
        const uint32_t here = s->line;
        const bool found = to->key ? key_is(s, to->key) : i == to->index;
        if (to->key) {
            skip_string(s);
            skip(s, " \t\r\n:");
        }
        if (found) {
            *line = here;
            return true;
        }
        skip_value(s);
    }
}

uint32_t json_place(const char *text, size_t len, const struct json_step *path,
                    uint32_t n)
{
    struct scan s = {text, text + len, 1};
    skip(&s, " \t\r\n");
    uint32_t line = s.line;
    for (uint32_t i = 0; i < n; i++) {
        skip(&s, " \t\r\n");
        if (s.at == s.end || *s.at != (path[i].key ? '{' : '['))
            return line;
        s.at++;
        if (!step(&s, &path[i], &line))
            return line;
    }
    return line;
}
