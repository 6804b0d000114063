/* SPDX-License-Identifier: MIT */
#include "explain/pointing.h"

#include "collect/reach.h"
#include "explain/address_names.h"
#include "explain/inquiry.h"
#include "explain/site.h"

#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 3 };

/* Return addresses below a word of a stack, the nearest first. */
struct pointing_frame {
    uint32_t n;
    uint64_t ip[CANDIDATES];
};

struct stack_words {
    struct pointing *p;
    uint32_t *of; /* words of stacks, by address */
    uint32_t n, next;
    uint32_t region;                         /* that was looked at last */
    struct snapshot_word passed[CANDIDATES]; /* the newest at [n_passed - 1] */
    uint32_t n_passed;
};

/* What is a module's and cannot be written holds code, or constants: those have
   no functions' names. */
static bool is_code(const struct pointing *p, uint64_t value)
{
    const struct snapshot *s = p->m->snapshot;
    return value >= UINT64_C(1) << 16 && trace_module(p->t, value, s->epoch) &&
           snapshot_region_at(s, value) == s->n_regions;
}

static void pass(struct stack_words *w, const struct snapshot_word *word)
{
    if (!is_code(w->p, word->value))
        return;
    if (w->n_passed == CANDIDATES)
        memmove(w->passed, w->passed + 1, (CANDIDATES - 1) * sizeof *word);
    else
        w->n_passed++;
    w->passed[w->n_passed - 1] = *word;
}

/* What lies below the stack pointer is left over from calls that returned; but
   just below it is where the call of exit was to return to. */
static void keep_candidates(struct stack_words *w, uint32_t i)
{
    const struct memory_word *word = &w->p->words[i];
    const uint64_t sp = w->p->m->snapshot->threads[word->thread].sp;
    struct pointing_frame *f = &w->p->frames[i];
    for (uint32_t k = w->n_passed; k-- > 0;)
        if (word->at < sp || w->passed[k].at + 8 >= sp)
            f->ip[f->n++] = w->passed[k].value;
}

static int look_below(void *to, uint32_t region,
                      const struct snapshot_word *words, uint32_t n)
{
    struct stack_words *w = to;
    const struct pointing *p = w->p;
    const struct snapshot_region *r = &p->m->snapshot->regions[region];
    if (w->region != region)
        w->n_passed = 0;
    w->region = region;
    for (uint32_t i = 0; i < n; i++) {
        if (w->next == w->n || p->words[w->of[w->next]].at >= r->start + r->len)
            return 0;
        while (w->next < w->n && p->words[w->of[w->next]].at <= words[i].at)
            keep_candidates(w, w->of[w->next++]);
        pass(w, &words[i]);
    }
    return 0;
}

struct by_address {
    uint64_t at;
    uint32_t word;
};

static int by_address(const void *a, const void *b)
{
    const struct by_address *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* The words of stacks in `of`, by address; how many. */
static uint32_t list_stack_words(const struct pointing *p, uint32_t *of)
{
    struct by_address *sorted = must_calloc(p->n, sizeof *sorted);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (p->words[i].place == MEMORY_IN_STACK)
            sorted[n++] = (struct by_address){p->words[i].at, i};
    if (n > 0)
        qsort(sorted, n, sizeof *sorted, by_address);
    for (uint32_t i = 0; i < n; i++)
        of[i] = sorted[i].word;
    free(sorted);
    return n;
}

static int find_frames(struct pointing *p, struct err *e)
{
    struct stack_words w = {.p = p, .region = UINT32_MAX};
    p->frames = ARENA_ARRAY(p->a, p->n, struct pointing_frame);
    w.of = must_calloc(p->n, sizeof *w.of);
    w.n = list_stack_words(p, w.of);
    const int rc =
        w.n > 0 ? snapshot_walk(p->t, p->m->snapshot, look_below, &w, e) : 0;
    free(w.of);
    return rc;
}

/* What lies below a stack pointer is left over from calls that returned. */
static void leave_out_stale(struct pointing *p)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (p->words[i].counts || p->words[i].place != MEMORY_IN_STACK)
            p->words[kept++] = p->words[i];
    p->n = kept;
}

int pointing_read(struct pointing *p, struct arena *a, const struct memory *m,
                  const struct shadow *s, struct trace *t,
                  const unsigned char *wanted, uint32_t most, struct err *e)
{
    *p = (struct pointing){.m = m, .s = s, .t = t, .a = a};
    if (memory_words(m, t, wanted, most, a, &p->words, &p->n, e) != 0)
        return -1;
    leave_out_stale(p);
    return find_frames(p, e);
}

static bool is_in_block(const struct pointing *p, const struct memory_word *w)
{
    return w->place == MEMORY_IN_BLOCK && w->from < p->m->n_blocks;
}

uint32_t pointing_stack(const struct pointing *p, uint32_t i)
{
    return is_in_block(p, &p->words[i]) ? p->m->blocks[p->words[i].from].stack
                                        : 0;
}

