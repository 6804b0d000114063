/* SPDX-License-Identifier: MIT */
/* A library that wraps dlsym, as overlays and tracers do, and allocates in it:
   whoever looks a symbol up from inside malloc is called back by malloc. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *dlsym(void *restrict handle, const char *restrict name)
{
    static void *(*next)(void *, const char *);
    if (!next)
        *(void **)&next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
    char *copy = calloc(1, strlen(name) + 1);
    copy = realloc(copy, strlen(name) + 100);
    strcpy(copy, name);
    void *found = next(handle, copy);
    free(copy);
    return found;
}
