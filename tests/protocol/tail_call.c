/* SPDX-License-Identifier: MIT */
/*
 * tail_call.c - a macro at the end of a function is heard from that function:
 * the program is its own guest and looks where its hook returns to
 */
#include "ouro.h"

#include <stdio.h>

static const void *heard_from;

static void hear(const void *obj)
{
    (void)obj;
    heard_from = __builtin_return_address(0);
}

extern const struct ouro_hooks ouro_hooks_v1;
const struct ouro_hooks ouro_hooks_v1 = {
    .size = sizeof ouro_hooks_v1, .version = 1, .on_decref = hear};

/* In a section of its own, so that its ends are known. */
__attribute__((noinline, noclone, section("giving"))) void give_up(
    const void *obj);
void give_up(const void *obj)
{
    OURO_DECREF(obj);
}

extern const char __start_giving[], __stop_giving[];

int main(void)
{
    give_up(&heard_from);
    if ((const char *)heard_from < __start_giving ||
        (const char *)heard_from >= __stop_giving) {
        puts("the hook returns to somebody else");
        return 1;
    }
    return 0;
}
