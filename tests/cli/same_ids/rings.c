/* SPDX-License-Identifier: MIT */
/* Rings of RING nodes, made by WORKERS threads; FIELD names what holds them. */
#include <ouro.h>
#include <pthread.h>
#include <stdlib.h>
#ifdef MOVED
#define A_LINE "more"
static const char *const another = A_LINE;

static const char *unused(void)
{
    return another;
}
#endif

#ifndef RING
#define RING 3
#endif
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef FIELD
#define FIELD "next"
#endif

struct node {
    struct node *next;
};

__attribute__((noinline)) static struct node *make_node(void)
{
    struct node *n = calloc(1, sizeof *n);
    OURO_NEW(n, "node");
    return n;
}

__attribute__((noinline)) static void make_ring(void)
{
    struct node *first = make_node();
    struct node *last = first;
    for (int i = 1; i < RING; i++) {
        struct node *n = make_node();
        last->next = n;
        OURO_LINK(last, FIELD, n);
        last = n;
    }
    last->next = first;
    OURO_LINK(last, FIELD, first);
}

__attribute__((noinline)) static void *work(void *unused_argument)
{
    for (int i = 0; i < 50; i++) {
        make_ring();
        free(malloc((size_t)i * 100));
    }
    return unused_argument;
}

int main(void)
{
    pthread_t threads[WORKERS];
#ifdef MOVED
    if (!unused())
        return 1;
#endif
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
