/* SPDX-License-Identifier: MIT */
#include "explain/acquires.h"

#include "arena.h"
#include "explain/holdings.h"
#include "explain/ledger.h"
#include "shadow/run.h"

#include <stdlib.h>

enum {
    EXAMPLES = 1 << 16, /* objects that may show where NEW's count ends */
    LOOKED_AT = 256,    /* of one object's references */
};

/* What is known of one object. */
struct account {
    uint32_t object; /* in the shadow; OURO_NONE: an example */
    uint32_t type;
    uint32_t n_held;
    struct ledger ledger;
};

struct clerk {
    const struct shadow *s;
    const struct trace *t;
    const unsigned char *watched; /* by object */
    unsigned char *type_is_asked; /* by string */
    bool in_parent;               /* what is heard may be of another trace */
    uint32_t n_examples;
    uint32_t n, room;
    struct account *accounts;
    struct table of_slot; /* in the replay's objects -> account + 1 */
    struct holdings holdings;
    struct table last; /* type and stack: gives NEW's count back */
};

static uint32_t object_born(const struct shadow *s, uint64_t birth)
{
    uint32_t low = 0;
    uint32_t high = s->n_objects;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (s->objects[middle].birth < birth)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->n_objects && s->objects[low].birth == birth ? low
                                                                : OURO_NONE;
}

static bool wants(void *to, uint64_t birth)
{
    const struct clerk *c = to;
    const uint32_t i = object_born(c->s, birth);
    return i == OURO_NONE ? c->n_examples < EXAMPLES : c->watched[i] != 0;
}

static void close_account(struct clerk *c, uint32_t slot)
{
    const uint64_t i = table_get(&c->of_slot, slot);
    if (i == 0)
        return;
    ledger_release(&c->accounts[i - 1].ledger);
    table_remove(&c->of_slot, slot);
}

static void open_account(struct clerk *c, const struct heard *h,
                         const struct live_object *k)
{
    const uint32_t object = object_born(c->s, k->birth);
    close_account(c, h->object);
    if (object == OURO_NONE) {
        if (k->type >= c->t->strings.n || !c->type_is_asked[k->type])
            return;
        c->n_examples++;
    }
    GROW(c->accounts, c->n, c->room);
    c->accounts[c->n++] = (struct account){
        .object = object,
        .type = k->type,
        .ledger = {.stacks = &c->t->stacks},
    };
    table_set(&c->of_slot, h->object, c->n);
    ledger_take(&c->accounts[c->n - 1].ledger, ENTRY_BORN, k->stack, h->n);
}

static uint64_t last_key(uint32_t type, uint32_t stack)
{
    return (uint64_t)type << 32 | stack;
}

/* Born with one count, which was given back once, and that was all. */
static void learn(struct clerk *c, struct account *a)
{
    struct ledger *l = &a->ledger;
    ledger_settle(l, NULL, NULL);
    if (ledger_sum(l, ENTRY_BORN) != 1 || ledger_sum(l, ENTRY_GAVE) != 1 ||
        ledger_sum(l, ENTRY_TOOK) != 0)
        return;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->at[i].kind == ENTRY_GAVE && l->at[i].n == 1 && l->at[i].stack)
            table_set(&c->last, last_key(a->type, l->at[i].stack), 1);
}

static void change(struct clerk *c, const struct replay *r,
                   const struct heard *h, struct account *a)
{
    const uint32_t stack = h->event->stack;
    if (h->n >= 0) {
        ledger_take(&a->ledger, ENTRY_TOOK, stack, h->n);
        return;
    }
    ledger_give(&a->ledger, stack, h->n == INT64_MIN ? INT64_MAX : -h->n);
    if (a->object != OURO_NONE || objects_get(&r->objects, h->object)->rc != 0)
        return;
    learn(c, a);
    close_account(c, h->object);
}

