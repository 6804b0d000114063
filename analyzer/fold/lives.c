/* SPDX-License-Identifier: MIT */
#include "fold/lives.h"

#include "arena.h"
#include "ouro_trace.h"
#include "trace/kinds.h"

#include <stdlib.h>
#include <string.h>

enum { LEAF_BYTES = 4096 };

struct lives_leaf {
    uint32_t place[LEAF_BYTES / 16]; /* index + 1 */
};

enum { NO_STEP = UINT32_MAX };

/* One event of a life after its first: of a realloc. */
struct lives_step {
    uint32_t event, before;
    uint32_t stack;
    uint64_t size;
    bool allocates;
};

struct life {
    uint64_t size; /* now */
    uint32_t birth;
    uint32_t death;
    uint32_t segment;
    uint32_t stack; /* of the birth */
    uint64_t first_size;
    uint32_t last_step;
    uint32_t n_counted; /* of its events, those that count as events */
    bool is_kept;
};

enum place_state { PLACE_FREE, PLACE_LIVE, PLACE_ENDED };

/* ENDED: the life there is over, and could be left out if another follows. */
struct lives_place {
    uint64_t addr;
    struct life life;
    uint8_t state;
    bool is_early; /* LIVE: another block came, at `stamp` */
    bool is_owed;  /* not LIVE: a free came of what is not there, at `stamp` */
    uint64_t stamp;
    uint64_t early_was, early_is; /* bytes of that block, before and now */
};

struct lives_thread {
    bool in_realloc, has_life;
    uint32_t begin; /* the event */
    uint32_t stack;
    struct life life;
    uint64_t addr;
    bool folds;
};

void lives_begin(struct lives *l, uint64_t until, uint64_t patience, bool waits)
{
    *l = (struct lives){.until = until,
                        .patience = patience,
                        .waits = waits,
                        .free_step = NO_STEP};
    GROW(l->segments, l->n_segments, l->room_segments);
    l->segments[l->n_segments++] = (struct lives_sums){0};
}

void lives_release(struct lives *l)
{
    free(l->left_out);
    free(l->places);
    free(l->threads);
    free(l->thread_numbers);
    free(l->steps);
    free(l->segments);
    free(l->sites);
    free(l->leaves);
    table_release(&l->leaf_of);
    table_release(&l->place_of);
    table_release(&l->thread_of);
    spoken_release(&l->spoken);
    table_release(&l->site_of);
    *l = (struct lives){0};
}

static struct lives_sums *now(struct lives *l)
{
    return &l->segments[l->n_segments - 1];
}

void lives_moment(struct lives *l)
{
    GROW(l->segments, l->n_segments, l->room_segments);
    l->segments[l->n_segments++] = (struct lives_sums){.peak = l->live_bytes};
}

bool lives_is_moment(const struct event *e)
{
    return e->kind == OURO_REC_CHECKPOINT || e->kind == OURO_REC_SNAPSHOT ||
           e->kind == OURO_FORKED;
}

static void count_live(struct lives *l, uint64_t was, uint64_t is)
{
    l->live_bytes += is - was;
    if (l->live_bytes > now(l)->peak)
        now(l)->peak = l->live_bytes;
}

/* Steps. */

/* The event of now is one of its life, unless that is kept anyway. */
static void add_step(struct lives *l, struct life *life, const struct event *e,
                     struct lives_step step)
{
    if (life->is_kept)
        return;
    uint32_t i = l->free_step;
    if (i != NO_STEP) {
        l->free_step = l->steps[i].before;
    } else {
        GROW(l->steps, l->n_steps, l->room_steps);
        i = l->n_steps++;
    }
    life->n_counted += kinds[e->kind].counted;
    step.event = l->n_events;
    step.before = life->last_step;
    l->steps[i] = step;
    life->last_step = i;
}

static void drop_steps(struct lives *l, struct life *life)
{
    while (life->last_step != NO_STEP) {
        const uint32_t i = life->last_step;
        life->last_step = l->steps[i].before;
        l->steps[i].before = l->free_step;
        l->free_step = i;
    }
}

static void keep(struct lives *l, struct life *life)
{
    life->is_kept = true;
    drop_steps(l, life);
}

/* Leaving out. */

