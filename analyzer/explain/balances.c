/* SPDX-License-Identifier: MIT */
/*
 * Live objects whose counts and references disagree, by type and site: more
 * counts than references (somebody kept one), or fewer (somebody gave back one
 * that was not theirs).
 *
 * Whoever kept one may still be at it, unless that holder is known to be dead:
 * such objects are findings of their own, by where the count was taken. What a
 * root reaches may well be meant to live: of that, only these are told. Of what
 * else has too many, memory says whether anybody can have them
 * (seen_objects.h).
 *
 * Only so many objects of a site, the eldest, are asked where their counts were
 * taken.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"
#include "explain/seen_objects.h"
#include "explain/unreleased.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_OF_A_SITE = 4096,
    MOST = 1 << 16,      /* of all */
    COMPARED_SITES = 32, /* of a type, to tell what all have in common */
};

enum balance {
    EVEN,
    TOO_FEW,
    TOO_MANY,
    ROOTED, /* too many, but a root reaches it */
    BEREFT, /* too many, and the holder of one is dead */
};

/* What else is in a group's key: for TOO_MANY, what memory says. */
enum { BALANCE_BITS = 4, REACH_BITS = 4 };

static enum balance balance_of(const struct group *g)
{
    return g->what & ((1u << BALANCE_BITS) - 1);
}

static enum reach reach_of(const struct group *g)
{
    return g->what >> BALANCE_BITS & ((1u << REACH_BITS) - 1);
}

static bool is_ring(const struct group *g)
{
    return g->what >> (BALANCE_BITS + REACH_BITS);
}

static void reach(unsigned char *reached, uint32_t *stack, uint32_t *n,
                  uint32_t object)
{
    if (reached[object])
        return;
    reached[object] = 1;
    stack[(*n)++] = object;
}

/* From what roots hold, along references. The caller frees it. */
static unsigned char *find_reached(const struct inquiry *q)
{
    const struct graph *g = &q->o.g;
    unsigned char *reached = must_calloc(g->n, 1);
    uint32_t *stack = must_calloc(g->n, sizeof *stack);
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->s->n_links; i++)
        if (q->s->links[i].owner == OURO_NONE)
            reach(reached, stack, &n, q->s->links[i].target);
    while (n > 0) {
        const uint32_t v = stack[--n];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++)
            reach(reached, stack, &n, g->to[i]);
    }
    free(stack);
    return reached;
}

/* In the unreachable set counts and references agree: it is passed over. */
static enum balance judge(const struct inquiry *q, uint32_t object,
                          bool reached)
{
    const struct object *k = &q->s->objects[object];
    const int64_t owned = q->o.owned[object];
    if (object_is_excused(q->s, object))
        return EVEN;
    if (k->rc > owned)
        return reached ? ROOTED : TOO_MANY;
    /* a count below zero is misuse, and was noted when it fell */
    return k->rc < owned && owned != 0 ? TOO_FEW : EVEN;
}

/* `taken`: where the count was taken whose holder is dead, or 0. */
static uint32_t add_seen(struct inquiry *q, struct groups *to, uint32_t object,
                         enum balance is, uint32_t taken,
                         const struct seen_object *seen)
{
    const struct object *k = &q->s->objects[object];
    const struct group key = {
        .stack = k->stack,
        .what = is | (uint32_t)seen->reach << BALANCE_BITS |
                (uint32_t)seen->ring << (BALANCE_BITS + REACH_BITS),
        .type = k->type,
        .other_stack = taken,
    };
    struct group *g = groups_find(to, &key);
    group_add(g, object, k->birth, seen->own, seen->held);
    if (to == &q->balances)
        appearances_note(q, &g->appeared, k->stamp);
    return (uint32_t)(g - to->at);
}

/* One of which nobody asks memory. */
static uint32_t add(struct inquiry *q, struct groups *to, uint32_t object,
                    enum balance is, uint32_t taken)
{
    const struct seen_object seen = {
        .reach = REACH_DEFINITE,
        .own = inquiry_own(q, object),
        .held = inquiry_own(q, object),
    };
    return add_seen(q, to, object, is, taken, &seen);
}

