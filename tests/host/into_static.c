/* SPDX-License-Identifier: MIT */
/* Holds a block and becomes the program that its argument names; or, where that
   fails, goes on and returns. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile held;

int main(int argc, char **argv)
{
    held = malloc(600);
    if (argc > 1)
        execl(argv[1], argv[1], (char *)NULL);
    held = malloc(601);
    held = NULL;
    return 3;
}