static void leave_out(struct lives *l, uint32_t event)
{
    l->left_out[event / 8] |= (unsigned char)(1 << event % 8);
    l->n_left_out++;
}

static void add_site(struct lives *l, uint32_t segment, uint32_t stack,
                     uint64_t n, uint64_t bytes)
{
    const uint64_t key = (uint64_t)segment << 32 | stack;
    uint64_t i = table_get(&l->site_of, key);
    if (i == 0) {
        GROW(l->sites, l->n_sites, l->room_sites);
        l->sites[l->n_sites++] =
            (struct lives_site){.segment = segment, .stack = stack};
        i = l->n_sites;
        table_set(&l->site_of, key, i);
    }
    l->sites[i - 1].allocations += n;
    l->sites[i - 1].bytes += bytes;
}

static void add_allocation(struct lives *l, const struct life *life,
                           uint32_t stack, uint64_t size)
{
    struct lives_sums *s = &l->segments[life->segment];
    s->allocations++;
    s->frees++;
    s->bytes += size;
    add_site(l, life->segment, stack, 1, size);
}

/* The life that ended here is over for good: another begins. */
static void forget(struct lives *l, struct lives_place *p)
{
    struct life *life = &p->life;
    if (p->state != PLACE_ENDED)
        return;
    p->state = PLACE_FREE;
    if (spoken_is_in(&l->spoken, p->addr, life->size)) {
        keep(l, life);
        return;
    }
    leave_out(l, life->birth);
    leave_out(l, life->death);
    add_allocation(l, life, life->stack, life->first_size);
    l->segments[life->segment].events += life->n_counted;
    for (uint32_t i = life->last_step; i != NO_STEP; i = l->steps[i].before) {
        const struct lives_step *step = &l->steps[i];
        leave_out(l, step->event);
        if (step->allocates)
            add_allocation(l, life, step->stack, step->size);
    }
    drop_steps(l, life);
}

void lives_forget_ended(struct lives *l)
{
    for (uint32_t i = 0; i < l->n_places; i++)
        forget(l, &l->places[i]);
}

/* Places. */

static uint32_t add_place(struct lives *l, uint64_t addr)
{
    GROW(l->places, l->n_places, l->room_places);
    l->places[l->n_places++] = (struct lives_place){.addr = addr};
    return l->n_places;
}

/* Allocators hand out multiples of 16, one near the other. */
static struct lives_leaf *leaf(struct lives *l, uint64_t page)
{
    if (l->n_leaves > 0 && page == l->last_page)
        return &l->leaves[l->last_leaf];
    uint64_t i = table_get(&l->leaf_of, page);
    if (i == 0) {
        GROW(l->leaves, l->n_leaves, l->room_leaves);
        l->leaves[l->n_leaves++] = (struct lives_leaf){0};
        i = l->n_leaves;
        table_set(&l->leaf_of, page, i);
    }
    l->last_page = page;
    l->last_leaf = (uint32_t)i - 1;
    return &l->leaves[i - 1];
}

static struct lives_place *place(struct lives *l, uint64_t addr)
{
    if (addr % 16 != 0) {
        uint64_t i = table_get(&l->place_of, addr);
        if (i == 0)
            table_set(&l->place_of, addr, i = add_place(l, addr));
        return &l->places[i - 1];
    }
    uint32_t *i = &leaf(l, addr / LEAF_BYTES)->place[addr % LEAF_BYTES / 16];
    if (*i == 0)
        *i = add_place(l, addr);
    return &l->places[*i - 1];
}

static bool is_soon(const struct lives *l, uint64_t stamp, uint64_t since)
{
    return l->waits && stamp - since <= l->patience;
}

static struct life born(const struct lives *l, const struct event *e,
                        bool folds)
{
    return (struct life){
        .size = e->size,
        .first_size = e->size,
        .birth = l->n_events,
        .segment = l->n_segments - 1,
        .stack = e->stack,
        .last_step = NO_STEP,
        .n_counted = kinds[e->kind].counted,
        .is_kept = !folds,
    };
}

/* Where a block lives another one comes, ahead of the end of the first, or it
   took its place unseen. */
