/* SPDX-License-Identifier: MIT */
/*
 * hold.c - objects that nobody said who holds, and each is held elsewhere: by a
 * global, by a plain block, by a field that was announced and one that was not,
 * by the frame of the function that exits; and a block
 * that only a pointer into its middle leads to
 */
#include "ouro.h"

#include <stdlib.h>

struct node {
    struct node *next;
    void *data;
    char name[40];
};

struct cache {
    long n;
    struct node *first;
};

struct cache cache;
struct cache *table;
char *interior[4];

__attribute__((noinline)) static struct node *node_new(const char *type)
{
    struct node *n = calloc(1, sizeof *n);
    OURO_NEW(n, type);
    return n;
}

__attribute__((noinline)) static void fill(void)
{
    struct node *owner = node_new("owner");
    cache.first = node_new("entry");
    owner->next = node_new("member");
    OURO_INCREF(owner->next);
    OURO_LINK(owner, "next", owner->next);
    owner->data = node_new("part");
    table = malloc(sizeof *table);
    table->first = owner;
    interior[2] = (char *)malloc(100) + 10;
}

__attribute__((noinline)) static void leave(struct node *n)
{
    struct node *volatile kept[4] = {0, n, 0, 0};
    exit(kept[1] == 0);
}

int main(void)
{
    fill();
    leave(node_new("local"));
}
