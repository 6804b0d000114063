/* SPDX-License-Identifier: MIT */
/*
 * To sleep and be woken costs more than to fill a slot. So the one that finds
 * all slots full sleeps until half of them are empty again, and the one that
 * finds all of them empty until half are full.
 */
#include "trace/ahead.h"

#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

enum { STACK = 1 << 20 };

struct ahead {
    pthread_mutex_t turn;
    pthread_cond_t is_room, is_full;
    unsigned char *slots;
    size_t bytes; /* of one */
    unsigned first, n_full;
    bool ended, unwanted;
    ahead_make *make;
    void *of;
    int made;
};

static void *slot(const struct ahead *a, unsigned i)
{
    return a->slots + i % AHEAD_SLOTS * a->bytes;
}

void *ahead_slot(struct ahead *a)
{
    return slot(a, 0);
}

void *ahead_put(struct ahead *a)
{
    pthread_mutex_lock(&a->turn);
    if (++a->n_full == AHEAD_SLOTS / 2)
        pthread_cond_signal(&a->is_full);
    if (a->n_full == AHEAD_SLOTS)
        while (a->n_full > AHEAD_SLOTS / 2 && !a->unwanted)
            pthread_cond_wait(&a->is_room, &a->turn);
    void *next = a->unwanted ? NULL : slot(a, a->first + a->n_full);
    pthread_mutex_unlock(&a->turn);
    return next;
}

static void *run(void *to)
{
    struct ahead *a = to;
    const int made = a->make(a->of, a);
    pthread_mutex_lock(&a->turn);
    a->made = made;
    a->ended = true;
    pthread_cond_signal(&a->is_full);
    pthread_mutex_unlock(&a->turn);
    return NULL;
}

/* The oldest that is full; NULL: all have been used. */
static const void *take(struct ahead *a)
{
    pthread_mutex_lock(&a->turn);
    if (a->n_full == 0)
        while (a->n_full < AHEAD_SLOTS / 2 && !a->ended)
            pthread_cond_wait(&a->is_full, &a->turn);
    const void *oldest = a->n_full > 0 ? slot(a, a->first) : NULL;
    pthread_mutex_unlock(&a->turn);
    return oldest;
}

static void give_back(struct ahead *a, bool unwanted)
{
    pthread_mutex_lock(&a->turn);
    a->first++;
    a->n_full--;
    a->unwanted = unwanted;
    if (a->n_full == AHEAD_SLOTS / 2 || unwanted)
        pthread_cond_signal(&a->is_room);
    pthread_mutex_unlock(&a->turn);
}

/* It is nobody's business but ours: signals are the first thread's, and a
   second heap would take much of what a limit leaves. */
static bool begin(struct ahead *a, pthread_t *thread)
{
    pthread_attr_t attr;
    sigset_t all, before;
    if (pthread_attr_init(&attr) != 0)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    mallopt(M_ARENA_MAX, 1);
    const bool begun = pthread_attr_setstacksize(&attr, STACK) == 0 &&
                       pthread_create(thread, &attr, run, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return begun;
}

bool ahead_helps(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

static int use_all(struct ahead *a, ahead_use *use, void *to)
{
    int stop = 0;
    for (const void *full; stop == 0 && (full = take(a));) {
        stop = use(to, full);
        give_back(a, stop != 0);
    }
    return stop;
}

bool ahead_run(size_t slot_bytes, ahead_make *make, void *of, int *made,
               ahead_use *use, void *to, int *stop)
{
    pthread_t thread;
    struct ahead a = {
        .turn = PTHREAD_MUTEX_INITIALIZER,
        .is_room = PTHREAD_COND_INITIALIZER,
        .is_full = PTHREAD_COND_INITIALIZER,
        .slots = malloc(AHEAD_SLOTS * slot_bytes),
        .bytes = slot_bytes,
        .make = make,
        .of = of,
    };
    const bool begun = a.slots && begin(&a, &thread);
    if (begun) {
        *stop = use_all(&a, use, to);
        pthread_join(thread, NULL);
        *made = a.made;
    }
    free(a.slots);
    return begun;
}