static void come_early(struct lives *l, struct lives_place *p, uint64_t stamp,
                       struct life *life, uint64_t was)
{
    keep(l, &p->life);
    keep(l, life);
    if (l->waits && !p->is_early) {
        p->is_early = true;
        p->early_was = was;
        p->early_is = life->size;
        p->stamp = stamp;
        return;
    }
    count_live(l, p->life.size, 0);
    count_live(l, was, life->size);
    p->life = *life;
}

/* A block of `was` bytes until now is there; its life begins or goes on. */
static void come(struct lives *l, uint64_t addr, uint64_t stamp,
                 struct life *life, uint64_t was)
{
    struct lives_place *p = place(l, addr);
    forget(l, p);
    if (p->state == PLACE_LIVE) {
        come_early(l, p, stamp, life, was);
        return;
    }
    count_live(l, was, life->size);
    p->life = *life;
    p->state = PLACE_LIVE;
    if (p->is_owed && is_soon(l, stamp, p->stamp)) {
        keep(l, &p->life);
        p->state = PLACE_FREE;
        count_live(l, life->size, 0);
    }
    p->is_owed = false;
}

/* False: nothing lives there that could leave. */
static bool leave(struct lives *l, struct lives_place *p, uint64_t stamp)
{
    if (p->state != PLACE_LIVE) {
        if (p->state == PLACE_ENDED) {
            p->state = PLACE_FREE;
            keep(l, &p->life);
        }
        p->is_owed = true;
        p->stamp = stamp;
        return false;
    }
    if (!p->is_early)
        return true;
    /* The first one ends and the second is there; or it took its place. */
    p->is_early = false;
    count_live(l, p->life.size, 0);
    count_live(l, p->early_was, p->early_is);
    p->life.size = p->early_is;
    return !is_soon(l, stamp, p->stamp);
}

static void end(struct lives *l, struct lives_place *p, struct life *life,
                const struct event *e, bool folds)
{
    count_live(l, life->size, 0);
    life->death = l->n_events;
    life->n_counted += kinds[e->kind].counted;
    if (life->is_kept || !folds || e->stamp > l->until ||
        life->segment != l->n_segments - 1) {
        p->state = PLACE_FREE;
        keep(l, life);
        return;
    }
    p->life = *life;
    p->state = PLACE_ENDED;
}

/* Events. */

static struct lives_thread *thread(struct lives *l, uint32_t number)
{
    const uint64_t known = table_get(&l->thread_of, number);
    if (known)
        return &l->threads[known - 1];
    l->waits = l->waits || l->n_threads > 0;
    GROW(l->threads, l->n_threads, l->room_threads);
    l->threads[l->n_threads++] = (struct lives_thread){0};
    table_set(&l->thread_of, number, l->n_threads);
    GROW(l->thread_numbers, l->n_thread_numbers, l->room_thread_numbers);
    l->thread_numbers[l->n_thread_numbers++] = number;
    return &l->threads[l->n_threads - 1];
}

static void allocation(struct lives *l, const struct event *e, bool folds)
{
    struct life life = born(l, e, folds);
    come(l, e->a, e->stamp, &life, 0);
}

static void free_of(struct lives *l, const struct event *e, bool folds)
{
    struct lives_place *p = place(l, e->a);
    if (leave(l, p, e->stamp))
        end(l, p, &p->life, e, folds);
}

/* The block is where it was. */
static void realloc_failed(struct lives *l, struct lives_thread *t,
                           const struct event *e, bool folds)
{
    t->in_realloc = false;
    if (!t->has_life)
        return;
    if (!folds || e->kind != OURO_REALLOC_FAILED)
        keep(l, &t->life);
    add_step(l, &t->life, e, (struct lives_step){0});
    come(l, t->addr, e->stamp, &t->life, t->life.size);
}

static void realloc_begin(struct lives *l, struct lives_thread *t,
                          const struct event *e, bool folds)
{
    if (t->in_realloc) /* its end is missing */
        realloc_failed(l, t, e, folds);
    struct lives_place *p = place(l, e->a);
    t->in_realloc = true;
    t->addr = e->a;
    t->stack = e->stack;
    t->has_life = leave(l, p, e->stamp);
    if (!t->has_life)
        return;
    t->life = p->life;
    p->state = PLACE_FREE;
    if (!folds)
        keep(l, &t->life);
    add_step(l, &t->life, e, (struct lives_step){0});
}

