/* SPDX-License-Identifier: MIT */
/*
 * reach_cells.c ROOT - four blocks, by where a root of that kind points: at the
 * start of one, inside one, at the start of one from an address that no pointer
 * stands at, and at none. Each is asked for by a function of that name.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a root has room for: three words and a bit. */
struct holder {
    char *start, *interior;
    char bytes[12];
};

#define MAKER(name)                                                            \
    __attribute__((noinline)) static char *name(void)                          \
    {                                                                          \
        char *p = malloc(40);                                                  \
        if (!p)                                                                \
            exit(9);                                                           \
        return memset(p, 0, 40);                                               \
    }
MAKER(start)
MAKER(interior)
MAKER(misaligned)
MAKER(none)

static char *volatile sink;

/* Leaves no copies behind: what it used of the stack is written over. */
__attribute__((noinline)) static void wipe(void)
{
    volatile char used[4096];
    for (size_t i = 0; i < sizeof used; i++)
        used[i] = 0;
}

__attribute__((noinline)) static void fill(struct holder *h)
{
    h->start = start();
    h->interior = interior() + 16;
    char *p = misaligned();
    memcpy(h->bytes + 2, &p, sizeof p);
    sink = none();
    sink = NULL;
}

static struct holder in_bss, in_data = {.bytes = "x"};
static _Thread_local struct holder in_tls;
static struct holder *volatile in_pages, *volatile in_block;
static pthread_key_t key;

static void end(void)
{
    wipe();
    exit(0);
}

__attribute__((noinline)) static void from_main_stack(void)
{
    struct holder here;
    fill(&here);
    wipe();
    __asm__ volatile("" : : "r"(&here) : "memory");
    exit(0);
}

__attribute__((noinline)) static void in_a_frame_that_returns(void)
{
    struct holder here;
    fill(&here);
    __asm__ volatile("" : : "r"(&here) : "memory");
}

static int ready[2];

static void *sleeper(void *unused)
{
    struct holder here;
    fill(&here);
    wipe();
    if (write(ready[1], "x", 1) == 1)
        for (;;)
            pause();
    __asm__ volatile("" : : "r"(&here) : "memory");
    return unused;
}

static void from_sleeping_thread(void)
{
    pthread_t t;
    char c;
    if (pipe(ready) != 0 || pthread_create(&t, NULL, sleeper, NULL) != 0 ||
        read(ready[0], &c, 1) != 1)
        exit(9);
    usleep(20000);
    end();
}

static void *ended(void *unused)
{
    in_a_frame_that_returns();
    return unused;
}

static void from_ended_thread(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, ended, NULL) != 0 ||
        pthread_join(t, NULL) != 0)
        exit(9);
    end();
}

/* The library has a thread-local struct holder, and says where. */
static void from_dynamic_tls(const char *library)
{
    void *l = dlopen(library, RTLD_NOW);
    if (!l)
        exit(9);
    void *(*holder)(void) = (void *(*)(void))dlsym(l, "holder");
    if (!holder)
        exit(9);
    fill(holder());
    end();
}

static void from_pages(void)
{
    in_pages = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (in_pages == MAP_FAILED)
        exit(9);
    fill(in_pages);
    end();
}

static void from_block(void)
{
    in_block = calloc(1, sizeof *in_block);
    fill(in_block);
    end();
}

/* A key holds one pointer: one key each. */
static void from_keys(void)
{
    pthread_key_t other;
    struct holder h;
    fill(&h);
    if (pthread_key_create(&key, NULL) != 0 ||
        pthread_key_create(&other, NULL) != 0)
        exit(9);
    pthread_setspecific(key, h.start);
    pthread_setspecific(other, h.interior);
    memset(&h, 0, sizeof h);
    end();
}

/* Blocks between free ones: libc's lists of what is free are full of addresses
   just inside them. */
static void from_free_lists(void)
{
    struct holder h;
    char *before[64];
    for (int i = 0; i < 64; i++)
        before[i] = malloc(2000);
    fill(&h);
    for (int i = 0; i < 64; i++)
        free(before[i]);
    memset(&h, 0, sizeof h);
    memset(before, 0, sizeof before);
    end();
}

int main(int argc, char **argv)
{
    const char *root = argc > 1 ? argv[1] : "";
    if (strcmp(root, "bss") == 0)
        fill(&in_bss);
    else if (strcmp(root, "data") == 0)
        fill(&in_data);
    else if (strcmp(root, "main") == 0)
        from_main_stack();
    else if (strcmp(root, "sleeper") == 0)
        from_sleeping_thread();
    else if (strcmp(root, "returned") == 0)
        in_a_frame_that_returns();
    else if (strcmp(root, "ended") == 0)
        from_ended_thread();
    else if (strcmp(root, "tls") == 0)
        fill(&in_tls);
    else if (strcmp(root, "dtls") == 0 && argc > 2)
        from_dynamic_tls(argv[2]);
    else if (strcmp(root, "key") == 0)
        from_keys();
    else if (strcmp(root, "pages") == 0)
        from_pages();
    else if (strcmp(root, "block") == 0)
        from_block();
    else if (strcmp(root, "free") == 0)
        from_free_lists();
    else
        return 2;
    end();
}
