/* SPDX-License-Identifier: MIT */
#include "explain/fates.h"

#include "arena.h"
#include "shadow/run.h"

#include <stdlib.h>

/* What is known of a live object, by its slot. */
struct account {
    struct takings_of takings;
    int64_t named; /* counts */
    int64_t links; /* that hold it now */
    int64_t most;  /* links beyond its counts that were noted already */
    uint32_t over_stack, over_field; /* the LINK just before, if it was one too
                                        many: */
    bool over;
    bool opened;    /* it was heard from NEW on */
    uint32_t story; /* + 1 */
};

struct audit {
    struct fates *f;
    const struct shadow *s;
    bool in_parent; /* what is heard may be of another trace */
    uint32_t n, room;
    struct account *accounts;
    struct table type_of;  /* type + 1 -> index in f->types + 1 */
    struct table story_of; /* birth -> story + 1 */
};

static struct type_sums *sums_of(struct audit *c, uint32_t type)
{
    struct fates *f = c->f;
    const uint64_t known = table_get(&c->type_of, (uint64_t)type + 1);
    if (known)
        return &f->types[known - 1];
    GROW(f->types, f->n_types, f->types_room);
    f->types[f->n_types] = (struct type_sums){.type = type};
    table_set(&c->type_of, (uint64_t)type + 1, ++f->n_types);
    return &f->types[f->n_types - 1];
}

static struct account *account_of(struct audit *c, uint32_t slot)
{
    while (c->n <= slot) {
        GROW(c->accounts, c->n, c->room);
        c->accounts[c->n++] = (struct account){.opened = false};
    }
    return &c->accounts[slot];
}

static void add(uint64_t *sum, uint64_t n)
{
    if (__builtin_add_overflow(*sum, n, sum))
        *sum = UINT64_MAX;
}

