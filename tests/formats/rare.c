/* SPDX-License-Identifier: MIT */
/* rare.c - what few programs show: an object that roots hold without a count,
   one leak at two places, double frees, growth over checkpoints */
#include "ouro.h"

#include <stdlib.h>

static void *volatile sink;
static void *kept[8], *global;

__attribute__((noinline, noclone)) static void lose(size_t n)
{
    sink = malloc(n);
    sink = NULL;
}

static void *thing(const char *label)
{
    void *p = malloc(32);
    OURO_NEW(p, "thing");
    OURO_LABEL(p, label);
    return p;
}

int main(void)
{
    lose(10);
    lose(20);
    for (int i = 0; i < 4; i++) {
        kept[2 * i] = thing("kept");
        OURO_CHECKPOINT("round");
    }
    global = thing("held twice");
    OURO_ROOT("global", global);
    OURO_ROOT("other", global);
    void *dead = thing("dead");
    OURO_DECREF(dead);
    OURO_DEAD(dead);
    OURO_DECREF(dead);
    void *zombie = kept[7] = thing("zombie");
    OURO_DECREF(zombie);
    OURO_DECREF(zombie);
    return 0;
}
