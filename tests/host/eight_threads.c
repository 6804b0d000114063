/* SPDX-License-Identifier: MIT */
/*
 * eight_threads - main returns while eight threads allocate and free. Main and
 * each thread have lost blocks; each thread holds one in a local, one in a
 * register and a list that changes all the time; with any argument a ninth
 * computes, and one block is in its registers only.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, LOST = 10, LISTED = 20 };

static atomic_int n_ready;
static char *volatile sink;

#define MAKER(name, size)                                                      \
    __attribute__((noinline)) static char *name(void)                          \
    {                                                                          \
        char *p = malloc(size);                                                \
        if (!p)                                                                \
            exit(9);                                                           \
        return memset(p, 0, size);                                             \
    }
MAKER(lost_by_main, 40)
MAKER(lost_by_thread, 48)
MAKER(held_by_local, 56)
MAKER(held_by_register, 64)
MAKER(held_by_list, 72)
MAKER(held_unseen, 80)

/* Leaves no copies behind: what it used of the stack is written over. */
__attribute__((noinline)) static void wipe(void)
{
    volatile char used[4096];
    for (size_t i = 0; i < sizeof used; i++)
        used[i] = 0;
}

__attribute__((noinline)) static void lose(char *(*make)(void))
{
    for (int i = 0; i < LOST; i++)
        sink = make();
    sink = NULL;
}

/* What was asked for and given back in between. */
__attribute__((noinline)) static void pass(void)
{
    for (int i = 0; i < 50; i++)
        free(malloc(100));
}

struct listed {
    struct listed *next;
};

/* Takes the first away and puts another there. */
__attribute__((noinline)) static void change(struct listed **first)
{
    struct listed *old = *first;
    *first = old->next;
    free(old);
    struct listed *new = (struct listed *)held_by_list();
    new->next = *first;
    *first = new;
}

static struct listed *list(void)
{
    struct listed *first = NULL;
    for (int i = 0; i < LISTED; i++) {
        struct listed *l = (struct listed *)held_by_list();
        l->next = first;
        first = l;
    }
    return first;
}

/* In a register that calls keep, and nowhere in memory of the thread's own. */
__attribute__((noinline)) static void loop(struct listed **first)
{
#if defined(__x86_64__)
    register char *mine __asm__("r13") = held_by_register();
#else
    register char *mine __asm__("x23") = held_by_register();
#endif
    wipe();
    n_ready++;
    for (;;) {
        __asm__ volatile("" : "+r"(mine));
        change(first);
        free(malloc(100));
    }
}

static void *allocates(void *unused)
{
    lose(lost_by_thread);
    wipe();
    pass();
    char *volatile local = held_by_local();
    struct listed *first = list();
    loop(&first);
    return local ? unused : NULL;
}

/* Never asks again: only its registers know. */
static void *computes(void *unused)
{
    lose(lost_by_thread);
    wipe();
    pass();
    uintptr_t one = (uintptr_t)held_unseen();
    wipe();
    __asm__ volatile("" : "+r"(one));
    n_ready++;
    for (;;)
        __asm__ volatile("" : "+r"(one));
    return unused;
}

static void start(void *(*of)(void *))
{
    pthread_t t;
    if (pthread_create(&t, NULL, of, NULL) != 0)
        exit(9);
}

int main(int argc, char **argv)
{
    (void)argv;
    lose(lost_by_main);
    wipe();
    for (int i = 0; i < THREADS; i++)
        start(allocates);
    if (argc > 1)
        start(computes);
    while (n_ready < THREADS + (argc > 1))
        continue;
    puts("returning");
    return 0;
}
