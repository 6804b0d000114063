/* SPDX-License-Identifier: MIT */
/*
 * References that were announced, and that memory does not show: somebody wrote
 * over the field and gave nothing up. By owner's type and site, field, and
 * target's type and site.
 *
 * Where the program said which slot, that word must be the target's address, or
 * one inside it. Elsewhere, any word in the owner, or in a block that it owns,
 * that points into the target will do.
 *
 * A snapshot leaves out what is no address, a pointer with a tag in its high
 * bits too: then each reference through that field looks like a ghost. So where
 * no word was told it is certain only if some reference through that field was
 * seen; without a slot, nothing is said else.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { UNCHECKED, SEEN, EMPTY, OTHER, MISSING };

/* A reference that can be looked at. */
struct look {
    uint32_t link;
    uint32_t field; /* number of owner, field and target, from 1 */
    uint8_t is;     /* one of the words above */
    bool slotted;   /* by its slot, that is */
    uint64_t value; /* what stands in the slot */
};

struct looks {
    struct inquiry *q;
    uint32_t n, room, n_slots;
    struct look *at;
    struct table fields;
    uint64_t seed;
};

/* Owner, field and target as one number. */
static uint32_t number_of(struct looks *l, const struct link *k)
{
    const struct object *owner = &l->q->s->objects[k->owner];
    const struct object *target = &l->q->s->objects[k->target];
    const uint64_t said[] = {
        owner->type,
        owner->stack,
        k->field,
        !k->field && k->in_owned,
        k->field || k->in_owned ? 0 : (uint64_t)k->offset,
        target->type,
        target->stack,
    };
    const uint64_t key = XXH64(said, sizeof said, l->seed);
    const uint64_t known = table_get(&l->fields, key);
    if (known)
        return (uint32_t)known;
    table_set(&l->fields, key, l->fields.n + 1);
    return (uint32_t)l->fields.n;
}

/* Is the slot in the owner, as it lies now? */
static bool is_in_owner(const struct inquiry *q, const struct link *k)
{
    const struct object *owner = &q->s->objects[k->owner];
    if (k->slot == 0 || k->slot % 8 != 0)
        return false;
    if (owner->block == OURO_NONE)
        return k->slot - owner->addr < owner->bytes &&
               snapshot_region_at(q->m->snapshot, k->slot) <
                   q->m->snapshot->n_regions;
    const uint32_t v = memory_block(q->m, k->slot);
    if (v == OURO_NONE || q->m->now[v] == OURO_NONE)
        return false;
    const uint32_t now = q->m->now[v];
    return now == owner->block || q->s->blocks[now].owner == k->owner;
}

static bool was_there(const struct inquiry *q, uint32_t object)
{
    const struct object *k = &q->s->objects[object];
    return k->stamp <= q->m->snapshot->stamp &&
           !object_is_excused(q->s, object);
}

static void add_look(struct looks *l, uint32_t link, bool slotted)
{
    GROW(l->at, l->n, l->room);
    l->at[l->n++] = (struct look){
        .link = link,
        .field = number_of(l, &l->q->s->links[link]),
        .slotted = slotted,
    };
    l->n_slots += slotted;
}

static void list_looks(struct looks *l)
{
    const struct inquiry *q = l->q;
    for (uint32_t i = 0; i < q->s->n_links; i++) {
        const struct link *k = &q->s->links[i];
        if (k->owner == OURO_NONE || k->stamp > q->m->snapshot->stamp ||
            !was_there(q, k->owner) || !was_there(q, k->target))
            continue;
        const bool slotted = is_in_owner(q, k);
        if (slotted || q->s->objects[k->owner].block != OURO_NONE)
            add_look(l, i, slotted);
    }
}

static bool is_target(const struct inquiry *q, uint32_t object, uint64_t value)
{
    const struct object *k = &q->s->objects[object];
    if (k->block == OURO_NONE)
        return value - k->addr < (k->bytes > 0 ? k->bytes : 1);
    const struct block *b = &q->s->blocks[k->block];
    return value - b->addr < (b->size > 0 ? b->size : 1);
}

