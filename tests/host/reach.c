/* SPDX-License-Identifier: MIT */
/*
 * reach.c - one block for each way to be held, or lost: the function that asks
 * for it says which (tests/host/reach.sh)
 *
 *     reach [thread]
 *
 * With an argument a second thread holds blocks, too, and waits at the end.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct node {
    struct node *next;
    char inside[88];
};

#define ASKS(name)                                                             \
    static __attribute__((noinline)) struct node *name(void)                   \
    {                                                                          \
        struct node *volatile block = calloc(1, sizeof(struct node));          \
        return block;                                                          \
    }

ASKS(held_by_bss)
ASKS(held_by_data)
ASKS(held_by_static)
ASKS(held_by_tls)
ASKS(held_by_key)
ASKS(held_by_late_key)
ASKS(held_by_pages)
ASKS(held_by_main)
ASKS(held_by_block)
ASKS(held_by_ring)
ASKS(held_by_thread)
ASKS(held_by_threads_tls)
ASKS(held_by_threads_key)
ASKS(maybe_inside)
ASKS(lost_single)
ASKS(lost_list)
ASKS(lost_ring)
ASKS(lost_in_itself)
ASKS(lost_misaligned)
ASKS(inside_of_lost)

/* volatile: who only writes them must not be optimised away */
struct node *volatile by_bss;
struct node *volatile by_data = (struct node *)&by_data;
static struct node *volatile by_static;
static __thread struct node *volatile by_tls;
static char *volatile inside;
char misaligned[24];
static struct node *volatile *volatile pages;
static pthread_key_t key, late_key;
static sem_t ready, never;

/* What calls left on the stack is overwritten. */
static __attribute__((noinline)) void wipe(void)
{
    volatile char all[16384];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = 0;
}

static __attribute__((noinline)) void hold(void)
{
    by_bss = held_by_bss();
    by_bss->next = held_by_ring();
    by_bss->next->next = by_bss;
    by_data = held_by_data();
    by_static = held_by_static();
    by_static->next = held_by_block();
    by_tls = held_by_tls();
    for (int i = 0; i < 40; i++)
        pthread_key_create(i == 0 ? &key : &late_key, NULL);
    pthread_setspecific(key, held_by_key());
    pthread_setspecific(late_key, held_by_late_key());
    pages = mmap(NULL, 12288, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages[700] = held_by_pages();
    inside = maybe_inside()->inside + 32;
}

static __attribute__((noinline)) void lose(void)
{
    lost_single();
    struct node *list = lost_list();
    list->next = inside_of_lost();
    list->next->next = (struct node *)inside_of_lost()->inside;
    struct node *ring = lost_ring();
    ring->next = inside_of_lost();
    ring->next->next = ring;
    struct node *self = lost_in_itself();
    self->next = self;
    const struct node *odd = lost_misaligned();
    memcpy(misaligned + 3, &odd, sizeof odd);
}

static void *thread(void *unused)
{
    struct node *volatile mine = held_by_thread();
    by_tls = held_by_threads_tls();
    pthread_setspecific(key, held_by_threads_key());
    wipe();
    sem_post(&ready);
    sem_wait(&never);
    return mine ? unused : NULL;
}

int main(int argc, char **argv)
{
    struct node *volatile mine = held_by_main();
    hold();
    wipe();
    lose();
    wipe();
    if (argc > 1) {
        pthread_t t;
        sem_init(&ready, 0, 0);
        sem_init(&never, 0, 0);
        pthread_create(&t, NULL, thread, argv);
        sem_wait(&ready);
    }
    wipe();
    exit(mine == NULL);
}