static uint64_t size_of(int64_t n)
{
    return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

static void note_surplus(struct audit *c, uint32_t type, uint32_t stack,
                         uint32_t field, uint64_t n)
{
    const struct group key = {
        .stack = stack, .type = type, .other_stack = field};
    add(&groups_find(&c->f->surplus, &key)->instances, n);
}

/* What comes next shows whether a LINK was only told before its INCREF, or
   before the UNLINK of the field that had the count until now. */
static void judge_last_link(struct audit *c, struct account *a, uint32_t type,
                            const struct heard *h)
{
    if (!a->over)
        return;
    a->over = false;
    const bool unlinks = h && (h->event->kind == OURO_REC_UNLINK ||
                               h->event->kind == OURO_REC_UNROOT);
    if (unlinks || (h && h->n > 0 && h->kind != OURO_REC_NEW))
        a->most--;
    else
        note_surplus(c, type, a->over_stack, a->over_field, 1);
}

static void open_account(struct audit *c, const struct replay *r,
                         const struct heard *h, struct account *a)
{
    const struct live_object *k = objects_get(&r->objects, h->object);
    *a = (struct account){.opened = true};
    a->story = (uint32_t)table_get(&c->story_of, k->birth);
    if (k->holder != OURO_NONE &&
        links_holder(&r->links, k->holder)->link != OURO_NONE)
        sums_of(c, k->type)->holds = true;
    if (a->story)
        c->f->stories[a->story - 1].known = true;
    takings_take(&c->f->takings, &a->takings, TAKEN_BY_NEW, k->stack,
                 h->n > 0 ? size_of(h->n) : 0);
}

/* Its type may have been told after its NEW. */
static struct type_sums *add_to_type(struct audit *c,
                                     const struct live_object *k)
{
    struct type_sums *t = sums_of(c, k->type);
    t->created++;
    t->leaves += (k->flags & OBJECT_LEAF) != 0;
    return t;
}

static void take(struct audit *c, const struct heard *h, struct account *a,
                 uint32_t type)
{
    if (h->kind == OURO_REC_ACQUIRE) {
        sums_of(c, type)->named++;
        a->named++;
        return;
    }
    takings_take(&c->f->takings, &a->takings, TAKEN_BY_INCREF, h->event->stack,
                 size_of(h->n));
}

static void give(struct audit *c, const struct replay *r, const struct heard *h,
                 struct account *a, uint32_t type)
{
    add(&sums_of(c, type)->given, size_of(h->n));
    if (h->kind == OURO_REC_RELEASE &&
        links_find(&r->links, ACQUIRES, 0, h->cookie, h->object) != OURO_NONE) {
        a->named--;
        return;
    }
    takings_give(&c->f->takings, &a->takings, type, h->event->stack,
                 size_of(h->n));
}

static void hear_link(struct audit *c, const struct live_object *k,
                      const struct heard *h, struct account *a)
{
    sums_of(c, k->type)->links++;
    a->links++;
    if (k->acquired < a->named) /* the link took that count */
        a->named = k->acquired;
    else
        takings_link(&c->f->takings, &a->takings, k->type, h->event->stack);
    if (k->rc >= a->links || a->links - k->rc <= a->most)
        return;
    a->most = a->links - k->rc;
    a->over = true;
    a->over_stack = h->event->stack;
    a->over_field = h->field;
}

static void hear_unlink(struct audit *c, const struct live_object *k,
                        const struct heard *h, struct account *a)
{
    const uint8_t by = h->event->kind;
    const bool said = by == OURO_REC_UNLINK || by == OURO_REC_UNLINK_ALL ||
                      by == OURO_REC_UNROOT;
    sums_of(c, k->type);
    a->links--;
    if (a->most > 0 && a->links - k->rc < a->most)
        a->most = a->links > k->rc ? a->links - k->rc : 0;
    takings_unlink(&c->f->takings, &a->takings, k->type, !said);
}

static void add_to_story(struct story *s, const struct live_object *k,
                         const struct heard *h)
{
    if (s->went_on)
        return;
    s->went_on = s->closed;
    struct told *to =
        s->closed ? &s->after : &s->events[s->n_events++ % STORY_EVENTS];
    *to = (struct told){
        .stamp = h->event->stamp,
        .stack = h->event->stack,
        .field = h->field,
        .kind = h->kind,
        .n = h->n,
        .rc = k->rc,
    };
}

/* Of those that were inherited the beginning is not known. */
static struct account *hears_of(struct audit *c, const struct replay *r,
                                const struct heard *h)
{
    const struct live_object *k = objects_get(&r->objects, h->object);
    if ((c->in_parent && !r->forked) || k->flags & OBJECT_INHERITED)
        return NULL;
    return account_of(c, h->object);
}

static void hear(void *to, const struct replay *r, const struct heard *h)
{
    struct audit *c = to;
    struct account *a = hears_of(c, r, h);
    const struct live_object *k = objects_get(&r->objects, h->object);
    if (h->owner != OURO_NONE && !(c->in_parent && !r->forked))
        sums_of(c, objects_get(&r->objects, h->owner)->type)->holds = true;
    if (!a)
        return;
    if (h->kind == OURO_REC_NEW)
        open_account(c, r, h, a);
    if (a->story)
        add_to_story(&c->f->stories[a->story - 1], k, h);
    judge_last_link(c, a, k->type, h);
    switch ((int)h->kind) {
    case OURO_REC_NEW:
        return;
    case OURO_REC_LINK:
    case OURO_REC_ROOT:
        hear_link(c, k, h, a);
        return;
    case OURO_REC_UNLINK:
    case OURO_REC_UNROOT:
        hear_unlink(c, k, h, a);
        return;
    default:
        if (h->n > 0)
            take(c, h, a, k->type);
        else if (h->n < 0)
            give(c, r, h, a, k->type);
    }
}

/* Counts that are neither a reference's nor have a name. */
static uint64_t anonymous_left(const struct account *a, int64_t rc)
{
    int64_t left;
    if (__builtin_sub_overflow(rc, a->links + a->named, &left) || left < 0)
        return 0;
    return (uint64_t)left;
}

static void hear_end(struct audit *c, const struct live_object *k,
                     struct account *a, int64_t rc)
{
    struct type_sums *t = add_to_type(c, k);
    if (rc > 0 && !(k->flags & OBJECT_IMMORTAL)) {
        t->died_early++;
        add(&t->left, (uint64_t)rc);
    }
    judge_last_link(c, a, k->type, NULL);
    takings_close(&c->f->takings, &a->takings, k->type, FATE_DIED,
                  anonymous_left(a, rc));
    *a = (struct account){.opened = false};
}

static void hear_count(struct story *s, const struct live_object *k,
                       const struct heard *h)
{
    if (s->closed)
        return;
    if (h->n != k->rc) {
        s->closed = true;
        return;
    }
    s->matched = true;
    s->matched_stamp = h->event->stamp;
    s->matched_stack = h->event->stack;
    s->matched_count = h->n;
    s->n_events = 0;
}

static void note(void *to, const struct replay *r, const struct heard *h)
{
    struct audit *c = to;
    struct account *a = hears_of(c, r, h);
    const struct live_object *k = objects_get(&r->objects, h->object);
    if (!a || !a->opened)
        return;
    if (h->kind == OURO_REC_DEAD)
        hear_end(c, k, a, h->n);
    else if (a->story)
        hear_count(&c->f->stories[a->story - 1], k, h);
}

static bool wants(void *to, uint64_t birth)
{
    (void)to, (void)birth;
    return true;
}

/* Links beyond the counts that no single LINK was to blame for when it came:
   the newest. */
static void blame_newest(struct audit *c, const struct replay *r,
                         const struct live_object *k, const struct account *a)
{
    int64_t more = a->links - (k->rc > 0 ? k->rc : 0) - a->most;
    for (uint32_t i = k->into; more > 0 && i != OURO_NONE;) {
        const struct live_link *l = links_get(&r->links, i);
        i = l->into.next;
        if (l->holder == ACQUIRES)
            continue;
        note_surplus(c, k->type, l->stack, l->field, 1);
        more--;
    }
}

static void close_all(struct audit *c, const struct replay *r)
{
    const uint32_t excused = OBJECT_IMMORTAL | OBJECT_IGNORED;
    for (uint32_t i = 0; i < c->n; i++) {
        struct account *a = &c->accounts[i];
        const struct live_object *k = objects_get(&r->objects, i);
        if (!a->opened)
            continue;
        add_to_type(c, k);
        judge_last_link(c, a, k->type, NULL);
        if (k->flags & excused) {
            takings_close(&c->f->takings, &a->takings, k->type, FATE_EXCUSED,
                          UINT64_MAX);
            continue;
        }
        if (slots_is_live(&r->objects.slots, i))
            blame_newest(c, r, k, a);
        takings_close(&c->f->takings, &a->takings, k->type, FATE_HELD,
                      anonymous_left(a, k->rc));
    }
}

static void await_stories(struct audit *c)
{
    struct fates *f = c->f;
    f->n_stories = c->s->n_mismatches < STORIES ? c->s->n_mismatches : STORIES;
    f->stories = must_calloc(f->n_stories, sizeof *f->stories);
    for (uint32_t i = 0; i < f->n_stories; i++)
        table_set(&c->story_of, c->s->mismatches[i].birth, (uint64_t)i + 1);
}

int fates_find(struct fates *f, const struct shadow *s, struct trace *t,
               struct trace *parent, struct err *e)
{
    *f = (struct fates){.n_types = 0};
    struct audit c = {.f = f, .s = s};
    const struct gc_options no_gc = {.none = true};
    const struct listener listener = {
        .to = &c, .wants = wants, .hear = hear, .note = note};
    struct replay r;
    c.in_parent = s->with_parent && parent;
    takings_init(&f->takings, &t->stacks);
    groups_init(&f->surplus);
    await_stories(&c);
    const int rc =
        run_trace(&r, t, c.in_parent ? parent : NULL, &listener, &no_gc, e);
    if (rc == 0)
        close_all(&c, &r);
    replay_release(&r);
    free(c.accounts);
    table_release(&c.type_of);
    table_release(&c.story_of);
    return rc;
}

void fates_release(struct fates *f)
{
    free(f->types);
    free(f->stories);
    takings_release(&f->takings);
    groups_release(&f->surplus);
    *f = (struct fates){.n_types = 0};
}
