/* SPDX-License-Identifier: MIT */
/* Blocks that are taken or given back where the guest does not see it: in a
   library opened with RTLD_DEEPBIND, or in one with a libc of its own. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plugin {
    void *(*take)(size_t);
    void (*give)(void *);
    void *(*through)(void *(*)(size_t), size_t);
};

static void *volatile sink;

static __attribute__((noinline)) void *lose_deep(size_t n)
{
    sink = malloc(n);
    memset(sink, 0, n); /* links of the allocator may be left in it */
    void *lost = sink;
    sink = NULL;
    return lost;
}

static __attribute__((noinline)) void *lose_apart(size_t n)
{
    sink = malloc(n + 1);
    memset(sink, 0, n);
    void *lost = sink;
    sink = NULL;
    return lost;
}

static int look_up(void *library, struct plugin *out)
{
    if (!library)
        return 0;
    *(void **)&out->take = dlsym(library, "take");
    *(void **)&out->give = dlsym(library, "give");
    *(void **)&out->through = dlsym(library, "through");
    return out->take && out->give && out->through;
}

int main(void)
{
    struct plugin deep, apart;
    void *library = dlopen("./libplugin.so", RTLD_NOW | RTLD_DEEPBIND);
    if (!look_up(library, &deep))
        return 1;
    for (int i = 0; i < 50; i++) {
        char *p = deep.take(100);
        memset(p, 1, 100);
        free(p);                /* unknown to us */
        deep.give(malloc(200)); /* looks leaked */
        deep.give(realloc(deep.take(10), 300));
        deep.give(deep.take(10));
        deep.through(lose_deep, 900);
    }
    void *other = dlmopen(LM_ID_NEWLM, "./libplugin.so", RTLD_NOW);
    if (!look_up(other, &apart))
        return 2;
    for (int i = 0; i < 50; i++) {
        apart.give(apart.take(500));
        apart.through(lose_apart, 900);
    }
    printf("%d %d\n", dlclose(other), dlclose(library));
    return 0;
}