static void name_frame(struct pointing *p, uint32_t i,
                       const struct address_name *asked)
{
    for (uint32_t k = 0; k < p->frames[i].n; k++)
        if (*asked[k].name) {
            p->names[i] = asked[k];
            return;
        }
}

/* Every word's questions in a row, in the order of words. */
static uint32_t list_questions(const struct pointing *p,
                               struct address_name *ask)
{
    const uint32_t epoch = p->m->snapshot->epoch;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->words[i].place == MEMORY_IN_MODULE)
            ask[n++] = (struct address_name){
                .addr = p->words[i].at, .epoch = epoch, .exact = true};
        for (uint32_t k = 0; k < p->frames[i].n; k++)
            ask[n++] = (struct address_name){.addr = p->frames[i].ip[k],
                                             .epoch = epoch};
    }
    return n;
}

void pointing_name(struct pointing *p, struct symbolizer *z, struct arena *a)
{
    struct address_name *ask =
        must_calloc((size_t)p->n * CANDIDATES, sizeof *ask);
    const uint32_t n = list_questions(p, ask);
    uint32_t at = 0;
    p->names = ARENA_ARRAY(p->a, p->n, struct address_name);
    address_names_find(z, a, p->t, ask, n);
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->words[i].place == MEMORY_IN_MODULE)
            p->names[i] = ask[at++];
        name_frame(p, i, ask + at);
        at += p->frames[i].n;
    }
    free(ask);
}

uint32_t pointing_first(const struct pointing *p, uint32_t node, uint32_t *n)
{
    uint32_t low = 0;
    uint32_t high = p->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (p->words[middle].to < node)
            low = middle + 1;
        else
            high = middle;
    }
    for (*n = 0; low + *n < p->n && p->words[low + *n].to == node;)
        ++*n;
    return low;
}

bool pointing_counts(const struct pointing *p, uint32_t i)
{
    const struct memory_word *w = &p->words[i];
    return w->counts && !(w->place == MEMORY_IN_PAGES &&
                          p->m->reached[w->from] == REACHED_NOT);
}

static uint64_t start_of(const struct memory *m, uint32_t node)
{
    return node < m->n_blocks ? m->blocks[node].addr
                              : m->pages[node - m->n_blocks].start;
}

static void tell_block(const struct pointing *p, struct pointer *r,
                       struct sites *sites)
{
    const uint32_t now = p->m->now[r->node];
    const struct block *b = &p->m->blocks[r->node];
    r->allocator = inquiry_allocator(b);
    r->stack = sites_shown(sites, b->stack);
    r->block = now;
    r->after = now == OURO_NONE;
    if (now == OURO_NONE)
        return;
    const struct block *k = &p->s->blocks[now];
    const uint32_t object = k->object != OURO_NONE ? k->object : k->owner;
    if (object == OURO_NONE)
        return;
    r->type = p->t->strings.text[p->s->objects[object].type];
    r->label = p->t->strings.text[p->s->objects[object].label];
    r->owner = p->s->objects[object].addr;
}

static void tell_thread(const struct memory *m, uint32_t thread,
                        struct pointer *r)
{
    const struct snapshot_thread *t = &m->snapshot->threads[thread];
    r->thread = t->thread;
    r->os_thread = t->os_thread;
    r->seen = t->seen;
}

static const struct pointer nothing = {
    .node = OURO_NONE,
    .block = OURO_NONE,
    .symbol = "",
    .module = "",
    .type = "",
    .label = "",
    .allocator = "",
};

static void tell_name(const struct pointing *p, uint32_t i, struct pointer *r)
{
    if (!p->names || !p->names[i].name)
        return;
    r->symbol = p->names[i].name;
    r->module = p->names[i].module;
    if (r->place == MEMORY_IN_MODULE)
        r->offset = p->names[i].behind;
}

struct pointer pointing_tell(const struct pointing *p, uint32_t i,
                             struct sites *sites)
{
    const struct memory_word *w = &p->words[i];
    struct pointer r = nothing;
    r.place = w->place;
    r.counts = pointing_counts(p, i);
    r.unsure = w->unsure;
    r.node = w->from;
    r.into = w->value - start_of(p->m, w->to);
    if (w->place == MEMORY_IN_REGISTER)
        r.offset = w->at;
    else
        r.address = w->at;
    if (w->from != OURO_NONE)
        r.offset = w->at - start_of(p->m, w->from);
    if (is_in_block(p, w))
        tell_block(p, &r, sites);
    if (w->thread != OURO_NONE)
        tell_thread(p->m, w->thread, &r);
    tell_name(p, i, &r);
    return r;
}

struct pointer pointing_unseen(const struct memory *m, uint32_t node)
{
    struct pointer r = nothing;
    r.place = MEMORY_IN_REGISTER;
    r.unseen = r.counts = r.unsure = true;
    tell_thread(m, m->unseen[node] - 1, &r);
    return r;
}
