/* SPDX-License-Identifier: MIT */
/*
 * Which known word was meant: the least number of letters to insert, delete,
 * replace or swap (optimal string alignment), no more than a third of the word.
 */
#include "commands/cmd.h"

#include <string.h>

enum { LONGEST = 31 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int distance(const char *a, const char *b)
{
    int d[LONGEST + 1][LONGEST + 1];
    const int na = (int)strlen(a), nb = (int)strlen(b);
    for (int i = 0; i <= na; i++)
        d[i][0] = i;
    for (int j = 0; j <= nb; j++)
        d[0][j] = j;
    for (int i = 1; i <= na; i++)
        for (int j = 1; j <= nb; j++) {
            const int replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(replace, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[na][nb];
}

const char *cmd_nearest(const char *word, const char *const *names, int n)
{
    const size_t len = strlen(word);
    const char *found = NULL;
    if (len == 0 || len > LONGEST)
        return NULL;
    int best = len < 3 ? 1 : (int)(len / 3) + 1;
    for (int i = 0; i < n; i++) {
        if (strlen(names[i]) > LONGEST)
            continue;
        const int d = distance(word, names[i]);
        if (d > best || (d == best && found))
            continue;
        best = d;
        found = names[i];
    }
    return found;
}