void balances_gather(struct inquiry *q)
{
    unsigned char *reached = find_reached(q);
    struct groups sites;
    groups_init(&sites);
    uint32_t n_looked_at[2] = {0, 0};
    for (uint32_t v = 0; v < q->s->n_objects; v++) {
        const enum balance is = judge(q, v, reached[v]);
        if (is == TOO_FEW)
            add(q, &q->balances, v, TOO_FEW, 0);
        if (is != TOO_MANY && is != ROOTED)
            continue;
        const uint32_t site = add(q, &sites, v, is, 0);
        const bool look = sites.at[site].instances <= MOST_OF_A_SITE &&
                          n_looked_at[is == ROOTED] < MOST;
        n_looked_at[is == ROOTED] += look;
        if (is == ROOTED && !look)
            continue;
        GROW(q->unbalanced, q->n_unbalanced, q->unbalanced_room);
        q->unbalanced[q->n_unbalanced++] = (struct unbalanced){
            .object = v, .looked_at = look, .rooted = is == ROOTED};
    }
    groups_release(&sites);
    free(reached);
}

static int find_acquires(struct inquiry *q, struct acquires *a,
                         struct trace *parent, struct err *e)
{
    unsigned char *watched = must_calloc(q->s->n_objects, 1);
    for (uint32_t i = 0; i < q->n_unbalanced; i++)
        watched[q->unbalanced[i].object] = q->unbalanced[i].looked_at;
    const int rc = acquires_find(a, q->s, q->t, parent, watched, e);
    free(watched);
    return rc;
}

static void count_looked_at(struct inquiry *q)
{
    q->looked_at = ARENA_ARRAY(&q->scratch, q->balances.n, uint64_t);
    for (uint32_t i = 0; i < q->n_unbalanced; i++)
        if (q->unbalanced[i].group != OURO_NONE)
            q->looked_at[q->unbalanced[i].group] += q->unbalanced[i].looked_at;
}

/* One whose holders are not known to be dead; OURO_NONE: it is not told. */
static uint32_t add_unheld(struct inquiry *q, struct seen_objects *seen,
                           const struct unbalanced *u)
{
    if (u->rooted)
        return OURO_NONE;
    const struct seen_object is = seen_objects_judge(seen, q, u->object);
    if (!is.told)
        return OURO_NONE;
    return add_seen(q, &q->balances, u->object, TOO_MANY, 0, &is);
}

int balances_date(struct inquiry *q, struct trace *parent, struct err *e)
{
    struct acquires a = {0};
    if (q->n_unbalanced > 0 && find_acquires(q, &a, parent, e) != 0)
        return -1;
    struct seen_objects seen = seen_objects_begin(q);
    uint32_t at = 0;
    for (uint32_t i = 0; i < q->n_unbalanced; i++) {
        struct unbalanced *u = &q->unbalanced[i];
        const bool known = at < a.n && a.at[at].object == u->object;
        const bool bereft = known && a.at[at].bereft;
        u->group = bereft
                       ? add(q, &q->balances, u->object, BEREFT, a.at[at].stack)
                       : add_unheld(q, &seen, u);
        if (known && u->group != OURO_NONE)
            at = unreleased_add(q, u->group, &a, at);
        while (at < a.n && a.at[at].object == u->object)
            at++;
    }
    count_looked_at(q);
    unreleased_settle(q);
    acquires_release(&a);
    return 0;
}

/* Groups of a type, in a row. */
static void chain_types(struct inquiry *q)
{
    q->of_type = ARENA_ARRAY(&q->scratch, q->t->strings.n, uint32_t);
    q->next_of_type = ARENA_ARRAY(&q->scratch, q->balances.n, uint32_t);
    for (uint32_t i = q->balances.n; i-- > 0;) {
        uint32_t *first = &q->of_type[q->balances.at[i].type];
        q->next_of_type[i] = *first;
        *first = i + 1;
    }
}

void balances_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->balances.n; i++)
        inquiry_ask(q, q->balances.at[i].stack);
    unreleased_ask(q);
    chain_types(q);
    unsigned char *wanted = must_calloc(q->balances.n, 1);
    for (uint32_t i = 0; i < q->balances.n; i++)
        wanted[i] = balance_of(&q->balances.at[i]) == TOO_FEW;
    references_gather(q, wanted);
    free(wanted);
}

static uint64_t part_of(struct inquiry *q, const struct group *g)
{
    const uint64_t born = inquiry_part(q, g->type, g->stack);
    if (balance_of(g) != BEREFT)
        return born;
    return fingerprint_edge(born, "", inquiry_part(q, 0, g->other_stack));
}