static void take_named(struct clerk *c, const struct replay *r,
                       const struct heard *h, uint32_t account)
{
    struct account *a = &c->accounts[account];
    if (a->object == OURO_NONE) {
        close_account(c, h->object);
        return;
    }
    a->n_held++;
    holdings_take(&c->holdings, &(struct holding){
                                    .account = account,
                                    .stack = h->event->stack,
                                    .cookie = h->cookie,
                                    .stamp = h->event->stamp,
                                    .holder = cookie_holder_of(r, h->cookie),
                                });
}

/* A count with a name that becomes a reference, the owner's address the name.
 */
static bool link_named(struct clerk *c, const struct replay *r,
                       const struct heard *h, uint32_t account)
{
    struct account *a = &c->accounts[account];
    const int64_t held = objects_get(&r->objects, h->object)->acquired;
    if (a->n_held == 0 || a->n_held <= held)
        return false;
    bool found = holdings_give(&c->holdings, account, h->event->a);
    if (!found && h->owner != OURO_NONE)
        found = holdings_give(&c->holdings, account,
                              objects_get(&r->objects, h->owner)->place.addr);
    a->n_held -= found;
    return found;
}

/* Where the reference that ends was made. */
static uint32_t link_stack(const struct replay *r, const struct heard *h)
{
    uint32_t i = objects_get(&r->objects, h->object)->into;
    for (int n = 0; n < LOOKED_AT && i != OURO_NONE; n++) {
        const struct live_link *k = links_get(&r->links, i);
        const struct holder *by = links_holder(&r->links, k->holder);
        if (k->field == h->field && by->kind != HOLDER_COOKIES &&
            (by->kind != HOLDER_OBJECT || by->who == h->owner))
            return k->stack;
        i = k->into.next;
    }
    return 0;
}

static void unlink_count(const struct replay *r, const struct heard *h,
                         struct account *a)
{
    const uint8_t by = h->event->kind;
    const bool said = by == OURO_REC_UNLINK || by == OURO_REC_UNLINK_ALL ||
                      by == OURO_REC_UNROOT;
    ledger_unlink(&a->ledger, link_stack(r, h), !said && h->owner != OURO_NONE,
                  h->event->stack);
}

static void hear_of(struct clerk *c, const struct replay *r,
                    const struct heard *h, uint32_t account)
{
    struct account *a = &c->accounts[account];
    switch ((int)h->kind) {
    case OURO_REC_ACQUIRE:
        take_named(c, r, h, account);
        return;
    case OURO_REC_RELEASE:
        if (a->object != OURO_NONE &&
            holdings_give(&c->holdings, account, h->cookie))
            a->n_held--;
        else
            change(c, r, h, a);
        return;
    case OURO_REC_LINK:
    case OURO_REC_ROOT:
        if (h->kind == OURO_REC_ROOT || !link_named(c, r, h, account))
            ledger_link(&a->ledger, h->event->stack);
        return;
    case OURO_REC_UNLINK:
    case OURO_REC_UNROOT:
        unlink_count(r, h, a);
        return;
    default:
        change(c, r, h, a);
    }
}

static void hear(void *to, const struct replay *r, const struct heard *h)
{
    struct clerk *c = to;
    if (c->in_parent && !r->forked)
        return;
    if (h->kind == OURO_REC_NEW) {
        open_account(c, h, objects_get(&r->objects, h->object));
        return;
    }
    const uint64_t account = table_get(&c->of_slot, h->object);
    if (account > 0)
        hear_of(c, r, h, (uint32_t)account - 1);
}

static void note(struct acquires *a, const struct taken *k)
{
    if (k->n == 0)
        return;
    GROW(a->at, a->n, a->room);
    a->at[a->n++] = *k;
}

static void note_holdings(struct acquires *a, const struct clerk *c,
                          const struct replay *r)
{
    for (uint32_t i = 0; i < c->holdings.n; i++) {
        const struct holding *k = &c->holdings.at[i];
        if (k->held)
            note(a, &(struct taken){
                        .object = c->accounts[k->account].object,
                        .stack = k->stack,
                        .n = 1,
                        .named = true,
                        .cookie = k->cookie,
                        .stamp = k->stamp,
                        .bereft = cookie_holder_is_dead(r, &k->holder),
                    });
    }
}

