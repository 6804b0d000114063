/* SPDX-License-Identifier: MIT */
#include "report/moment.h"

#include <stdlib.h>
#include <string.h>

struct search {
    const struct trace *t;
    const char *name;
    size_t len;
    unsigned long nth; /* of that name is meant */
    uint64_t stamp;
};

static int visit(void *to, const struct event *e)
{
    struct search *s = to;
    if (e->kind != OURO_REC_CHECKPOINT && e->kind != OURO_REC_SNAPSHOT)
        return 0;
    const char *name = s->t->strings.text[e->text];
    if (strlen(name) != s->len || memcmp(name, s->name, s->len) != 0 ||
        --s->nth > 0)
        return 0;
    s->stamp = e->stamp;
    return 1;
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
    struct search s = {.t = t, .name = name, .len = len, .nth = nth};
    const int found = trace_walk(t, visit, &s, e);
    *stamp = s.stamp;
    if (found < 0)
        return MOMENT_DAMAGED;
    return found > 0 ? MOMENT_FOUND : MOMENT_UNKNOWN;
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
