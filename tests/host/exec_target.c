/* SPDX-License-Identifier: MIT */
/* exec_target.c - says how it was started; the guest's own variables apart */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv)
{
    int n = 0;
    unsigned sum = 0;
    for (char **v = environ; *v; v++) {
        if (strncmp(*v, "OURO_", 5) == 0 || strncmp(*v, "LD_PRELOAD=", 11) == 0)
            continue;
        n++;
        for (const char *c = *v; *c; c++)
            sum = sum * 31 + (unsigned char)*c;
    }
    free(malloc(100));
    printf("%d arguments, the last is %s; %d variables, %u\n", argc,
           argv[argc - 1], n, sum);
    return 3;
}
