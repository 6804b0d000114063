/* leaks.c - a ring and a lost block; more of them, and others, by -D */
#include <ouro.h>
#include <stdlib.h>

#ifndef TIMES
#define TIMES 1
#endif

struct node {
    int count;
    struct node *other;
};

static void *volatile lost;

__attribute__((noinline)) static struct node *node_new(void)
{
    struct node *n = malloc(sizeof *n);
    n->count = 1;
    OURO_NEW(n, "node");
    return n;
}

__attribute__((noinline)) static void node_set(struct node *of, struct node *to)
{
    of->other = to;
    OURO_LINK(of, "other", to);
}

/* Each takes over the only count of the other. */
__attribute__((noinline)) static void make_ring(void)
{
    struct node *a = node_new(), *b = node_new();
    node_set(a, b);
    node_set(b, a);
}

__attribute__((noinline)) static void lose(size_t n)
{
    lost = malloc(n);
    lost = NULL;
}

#ifdef ADDED
__attribute__((noinline)) static void lose_another(void)
{
    lost = malloc(100);
    lost = NULL;
}
#endif

int main(void)
{
    for (int i = 0; i < TIMES; i++)
        lose(40);
#ifndef MENDED
    make_ring();
#endif
#ifdef ADDED
    lose_another();
#endif
    return 0;
}
