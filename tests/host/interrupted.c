/* SPDX-License-Identifier: MIT */
/* Handlers that allocate while the program sleeps in libc, reads the clock in
   the vDSO, computes, or stands in a handler already. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void *volatile sink;
static volatile sig_atomic_t handled;
static volatile double value = 1;

static __attribute__((noinline)) void lose(size_t n)
{
    sink = malloc(n);
    sink = NULL;
}

static void handler(int number)
{
    const int error = errno;
    lose(number == SIGUSR1 ? 701 : number == SIGUSR2 ? 702 : 703);
    if (number == SIGUSR1)
        raise(SIGUSR2);
    handled++;
    errno = error;
}

static __attribute__((noinline)) void sleeps(void)
{
    const struct timespec long_time = {20, 0};
    while (handled < 20)
        nanosleep(&long_time, NULL);
}

static __attribute__((noinline)) void reads_the_clock(void)
{
    struct timespec now;
    while (handled < 220)
        clock_gettime(CLOCK_MONOTONIC, &now);
}

static __attribute__((noinline)) void computes(void)
{
    while (handled < 320)
        value = value * 1.0001 + 1;
}

static pthread_t sleeper;
static atomic_bool is_awake;

static void *wake(void *a)
{
    const struct timespec pause = {0, 300000};
    while (!is_awake) {
        pthread_kill(sleeper, SIGUSR1);
        nanosleep(&pause, NULL);
    }
    return a;
}

int main(void)
{
    pthread_t t;
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sleeper = pthread_self();
    pthread_create(&t, NULL, wake, NULL);
    sleeps();
    is_awake = true;
    pthread_join(t, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 500}, {0, 500}}, NULL);
    reads_the_clock();
    computes();
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    puts("handled");
    return 0;
}
