/* SPDX-License-Identifier: MIT */
/* Threads that allocate, load and unload, and walk the loader's list with a
   callback that allocates: nothing may wait for anything else. */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_bool stop;
static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER;

static int each(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)info, (void)size;
    pthread_mutex_lock(&host_lock); /* a lock that others hold in malloc */
    free(malloc(32));
    pthread_mutex_unlock(&host_lock);
    (*(int *)data)++;
    return 0;
}

static void *allocate(void *a)
{
    while (!stop) {
        pthread_mutex_lock(&host_lock);
        free(malloc(64));
        pthread_mutex_unlock(&host_lock);
    }
    return a;
}

static void *load(void *a)
{
    for (int i = 0; i < 50 || !stop; i++) {
        void *h = dlopen(a, RTLD_NOW);
        void (*f)(void) = h ? (void (*)(void))dlsym(h, "plugin_run") : NULL;
        if (f)
            f();
        if (h)
            dlclose(h);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[4];
    pthread_create(&t[0], NULL, allocate, NULL);
    pthread_create(&t[1], NULL, allocate, NULL);
    pthread_create(&t[2], NULL, load, "./plugin_a.so");
    pthread_create(&t[3], NULL, load, "./plugin_b.so");
    for (int i = 0; i < 3000; i++) {
        int n = 0;
        dl_iterate_phdr(each, &n);
    }
    stop = true;
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    puts("done");
    return 0;
}
