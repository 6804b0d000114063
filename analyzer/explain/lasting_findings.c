/* SPDX-License-Identifier: MIT */
/*
 * Objects that had fewer counts than references over more than one collection,
 * by type, by where they were made and by where a count was given back last.
 * Those that have fewer still are told with the others that do (balances.c).
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

static bool is_told(const struct inquiry *q, const struct lasting *k)
{
    const struct shadow *s = q->s;
    const uint32_t v = shadow_born(s, k->birth);
    return v == OURO_NONE || (s->objects[v].rc >= (int64_t)q->o.owned[v] &&
                              !object_is_excused(s, v));
}

void lasting_gather(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->s->n_lasting; i++) {
        const struct lasting *k = &q->s->lasting[i];
        if (!is_told(q, k))
            continue;
        const struct group key = {
            .stack = k->given_up,
            .type = k->type,
            .other_stack = k->birth_stack,
        };
        struct group *g = groups_find(&q->lasting, &key);
        group_add(g, i, k->birth, (struct held){0}, (struct held){0});
        appearances_note(q, &g->appeared, k->stamp);
    }
}

void lasting_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->lasting.n; i++) {
        inquiry_ask(q, q->lasting.at[i].stack);
        inquiry_ask(q, q->lasting.at[i].other_stack);
    }
}

static void describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->lasting.at[index];
    const struct lasting *k = &q->s->lasting[g->eldest];
    f->evidence = "counted";
    f->what = "had fewer counts than references over two collections and more";
    f->label = inquiry_text(q, k->label);
    f->birth_stack = inquiry_places(q, k->birth_stack);
    f->stack = inquiry_places(q, k->given_up);
}

void lasting_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->lasting.n; i++) {
        const struct group *g = &q->lasting.at[i];
        struct draft *d = inquiry_draft_group(q, FINDING_OVER_RELEASE, i, g);
        d->describe = describe;
        uint64_t part =
            fingerprint_edge(inquiry_part(q, g->type, g->other_stack), "",
                             inquiry_part(q, 0, g->stack));
        fingerprint_set(d->id, "over-release for long", &part, 1);
    }
}
