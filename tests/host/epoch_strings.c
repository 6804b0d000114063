/* SPDX-License-Identifier: MIT */
/* Objects of one type with a long name, each after a library came or went: the
   name is told anew each time, wherever the chunk is. */
#include "ouro.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define X10  "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define NAME X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

/* The second object is the first to have a stack since the library went. */
static void use(const char *plugin, void *objects)
{
    void (*run)(void);
    void *handle = dlopen(plugin, RTLD_NOW);
    *(void **)&run = dlsym(handle, "run");
    run();
    OURO_NEW(objects, NAME NAME NAME NAME);
    OURO_DEAD(objects);
    dlclose(handle);
    OURO_NEW(objects, NAME NAME NAME NAME);
    OURO_DEAD(objects);
}

int main(void)
{
    for (int i = 0; i < 400; i++) {
        void *object = malloc(16);
        for (int k = 0; k < i % 64; k++)
            free(malloc(1));
        use("./libplugin.so", object);
        free(object);
    }
    puts("done");
    return 0;
}
