/* SPDX-License-Identifier: MIT */
#include "text.h"

#include "raw.h"

#include <string.h>

struct text text_in(char *at, size_t room)
{
    at[0] = '\0';
    return (struct text){.at = at, .room = room};
}

void text_add(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (t->len + 1 >= t->room) {
            t->cut = true;
            break;
        }
        t->at[t->len++] = *s;
    }
    t->at[t->len] = '\0';
}

void text_add_number(struct text *t, uint64_t n)
{
    char digits[24];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do
        *--at = (char)('0' + n % 10);
    while (n /= 10);
    text_add(t, at);
}

void text_add_absolute(struct text *t, const char *path)
{
    if (path[0] != '/') {
        const long n = RAW_CALL2(SYS_getcwd, t->at + t->len, t->room - t->len);
        if (n <= 1 || t->at[t->len] != '/') {
            t->cut = true;
            return;
        }
        t->len += (size_t)n - 1;
        text_add(t, "/");
    }
    text_add(t, path);
}

uint64_t text_number(const char *s)
{
    uint64_t n = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
            return UINT64_MAX;
    return n;
}

const char *text_after(const char *s, const char *prefix)
{
    const size_t n = strlen(prefix);
    return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

bool text_matches(const char *s, const char *glob)
{
    const char *star = NULL; /* the last one, and what it stands for so far */
    const char *under = s;
    while (*s) {
        if (*glob == '*') {
            star = glob++;
            under = s;
        } else if (*glob == '?' || *glob == *s) {
            glob++;
            s++;
        } else if (star) {
            glob = star + 1;
            s = ++under;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return !*glob;
}
