/* SPDX-License-Identifier: MIT */
/*
 * pair.c - two objects that hold each other: the smallest cycle
 *
 * Every get has its put, and still nothing is freed: each person's last count
 * belongs to the other one.
 */
#include "ouro.h"

#include <stdlib.h>

struct person {
    int refs;
    const char *name;
    struct person *partner;
};

static struct person *person_new(const char *name)
{
    struct person *p = malloc(sizeof *p);
    if (!p)
        exit(1);
    *p = (struct person){.refs = 1, .name = name};
    OURO_NEW(p, "person");
    OURO_LABEL(p, name);
    return p;
}

static void person_put(struct person *p)
{
    OURO_DECREF(p);
    if (--p->refs > 0)
        return;
    OURO_DEAD(p);
    if (p->partner)
        person_put(p->partner);
    free(p);
}

static void marry(struct person *a, struct person *b)
{
    b->refs++;
    OURO_INCREF(b);
    a->partner = b;
    OURO_LINK_AT(a, "partner", -1, &a->partner, b);
}

int main(void)
{
    struct person *ada = person_new("ada"), *bob = person_new("bob");
    marry(ada, bob);
    marry(bob, ada);
    person_put(ada);
    person_put(bob);
    return 0;
}
