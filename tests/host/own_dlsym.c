/* SPDX-License-Identifier: MIT */
/* Asks what only the host's own functions answer rightly: an alignment that is
   none, more aligned blocks than any reserve has, and a dlclose. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    volatile size_t three = 3;
    void *p = NULL;
    long failed = 0;
    printf("dlclose %d\n", dlclose(dlopen("libm.so.6", RTLD_NOW)));
    printf("posix_memalign %d\n", posix_memalign(&p, three, 8));
    for (int i = 0; i < 20000; i++) {
        p = NULL;
        failed += posix_memalign(&p, 64, 65536) != 0;
        free(p);
    }
    printf("failed %ld\n", failed);
    p = aligned_alloc(64, 128);
    printf("aligned_alloc %d\n", p != NULL);
    free(p);
    return 0;
}
