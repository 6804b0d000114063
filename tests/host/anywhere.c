/* SPDX-License-Identifier: MIT */
/*
 * anywhere - lost and held blocks of each degree, two threads that sleep, a
 * handler for SIGCHLD and waitpid(-1): says what it noticed, ends with 3.
 */
#include <ouro.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct link {
    struct link *next, *other;
};

static volatile sig_atomic_t n_children;
static char *volatile by_global;
static char *volatile inside;
static _Thread_local char *volatile by_tls;
static struct link *volatile sink;
static int ready[2];

#define MAKER(name)                                                            \
    __attribute__((noinline)) static char *name(void)                          \
    {                                                                          \
        char *p = malloc(40);                                                  \
        if (!p)                                                                \
            exit(9);                                                           \
        return memset(p, 0, 40);                                               \
    }
MAKER(held_by_global)
MAKER(held_by_tls)
MAKER(held_by_stack)
MAKER(held_inside)
MAKER(lost_alone)
MAKER(lost_ring)
MAKER(lost_by_thread)
MAKER(lost_by_ended)

/* Leaves no copies behind: what it used of the stack is written over. */
__attribute__((noinline)) static void wipe(void)
{
    volatile char used[4096];
    for (size_t i = 0; i < sizeof used; i++)
        used[i] = 0;
}

__attribute__((noinline)) static void lose(void)
{
    struct link *one = (struct link *)lost_ring();
    struct link *two = (struct link *)lost_ring();
    one->next = two;
    two->next = one;
    two->other = (struct link *)held_by_stack(); /* it holds that too */
    sink = one;
    for (int i = 0; i < 5; i++)
        sink = (struct link *)lost_alone();
    sink = NULL;
    by_global = held_by_global();
    by_tls = held_by_tls();
    inside = held_inside() + 16;
}

__attribute__((noinline)) static void pass(char *(*make)(void), int n)
{
    for (int i = 0; i < n; i++)
        sink = (struct link *)make();
    sink = NULL;
}

static void *sleeps(void *unused)
{
    by_tls = held_by_tls();
    char *volatile here = held_by_stack();
    pass(lost_by_thread, 3);
    for (int i = 0; i < 100; i++)
        free(malloc(50));
    wipe();
    if (write(ready[1], "x", 1) == 1)
        for (;;)
            pause();
    return here ? unused : NULL;
}

/* libc keeps its stack, where this stands. */
static void *ends(void *unused)
{
    char *volatile here = lost_by_ended();
    return here ? unused : NULL;
}

static void count(int number)
{
    (void)number;
    n_children++;
}

static void say(void)
{
    int status;
    const pid_t p = waitpid(-1, &status, WNOHANG);
    printf("%d %d %d\n", (int)n_children, (int)p, errno == ECHILD);
    fflush(stdout);
}

int main(void)
{
    pthread_t t;
    char c;
    signal(SIGCHLD, count);
    atexit(say);
    lose();
    wipe();
    if (pipe(ready) != 0)
        return 9;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&t, NULL, sleeps, NULL) != 0 ||
            read(ready[0], &c, 1) != 1)
            return 9;
    if (pthread_create(&t, NULL, ends, NULL) != 0 || pthread_join(t, NULL) != 0)
        return 9;
    usleep(20000);
    OURO_SNAPSHOT("before the end");
    say();
    return 3;
}
