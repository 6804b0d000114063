/* SPDX-License-Identifier: MIT */
/* Objects that live, rings that are lost, one that is found again, one that its
   own program frees, one with a finalizer. */
#include <ouro.h>
#include <stdlib.h>

struct node {
    struct node *next;
};

static struct node *node(const char *type)
{
    struct node *n = calloc(1, sizeof *n);
    OURO_NEW(n, type);
    return n;
}

/* The only count of it is its own. */
static struct node *hold_itself(struct node *n)
{
    n->next = n;
    OURO_LINK(n, "next", n);
    return n;
}

static void free_itself(struct node *n)
{
    OURO_UNLINK(n, "next", n);
    OURO_DEAD(n);
    free(n);
}

int main(void)
{
    OURO_GC_SET_THRESHOLD(10, 2, 2);
    for (int i = 0; i < 8; i++)
        node("kept");
    OURO_CHECKPOINT("begun");
    struct node *again = hold_itself(node("lost"));
    struct node *freed = hold_itself(node("lost"));
    OURO_FINALIZER(hold_itself(node("final")));
    for (int i = 0; i < 40; i++)
        hold_itself(node("lost"));
    OURO_INCREF(again);
    free_itself(freed);
    OURO_GC_FREEZE();
    OURO_COLLECT(1);
    hold_itself(node("late"));
    return 0;
}
