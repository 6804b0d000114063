/* SPDX-License-Identifier: MIT */
/*
 * Objects that a collection may find, and that are no finding in the end: every
 * other creation collects.
 */
#include <ouro.h>
#include <stdlib.h>

struct node {
    int refs;
    struct node *held;
};

static struct node *weak;   /* not counted */
static struct node *global; /* holds a ring */

static struct node *make_node(const char *type)
{
    struct node *n = calloc(1, sizeof *n);
    n->refs = 1;
    OURO_NEW(n, type);
    return n;
}

static void take(struct node *n)
{
    n->refs++;
    OURO_INCREF(n);
}

static void put(struct node *n)
{
    OURO_DECREF(n);
    if (--n->refs > 0)
        return;
    struct node *held = n->held;
    if (held) { /* a destructor that allocates in the middle */
        OURO_UNLINK(n, "held", held);
        n->held = NULL;
        put(make_node("log entry"));
        put(held);
    }
    OURO_DEAD(n);
    free(n);
}

static void hold(struct node *owner, struct node *held)
{
    take(held);
    owner->held = held;
    OURO_LINK(owner, "held", held);
}

static void let_go(struct node *owner)
{
    struct node *held = owner->held;
    OURO_UNLINK(owner, "held", held);
    owner->held = NULL;
    put(held);
}

static void destructors(void)
{
    struct node *outer = make_node("outer");
    struct node *inner = make_node("inner");
    hold(outer, inner);
    put(inner);
    put(outer);
}

/* Enough creations for a collection. */
static void other_work(void)
{
    struct node *some[4];
    for (int i = 0; i < 4; i++)
        some[i] = make_node("work");
    for (int i = 0; i < 4; i++)
        put(some[i]);
}

/* Two that hold each other until a weak reference is promoted. */
static void promoted(void)
{
    struct node *a = make_node("listed");
    struct node *b = make_node("listed");
    hold(a, b);
    hold(b, a);
    weak = a;
    put(a);
    put(b);
    other_work();
    take(weak);
    let_go(b);
    put(weak);
}

/* Holds itself until it is called back. */
static struct node *start(void)
{
    struct node *request = make_node("request");
    hold(request, request);
    put(request);
    return request;
}

static void call_back(struct node *request)
{
    let_go(request);
}

static void held_by_a_global(void)
{
    global = make_node("cache");
    OURO_ROOT("global", global);
    struct node *other = make_node("cache");
    hold(global, other);
    hold(other, global);
    put(other);
}

int main(void)
{
    OURO_GC_SET_THRESHOLD(1, 0, 0);
    destructors();
    promoted();
    struct node *request = start();
    other_work();
    call_back(request);
    held_by_a_global();
    other_work();
    return 0;
}
