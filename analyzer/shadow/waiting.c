/* SPDX-License-Identifier: MIT */
#include "shadow/waiting.h"

#include "arena.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <string.h>

static uint16_t *count_of(struct waiting *q, uint64_t addr)
{
    const uint64_t h = (addr >> 4 ^ addr >> 12) * 0x9e3779b97f4a7c15u;
    return &q->addresses[h >> 32 & (WAITING_ADDRESSES - 1)];
}

static bool blocks_all(const struct event *e)
{
    return (e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS) ||
           (e->kind >= OURO_REALLOC_BEGIN && e->kind <= OURO_REC_NEW_AT) ||
           e->kind == OURO_REC_POOL_ALLOC;
}

/* Is one of the addresses that e speaks of also one of w's? 0 is none. */
static bool touches(const struct event *w, const struct event *e)
{
    return (e->a && (e->a == w->a || e->a == w->b)) ||
           (e->b && (e->b == w->a || e->b == w->b));
}

static bool has_addresses(struct waiting *q, const struct event *e)
{
    return *count_of(q, e->a) > 0 || *count_of(q, e->b) > 0;
}

/* Must an event of this thread wait for one of the first n? */
static bool is_held_up(struct replay *r, uint32_t thread, const struct event *e,
                       uint32_t n)
{
    struct waiting *q = &r->waiting;
    if (r->threads[thread].n_waiting == 0)
        return false;
    if (r->threads[thread].n_blocking == 0 && !has_addresses(q, e))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct waiter *w = &q->at[i];
        if (w->thread == thread && (w->blocks_all || touches(&w->event, e)))
            return true;
    }
    return false;
}

static void enqueue(struct replay *r, uint32_t thread, const struct event *e)
{
    struct waiting *q = &r->waiting;
    const bool all = blocks_all(e);
    q->at[q->n++] = (struct waiter){*e, thread, all};
    r->threads[thread].n_waiting++;
    r->threads[thread].n_blocking += all;
    ++*count_of(q, e->a);
    ++*count_of(q, e->b);
}

static struct waiter dequeue(struct replay *r, uint32_t i)
{
    struct waiting *q = &r->waiting;
    const struct waiter w = q->at[i];
    q->n--;
    memmove(&q->at[i], &q->at[i + 1], (q->n - i) * sizeof *q->at);
    r->threads[w.thread].n_waiting--;
    r->threads[w.thread].n_blocking -= w.blocks_all;
    --*count_of(q, w.event.a);
    --*count_of(q, w.event.b);
    return w;
}

/* `done` was applied: what waited for it, or behind it, may go on, and then
   what waited for that. */
static void wake(struct replay *r, const struct event *done)
{
    struct waiting *q = &r->waiting;
    struct event cause = *done;
    bool all = blocks_all(done);
    for (uint32_t i = 0; i < q->n;) {
        const struct event e = q->at[i].event;
        const bool due = all || touches(&cause, &e);
        if (!due || is_held_up(r, q->at[i].thread, &e, i) ||
            !rules_apply(r, &e, false)) {
            i++;
            continue;
        }
        dequeue(r, i);
        cause = e;
        all = true;
        i = 0;
    }
}

static void give_up(struct replay *r, uint32_t i)
{
    const struct waiter w = dequeue(r, i);
    rules_apply(r, &w.event, true);
    wake(r, &w.event);
}

void waiting_expire(struct replay *r, uint64_t stamp)
{
    struct waiting *q = &r->waiting;
    while (q->n > 0 && stamp - q->at[0].event.stamp > r->patience &&
           stamp > q->at[0].event.stamp)
        give_up(r, 0);
}

void waiting_apply(struct replay *r, const struct event *e)
{
    struct waiting *q = &r->waiting;
    if (!q->at)
        q->at = must_calloc(WAITING_MAX, sizeof *q->at);
    waiting_expire(r, e->stamp);
    const uint32_t thread =
        (uint32_t)(replay_thread(r, e->thread) - r->threads);
    if (is_held_up(r, thread, e, q->n) || !rules_apply(r, e, false)) {
        if (q->n == WAITING_MAX)
            give_up(r, 0);
        enqueue(r, thread, e);
        return;
    }
    if (q->n > 0 && (blocks_all(e) || has_addresses(q, e)))
        wake(r, e);
}

void waiting_end(struct replay *r)
{
    while (r->waiting.n > 0)
        give_up(r, 0);
    free(r->waiting.at);
    r->waiting.at = NULL;
}
