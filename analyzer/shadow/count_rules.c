/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/rules.h"

/* Counts come from a file, so they may be anything: they wrap. */
static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* n counts more, or fewer. Fewer than there are is not possible, yet. */
static bool change(struct replay *r, const struct event *e, int64_t n,
                   bool must, uint32_t *object)
{
    const uint32_t i = *object = resolve_object(r, e->a);
    if (i == OURO_NONE) {
        if (must)
            misuse_unknown(r, e, n < 0);
        return must;
    }
    struct live_object *k = objects_get(&r->objects, i);
    const int64_t rc = plus(k->rc, n);
    if (n < 0 && rc < 0 && !must)
        return false;
    k->rc = rc;
    lasting_event(r, i);
    k->counted |= rc > 0;
    if (n >= 0) {
        if (n > 0)
            generations_touch(r, i);
        r->totals.increfs += (uint64_t)n;
    } else {
        k->given_up = e->stack;
        r->totals.decrefs += -(uint64_t)n;
        if (rc < 0 && !k->fell) {
            k->fell = true;
            misuse_of_object(r, MISUSE_NEGATIVE, k);
        }
    }
    replay_tell(r, i, (enum ouro_kind)e->kind, n, e->size);
    return true;
}

bool rule_incref(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    return change(r, e, 1, must, &i);
}

bool rule_decref(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    return change(r, e, -1, must, &i);
}

bool rule_add(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    return change(r, e, e->n, must, &i);
}

bool rule_acquire(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!change(r, e, 1, must, &i))
        return false;
    if (i == OURO_NONE)
        return true;
    struct live_object *k = objects_get(&r->objects, i);
    k->acquired++;
    links_add(
        &r->links,
        &(struct live_link){.holder = ACQUIRES, .target = i, .offset = e->size},
        &k->into);
    return true;
}

bool rule_release(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!change(r, e, -1, must, &i))
        return false;
    if (i == OURO_NONE)
        return true;
    const uint32_t acquire = links_find(&r->links, ACQUIRES, 0, e->size, i);
    if (acquire != OURO_NONE)
        end_link(r, acquire);
    return true;
}

static void note_mismatch(struct replay *r, const struct event *e,
                          const struct live_object *k)
{
    r->totals.count_mismatches++;
    const uint64_t known = table_get(&r->mismatch_of, k->type);
    if (known) {
        r->mismatches[known - 1].n++;
        return;
    }
    GROW(r->mismatches, r->n_mismatches, r->mismatches_room);
    r->mismatches[r->n_mismatches++] = (struct mismatch){
        .type = k->type,
        .stack = e->stack,
        .stamp = e->stamp,
        .addr = k->place.addr,
        .birth = k->birth,
        .said = e->n,
        .announced = k->rc,
        .n = 1,
    };
    table_set(&r->mismatch_of, k->type, r->n_mismatches);
}

/* Where announcements and truth part, other threads may be on their way. */
bool rule_count(struct replay *r, const struct event *e, bool must)
{
    const uint32_t i = resolve_object(r, e->a);
    if (i == OURO_NONE) {
        if (must)
            misuse_unknown(r, e, false);
        return must;
    }
    const struct live_object *k = objects_get(&r->objects, i);
    if (k->rc != e->n) {
        if (!must)
            return false;
        note_mismatch(r, e, k);
    }
    replay_tell_note(r, i, OURO_REC_COUNT, e->n);
    return true;
}
