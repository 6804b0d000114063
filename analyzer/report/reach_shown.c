/* SPDX-License-Identifier: MIT */
#include "report/reach_shown.h"

#include "report/finding_words.h"

#include <string.h>

/* The set that a word of `len` bytes means; 0: it is none. */
static unsigned word_means(const char *word, size_t len)
{
    static const char all[] = "all";
    if (len == sizeof all - 1 && memcmp(word, all, len) == 0)
        return REACH_SHOWN_ALL;
    for (enum reach r = REACH_DEFINITE; r <= REACH_UNKNOWN; r++) {
        const char *name = finding_reach_word(r);
        if (strlen(name) == len && memcmp(word, name, len) == 0)
            return 1u << r;
    }
    return 0;
}

bool reach_shown_parse(const char *words, unsigned *set)
{
    *set = 0;
    for (const char *at = words;; at++) {
        const size_t len = strcspn(at, ",");
        const unsigned means = word_means(at, len);
        if (means == 0)
            return false;
        *set |= means;
        at += len;
        if (!*at)
            return true;
    }
}

static void count(struct reach_hidden *h, enum reach reach, uint64_t instances,
                  uint64_t blocks, uint64_t bytes)
{
    h->of[reach].instances += instances;
    h->of[reach].blocks += blocks;
    h->of[reach].bytes += bytes;
}

static void count_elsewhere(struct reach_hidden *h, const struct finding *f,
                            unsigned set)
{
    for (uint32_t i = 0; i < f->n_elsewhere; i++) {
        const struct finding_elsewhere *e = &f->elsewhere[i];
        if (!(set & 1u << e->reach))
            count(h, e->reach, e->instances, e->blocks, e->bytes);
    }
}

static bool is_shown(const struct finding *f, unsigned set)
{
    return (f->kind != FINDING_LEAK && f->kind != FINDING_UNBALANCED) ||
           (set & 1u << f->reach);
}

struct reach_hidden reach_hide(struct findings *f, unsigned set)
{
    struct reach_hidden h = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        const struct finding *it = &f->at[i];
        count_elsewhere(&h, it, set);
        if (is_shown(it, set))
            f->at[n++] = *it;
        else
            count(&h, it->reach, it->instances, it->blocks, it->bytes);
    }
    f->n = n;
    return h;
}
