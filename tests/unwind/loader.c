/* SPDX-License-Identifier: MIT */
/*
 * loader.c - allocations while the loader's lock is held, by us and by others
 *
 * Callbacks of dl_iterate_phdr allocate, two threads load and unload a plugin,
 * two allocate. Whoever waited for the loader inside malloc would stand still.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_bool is_over;
static atomic_uint n_listed, n_loaded, n_allocated;
static const char *plugin;

static int listed(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)info;
    (void)unused;
    char *volatile p = malloc(size);
    free(p);
    return 0;
}

static void *list(void *unused)
{
    while (!atomic_load(&is_over)) {
        dl_iterate_phdr(listed, NULL);
        n_listed++;
    }
    return unused;
}

static void *load(void *unused)
{
    while (!atomic_load(&is_over)) {
        void *library = dlopen(plugin, RTLD_NOW);
        void (*run)(void);
        if (library) {
            *(void **)&run = dlsym(library, "plugin_run");
            run();
            dlclose(library);
            n_loaded++;
        }
    }
    return unused;
}

static void *allocate(void *unused)
{
    while (!atomic_load(&is_over)) {
        char *volatile p = malloc(100);
        free(p);
        n_allocated++;
    }
    return unused;
}

int main(int argc, char **argv)
{
    void *(*const work[])(void *) = {list, load, allocate, load, allocate};
    pthread_t t[5];
    plugin = argv[argc - 1];
    alarm(30); /* standing still ends here */
    for (int i = 0; i < 5; i++)
        pthread_create(&t[i], NULL, work[i], NULL);
    usleep(1500 * 1000);
    atomic_store(&is_over, true);
    for (int i = 0; i < 5; i++)
        pthread_join(t[i], NULL);
    printf("%s\n", n_listed && n_loaded && n_allocated ? "moving" : "stuck");
    return 0;
}
