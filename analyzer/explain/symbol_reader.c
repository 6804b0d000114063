/* SPDX-License-Identifier: MIT */
#include "explain/symbol_reader.h"

const struct child_limits symbol_reader_limits = {
    .memory = UINT64_C(3) << 30,
    .cpu_s = 120,
    .silence_ms = 20000,
    .total_ms = 300000,
};

/* Answers from job->from on; returns the first query without one. */
static uint32_t run_child(struct symbol_reader *r, const struct symbol_job *job)
{
    struct limited_child c;
    struct symbol_answer a = {0};
    uint32_t i = job->from;
    if (!limited_child_start(&c, &r->limits, r->serve, job)) {
        r->gave_up = true;
        return i;
    }
    while (i < job->n && symbol_child_read(&c, i, &a))
        r->take(r->to, i++, &a);
    limited_child_end(&c);
    symbol_child_release(&a);
    return i;
}

void symbol_reader_run(struct symbol_reader *r, const struct symbol_job *job)
{
    struct symbol_job left = *job;
    for (uint32_t deaths = 0; left.from < left.n; deaths++) {
        if (deaths > r->max_deaths)
            r->gave_up = true;
        if (r->gave_up)
            return;
        const uint32_t at = run_child(r, &left);
        if (at == left.n || r->gave_up)
            return;
        r->limits.silence_ms /= 2;
        r->limits.total_ms /= 2;
        const uint32_t file = job->queries[at].file;
        left.from = at + 1;
        while (r->failed[file] && left.from < left.n &&
               job->queries[left.from].file == file)
            left.from++;
        r->failed[file] = true;
    }
}
