/* SPDX-License-Identifier: MIT */
/* ring.c - leaves behind what LEAKS names: "old", "new", both or nothing */
#include <ouro.h>

#include <stdlib.h>
#include <string.h>

struct node {
    struct node *next;
};

static void leave_a_ring(const char *type)
{
    struct node *n = malloc(sizeof *n);
    if (!n)
        abort();
    OURO_NEW(n, type);
    n->next = n;
    OURO_LINK(n, "next", n);
}

static void __attribute__((noinline)) old_leak(void)
{
    leave_a_ring("old");
}

static void __attribute__((noinline)) new_leak(void)
{
    leave_a_ring("new");
}

int main(void)
{
    const char *leaks = getenv("LEAKS");
    if (leaks && strstr(leaks, "old"))
        old_leak();
    if (leaks && strstr(leaks, "new"))
        new_leak();
    if (leaks && strstr(leaks, "broken"))
        return 1;
    return 0;
}
