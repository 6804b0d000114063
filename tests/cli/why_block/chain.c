/* SPDX-License-Identifier: MIT */
/*
 * chain.c - a list of thirty in a global, two lost blocks that hold one each,
 * and one that both of them hold; their addresses are in a file
 */
#include <stdio.h>
#include <stdlib.h>

struct node {
    struct node *next, *other;
    char text[100];
};

struct node *list;
struct node *volatile lost[2];

static FILE *addresses;

static void tell(const char *name, const void *p)
{
    fprintf(addresses, "%s %p\n", name, p);
}

__attribute__((noinline)) static struct node *node_new(size_t size)
{
    struct node *n = calloc(1, size);
    if (!n)
        exit(1);
    return n;
}

__attribute__((noinline)) static void fill(void)
{
    struct node *last = list = node_new(sizeof *list);
    for (int i = 2; i <= 30; i++) {
        last = last->next = node_new(sizeof *last);
        if (i == 2)
            tell("second", last);
    }
    tell("far", last);
}

__attribute__((noinline)) static void lose(void)
{
    struct node *first = node_new(100);
    struct node *second = node_new(200);
    lost[0] = first;
    lost[1] = second;
    first->next = node_new(50);
    first->other = second->other = node_new(60);
    tell("held", first->next);
    tell("shared", first->other);
    lost[0] = lost[1] = NULL;
}

int main(void)
{
    addresses = fopen("addresses", "w");
    if (!addresses)
        return 1;
    fill();
    lose();
    fclose(addresses);
    return 0;
}
