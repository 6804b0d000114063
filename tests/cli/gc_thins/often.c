/* SPDX-License-Identifier: MIT */
/* Collects more often than there is room to remember: the first generation the
   first time, the second the second time, and so on. */
#include "ouro.h"

#include <stdlib.h>

enum { TIMES = 1100000 };

int main(void)
{
    void *object = malloc(8);
    OURO_NEW(object, "object");
    for (int i = 0; i < TIMES; i++)
        OURO_COLLECT(i % 3);
    OURO_DEAD(object);
    free(object);
    return 0;
}
