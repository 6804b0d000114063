/* SPDX-License-Identifier: MIT */
/*
 * quiet.c - what a program must not notice, with a guest or without: dlerror()
 * and errno after the first macro, and each argument evaluated once
 */
#include "ouro.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

static int n_evaluated;

static const void *evaluated(const void *p)
{
    n_evaluated++;
    return p;
}

int main(void)
{
    const char *message = NULL;
    int object = 0;

    errno = 77;
    OURO_LINK(evaluated(&object), NULL, evaluated(NULL));
    OURO_SET(evaluated(&object), NULL, evaluated(NULL), NULL, evaluated(NULL));
    printf("errno %d\n", errno);
    printf("evaluated %d\n", n_evaluated);
    message = dlerror();
    printf("dlerror %s\n", message ? message : "has nothing to say");
    return 0;
}
