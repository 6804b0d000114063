/* SPDX-License-Identifier: MIT */
#include "explain/inquiry.h"

#include "explain/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>

struct held inquiry_own(const struct inquiry *q, uint32_t object)
{
    return (struct held){1, q->w.blocks[object], q->w.bytes[object]};
}

uint32_t inquiry_node(const struct inquiry *q, uint32_t object)
{
    const uint32_t block = q->s->objects[object].block;
    return block == OURO_NONE ? OURO_NONE : q->m->then[block];
}

void inquiry_ask(struct inquiry *q, uint32_t stack)
{
    if (stack == 0 || q->asked[stack])
        return;
    q->asked[stack] = 1;
    GROW(q->stacks, q->n_stacks, q->stacks_room);
    q->stacks[q->n_stacks++] = stack;
}

/* The first moment behind those of the object. */
static uint32_t moments_end(const struct history *h, uint32_t object)
{
    uint32_t low = 0;
    uint32_t high = h->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (h->moments[middle].object <= object)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct lowering inquiry_lowering(const struct inquiry *q, uint32_t object)
{
    const struct history *h = &q->history;
    for (uint32_t i = moments_end(h, object);
         i > 0 && h->moments[i - 1].object == object; i--) {
        const struct moment *m = &h->moments[i - 1];
        if (m->n < 0)
            return (struct lowering){true, m->stamp, m->stack};
    }
    return (struct lowering){0};
}

struct places inquiry_places(struct inquiry *q, uint32_t stack)
{
    return sites_shown(&q->sites, stack);
}

const char *inquiry_text(const struct inquiry *q, uint32_t string)
{
    return q->t->strings.text[string];
}

struct finding_member inquiry_member(struct inquiry *q, uint32_t object)
{
    const struct object *k = &q->s->objects[object];
    const int64_t owned = q->o.owned[object];
    const int64_t rest =
        (int64_t)((uint64_t)k->rc - (uint64_t)owned - (uint64_t)k->acquired);
    const int64_t anonymous = rest > 0 ? rest : 0;
    return (struct finding_member){
        .object = object,
        .type = inquiry_text(q, k->type),
        .label = inquiry_text(q, k->label),
        .addr = k->addr,
        .bytes = q->w.bytes[object],
        .refcount = k->rc,
        .owned = owned,
        .acquired = k->acquired,
        .anonymous = anonymous,
        .unknown = rest - anonymous,
        .stack = inquiry_places(q, k->stack),
    };
}

const char *inquiry_field(const struct inquiry *q, const struct link *k,
                          char text[FIELD_TEXT])
{
    if (k->field != 0)
        return inquiry_text(q, k->field);
    if (k->in_owned)
        return "[]";
    snprintf(text, FIELD_TEXT, "%+" PRId64, k->offset);
    return text;
}

uint64_t inquiry_part(struct inquiry *q, uint32_t type, uint32_t stack)
{
    return fingerprint_object(inquiry_text(q, type),
                              sites_text(&q->sites, stack));
}

struct draft *inquiry_draft(struct inquiry *q, enum finding_kind kind,
                            uint32_t index)
{
    GROW(q->drafts, q->n_drafts, q->drafts_room);
    struct draft *d = &q->drafts[q->n_drafts++];
    *d = (struct draft){
        .kind = kind, .index = index, .holder = OURO_NONE, .type = {"", 0}};
    return d;
}

struct draft *inquiry_draft_group(struct inquiry *q, enum finding_kind kind,
                                  uint32_t index, const struct group *g)
{
    struct draft *d = inquiry_draft(q, kind, index);
    d->birth = g->birth;
    d->instances = g->instances;
    d->appeared = g->appeared;
    d->own = g->own;
    d->held = g->held;
    d->type = (struct finding_type){inquiry_text(q, g->type), g->instances};
    return d;
}
