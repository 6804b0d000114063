/* SPDX-License-Identifier: MIT */
/*
 * Two open-addressed tables, at most half full, with linear probing. Stacks
 * are looked up for many events, so their slots hold the key; frames
 * once a chunk, so their slots hold the id alone. An id of 0 is an empty slot:
 * stack 0 and frame 0 are never looked up.
 */
#include "trace/stacks.h"

#include "arena.h"
#include "trace/hash.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

struct stack_slot {
    uint32_t parent, frame, id;
};

struct stacks_index {
    uint64_t seed;
    uint32_t room, room_frames;
    uint64_t n_slots, n_frame_slots; /* powers of two */
    struct stack_slot *slots;
    uint32_t *frame_slots;
};

static void make_room_for_callees(struct stacks *s, uint32_t room)
{
    for (uint32_t i = 0; i < STACKS_CALLEES; i++)
        s->callees[i] =
            must_realloc(s->callees[i], room, sizeof *s->callees[i]);
}

static void forget_callees(struct stacks *s, uint32_t id)
{
    for (uint32_t i = 0; i < STACKS_CALLEES; i++)
        s->callees[i][id] = (struct stacks_callee){STACKS_FULL, STACKS_FULL};
}

static void add_stack(struct stacks *s, uint32_t parent, uint32_t frame)
{
    struct stacks_index *x = s->index;
    if (s->n == x->room) {
        x->room = x->room > UINT32_MAX / 2 ? UINT32_MAX : x->room * 2;
        s->parent = must_realloc(s->parent, x->room, sizeof *s->parent);
        s->frame = must_realloc(s->frame, x->room, sizeof *s->frame);
        make_room_for_callees(s, x->room);
    }
    forget_callees(s, s->n);
    s->parent[s->n] = parent;
    s->frame[s->n++] = frame;
}

static void add_frame(struct stacks *s, uint64_t ip, uint32_t epoch)
{
    struct stacks_index *x = s->index;
    if (s->n_frames == x->room_frames) {
        x->room_frames =
            x->room_frames > UINT32_MAX / 2 ? UINT32_MAX : x->room_frames * 2;
        s->frames = must_realloc(s->frames, x->room_frames, sizeof *s->frames);
    }
    s->frames[s->n_frames++] = (struct frame){ip, epoch};
}

void stacks_init(struct stacks *s)
{
    *s = (struct stacks){.index = must_calloc(1, sizeof *s->index)};
    struct stacks_index *x = s->index;
    x->seed = hash_seed();
    x->room = x->room_frames = FIRST_SLOTS / 2;
    x->n_slots = x->n_frame_slots = FIRST_SLOTS;
    x->slots = must_calloc(x->n_slots, sizeof *x->slots);
    x->frame_slots = must_calloc(x->n_frame_slots, sizeof *x->frame_slots);
    s->parent = must_calloc(x->room, sizeof *s->parent);
    s->frame = must_calloc(x->room, sizeof *s->frame);
    make_room_for_callees(s, x->room);
    forget_callees(s, 0);
    s->frames = must_calloc(x->room_frames, sizeof *s->frames);
    s->n = s->n_frames = 1;
}

void stacks_release(struct stacks *s)
{
    if (s->index) {
        free(s->index->slots);
        free(s->index->frame_slots);
    }
    free(s->index);
    free(s->parent);
    free(s->frame);
    for (uint32_t i = 0; i < STACKS_CALLEES; i++)
        free(s->callees[i]);
    free(s->frames);
    *s = (struct stacks){0};
}

/* Where (parent, frame) is, or the empty slot where it belongs. */
static inline struct stack_slot *stack_slot(const struct stacks_index *x,
                                            uint32_t parent, uint32_t frame)
{
    const uint64_t mask = x->n_slots - 1;
    uint64_t i = hash_pair(x->seed, parent, frame);
    for (;; i++) {
        struct stack_slot *slot = &x->slots[i & mask];
        if (slot->id == 0 || (slot->parent == parent && slot->frame == frame))
            return slot;
    }
}

static uint32_t *frame_slot(const struct stacks *s, uint64_t ip, uint32_t epoch)
{
    const struct stacks_index *x = s->index;
    const uint64_t mask = x->n_frame_slots - 1;
    uint64_t i = hash_pair(x->seed, ip, epoch);
    for (;; i++) {
        uint32_t *slot = &x->frame_slots[i & mask];
        const struct frame *f = &s->frames[*slot];
        if (*slot == 0 || (f->ip == ip && f->epoch == epoch))
            return slot;
    }
}

static void grow_slots(struct stacks *s)
{
    struct stacks_index *x = s->index;
    free(x->slots);
    x->n_slots *= 2;
    x->slots = must_calloc(x->n_slots, sizeof *x->slots);
    for (uint32_t id = 1; id < s->n; id++)
        *stack_slot(x, s->parent[id], s->frame[id]) =
            (struct stack_slot){s->parent[id], s->frame[id], id};
}

static void grow_frame_slots(struct stacks *s)
{
    struct stacks_index *x = s->index;
    free(x->frame_slots);
    x->n_frame_slots *= 2;
    x->frame_slots = must_calloc(x->n_frame_slots, sizeof *x->frame_slots);
    for (uint32_t id = 1; id < s->n_frames; id++)
        *frame_slot(s, s->frames[id].ip, s->frames[id].epoch) = id;
}

uint32_t stacks_frame(struct stacks *s, uint64_t ip, uint32_t epoch)
{
    uint32_t *slot = frame_slot(s, ip, epoch);
    if (*slot != 0)
        return *slot;
    if (s->n_frames == STACKS_FULL)
        return STACKS_FULL;
    *slot = s->n_frames;
    add_frame(s, ip, epoch);
    if (s->n_frames > s->index->n_frame_slots / 2)
        grow_frame_slots(s);
    return s->n_frames - 1;
}

static uint32_t push_new(struct stacks *s, struct stack_slot *slot,
                         uint32_t parent, uint32_t frame)
{
    if (s->n == STACKS_FULL)
        return STACKS_FULL;
    *slot = (struct stack_slot){parent, frame, s->n};
    add_stack(s, parent, frame);
    if (s->n > s->index->n_slots / 2)
        grow_slots(s);
    return s->n - 1;
}

uint32_t stacks_look_up(struct stacks *s, uint32_t parent, uint32_t frame)
{
    struct stack_slot *slot = stack_slot(s->index, parent, frame);
    const uint32_t id =
        slot->id != 0 ? slot->id : push_new(s, slot, parent, frame);
    *stacks_callee(s, parent, frame) = (struct stacks_callee){frame, id};
    return id;
}

bool stacks_are_valid(const struct stacks *s)
{
    if (s->n == 0 || s->n_frames == 0)
        return false;
    if (s->parent[0] != 0 || s->frame[0] != 0 || s->frames[0].ip != 0)
        return false;
    for (uint32_t id = 1; id < s->n; id++) {
        if (s->parent[id] >= id || s->frame[id] >= s->n_frames)
            return false;
        if (stack_slot(s->index, s->parent[id], s->frame[id])->id != id)
            return false;
    }
    return true;
}
