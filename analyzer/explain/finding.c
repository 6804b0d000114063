/* SPDX-License-Identifier: MIT */
#include "explain/finding.h"

#include "explain/drafts.h"
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

static int gather(struct inquiry *q, bool no_leaks, struct err *e)
{
    if (object_graph_make(&q->o, &q->scratch, q->s, e) != 0)
        return -1;
    q->w = weights_find(&q->scratch, q->s);
    appearances_begin(q);
    q->uncollectable = gc_uncollectable(&q->scratch, &q->o);
    q->wanted = ARENA_ARRAY(&q->scratch, q->s->n_objects, unsigned char);
    cycles_gather(q);
    zombies_gather(q);
    balances_gather(q);
    danglings_gather(q);
    lasting_gather(q);
    if (!no_leaks)
        leaks_gather(q);
    return ghosts_gather(q, e);
}

static int date(struct inquiry *q, struct trace *parent, struct err *e)
{
    if (q->n_cycles + q->n_zombies > 0 &&
        history_build(&q->history, q->s, q->t, parent, q->wanted, e) != 0)
        return -1;
    cycles_date(q);
    misuses_date(q);
    if (balances_date(q, parent, e) != 0)
        return -1;
    return pointers_date(q, e);
}

static void ask(struct inquiry *q)
{
    q->asked = ARENA_ARRAY(&q->scratch, q->t->stacks.n, unsigned char);
    cycles_ask(q);
    misuses_ask(q);
    balances_ask(q);
    danglings_ask(q);
    lasting_ask(q);
    ghosts_ask(q);
    const uint32_t others = q->n_stacks;
    leaks_ask(q);
    const uint32_t leaks = q->n_stacks;
    pointers_ask(q);
    q->asks_leaks_alone = others == 0 && leaks > 0 && leaks == q->n_stacks;
}

static const unsigned char *copy_set(struct arena *a, const unsigned char *in,
                                     uint32_t n)
{
    unsigned char *copy = ARENA_ARRAY(a, n, unsigned char);
    if (n > 0)
        memcpy(copy, in, n);
    return copy;
}

/* A program that leaks nothing leaves a stream's buffer behind, as a rule: to
   know that takes no debug information of libc. */
static bool nothing_is_told(struct inquiry *q, struct symbols *symbols,
                            struct symbolizer *z)
{
    if (!q->asks_leaks_alone)
        return false;
    symbols_find_plain(symbols, z, q->out, q->t, q->stacks, q->n_stacks);
    sites_init(&q->sites, q->out, q->t, symbols);
    if (leaks_are_kept(q))
        return true;
    sites_release(&q->sites);
    return false;
}

static void draft(struct inquiry *q, struct findings *f, struct symbolizer *z,
                  bool hides_kept,
                  void (*progress)(uint64_t done, uint64_t total))
{
    struct symbols symbols;
    if (!hides_kept || !nothing_is_told(q, &symbols, z)) {
        symbols_find(&symbols, z, q->out, q->t, q->stacks, q->n_stacks,
                     progress);
        sites_init(&q->sites, q->out, q->t, &symbols);
    }
    pointers_name(q, z);
    cycles_draft(q);
    misuses_draft(q);
    balances_draft(q);
    danglings_draft(q);
    lasting_draft(q);
    ghosts_draft(q);
    leaks_draft(q);
    drafts_merge(q, f);
    f->lines_missing = symbols.lines_missing;
    f->symbols_note = symbols.note;
    f->fingerprints_fragile = q->sites.fragile;
    f->n_unreachable = q->o.u.n;
    f->gc_end = gc_end_of(&q->o);
    f->unreachable = copy_set(&f->arena, q->o.u.in, q->s->n_objects);
}

static void release(struct inquiry *q)
{
    appearances_release(q);
    free(q->cycles);
    free(q->rings.kind);
    free(q->zombies);
    free(q->unbalanced);
    free(q->unreleased);
    free(q->references.at);
    free(q->stacks);
    free(q->drafts);
    groups_release(&q->leaks);
    groups_release(&q->balances);
    groups_release(&q->misuses);
    groups_release(&q->danglings);
    groups_release(&q->lasting);
    groups_release(&q->ghosts);
    history_release(&q->history);
    sites_release(&q->sites);
    holders_release(&q->holders);
    holders_release(&q->lost_holders);
    holder_sets_release(&q->ring_stacks);
    arena_release(&q->scratch);
}

int findings_make(struct findings *f, struct symbolizer *z,
                  const struct shadow *s, struct trace *t, struct trace *parent,
                  const struct memory *m, bool no_leaks, bool hides_kept,
                  void (*progress)(uint64_t done, uint64_t total),
                  struct err *e)
{
    *f = (struct findings){.symbols_note = ""};
    struct inquiry q = {.s = s, .t = t, .m = m, .out = &f->arena};
    groups_init(&q.leaks);
    groups_init(&q.balances);
    groups_init(&q.misuses);
    groups_init(&q.danglings);
    groups_init(&q.lasting);
    groups_init(&q.ghosts);
    const int rc =
        gather(&q, no_leaks, e) == 0 && date(&q, parent, e) == 0 ? 0 : -1;
    if (rc == 0) {
        ask(&q);
        draft(&q, f, z, hides_kept, progress);
    }
    release(&q);
    if (rc != 0)
        findings_release(f);
    return rc;
}

void findings_release(struct findings *f)
{
    arena_release(&f->arena);
    *f = (struct findings){0};
}
