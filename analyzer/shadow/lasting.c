/* SPDX-License-Identifier: MIT */
#include "shadow/lasting.h"

#include "arena.h"
#include "shadow/replay.h"

void lasting_note(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    if (!k->short_once) {
        k->short_once = true;
        return;
    }
    if (k->short_long || r->n_lasting == LASTING_KEPT)
        return;
    k->short_long = true;
    GROW(r->lasting, r->n_lasting, r->lasting_room);
    r->lasting[r->n_lasting++] = (struct lasting){
        .birth = k->birth,
        .addr = k->place.addr,
        .stamp = r->stamp,
        .ext = k->refs,
        .type = k->type,
        .label = k->label,
        .birth_stack = k->stack,
        .given_up = k->given_up,
    };
}

void lasting_event(struct replay *r, uint32_t object)
{
    objects_get(&r->objects, object)->short_once = false;
}

void lasting_settle(struct replay *r, struct shadow *s)
{
    s->lasting = r->lasting;
    s->n_lasting = r->n_lasting;
    r->lasting = NULL;
    r->n_lasting = 0;
}
