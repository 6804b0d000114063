/* SPDX-License-Identifier: MIT */
/*
 * Objects that died while somebody still held them, and holds them yet: given
 * back once too often. By who holds them through which field, by where that was
 * linked, and by where they died.
 *
 * An object whose counts had not come to zero when its block was freed is a
 * misuse of its own (misuse_findings.c), and not told twice.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdio.h>
#include <xxhash.h>

static struct link as_link(const struct dangling_link *k)
{
    return (struct link){.owner = k->owner,
                         .field = k->field,
                         .offset = k->offset,
                         .in_owned = k->in_owned};
}

/* A number for owner's type and field. */
static uint32_t holder_of(struct inquiry *q, struct table *numbers,
                          uint64_t seed, const struct dangling_link *k)
{
    const uint64_t said[] = {
        q->s->objects[k->owner].type,
        k->field,
        !k->field && k->in_owned,
        k->field || k->in_owned ? 0 : (uint64_t)k->offset,
    };
    const uint64_t key = XXH64(said, sizeof said, seed);
    const uint64_t known = table_get(numbers, key);
    if (known)
        return (uint32_t)known;
    table_set(numbers, key, numbers->n + 1);
    return (uint32_t)numbers->n;
}

static bool is_told(const struct shadow *s, const struct dangling_link *k)
{
    return !(k->freed && k->rc > 0) && !object_is_excused(s, k->owner);
}

void danglings_gather(struct inquiry *q)
{
    struct table numbers = {0};
    const uint64_t seed = hash_seed();
    for (uint32_t i = 0; i < q->s->n_dangling; i++) {
        const struct dangling_link *k = &q->s->dangling[i];
        if (!is_told(q->s, k))
            continue;
        const struct group key = {
            .stack = k->link_stack,
            .what = holder_of(q, &numbers, seed, k),
            .type = k->type,
            .other_stack = k->death_stack,
        };
        struct group *g = groups_find(&q->danglings, &key);
        group_add(g, i, k->death_stamp, (struct held){0}, (struct held){0});
        appearances_note(q, &g->appeared, k->death_stamp);
    }
    table_release(&numbers);
}

static const struct dangling_link *first_of(const struct inquiry *q,
                                            const struct group *g)
{
    return &q->s->dangling[g->eldest];
}

void danglings_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->danglings.n; i++) {
        const struct dangling_link *k = first_of(q, &q->danglings.at[i]);
        inquiry_ask(q, k->link_stack);
        inquiry_ask(q, k->death_stack);
        inquiry_ask(q, k->birth_stack);
        inquiry_ask(q, q->s->objects[k->owner].stack);
    }
}

static void describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    enum { NAME = 60 };
    const struct dangling_link *k = first_of(q, &q->danglings.at[index]);
    const struct link link = as_link(k);
    const char *owner = inquiry_text(q, q->s->objects[k->owner].type);
    char text[FIELD_TEXT], what[4 * NAME];
    const char *field = inquiry_field(q, &link, text);
    const int len = snprintf(
        what, sizeof what, "died while %.*s%s%.*s held it, and holds it yet",
        NAME, *owner ? owner : "object",
        *field == '+' || *field == '[' ? "" : ".", NAME, field);
    f->what = arena_text(q->out, what, (size_t)len);
    f->evidence = "counted";
    f->label = inquiry_text(q, k->label);
    f->stack = inquiry_places(q, k->link_stack);
    f->birth_stack = inquiry_places(q, k->birth_stack);
    f->has_death = true;
    f->death_time = trace_seconds(q->t, k->death_stamp);
    f->death_stack = inquiry_places(q, k->death_stack);
}

void danglings_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->danglings.n; i++) {
        const struct group *g = &q->danglings.at[i];
        const struct dangling_link *k = first_of(q, g);
        const struct object *owner = &q->s->objects[k->owner];
        const struct link link = as_link(k);
        char text[FIELD_TEXT];
        struct draft *d = inquiry_draft_group(q, FINDING_OVER_RELEASE, i, g);
        d->describe = describe;
        const uint64_t held = inquiry_part(q, k->type, k->birth_stack);
        const uint64_t holder = inquiry_part(q, owner->type, owner->stack);
        uint64_t parts[] = {
            fingerprint_edge(holder, inquiry_field(q, &link, text), held),
            fingerprint_edge(held, "", inquiry_part(q, 0, k->death_stack)),
        };
        fingerprint_set(d->id, "over-release dead", parts, 2);
    }
}
