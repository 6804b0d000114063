/* SPDX-License-Identifier: MIT */
/* Gives up what is dead: the last count goes in one function, one more in
   another. The object's memory is static, so that it is no undefined behaviour.
 */
#include "ouro.h"

#include <stdio.h>
#include <string.h>

static struct ghost {
    _Alignas(16) int count;
} ghost;

static __attribute__((noinline)) void make_ghost(void)
{
    ghost.count = 1;
    OURO_NEW(&ghost, "ghost");
    OURO_LABEL(&ghost, "casper");
}

static __attribute__((noinline)) void last_release(int says_dead)
{
    OURO_DECREF(&ghost);
    ghost.count--;
    if (says_dead)
        OURO_DEAD(&ghost);
}

static __attribute__((noinline)) void funeral(void)
{
    OURO_DEAD(&ghost);
}

static __attribute__((noinline)) void late_release(void)
{
    OURO_DECREF(&ghost);
}

int main(int argc, char **argv)
{
    const int at_once = argc > 1 && strcmp(argv[1], "at-once") == 0;
    make_ghost();
    last_release(at_once);
    if (!at_once)
        funeral();
    late_release();
    printf("released\n");
    return 0;
}
