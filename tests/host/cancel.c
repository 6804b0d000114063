/* SPDX-License-Identifier: MIT */
/* malloc is no cancellation point, with or without a guest. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static volatile int go;

static void *thread(void *a)
{
    while (!go)
        continue;
    for (int i = 0; i < 100000; i++) {
        void *p = malloc(64);
        __asm__ volatile("" ::"r"(p));
        free(p);
    }
    return a;
}

int main(void)
{
    int token, finished = 0;
    for (int i = 0; i < 20; i++) {
        pthread_t t;
        void *r;
        go = 0;
        pthread_create(&t, NULL, thread, &token);
        pthread_cancel(t);
        go = 1;
        pthread_join(t, &r);
        finished += r == &token;
    }
    printf("%d of 20 threads finished\n", finished);
    return 0;
}
