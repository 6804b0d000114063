/* SPDX-License-Identifier: MIT */
/* Two threads load and unload their plugins in one place, again and again, and
   a third keeps allocating while modules are being closed. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TIMES = 2000 };
static atomic_bool stop;

static void *load(void *name)
{
    for (int i = 0; i < TIMES; i++) {
        void *(*lose)(void);
        void *plugin = dlopen(name, RTLD_NOW);
        *(void **)&lose = dlsym(plugin, "lose");
        lose();
        dlclose(plugin);
    }
    return NULL;
}

static __attribute__((noinline)) void *lose_deep(int depth)
{
    void *p = depth > 0 ? lose_deep(depth - 1) : malloc(16);
    __asm__ volatile("" : "+r"(p));
    return p;
}

static void *work(void *unused)
{
    for (int i = 0; !stop; i++) {
        lose_deep(i % 7);
        usleep(20);
    }
    return unused;
}

int main(void)
{
    pthread_t one, two, three;
    pthread_create(&three, NULL, work, NULL);
    pthread_create(&one, NULL, load, "./one.so");
    pthread_create(&two, NULL, load, "./two.so");
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    stop = 1;
    pthread_join(three, NULL);
    puts("done");
    return 0;
}
