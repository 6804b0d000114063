/* SPDX-License-Identifier: MIT */
/*
 * missing_release.c - an early return that forgets to give back
 *
 * Each get names its holder, so pairs are matched exactly: of five requests the
 * two odd ones never released the connection, and are gone themselves.
 */
#include "ouro.h"

#include <stdlib.h>

struct connection {
    int refs;
};

static void connection_get(struct connection *c, const void *holder)
{
    c->refs++;
    OURO_ACQUIRE(c, holder);
}

static void connection_put(struct connection *c, const void *holder)
{
    OURO_RELEASE(c, holder);
    if (--c->refs > 0)
        return;
    free(c);
}

static void handle(struct connection *c, const int *request)
{
    connection_get(c, request);
    if (*request % 2 == 1)
        return; /* the mistake: no connection_put */
    connection_put(c, request);
}

int main(void)
{
    struct connection *c = malloc(sizeof *c);
    int *requests = malloc(5 * sizeof *requests);
    if (!c || !requests)
        return 1;
    c->refs = 1;
    OURO_NEW(c, "connection");
    for (int i = 0; i < 5; i++) {
        requests[i] = i;
        handle(c, &requests[i]);
    }
    free(requests);
    OURO_DECREF(c);
    if (--c->refs == 0)
        free(c);
    return 0;
}