struct of_type {
    const struct clerk *c;
    uint32_t type;
};

static bool is_last(const void *to, uint32_t stack)
{
    const struct of_type *o = to;
    return table_get(&o->c->last, last_key(o->type, stack)) != 0;
}

/* Where one place took, what was given back came from there; and where all was
   given back nothing did remain, whoever took it. */
static bool is_plain(const struct ledger *l, int64_t *rest)
{
    uint32_t n_places = 0;
    *rest = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct entry *e = &l->at[i];
        const int64_t n = e->kind == ENTRY_GAVE ? -e->n : e->n;
        if (__builtin_add_overflow(*rest, n, rest))
            return false;
        n_places += n > 0;
    }
    return *rest <= 0 || n_places == 1;
}

static void note_ledger(struct acquires *a, const struct clerk *c,
                        struct account *k)
{
    const struct of_type of = {c, k->type};
    struct ledger *l = &k->ledger;
    ledger_settle(l, is_last, &of);
    int64_t bereft = ledger_bereft(l);
    int64_t rest;
    const bool plain = is_plain(l, &rest);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct entry *e = &l->at[i];
        struct taken t = {.object = k->object, .stack = e->stack, .n = e->n};
        if (e->kind == ENTRY_GAVE)
            t.n = -t.n;
        if (plain)
            t.n = t.n > 0 && rest > 0 ? rest : 0;
        if (e->kind == ENTRY_BEREFT && bereft > 0) {
            t.bereft = true;
            bereft -= e->n;
        }
        note(a, &t);
    }
}

static int by_object(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->bereft != y->bereft)
        return x->bereft ? -1 : 1;
    if (x->stack != y->stack)
        return x->stack < y->stack ? -1 : 1;
    if (x->named != y->named)
        return x->named ? -1 : 1;
    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    if (x->cookie != y->cookie)
        return x->cookie < y->cookie ? -1 : 1;
    return (x->n > y->n) - (x->n < y->n);
}

static void settle(struct acquires *a, struct clerk *c, const struct replay *r)
{
    note_holdings(a, c, r);
    for (uint32_t i = 0; i < c->n; i++)
        if (c->accounts[i].object != OURO_NONE)
            note_ledger(a, c, &c->accounts[i]);
    if (a->n > 0)
        qsort(a->at, a->n, sizeof *a->at, by_object);
}

static void ask_types(struct clerk *c)
{
    c->type_is_asked = must_calloc(c->t->strings.n, 1);
    for (uint32_t i = 0; i < c->s->n_objects; i++)
        if (c->watched[i])
            c->type_is_asked[c->s->objects[i].type] = 1;
}

static void dismiss(struct clerk *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        ledger_release(&c->accounts[i].ledger);
    free(c->accounts);
    free(c->type_is_asked);
    table_release(&c->of_slot);
    table_release(&c->last);
    holdings_release(&c->holdings);
}

int acquires_find(struct acquires *a, const struct shadow *s, struct trace *t,
                  struct trace *parent, const unsigned char *watched,
                  struct err *e)
{
    struct clerk c = {.s = s, .t = t, .watched = watched};
    const struct gc_options no_gc = {.none = true};
    const struct listener listener = {.to = &c, .wants = wants, .hear = hear};
    struct replay r;
    *a = (struct acquires){0};
    c.in_parent = s->with_parent && parent;
    holdings_init(&c.holdings);
    ask_types(&c);
    const int rc =
        run_trace(&r, t, c.in_parent ? parent : NULL, &listener, &no_gc, e);
    if (rc == 0)
        settle(a, &c, &r);
    replay_release(&r);
    dismiss(&c);
    return rc;
}

void acquires_release(struct acquires *a)
{
    free(a->at);
    *a = (struct acquires){0};
}
