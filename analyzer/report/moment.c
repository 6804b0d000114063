/* SPDX-License-Identifier: MIT */
#include "report/moment.h"

#include "trace/snapshot.h"

#include <stdlib.h>
#include <string.h>

struct search {
    const struct trace *t;
    const char *name;
    size_t len;
    unsigned long nth; /* of that name is meant */
    bool found, is_snapshot;
    uint64_t stamp;
    uint64_t next; /* of the snapshot behind it */
};

static int visit(void *to, const struct event *e)
{
    struct search *s = to;
    if (e->kind != OURO_REC_CHECKPOINT && e->kind != OURO_REC_SNAPSHOT)
        return 0;
    if (s->found && e->kind == OURO_REC_SNAPSHOT)
        s->next = e->stamp;
    if (s->found)
        return e->kind == OURO_REC_SNAPSHOT;
    const char *name = s->t->strings.text[e->text];
    if (strlen(name) != s->len || memcmp(name, s->name, s->len) != 0 ||
        --s->nth > 0)
        return 0;
    s->stamp = e->stamp;
    s->found = true;
    s->is_snapshot = e->kind == OURO_REC_SNAPSHOT;
    return !s->is_snapshot;
}

/* Memory is seen a little later than it is said, when all threads stand. */
static int find_seen(struct search *s, struct trace *t, struct err *e)
{
    struct snapshots all;
    if (snapshots_read(&all, t, e) != 0)
        return -1;
    for (uint32_t i = 0; i < all.n; i++) {
        const struct snapshot *k = &all.at[i];
        if (k->whole && !snapshot_is_last(k) && k->stamp >= s->stamp &&
            k->stamp < s->next) {
            s->stamp = k->stamp;
            break;
        }
    }
    snapshots_release(&all);
    return 0;
}

/* The last stamp that is not later. */
static uint64_t stamp_at(const struct trace *t, double seconds)
{
    uint64_t low = t->header.start_stamp;
    uint64_t high = UINT64_MAX;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2 + 1;
        if (trace_seconds(t, middle) <= seconds)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* The nth mark of that name. */
static enum moment find_mark(struct trace *t, const char *name, size_t len,
                             unsigned long nth, uint64_t *stamp, struct err *e)
{
    struct search s = {
        .t = t, .name = name, .len = len, .nth = nth, .next = UINT64_MAX};
    if (trace_walk(t, visit, &s, e) < 0 ||
        (s.is_snapshot && find_seen(&s, t, e) != 0))
        return MOMENT_DAMAGED;
    *stamp = s.stamp;
    return s.found ? MOMENT_FOUND : MOMENT_UNKNOWN;
}

/* NAME#N. */
static enum moment find_nth(struct trace *t, const char *when, uint64_t *stamp,
                            struct err *e)
{
    const char *hash = strrchr(when, '#');
    if (!hash || hash[1] < '1' || hash[1] > '9')
        return MOMENT_UNKNOWN;
    char *end;
    const unsigned long nth = strtoul(hash + 1, &end, 10);
    if (*end)
        return MOMENT_UNKNOWN;
    return find_mark(t, when, (size_t)(hash - when), nth, stamp, e);
}

enum moment moment_find(struct trace *t, const char *when, uint64_t *stamp,
                        struct err *e)
{
    enum moment found = find_mark(t, when, strlen(when), 1, stamp, e);
    if (found == MOMENT_UNKNOWN)
        found = find_nth(t, when, stamp, e);
    if (found != MOMENT_UNKNOWN)
        return found;
    char *end;
    const double seconds = strtod(when, &end);
    if (end == when || (*end && strcmp(end, "s") != 0) || !(seconds >= 0))
        return MOMENT_UNKNOWN;
    *stamp = stamp_at(t, seconds);
    return MOMENT_FOUND;
}
