/* SPDX-License-Identifier: MIT */
/*
 * plugins.c - two plugins loaded and unloaded in turn, at the same address
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    void *places[2] = {NULL, NULL};
    for (int i = 0; argc == 3 && i < 1000; i++) {
        void *library = dlopen(argv[1 + i % 2], RTLD_NOW);
        if (!library)
            return 1;
        void (*run)(void);
        *(void **)&run = dlsym(library, "plugin_run");
        places[i % 2] = *(void **)&run;
        run();
        dlclose(library);
    }
    if (places[0] != places[1])
        printf("note: the plugins were at different addresses\n");
    return 0;
}