static int by_slot(const void *a, const void *b)
{
    const struct memory_slot *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static uint64_t value_at(const struct memory_slot *slots, uint32_t n,
                         uint64_t at)
{
    const struct memory_slot key = {.at = at};
    const struct memory_slot *found =
        bsearch(&key, slots, n, sizeof key, by_slot);
    return found ? found->value : 0;
}

/* Reads the slots' words, and judges by them. */
static int look_at_slots(struct looks *l, struct err *e)
{
    struct inquiry *q = l->q;
    struct memory_slot *slots = must_calloc(l->n_slots, sizeof *slots);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->at[i].slotted)
            slots[n++].at = q->s->links[l->at[i].link].slot;
    if (n > 0)
        qsort(slots, n, sizeof *slots, by_slot);
    const int rc = memory_slots(q->m, q->t, slots, n, e);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct look *k = &l->at[i];
        const struct link *link = &q->s->links[k->link];
        if (!k->slotted)
            continue;
        k->value = value_at(slots, n, link->slot);
        if (k->value == 0)
            k->is = EMPTY;
        else
            k->is = is_target(q, link->target, k->value) ? SEEN : OTHER;
    }
    free(slots);
    return rc;
}

/* Blocks that an object owns, in a row for each. */
struct owned {
    uint32_t *first, *block;
};

static struct owned list_owned(struct inquiry *q)
{
    const struct shadow *s = q->s;
    struct owned o = {
        .first = ARENA_ARRAY(&q->scratch, (size_t)s->n_objects + 2, uint32_t),
    };
    for (uint32_t i = 0; i < s->n_blocks; i++)
        if (s->blocks[i].owner != OURO_NONE)
            o.first[s->blocks[i].owner + 2]++;
    for (uint32_t v = 0; v <= s->n_objects; v++)
        o.first[v + 1] += o.first[v];
    o.block = ARENA_ARRAY(&q->scratch, o.first[s->n_objects + 1], uint32_t);
    for (uint32_t i = 0; i < s->n_blocks; i++)
        if (s->blocks[i].owner != OURO_NONE)
            o.block[o.first[s->blocks[i].owner + 1]++] = i;
    return o;
}

/* Marks with `mark` what the words of a block of the shadow point at. */
static void mark_row(const struct inquiry *q, uint32_t block, uint32_t *marks,
                     uint32_t mark)
{
    const uint32_t v = q->m->then[block];
    if (v == OURO_NONE)
        return;
    for (uint32_t i = q->m->g.first[v]; i < q->m->g.first[v + 1]; i++)
        marks[q->m->g.to[i]] = mark;
}

static void mark_all(const struct inquiry *q, const struct owned *o,
                     uint32_t owner, uint32_t *marks, uint32_t mark)
{
    mark_row(q, q->s->objects[owner].block, marks, mark);
    for (uint32_t i = o->first[owner]; i < o->first[owner + 1]; i++)
        mark_row(q, o->block[i], marks, mark);
}

/* Links, and so looks, stand by owner. */
static void look_at_words(struct looks *l)
{
    struct inquiry *q = l->q;
    const struct owned o = list_owned(q);
    uint32_t *marks = must_calloc(q->m->g.n, sizeof *marks);
    uint32_t mark = 0, owner = OURO_NONE;
    for (uint32_t i = 0; i < l->n; i++) {
        struct look *k = &l->at[i];
        const struct link *link = &q->s->links[k->link];
        const uint32_t target = q->s->objects[link->target].block;
        if (k->slotted || target == OURO_NONE ||
            q->m->then[target] == OURO_NONE ||
            target == q->s->objects[link->owner].block)
            continue;
        if (link->owner != owner)
            mark_all(q, &o, link->owner, marks, ++mark);
        owner = link->owner;
        k->is = marks[q->m->then[target]] == mark ? SEEN : MISSING;
    }
    free(marks);
}

