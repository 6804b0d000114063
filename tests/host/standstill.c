/* SPDX-License-Identifier: MIT */
/*
 * Threads that do different things while snapshots are taken: standstill
 * SNAPSHOTS KIND... starts one thread for each letter
 *     a  allocates all the time      s  allocated, and sleeps
 *     c  allocated, and computes     n  computes, and never allocated
 *     r  allocates, and has MARK in a register that calls keep, nowhere else
 *     t  starts threads that allocate and end
 *     m  waits for a mutex that a thread of kind h has
 *     h  holds it, and sleeps
 *     i  allocates and computes in turn, and says in memory which (IN or OUT)
 * and prints their letters, numbers and where their stacks are; of kind i,
 * where it says that.
 */
#include <errno.h>
#include <ouro.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64, IN = 1, OUT = 2 };
#define MARK 0x5eed5eed5eed1234ul

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int n_ready, n_held, is_over;
static atomic_long n_wrong;

static void allocate(void)
{
    errno = 77;
    void *p = realloc(malloc(40), 400);
    free(p);
    if (errno != 77)
        n_wrong++;
}

__attribute__((noinline)) static void hold_mark(void)
{
#if defined(__x86_64__)
    register unsigned long mark __asm__("r13");
    __asm__ volatile("movabs $0x5eed5eed5eed1234, %0" : "=r"(mark));
#else
    register unsigned long mark __asm__("x23");
    __asm__ volatile("mov %0, #0x1234\n\tmovk %0, #0x5eed, lsl 16\n\t"
                     "movk %0, #0x5eed, lsl 32\n\tmovk %0, #0x5eed, lsl 48"
                     : "=r"(mark));
#endif
    while (!is_over) {
        allocate();
        __asm__ volatile("" : "+r"(mark));
    }
}

static void *passes(void *unused)
{
    allocate();
    return unused;
}

static void start_and_join(void)
{
    pthread_t t[4];
    int n = 0;
    while (n < 4 && pthread_create(&t[n], NULL, passes, NULL) == 0)
        n++;
    while (n > 0)
        pthread_join(t[--n], NULL);
}

static void compute(void)
{
    volatile unsigned long x = 0;
    while (!is_over)
        x++;
}

static void sleep_on(void)
{
    const struct timespec t = {.tv_nsec = 10000000};
    while (!is_over)
        nanosleep(&t, NULL);
}

static void go_in_and_out(volatile unsigned long *where)
{
    while (!is_over) {
        *where = IN;
        allocate();
        *where = OUT;
        for (volatile int i = 0; i < 500; i++)
            continue;
    }
}

static void be(char kind, volatile unsigned long *where)
{
    switch (kind) {
    case 'a':
        while (!is_over)
            allocate();
        break;
    case 's':
        for (;;)
            pause();
    case 'r':
        hold_mark();
        break;
    case 't':
        while (!is_over)
            start_and_join();
        break;
    case 'm':
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        break;
    case 'h':
        sleep_on();
        pthread_mutex_unlock(&mutex);
        break;
    case 'i':
        go_in_and_out(where);
        break;
    default:
        compute();
    }
}

static void *thread(void *letter)
{
    const char kind = *(const char *)letter;
    volatile unsigned long where = OUT;
    if (kind != 'n')
        free(malloc(30));
    if (kind == 'h') {
        pthread_mutex_lock(&mutex);
        n_held = 1;
    }
    while (kind == 'm' && !n_held)
        sched_yield();
    printf("%c %ld %p\n", kind, syscall(SYS_gettid),
           kind == 'i' ? (void *)&where : (void *)&letter);
    n_ready++;
    be(kind, &where);
    return NULL;
}

int main(int argc, char **argv)
{
    const int times = argc > 1 ? atoi(argv[1]) : 1;
    const char *kinds = argc > 2 ? argv[2] : "";
    pthread_t t[MOST];
    int n = 0;
    static char buffer[4096]; /* a thread that prints has no event of it */
    setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
    free(malloc(20));
    for (; kinds[n] && n < MOST; n++)
        if (pthread_create(&t[n], NULL, thread, (void *)&kinds[n]) != 0)
            return 1;
    while (n_ready < n)
        sched_yield();
    for (int i = 0; i < times; i++)
        OURO_SNAPSHOT("now");
    is_over = 1;
    for (int i = 0; i < n; i++)
        if (kinds[i] != 's')
            pthread_join(t[i], NULL);
    printf("wrong %ld\n", (long)n_wrong);
    fflush(stdout);
    _exit(n_wrong ? 1 : 0);
}
