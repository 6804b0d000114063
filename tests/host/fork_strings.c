/* SPDX-License-Identifier: MIT */
/* Forked children whose first event with a stack has a long string, which they
   have said before: but then all modules are told, and that takes more than a
   chunk. Each child is a bit further on in its chunk by then. */
#include "ouro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 24, MORE = 100 };

static char name[4000];
static void *object[2], *block[CHILDREN * MORE];

static void child(int n)
{
    OURO_TYPE(object[0], name);
    for (int i = 0; i < n * MORE; i++)
        free(block[i]);
    OURO_NEW(object[1], name);
    OURO_DEAD(object[1]);
    _exit(0);
}

int main(void)
{
    memset(name, 'x', sizeof name - 1);
    for (int i = 0; i < 2; i++)
        object[i] = malloc(16);
    for (int i = 0; i < CHILDREN * MORE; i++)
        block[i] = malloc(16);
    OURO_NEW(object[0], "an object");
    for (int n = 0; n < CHILDREN; n++) {
        int status;
        const pid_t pid = fork();
        if (pid == 0)
            child(n);
        if (waitpid(pid, &status, 0) != pid || status != 0)
            printf("child %d: status %x\n", n, status);
    }
    puts("done");
    return 0;
}
