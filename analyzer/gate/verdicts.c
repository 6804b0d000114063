/* SPDX-License-Identifier: MIT */
#include "gate/verdicts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The rings of one id that are held, in all. */
struct held_total {
    const char *id, *holder;
    uint64_t rings;
    uint64_t judged; /* of those, by what is judged */
};

struct held_totals {
    uint32_t n, next;
    struct held_total *at;
};

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t product(uint64_t a, uint64_t b)
{
    return b > 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static int by_ring(const void *a, const void *b)
{
    const struct held_total *x = a;
    const struct held_total *y = b;
    const int c = strcmp(x->id, y->id);
    return c ? c : strcmp(x->holder, y->holder);
}

static void list_rings(struct held_total *to, const struct entries *e)
{
    for (uint32_t i = 0; i < e->n; i++) {
        uint32_t n;
        const struct entry_ring *r = entries_rings(e, i, &n);
        for (uint32_t k = 0; k < n; k++)
            *to++ = (struct held_total){r[k].id, r[k].holder, r[k].rings,
                                        e->at[i].judged ? r[k].rings : 0};
    }
}

static struct held_totals totals_of(const struct entries *e)
{
    struct held_totals t = {.at = must_calloc(e->n_rings, sizeof *t.at)};
    list_rings(t.at, e);
    if (e->n_rings > 0)
        qsort(t.at, e->n_rings, sizeof *t.at, by_ring);
    for (uint32_t i = 0; i < e->n_rings; i++) {
        struct held_total *last = t.n > 0 ? &t.at[t.n - 1] : NULL;
        if (!last || strcmp(last->id, t.at[i].id) != 0) {
            t.at[t.n++] = t.at[i];
            continue;
        }
        last->rings = sum(last->rings, t.at[i].rings);
        last->judged = sum(last->judged, t.at[i].judged);
    }
    return t;
}

/* Of an id not below those that were asked for before. */
static const struct held_total *held(struct held_totals *t, const char *id)
{
    static const struct held_total none;
    while (t->next < t->n && strcmp(t->at[t->next].id, id) < 0)
        t->next++;
    return t->next < t->n && strcmp(t->at[t->next].id, id) == 0
               ? &t->at[t->next]
               : &none;
}

static uint64_t allow(struct tolerance t, uint64_t n, uint64_t step)
{
    if (!t.percent)
        return sum(n, product(step, t.n));
    return sum(n, sum(product(n / 100, t.n), product(n % 100, t.n) / 100));
}

/* What one instance has, rounded up. */
static uint64_t usual_bytes(const struct entry *k)
{
    return k->instances == 0
               ? 0
               : k->bytes / k->instances + (k->bytes % k->instances != 0);
}

static void judge_found(struct gated *j, uint64_t held_before,
                        uint64_t held_now, struct tolerance t)
{
    const uint64_t own = j->before ? j->before->instances : 0;
    j->allowed_instances = allow(t, sum(own, held_before), 1);
    j->allowed_bytes = held_before == 0 && j->before
                           ? allow(t, j->before->bytes, usual_bytes(j->before))
                           : UINT64_MAX;
    if (!j->before && held_before == 0)
        j->is = j->now->judged ? STANDS_NEW : STANDS_APART;
    else if (j->now->judged &&
             (sum(j->now->instances, held_now) > j->allowed_instances ||
              j->now->bytes > j->allowed_bytes))
        j->is = STANDS_GROWN;
    else
        j->is = STANDS_KNOWN;
}

static enum standing judge_missing(const struct entry *before,
                                   uint64_t held_now, const struct terms *terms)
{
    if (held_now > 0)
        return STANDS_KNOWN;
    if (!policy_covers(terms->policy, before->kind, before->reach) ||
        suppressions_took(terms->suppressions, before->id))
        return STANDS_APART;
    return terms->complete ? STANDS_FIXED : STANDS_UNSEEN;
}

static uint64_t bytes_of(const struct gated *j)
{
    return j->now ? j->now->bytes : j->before->bytes;
}

static const char *id_of(const struct gated *j)
{
    return j->now ? j->now->id : j->before->id;
}

static int by_verdict(const void *a, const void *b)
{
    const struct gated *x = a;
    const struct gated *y = b;
    if (x->is != y->is)
        return x->is < y->is ? -1 : 1;
    if (bytes_of(x) != bytes_of(y))
        return bytes_of(x) > bytes_of(y) ? -1 : 1;
    return strcmp(id_of(x), id_of(y));
}

/* Which of the two comes next, or both, if they have one id. */
static struct gated next_of(const struct entries *before, uint32_t *b,
                            const struct entries *now, uint32_t *n)
{
    const struct entry *x = *b < before->n ? &before->at[*b] : NULL;
    const struct entry *y = *n < now->n ? &now->at[*n] : NULL;
    const int c = !x ? 1 : !y ? -1 : strcmp(x->id, y->id);
    *b += c <= 0;
    *n += c >= 0;
    return (struct gated){.before = c <= 0 ? x : NULL,
                          .now = c >= 0 ? y : NULL,
                          .allowed_bytes = UINT64_MAX};
}

void verdicts_find(struct verdicts *j, struct arena *a,
                   const struct entries *before, const struct entries *now,
                   const struct terms *terms)
{
    struct held_totals then = totals_of(before), held_now = totals_of(now);
    *j = (struct verdicts){
        .at = ARENA_ARRAY(a, (size_t)before->n + now->n, struct gated)};
    for (uint32_t b = 0, n = 0; b < before->n || n < now->n;) {
        struct gated k = next_of(before, &b, now, &n);
        const struct held_total *was = held(&then, id_of(&k));
        const struct held_total *is = held(&held_now, id_of(&k));
        k.held_by = was->holder;
        if (k.now)
            judge_found(&k, was->rings, is->judged, terms->tolerance);
        else if (k.before)
            k.is = judge_missing(k.before, is->rings, terms);
        j->at[j->n++] = k;
        j->count[k.is]++;
    }
    if (j->n > 0)
        qsort(j->at, j->n, sizeof *j->at, by_verdict);
    free(then.at);
    free(held_now.at);
}

const char *standing_word(enum standing is)
{
    switch (is) {
    case STANDS_NEW:
        return "new";
    case STANDS_GROWN:
        return "grown";
    case STANDS_KNOWN:
        return "known";
    case STANDS_FIXED:
        return "fixed";
    case STANDS_UNSEEN:
        return "unseen";
    case STANDS_APART:
        break;
    }
    return "apart";
}

bool tolerance_read(struct tolerance *t, const char *text)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    t->n = strtoull(text, &end, 10);
    t->percent = strcmp(end, "%") == 0;
    return !errno && (t->percent || !*end);
}
