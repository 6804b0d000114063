/* SPDX-License-Identifier: MIT */
/*
 * first_at_once.c - threads that all say the file's first macro at the same
 * moment are all heard: the program is its own guest and counts, and its dlsym
 * takes so long that all are inside
 */
#include "ouro.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { N_THREADS = 8, N_EVENTS = 1000 };

static atomic_int n_heard;
static pthread_barrier_t start;

static void hear(const void *obj)
{
    (void)obj;
    atomic_fetch_add(&n_heard, 1);
}

extern const struct ouro_hooks ouro_hooks_v1;
const struct ouro_hooks ouro_hooks_v1 = {
    .size = sizeof ouro_hooks_v1, .version = 1, .on_incref = hear};

void *dlsym(void *handle, const char *name);
void *dlsym(void *handle, const char *name)
{
    (void)handle;
    usleep(50000);
    return strcmp(name, "ouro_hooks_v1") == 0 ? (void *)&ouro_hooks_v1 : NULL;
}

static void *speak(void *obj)
{
    pthread_barrier_wait(&start);
    for (int i = 0; i < N_EVENTS; i++)
        OURO_INCREF(obj);
    return NULL;
}

int main(void)
{
    pthread_t threads[N_THREADS];
    pthread_barrier_init(&start, NULL, N_THREADS);
    for (int i = 0; i < N_THREADS; i++)
        pthread_create(&threads[i], NULL, speak, &n_heard);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("heard %d\n", n_heard);
    return n_heard == N_THREADS * N_EVENTS ? 0 : 1;
}
