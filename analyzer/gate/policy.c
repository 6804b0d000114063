/* SPDX-License-Identifier: MIT */
#include "gate/policy.h"

#include "report/finding_words.h"

#include <string.h>

static bool is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

bool policy_kind(const char *text, size_t len, enum finding_kind *kind)
{
    for (int k = 0; k < POLICY_KINDS; k++) {
        *kind = (enum finding_kind)k;
        if (is_word(text, len, finding_kind_word(*kind)))
            return true;
    }
    return false;
}

bool policy_reach(const char *text, size_t len, enum reach *reach)
{
    for (int r = 0; r < POLICY_REACHES; r++) {
        *reach = (enum reach)r;
        if (is_word(text, len, finding_reach_word(*reach)))
            return true;
    }
    return false;
}

const char *policy_kind_words(void)
{
    return "cycle, unbalanced, over-release, ghost-edge, leak or misuse";
}

const char *policy_reach_words(void)
{
    return "definite, possible, reachable or unknown";
}

static void add_kind(struct policy *p, enum finding_kind kind)
{
    for (int r = 0; r < POLICY_REACHES; r++)
        p->fails[kind][r] |= r != REACH_REACHABLE;
}

static int refuse(struct err *e, const char *option, const char *word,
                  size_t len, const char *expected)
{
    err_set(e, "%s: '%.*s': expected %s", option, (int)len, word, expected);
    e->code = RC_USAGE;
    return -1;
}

static int add_word(struct policy *p, const char *word, size_t len,
                    const char *option, struct err *e)
{
    enum finding_kind kind;
    enum reach reach;
    const char *colon = memchr(word, ':', len);
    const size_t kind_len = colon ? (size_t)(colon - word) : len;
    if (is_word(word, len, "default"))
        return policy_read(p, POLICY_DEFAULT, option, e);
    if (is_word(word, len, "all")) {
        for (int k = 0; k < POLICY_KINDS; k++)
            add_kind(p, (enum finding_kind)k);
        return 0;
    }
    if (!policy_kind(word, kind_len, &kind))
        return refuse(e, option, word, len,
                      "default, all, cycle, unbalanced, over-release, "
                      "ghost-edge, leak or misuse");
    if (!colon) {
        add_kind(p, kind);
        return 0;
    }
    if (!policy_reach(colon + 1, len - kind_len - 1, &reach))
        return refuse(e, option, word, len,
                      "definite, possible, reachable or unknown behind ':'");
    p->fails[kind][reach] = true;
    return 0;
}

int policy_read(struct policy *p, const char *kinds, const char *option,
                struct err *e)
{
    for (const char *word = kinds;; word++) {
        const size_t len = strcspn(word, ",");
        if (add_word(p, word, len, option, e) != 0)
            return -1;
        word += len;
        if (!*word)
            return 0;
    }
}
