/* SPDX-License-Identifier: MIT */
/*
 * contexts.c - small stacks: coroutines of 16 KiB, threads of 16 KiB,
 * allocations on all of them in turn, and coroutine stacks that are unmapped
 * and mapped again elsewhere or smaller
 */
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

enum { N = 6, SIZE = 16 * 1024, ROUNDS = 60 };

static ucontext_t home, contexts[N];
static volatile unsigned sink;

static APART void event(void)
{
    char *volatile p = malloc(sink % 100 + 1);
    free(p);
    sink++;
}

static APART void inner(int depth, int self)
{
    if (depth > 0) {
        inner(depth - 1, self);
        event();
    } else {
        event();
        swapcontext(&contexts[self], &home);
        event();
    }
    sink++;
}

static void run(int self)
{
    for (;;) {
        inner(self, self);
        event();
    }
}

static void begin(int self, void *room, size_t size)
{
    getcontext(&contexts[self]);
    contexts[self].uc_stack.ss_sp = room;
    contexts[self].uc_stack.ss_size = size;
    contexts[self].uc_link = &home;
    makecontext(&contexts[self], (void (*)(void))run, 1, self);
}

static APART void go(int self)
{
    swapcontext(&home, &contexts[self]);
    event();
}

static void on_the_heap(void)
{
    for (int i = 0; i < N; i++)
        begin(i, malloc(SIZE), SIZE);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < N; i++)
            go((i * 5 + round) % N);
}

/* The same place, now larger, now smaller, with a hole above it. */
static void mapped_again(void)
{
    char *place =
        mmap(NULL, 8 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int round = 0; round < ROUNDS; round++) {
        const size_t size = (size_t)(round % 3 + 1) * SIZE;
        mmap(place, size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        begin(round % N, place, size);
        go(round % N);
        go(round % N);
        mmap(place, 8 * SIZE, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
}

static void *thread(void *unused)
{
    for (int i = 0; i < 20; i++)
        event();
    return unused;
}

static void small_threads(void)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes,
                              (size_t)sysconf(_SC_THREAD_STACK_MIN));
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t t[4];
        for (int i = 0; i < 4; i++)
            pthread_create(&t[i], &attributes, thread, NULL);
        for (int i = 0; i < 4; i++)
            pthread_join(t[i], NULL);
    }
    pthread_attr_destroy(&attributes);
}

int main(void)
{
    on_the_heap();
    mapped_again();
    small_threads();
    return 0;
}
