/* SPDX-License-Identifier: MIT */
#include "suppress/glob.h"

#include <stddef.h>
#include <string.h>

/* Of a pattern with `len` characters; where `open`, more text may follow. */
struct glob {
    const char *pattern;
    size_t len;
    bool question, open;
};

static bool fits(const struct glob *g, size_t at, char c)
{
    return g->pattern[at] == c || (g->question && g->pattern[at] == '?');
}

/* After a mismatch only the last star can take more. */
static bool matches(const struct glob *g, const char *text)
{
    size_t at = 0, behind_star = 0;
    const char *again = NULL;
    for (;;) {
        if (at < g->len && g->pattern[at] == '*') {
            behind_star = ++at;
            again = text;
        } else if (at == g->len && (!*text || g->open)) {
            return true;
        } else if (at < g->len && *text && fits(g, at, *text)) {
            at++;
            text++;
        } else if (again && *again) {
            text = ++again;
            at = behind_star;
        } else {
            return false;
        }
    }
}

bool glob_matches(const char *pattern, const char *text)
{
    const struct glob g = {pattern, strlen(pattern), true, false};
    return matches(&g, text);
}

bool glob_matches_piece(const char *pattern, const char *text)
{
    const bool at_start = *pattern == '^';
    if (at_start)
        pattern++;
    struct glob g = {pattern, strcspn(pattern, "$"), false, false};
    g.open = pattern[g.len] != '$';
    if (!*text || (g.len == 0 && !g.open))
        return false;
    if (at_start)
        return matches(&g, text);
    for (; *text; text++)
        if (matches(&g, text))
            return true;
    return false;
}

bool glob_has_wildcard(const char *pattern)
{
    return pattern[strcspn(pattern, "*?")] != 0;
}
