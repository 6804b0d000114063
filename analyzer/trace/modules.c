/* SPDX-License-Identifier: MIT */
#include "trace/state.h"

#include <stdlib.h>

/* Modules that begin below an address and do not hold it: no more of them than
   this are looked at. */
enum { SCAN_MAX = 4096 };

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_id(const void *one, const void *other)
{
    const struct module *a = one;
    const struct module *b = other;
    const int order = compare(a->id, b->id);
    return order ? order : compare(a->epoch, b->epoch);
}

static int by_epoch(const void *one, const void *other)
{
    const struct module *a = one;
    const struct module *b = other;
    const int order = compare(a->epoch, b->epoch);
    return order ? order : compare(a->id, b->id);
}

static int by_start(const void *one, const void *other, void *of)
{
    const struct module *modules = of;
    const uint32_t a = *(const uint32_t *)one;
    const uint32_t b = *(const uint32_t *)other;
    const int order = compare(modules[a].start, modules[b].start);
    return order ? order : compare(a, b);
}

/* Of a module that was told twice the first one counts; both arrays are sorted
   by (id, epoch), and each module ends where the first UNMODULE of its id after
   it says. */
static void join_gone(struct trace *t)
{
    struct trace_state *s = t->state;
    uint32_t kept = 0;
    uint32_t g = 0;
    for (uint32_t i = 0; i < t->n_modules; i++) {
        struct module m = t->modules[i];
        if (kept > 0 && t->modules[kept - 1].id == m.id)
            continue;
        while (g < s->n_gone && by_id(&s->gone[g], &m) <= 0)
            g++;
        if (g < s->n_gone && s->gone[g].id == m.id)
            m.gone = s->gone[g].epoch;
        t->modules[kept++] = m;
    }
    t->n_modules = kept;
}

static void index_addresses(struct trace *t)
{
    struct trace_state *s = t->state;
    uint64_t reach = 0;
    s->by_start = must_calloc(t->n_modules, sizeof *s->by_start);
    s->reach = must_calloc(t->n_modules, sizeof *s->reach);
    for (uint32_t i = 0; i < t->n_modules; i++)
        s->by_start[i] = i;
    qsort_r(s->by_start, t->n_modules, sizeof *s->by_start, by_start,
            t->modules);
    for (uint32_t i = 0; i < t->n_modules; i++) {
        const struct module *m = &t->modules[s->by_start[i]];
        if (m->end > reach)
            reach = m->end;
        s->reach[i] = reach;
    }
}

void modules_index(struct trace *t)
{
    struct trace_state *s = t->state;
    if (t->n_modules == 0)
        return;
    qsort(t->modules, t->n_modules, sizeof *t->modules, by_id);
    if (s->n_gone > 0)
        qsort(s->gone, s->n_gone, sizeof *s->gone, by_id);
    join_gone(t);
    qsort(t->modules, t->n_modules, sizeof *t->modules, by_epoch);
    index_addresses(t);
}

/* How many come before or at this place, in the order of by_start. */
static uint32_t n_up_to(const struct trace *t, uint64_t start, uint32_t epoch)
{
    uint32_t low = 0;
    uint32_t high = t->n_modules;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct module *m = &t->modules[t->state->by_start[middle]];
        if (m->start < start || (m->start == start && m->epoch <= epoch))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct module *trace_module(const struct trace *t, uint64_t ip,
                                  uint32_t epoch)
{
    const struct trace_state *s = t->state;
    if (!s->walked || t->n_modules == 0)
        return NULL;
    uint32_t i = n_up_to(t, ip, UINT32_MAX);
    for (int n = 0; n < SCAN_MAX && i > 0 && s->reach[i - 1] > ip; n++) {
        const struct module *m = &t->modules[s->by_start[i - 1]];
        if (m->epoch > epoch) {
            i = n_up_to(t, m->start, epoch);
            continue;
        }
        if (ip < m->end && epoch < m->gone)
            return m;
        i--;
    }
    return NULL;
}
