/* SPDX-License-Identifier: MIT */
#include "shadow/replay.h"

#include <string.h>

struct translation {
    const struct strings *from;
    struct strings *to;
};

static uint32_t translate(const struct translation *t, uint32_t text)
{
    if (text == 0 || text >= t->from->n)
        return 0;
    const char *s = t->from->text[text];
    return strings_id(t->to, s, strlen(s));
}

static void inherit_blocks(struct blocks *b)
{
    for (uint32_t i = 0; i < b->slots.n; i++) {
        if (!slots_is_live(&b->slots, i))
            continue;
        blocks_get(b, i)->flags |= BLOCK_INHERITED;
        blocks_get(b, i)->stack = 0;
        if (blocks_extra_of(b, i))
            blocks_extra_of(b, i)->stranger = OURO_NONE;
    }
    addrmap_forget_notes(&b->map);
}

static void inherit_objects(struct objects *o, const struct translation *t)
{
    for (uint32_t i = 0; i < o->slots.n; i++) {
        if (!slots_is_live(&o->slots, i))
            continue;
        struct live_object *k = objects_get(o, i);
        k->flags |= OBJECT_INHERITED;
        k->stack = k->given_up = 0;
        k->type = translate(t, k->type);
        k->label = translate(t, k->label);
    }
    addrmap_forget_notes(&o->map);
    o->n_dead = o->next_dead = 0;
}

static void inherit_links(struct links *l, const struct translation *t)
{
    for (uint32_t i = 0; i < l->slots.n; i++) {
        if (!slots_is_live(&l->slots, i))
            continue;
        links_get(l, i)->stack = 0;
        links_get(l, i)->field = translate(t, links_get(l, i)->field);
    }
    links_reindex(l);
}

void replay_fork(struct replay *r, const struct strings *from,
                 struct strings *to)
{
    const struct translation t = {from, to};
    inherit_blocks(&r->blocks);
    inherit_objects(&r->objects, &t);
    inherit_links(&r->links, &t);
    dangling_forget_all(r);
    r->n_lasting = 0;
    table_release(&r->thread_of);
    table_release(&r->mismatch_of);
    r->n_threads = r->n_mismatches = r->n_misuses = 0;
    memset(r->all_misuses, 0, sizeof r->all_misuses);
    r->totals = (struct shadow_totals){0};
    oddities_release(&r->oddities);
    oddities_init(&r->oddities);
    r->certain = true;
    r->stamp = 0;
    generations_fork(r);
    census_fork(r);
}
