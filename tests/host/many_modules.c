/* SPDX-License-Identifier: MIT */
/* many_modules ROUNDS: a library comes, loses a block and goes, that often. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = 0;
    (void)argc;
    for (int left = atoi(argv[1]); left > 0; left--) {
        void *library = dlopen("./libloses.so", RTLD_NOW);
        void *(*lose)(void) =
            library ? (void *(*)(void))dlsym(library, "lose") : NULL;
        n += lose && lose();
        n += library && dlclose(library) == 0;
    }
    printf("%d\n", n);
    return 0;
}
