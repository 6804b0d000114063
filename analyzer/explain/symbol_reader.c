/* SPDX-License-Identifier: MIT */
#include "explain/symbol_reader.h"

const struct child_limits symbol_reader_limits = {
    .memory = UINT64_C(3) << 30,
    .cpu_s = 120,
    .silence_ms = 20000,
    .total_ms = 300000,
};

void symbol_reader_start(struct symbol_reader *r)
{
    if (r->runs)
        return;
    r->runs = limited_child_start(&r->child, &r->limits, r->serve, NULL);
    r->n_children += r->runs;
}

void symbol_reader_release(struct symbol_reader *r)
{
    if (r->runs)
        limited_child_release(&r->child);
    r->runs = false;
}

static uint32_t take_answers(struct symbol_reader *r,
                             const struct symbol_job *job, uint32_t i)
{
    struct symbol_answer a = {0};
    while (i < job->n && symbol_child_read(&r->child, i, &a))
        r->take(r->to, i++, &a);
    symbol_child_release(&a);
    return i;
}

/* Answers from job->from on; returns the first query without one. */
static uint32_t ask(struct symbol_reader *r, const struct symbol_job *job,
                    const struct child_limits *l)
{
    uint32_t i = job->from;
    if (r->runs && !limited_child_is_idle(&r->child))
        symbol_reader_release(r); /* nothing that is asked now was to blame */
    symbol_reader_start(r);
    if (!r->runs) {
        r->gave_up = true;
        return i;
    }
    r->n_asked += job->n - job->from;
    limited_child_begin(&r->child, l);
    if (symbol_child_ask(&r->child, job))
        i = take_answers(r, job, i);
    if (i == job->n)
        return i;
    limited_child_stop(&r->child);
    i = take_answers(r, job, i); /* those that it had not sent yet */
    symbol_reader_release(r);
    return i;
}

void symbol_reader_run(struct symbol_reader *r, const struct symbol_job *job)
{
    struct symbol_job left = *job;
    struct child_limits l = r->limits;
    r->gave_up = false;
    while (left.from < left.n) {
        if (r->n_deaths > r->max_deaths)
            r->gave_up = true;
        if (r->gave_up)
            return;
        left.from = ask(r, &left, &l);
        if (left.from == left.n || r->gave_up)
            return;
        l.silence_ms /= 2;
        l.total_ms /= 2;
        r->n_deaths++;
        r->take(r->to, left.from, NULL);
        const uint32_t file = job->queries[left.from++].file;
        if (++r->deaths[file] < SYMBOL_FILE_DEATHS)
            continue;
        while (left.from < left.n && job->queries[left.from].file == file)
            left.from++;
    }
}
