/* SPDX-License-Identifier: MIT */
#include "report/moment.h"

#include <stdlib.h>
#include <string.h>

struct search {
    const struct trace *t;
    const char *name;
    uint64_t stamp;
};

static int visit(void *to, const struct event *e)
{
    struct search *s = to;
    if ((e->kind != OURO_REC_CHECKPOINT && e->kind != OURO_REC_SNAPSHOT) ||
        strcmp(s->t->strings.text[e->text], s->name) != 0)
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

enum moment moment_find(struct trace *t, const char *when, uint64_t *stamp,
                        struct err *e)
{
    struct search s = {.t = t, .name = when};
    const int found = trace_walk(t, visit, &s, e);
    if (found < 0)
        return MOMENT_DAMAGED;
    *stamp = s.stamp;
    if (found > 0)
        return MOMENT_FOUND;
    char *end;
    const double seconds = strtod(when, &end);
    if (end == when || (*end && strcmp(end, "s") != 0) || !(seconds >= 0))
        return MOMENT_UNKNOWN;
    *stamp = stamp_at(t, seconds);
    return MOMENT_FOUND;
}
