/* SPDX-License-Identifier: MIT */
/*
 * every_macro.c - says every macro of ouro.h once, with arguments that a reader
 * of the records can tell apart; addresses are only numbers here
 */
#include "ouro.h"

#include <stdio.h>
#include <string.h>

static const void *at(uintptr_t address)
{
#ifdef __cplusplus
    return reinterpret_cast<const void *>(address);
#else
    return (const void *)address;
#endif
}

static void say_life(void)
{
    OURO_NEW(at(0x1000), "node");
    OURO_NEW_AT(at(0x2000), "late", 0, 48);
    OURO_NEW_LEAF(at(0x3000), "text");
    OURO_TYPE(at(0x1000), "list");
    OURO_LABEL(at(0x1000), "first");
}

static void say_counts(void)
{
    OURO_INCREF(at(0x1000));
    OURO_ADD(at(0x1000), 3);
    OURO_ADD(at(0x1000), -2);
    OURO_ACQUIRE(at(0x1000), at(0x7000));
    OURO_RELEASE(at(0x1000), 0x7000);
    OURO_COUNT(at(0x1000), 3);
    OURO_DECREF(at(0x1000));
}

static void say_edges(void)
{
    OURO_LINK(at(0x1000), "head", at(0x2000));
    OURO_UNLINK(at(0x1000), "head", at(0x2000));
    OURO_LINK(at(0x1008), NULL, at(0x2000));
    OURO_LINK_AT(at(0x1000), "items", 7, at(0x5038), at(0x2000));
    OURO_SET(at(0x1000), "tail", at(0x1010), at(0x2000), at(0x3000));
    OURO_SET(at(0x1000), "rest", at(0x1018), NULL, at(0x2000));
    OURO_SET(at(0x1000), "rest", at(0x1018), at(0x2000), NULL);
    OURO_ROOT("global", at(0x1000));
    OURO_UNROOT("global", at(0x1000));
    OURO_OWN(at(0x1000), at(0x5000));
    OURO_WEAK(at(0x2000), "parent", at(0x1000));
    OURO_MOVE(at(0x3000), at(0x4000));
    OURO_UNLINK_ALL(at(0x1000));
}

static void say_collector(void)
{
    OURO_UNTRACK(at(0x1000));
    OURO_TRACK(at(0x1000));
    OURO_IMMORTAL(at(0x2000));
    OURO_FINALIZER(at(0x1000));
    OURO_CHECKPOINT("half");
    OURO_SNAPSHOT("moment");
    OURO_COLLECT(2);
    OURO_GC_SET_THRESHOLD(700, 10, 9);
    OURO_GC_DISABLE();
    OURO_GC_ENABLE();
    OURO_GC_FREEZE();
    OURO_GC_UNFREEZE();
}

static void say_memory(void)
{
    OURO_POOL_CREATE(at(0x8000), at(0x9000), 4096);
    OURO_POOL_ALLOC(at(0x8000), at(0x9100), 32);
    OURO_POOL_FREE(at(0x8000), at(0x9100));
    OURO_POOL_RESET(at(0x8000));
    OURO_POOL_DESTROY(at(0x8000));
    OURO_IGNORE(at(0x2000));
    OURO_DISABLE();
    OURO_ENABLE();
    OURO_DEAD(at(0x1000));
}

/* None of these says anything. */
static void say_null(void)
{
    OURO_NEW(NULL, "node");
    OURO_INCREF(NULL);
    OURO_ACQUIRE(NULL, 1);
    OURO_LINK(NULL, "head", at(0x2000));
    OURO_LINK(at(0x1000), "head", NULL);
    OURO_SET(at(0x1000), "head", at(0x1010), NULL, NULL);
    OURO_SET(NULL, "head", NULL, at(0x1000), at(0x2000));
    OURO_ROOT("global", NULL);
    OURO_OWN(at(0x1000), NULL);
    OURO_POOL_ALLOC(at(0x8000), NULL, 32);
    OURO_IGNORE(NULL);
}

int main(int argc, char **argv)
{
    say_life();
    say_counts();
    say_edges();
    say_collector();
    say_memory();
    say_null();
    if (argc > 1 && strcmp(argv[1], "--active") == 0)
        puts(OURO_ACTIVE() ? "active" : "alone");
    return 0;
}