static enum finding_kind kind_of(const struct group *g)
{
    return balance_of(g) == TOO_FEW ? FINDING_OVER_RELEASE : FINDING_UNBALANCED;
}

static void identify(struct inquiry *q, const struct group *g, char id[17])
{
    const bool over = kind_of(g) == FINDING_OVER_RELEASE;
    uint64_t part = part_of(q, g);
    fingerprint_set(id, over ? "over-release" : "unbalanced", &part, 1);
}

void balances_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->balances.n; i++) {
        const struct group *g = &q->balances.at[i];
        struct draft *d = inquiry_draft_group(q, kind_of(g), i, g);
        d->reach = reach_of(g);
        identify(q, g, d->id);
    }
}

bool balances_identify(struct inquiry *q, uint32_t object, bool bereft,
                       uint32_t taken, enum finding_kind *kind, char id[17])
{
    const struct object *k = &q->s->objects[object];
    unsigned char *reached = find_reached(q);
    const enum balance is = judge(q, object, reached[object]);
    free(reached);
    if (is == EVEN || (is != TOO_FEW && !bereft))
        return false;
    const struct group g = {
        .stack = k->stack,
        .what = is == TOO_FEW ? is : BEREFT,
        .type = k->type,
        .other_stack = is == TOO_FEW ? 0 : taken,
    };
    *kind = kind_of(&g);
    identify(q, &g, id);
    return true;
}

static bool is_same(const struct place *a, const struct place *b)
{
    return a->offset == b->offset && a->line == b->line &&
           strcmp(a->module, b->module) == 0 &&
           strcmp(a->function, b->function) == 0;
}

/* How many places, from the innermost on, all sites that make such a type have
   in common; 0: all of them, or there is one site. */
static uint32_t find_made_at(struct inquiry *q, uint32_t type, struct places p)
{
    uint32_t common = p.n;
    uint32_t n_sites = 0;
    for (uint32_t i = q->of_type[type]; i != 0 && n_sites < COMPARED_SITES;
         i = q->next_of_type[i - 1]) {
        const struct places other =
            inquiry_places(q, q->balances.at[i - 1].stack);
        uint32_t k = 0;
        while (k < common && k < other.n && is_same(&p.at[k], &other.at[k]))
            k++;
        common = k;
        n_sites++;
    }
    return common < p.n ? common : 0;
}

static const char *say_looked_at(struct inquiry *q, uint32_t group)
{
    const uint64_t n = q->balances.at[group].instances;
    const uint64_t looked_at = q->looked_at[group];
    if (looked_at == n)
        return "more counts than references";
    char text[96];
    const int len = snprintf(text, sizeof text,
                             "more counts than references (%" PRIu64
                             " of %" PRIu64 " objects looked at)",
                             looked_at, n);
    return arena_text(q->out, text, (size_t)len);
}

/* More counts than references, and memory was seen. */
static bool is_seen(const struct group *g)
{
    return balance_of(g) == TOO_MANY && reach_of(g) != REACH_UNKNOWN;
}

void balances_point(const struct inquiry *q, unsigned char *wanted)
{
    for (uint32_t i = 0; i < q->balances.n; i++) {
        const uint32_t v = is_seen(&q->balances.at[i])
                               ? inquiry_node(q, q->balances.at[i].eldest)
                               : OURO_NONE;
        if (v != OURO_NONE)
            wanted[v] = 1;
    }
}

void balances_describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->balances.at[index];
    f->evidence = is_seen(g) ? "scanned" : "counted";
    f->reach = reach_of(g);
    f->shape = is_ring(g) ? "ring" : "single";
    if (balance_of(g) == TOO_FEW)
        f->what = "fewer counts than references";
    else if (balance_of(g) == BEREFT)
        f->what = "a count whose holder is dead";
    else
        f->what = say_looked_at(q, index);
    f->n_members = 1;
    f->members = ARENA_ARRAY(q->out, 1, struct finding_member);
    *f->members = inquiry_member(q, g->eldest);
    f->stack = f->members->stack;
    f->made_at = find_made_at(q, g->type, f->stack);
    unreleased_describe(q, index, f);
    if (balance_of(g) == TOO_FEW)
        references_describe(q, index, f);
    if (is_seen(g))
        pointers_describe(q, inquiry_node(q, g->eldest), g->eldest, OURO_NONE,
                          f);
}
