/* SPDX-License-Identifier: MIT */
/*
 * half.c - a runtime that is instrumented by half, with every mistake there is
 *
 * Each function is one of them, or shows that what is right is not told.
 */
#include "ouro.h"

#include <stdlib.h>

struct node {
    int refs;
    struct node *parent;
};

struct list {
    int refs, n;
    struct node *items[64];
};

static struct node *node_new(const char *type)
{
    struct node *n = calloc(1, sizeof *n);
    if (!n)
        exit(1);
    n->refs = 1;
    OURO_NEW(n, type);
    return n;
}

static struct list *list_new(void)
{
    struct list *l = calloc(1, sizeof *l);
    if (!l)
        exit(1);
    l->refs = 1;
    OURO_NEW(l, "List");
    return l;
}

static void node_put(struct node *n)
{
    OURO_DECREF(n);
    if (--n->refs > 0)
        return;
    OURO_DEAD(n);
    free(n);
}

/* The mistake: no LINK. */
static void list_push(struct list *l, struct node *n)
{
    n->refs++;
    OURO_INCREF(n);
    l->items[l->n++] = n;
}

static void list_free(struct list *l)
{
    for (int i = 0; i < l->n; i++)
        node_put(l->items[i]);
    OURO_DECREF(l);
    free(l);
}

/* Right: taken and given back here. */
static void borrow(struct node *n)
{
    n->refs++;
    OURO_INCREF(n);
    OURO_DECREF(n);
    n->refs--;
}

static void incref_without_link(void)
{
    struct list *l = list_new();
    for (int i = 0; i < 40; i++) {
        struct node *n = node_new("Node");
        borrow(n);
        list_push(l, n);
        node_put(n);
    }
    list_free(l);
}

/* The mistake: a back pointer has no count. */
static void node_adopt(struct node *child, struct node *parent)
{
    child->parent = parent;
    OURO_LINK(child, "parent", parent);
}

static void link_without_count(void)
{
    struct node *parent = node_new("Tree");
    struct node *child[5];
    OURO_ROOT("tree", parent);
    for (int i = 0; i < 5; i++) {
        child[i] = node_new("Branch");
        node_adopt(child[i], parent);
    }
    for (int i = 0; i < 5; i++) {
        OURO_UNLINK_ALL(child[i]);
        node_put(child[i]);
    }
    OURO_UNROOT("tree", parent);
    node_put(parent);
}

/* The mistake: a count that nobody announces. */
static void node_pin(struct node *n)
{
    n->refs++;
}

static void unannounced_count(void)
{
    struct node *n = node_new("Pinned");
    OURO_COUNT(n, n->refs);
    borrow(n);
    node_pin(n);
    OURO_COUNT(n, n->refs);
    n->refs--;
    node_put(n);
}

/* The mistake: there was no NEW. */
static void unannounced_object(void)
{
    struct node *n = calloc(1, sizeof *n);
    if (!n)
        exit(1);
    for (int i = 0; i < 7; i++)
        OURO_INCREF(n);
    free(n);
}

/* The mistake: the array is nobody's; there was no OWN. */
static void unowned_array(void)
{
    struct node *n = node_new("Element");
    struct node **array = malloc(4 * sizeof *array);
    if (!array)
        exit(1);
    array[0] = n;
    OURO_LINK(array, "items", n);
    OURO_UNLINK(array, "items", n);
    node_put(n);
    free(array);
}

/* The mistake: another field's name. */
static void unmatched_unlink(void)
{
    struct node *n = node_new("Child"), *owner = node_new("Owner");
    OURO_LINK(owner, "first", n);
    OURO_UNLINK(owner, "second", n);
    OURO_UNLINK(owner, "first", n);
    node_put(n);
    node_put(owner);
}

/* The mistake: freed, and nobody said DECREF. */
static void freed_with_counts(void)
{
    for (int i = 0; i < 3; i++)
        free(node_new("Dropped"));
}

/* The mistake: one memory, several lives, and no DEAD. */
static void made_over(void)
{
    static struct node slot;
    for (int i = 0; i < 3; i++) {
        OURO_NEW_AT(&slot, "Slot", 1, sizeof slot);
        OURO_DECREF(&slot);
    }
    OURO_DEAD(&slot);
}

/* The mistake: what it points at dies first. */
static void dangling(void)
{
    struct node *n = node_new("Target"), *owner = node_new("Holder");
    n->refs++;
    OURO_INCREF(n);
    OURO_LINK(owner, "target", n);
    node_put(n);
    node_put(n);
    node_put(owner);
}

/* Right: named, and linked. */
static void explained(void)
{
    struct node *n = node_new("Good"), *owner = node_new("Owner");
    n->refs++;
    OURO_ACQUIRE(n, owner);
    OURO_RELEASE(n, owner);
    n->refs--;
    OURO_LINK(owner, "good", n);
    OURO_UNLINK(owner, "good", n);
    node_put(n);
    node_put(owner);
}

static struct list *kept;

/* The mistake: nobody gives it up. */
static void kept_for_good(void)
{
    kept = list_new();
    for (int i = 0; i < 4; i++)
        list_push(kept, node_new("Kept"));
}

int main(void)
{
    incref_without_link();
    link_without_count();
    unannounced_count();
    unannounced_object();
    unowned_array();
    unmatched_unlink();
    freed_with_counts();
    made_over();
    dangling();
    explained();
    kept_for_good();
    return 0;
}
