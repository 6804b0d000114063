/* SPDX-License-Identifier: MIT */
/*
 * grow.c - a cache that grows, a window of the last eight requests, a table
 * that is made once, and a ring that nobody holds
 *
 * `grow collect` asks for collections, `grow quiet` sets no checkpoints.
 */
#include "ouro.h"

#include <stdlib.h>
#include <string.h>

struct node {
    struct node *next;
};

static struct node *cache;
static void *window[8], *table[100];

static struct node *node_new(const char *type)
{
    struct node *n = malloc(sizeof *n);
    n->next = NULL;
    OURO_NEW(n, type);
    return n;
}

static void make_table(void)
{
    for (int i = 0; i < 100; i++)
        table[i] = calloc(1, 1000);
}

static void make_ring(void)
{
    struct node *n = node_new("ring");
    n->next = n;
    OURO_LINK(n, "next", n);
}

static void serve(int request)
{
    free(window[request % 8]);
    window[request % 8] = malloc(64);
    if (request % 4 == 0) {
        struct node *n = node_new("entry");
        n->next = cache;
        cache = n;
    }
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    make_table();
    make_ring();
    for (int request = 0; request < 160; request++) {
        if (request % 40 == 0 && strcmp(how, "quiet") != 0)
            OURO_CHECKPOINT("forty requests");
        if (request % 10 == 0 && strcmp(how, "collect") == 0)
            OURO_COLLECT(request % 20 == 0);
        serve(request);
    }
    return 0;
}
