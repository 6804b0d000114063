/* SPDX-License-Identifier: MIT */
/* Allocations where there is hardly any stack: the smallest thread, a small
   alternate stack, a fiber, the last pages before the guard; and where there
   is very much of it. */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

static void *volatile sink;
static ucontext_t home, fiber;

static APART void lose_in_thread(void)
{
    sink = malloc(101);
    sink = NULL;
}

static APART void lose_in_handler(void)
{
    sink = malloc(102);
    sink = NULL;
}

static APART void lose_in_fiber(void)
{
    sink = malloc(103);
    sink = NULL;
}

static APART void lose_at_the_end(void)
{
    sink = malloc(104);
    sink = NULL;
}

static APART void lose_deep(void)
{
    sink = malloc(105);
    sink = NULL;
}

static void *small_thread(void *a)
{
    for (int i = 0; i < 10; i++)
        lose_in_thread();
    free(realloc(malloc(10), 1000));
    return a;
}

static void on_signal(int number)
{
    (void)number;
    lose_in_handler();
}

static void run_fiber(void)
{
    for (int i = 0; i < 10; i++)
        lose_in_fiber();
}

/* Down to `left` bytes above the end of the stack. */
static APART void down_to(const char *end, size_t left)
{
    volatile char room[64];
    room[0] = 1;
    if ((size_t)((const char *)room - end) > left)
        down_to(end, left);
    else
        lose_at_the_end();
    room[1] = 2;
}

static void *to_the_end(void *end)
{
    for (size_t left = 9 * 1024; left < 14 * 1024; left += 512)
        down_to(end, left);
    return NULL;
}

static APART void deep(int depth)
{
    if (depth > 0)
        deep(depth - 1);
    else
        lose_deep();
    __asm__ volatile("");
}

static void *at_depth(void *a)
{
    deep(100000);
    return a;
}

static int run(void *(*body)(void *), void *room, size_t size)
{
    pthread_t t;
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setstack(&a, room, size);
    const int failed = pthread_create(&t, &a, body, room);
    if (!failed)
        pthread_join(t, NULL);
    pthread_attr_destroy(&a);
    return failed;
}

/* Behind a page that may not be touched. */
static void *map(size_t size)
{
    char *p = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(p, 4096, PROT_NONE);
    return p + 4096;
}

int main(void)
{
    int failed = 0;
    const size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    for (int i = 0; i < 3; i++)
        failed += run(small_thread, map(least), least);
    failed += run(to_the_end, map(256 * 1024), 256 * 1024);
    failed += run(at_depth, map(64 * 1024 * 1024), 64 * 1024 * 1024);

    const size_t room = (size_t)sysconf(_SC_MINSIGSTKSZ) + 6 * 1024;
    stack_t other = {.ss_sp = map((room + 4095) & ~(size_t)4095),
                     .ss_size = room};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    failed += sigaltstack(&other, NULL) != 0;
    sigaction(SIGUSR1, &action, NULL);
    for (int i = 0; i < 10; i++)
        raise(SIGUSR1);

    getcontext(&fiber);
    fiber.uc_stack.ss_sp = map(16 * 1024);
    fiber.uc_stack.ss_size = 16 * 1024;
    fiber.uc_link = &home;
    makecontext(&fiber, run_fiber, 0);
    failed += swapcontext(&home, &fiber) != 0;
    memset(fiber.uc_stack.ss_sp, 0, fiber.uc_stack.ss_size);
    printf("failed %d\n", failed);
    return 0;
}
