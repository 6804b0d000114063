/* SPDX-License-Identifier: MIT */
/* Leaks, objects and threads whose report must not depend on addresses, on the
   order of threads, or on the time. */
#include "ouro.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_THREADS = 4 };

struct node {
    long count;
    struct node *other;
};

static void *volatile sink;

static __attribute__((noinline)) void lose_odd(size_t n)
{
    void *lost = malloc(n);
    memset(lost, 0, n); /* links of the allocator may be left in it */
    sink = lost;
    sink = NULL;
}

static __attribute__((noinline)) void lose_even(size_t n)
{
    void *lost = malloc(n);
    memset(lost, 0, n); /* links of the allocator may be left in it */
    sink = lost;
    sink = NULL;
}

static void *thread(void *a)
{
    for (size_t i = 0; i < 300; i++) {
        (i % 2 ? lose_odd : lose_even)(16 + i % 5 * 16);
        free(malloc(2000 * i));
    }
    return a;
}

static struct node *make(const char *label)
{
    struct node *n = calloc(1, sizeof *n);
    n->count = 1;
    OURO_NEW(n, "node");
    OURO_LABEL(n, label);
    return n;
}

static void hold(struct node *owner, struct node *target)
{
    owner->other = target;
    target->count++;
    OURO_INCREF(target);
    OURO_LINK(owner, "other", target);
}

static void drop(struct node *n)
{
    OURO_DECREF(n);
    n->count--;
}

int main(void)
{
    pthread_t t[N_THREADS];
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_create(&t[i], NULL, thread, NULL);
    for (int i = 0; i < 5; i++) {
        char label[16];
        snprintf(label, sizeof label, "a%d", i);
        struct node *a = make(label);
        label[0] = 'b';
        struct node *b = make(label);
        hold(a, b);
        hold(b, a);
        drop(a);
        drop(b);
    }
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_join(t[i], NULL);
    return 0;
}
