/* SPDX-License-Identifier: MIT */
/* main ends by pthread_exit, and the last thread ends the process. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_t of_main;
static void *volatile sink;

static __attribute__((noinline)) void lose_late(void)
{
    sink = malloc(512);
    sink = NULL;
}

static void *last(void *a)
{
    pthread_join(of_main, NULL);
    for (int i = 0; i < 1000; i++) {
        lose_late();
        free(malloc(20));
    }
    puts("last");
    return a;
}

int main(void)
{
    pthread_t t;
    of_main = pthread_self();
    if (pthread_create(&t, NULL, last, NULL) != 0)
        return 1;
    pthread_exit(NULL);
}