static void add_ghost(struct inquiry *q, const struct look *k, bool sure)
{
    const struct link *link = &q->s->links[k->link];
    const struct group key = {
        .stack = link->stack,
        .what = k->field << 1 | sure,
        .type = q->s->objects[link->target].type,
        .other_stack = k->value != 0,
    };
    struct group *g = groups_find(&q->ghosts, &key);
    group_add(g, k->link, link->stamp, (struct held){0}, (struct held){0});
    appearances_note(q, &g->appeared, link->stamp);
}

static void list_ghosts(const struct looks *l)
{
    unsigned char *seen = must_calloc(l->fields.n + 1, 1);
    for (uint32_t i = 0; i < l->n; i++)
        seen[l->at[i].field] |= l->at[i].is == SEEN;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct look *k = &l->at[i];
        if (k->is == OTHER || k->is == EMPTY)
            add_ghost(l->q, k, k->is == OTHER || seen[k->field]);
        else if (k->is == MISSING && seen[k->field])
            add_ghost(l->q, k, false);
    }
    free(seen);
}

int ghosts_gather(struct inquiry *q, struct err *e)
{
    struct looks l = {.q = q, .seed = hash_seed()};
    if (!q->m)
        return 0;
    list_looks(&l);
    const int rc = look_at_slots(&l, e);
    if (rc == 0) {
        look_at_words(&l);
        list_ghosts(&l);
    }
    table_release(&l.fields);
    free(l.at);
    return rc;
}

void ghosts_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->ghosts.n; i++) {
        const struct link *k = &q->s->links[q->ghosts.at[i].eldest];
        inquiry_ask(q, k->stack);
        inquiry_ask(q, q->s->objects[k->owner].stack);
        inquiry_ask(q, q->s->objects[k->target].stack);
    }
}

static const char *what_of(const struct group *g, const struct link *k)
{
    if (g->other_stack)
        return "holds something else now, and nothing said so";
    if (k->slot != 0)
        return "holds nothing now, and nothing said so";
    return "is nowhere in its owner";
}

static void describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->ghosts.at[index];
    const struct link *k = &q->s->links[g->eldest];
    char text[FIELD_TEXT];
    const char *field = inquiry_field(q, k, text);
    f->evidence = "scanned";
    f->what = what_of(g, k);
    f->n_members = 2;
    f->members = ARENA_ARRAY(q->out, 2, struct finding_member);
    f->members[0] = inquiry_member(q, k->owner);
    f->members[1] = inquiry_member(q, k->target);
    f->n_edges = 1;
    f->edges = ARENA_ARRAY(q->out, 1, struct finding_edge);
    f->edges[0] = (struct finding_edge){
        .from = 0,
        .to = 1,
        .field = arena_text(q->out, field, strlen(field)),
        .count = 1,
        .time = trace_seconds(q->t, k->stamp),
        .stack = inquiry_places(q, k->stack),
    };
    f->stack = f->edges[0].stack;
}

void ghosts_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->ghosts.n; i++) {
        const struct group *g = &q->ghosts.at[i];
        const struct link *k = &q->s->links[g->eldest];
        const struct object *owner = &q->s->objects[k->owner];
        const struct object *target = &q->s->objects[k->target];
        char text[FIELD_TEXT];
        struct draft *d = inquiry_draft_group(q, FINDING_GHOST_EDGE, i, g);
        uint64_t part =
            fingerprint_edge(inquiry_part(q, owner->type, owner->stack),
                             inquiry_field(q, k, text),
                             inquiry_part(q, target->type, target->stack));
        d->reach = g->what & 1 ? REACH_DEFINITE : REACH_POSSIBLE;
        d->describe = describe;
        fingerprint_set(d->id, "ghost-edge", &part, 1);
    }
}
