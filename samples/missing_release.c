/* SPDX-License-Identifier: MIT */
/*
 * missing_release.c - an early return that forgets to give back
 *
 * Each get names its holder, so pairs are matched exactly: of 5 requests the
 * two odd ones never released the connection.
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
    OURO_DEAD(c);
    free(c);
}

static int handle_request(struct connection *c, const int *request)
{
    connection_get(c, request);
    if (*request % 2 == 1)
        return -1; /* the mistake: no connection_put */
    connection_put(c, request);
    return 0;
}

int main(void)
{
    int requests[] = {0, 1, 2, 3, 4}, failed = 0;
    struct connection *c = malloc(sizeof *c);
    if (!c)
        return 1;
    c->refs = 1;
    OURO_NEW(c, "connection");
    for (int i = 0; i < 5; i++)
        failed += handle_request(c, &requests[i]) < 0;
    OURO_DECREF(c);
    if (--c->refs == 0) {
        OURO_DEAD(c);
        free(c);
    }
    return failed == 2 ? 0 : 1;
}
