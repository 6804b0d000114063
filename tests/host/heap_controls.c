/* SPDX-License-Identifier: MIT */
/* The calls of malloc's family that no guest wraps: they answer as ever. */
#include <malloc.h>
#include <mcheck.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile sink;

static __attribute__((noinline)) void lose(void)
{
    sink = malloc(777);
    sink = NULL;
}

int main(void)
{
    printf("mallopt %d %d %d\n", mallopt(M_MMAP_THRESHOLD, 100000),
           mallopt(M_ARENA_MAX, 2), mallopt(M_PERTURB, 0x55));
    unsigned char *p = malloc(64);
    printf("perturbed %x\n", p[40]); /* ~0x55: M_PERTURB reaches the heap */
    const struct mallinfo2 before = mallinfo2();
    void *mapped = malloc(200000);
    const struct mallinfo2 with = mallinfo2();
    free(mapped);
    const struct mallinfo2 after = mallinfo2();
    printf("mapped %zu %zu\n", with.hblks - before.hblks,
           after.hblks - before.hblks);
    void *many[100];
    for (int i = 0; i < 100; i++)
        many[i] = malloc(5000);
    for (int i = 0; i < 100; i++)
        free(many[i]);
    printf("trimmed %d, again %d\n", malloc_trim(0), malloc_trim(0));
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f || malloc_info(0, f) != 0 || fclose(f) != 0)
        return 1;
    printf("malloc_info %d\n", strstr(text, "<malloc version") != NULL);
    free(text);
    printf("mcheck %d\n", mcheck(NULL)); /* too late, and without its library */
    mtrace();
    lose();
    muntrace();
    if (dup2(1, 2) < 0 || !freopen("stats", "w", stderr))
        return 2;
    malloc_stats();
    free(p);
    puts("done");
    return 0;
}
