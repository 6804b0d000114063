/* SPDX-License-Identifier: MIT */
#include "report/finding_words.h"

#include <string.h>

const char *finding_kind_word(enum finding_kind kind)
{
    switch (kind) {
    case FINDING_CYCLE:
        return "cycle";
    case FINDING_UNBALANCED:
        return "unbalanced";
    case FINDING_OVER_RELEASE:
        return "over-release";
    case FINDING_GHOST_EDGE:
        return "ghost-edge";
    case FINDING_LEAK:
        return "leak";
    case FINDING_MISUSE:
        break;
    }
    return "misuse";
}

const char *finding_reach_word(enum reach reach)
{
    switch (reach) {
    case REACH_DEFINITE:
        return "definite";
    case REACH_POSSIBLE:
        return "possible";
    case REACH_REACHABLE:
        return "reachable";
    case REACH_UNKNOWN:
        break;
    }
    return "unknown";
}

const char *finding_lost_words(enum reach reach)
{
    static const char *const words[] = {
        [REACH_DEFINITE] = "definitely lost",
        [REACH_POSSIBLE] = "possibly lost",
        [REACH_REACHABLE] = "still reachable",
        [REACH_UNKNOWN] = "not known whether lost",
    };
    return words[reach];
}

const char *finding_doer_words(const char *what)
{
    static const struct {
        const char *what, *caption;
    } doers[] = {
        {"double-free", "freed again by"},
        {"release of the dead", "released by"},
        {"negative count", "released by"},
        {"zombie", "last released by"},
        {"free of", "freed by"},
    };
    for (size_t i = 0; i < sizeof doers / sizeof doers[0]; i++)
        if (strncmp(what, doers[i].what, strlen(doers[i].what)) == 0)
            return doers[i].caption;
    return "done by";
}