/* As the replay's block has it: of the end, or the beginning, or as it was. */
static uint32_t stack_of(const struct lives *l, const struct lives_thread *t,
                         const struct event *e)
{
    if (e->stack || t->stack)
        return e->stack ? e->stack : t->stack;
    for (uint32_t i = t->life.last_step; i != NO_STEP; i = l->steps[i].before)
        if (l->steps[i].allocates)
            return l->steps[i].stack;
    return t->life.stack;
}

static void realloc_end(struct lives *l, struct lives_thread *t,
                        const struct event *e, bool folds)
{
    t->in_realloc = false;
    if (!t->has_life) {
        struct life life = born(l, e, false);
        come(l, e->a, e->stamp, &life, 0);
        return;
    }
    struct life *life = &t->life;
    const uint64_t was = life->size;
    /* What was spoken of may be at any of its places. */
    if (!folds || spoken_is_in(&l->spoken, t->addr, was))
        keep(l, life);
    add_step(l, life, e,
             (struct lives_step){.stack = stack_of(l, t, e),
                                 .size = e->size,
                                 .allocates = true});
    life->size = e->size;
    come(l, e->a, e->stamp, life, was);
}

static void realloc_freed(struct lives *l, struct lives_thread *t,
                          const struct event *e, bool folds)
{
    t->in_realloc = false;
    if (!t->has_life)
        return;
    struct lives_place *p = place(l, t->addr);
    forget(l, p);
    if (p->state != PLACE_LIVE) {
        end(l, p, &t->life, e, folds);
        return;
    }
    keep(l, &t->life);
    count_live(l, t->life.size, 0);
}

static void heap_event(struct lives *l, const struct event *e, bool folds)
{
    struct lives_thread *t = thread(l, e->thread);
    switch ((int)e->kind) {
    case OURO_FREE:
        free_of(l, e, folds);
        break;
    case OURO_REALLOC_BEGIN:
        realloc_begin(l, t, e, folds);
        break;
    case OURO_REALLOC_END:
    case OURO_REALLOC_END_ARRAY:
        realloc_end(l, t, e, folds);
        break;
    case OURO_REALLOC_FAILED:
        realloc_failed(l, t, e, folds);
        break;
    case OURO_REALLOC_FREED:
        realloc_freed(l, t, e, folds);
        break;
    default:
        allocation(l, e, folds);
        break;
    }
}

/* What an earlier fold left out. */
static void folded_before(struct lives *l, const struct event *e)
{
    if (e->kind == OURO_FOLDED_PAGES)
        return;
    if (e->kind == OURO_FOLDED_SITE) {
        add_site(l, l->n_segments - 1, e->stack, folded_allocations(e),
                 e->size);
        return;
    }
    struct lives_sums *s = now(l);
    s->events += folded_events(e);
    s->allocations += folded_allocations(e);
    s->frees += folded_frees(e);
    s->bytes += e->size;
    if (folded_peak(e) > s->peak)
        s->peak = folded_peak(e);
}

static bool is_of_heap(const struct event *e)
{
    return (e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS) ||
           (e->kind >= OURO_FREE && e->kind <= OURO_REALLOC_FREED);
}

static void make_bit(struct lives *l)
{
    const size_t bytes = (size_t)l->n_events / 8 + 1;
    if (bytes > l->room_left_out) {
        const size_t room = 2 * bytes + 4096;
        l->left_out = must_realloc(l->left_out, room, 1);
        memset(l->left_out + l->room_left_out, 0, room - l->room_left_out);
        l->room_left_out = room;
    }
}

void lives_event(struct lives *l, const struct event *e, bool folds)
{
    make_bit(l);
    l->n_folding += folds;
    thread(l, e->thread);
    if (is_of_heap(e)) {
        heap_event(l, e, folds);
    } else if (e->kind >= OURO_FOLDED && e->kind <= OURO_FOLDED_PAGES) {
        folded_before(l, e);
        leave_out(l, l->n_events);
    } else {
        spoken_note(&l->spoken, e);
    }
    if (lives_is_moment(e))
        lives_moment(l);
    l->n_events++;
}
