/* SPDX-License-Identifier: MIT */
/* unseen deep|apart|not: blocks that the program gave back, that a library got
   again where the guest does not see it, and that the program gives back. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20 };

static void *open_as(const char *way)
{
    if (strcmp(way, "apart") == 0)
        return dlmopen(LM_ID_NEWLM, "./libplugin.so", RTLD_NOW);
    const int deep = strcmp(way, "deep") == 0 ? RTLD_DEEPBIND : 0;
    return dlopen("./libplugin.so", RTLD_NOW | deep);
}

int main(int argc, char **argv)
{
    void *library = argc > 1 ? open_as(argv[1]) : NULL;
    void *(*take)(size_t) =
        library ? (void *(*)(size_t))dlsym(library, "take") : NULL;
    if (!take)
        return 1;
    /* each has a mapping of its own, in either libc */
    const size_t size = 1 << 20;
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    int n = 0;
    for (int i = 0; i < ROUNDS; i++) {
        void *first = malloc(size);
        const uintptr_t at = (uintptr_t)first;
        __asm__ volatile("" ::"r"(first));
        free(first);
        void *again = take(size);
        n += (uintptr_t)again == at;
        free(again);
    }
    printf("%d\n", n);
    if (argc > 2)
        dlclose(library);
    return 0;
}
