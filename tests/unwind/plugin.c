/* SPDX-License-Identifier: MIT */
/*
 * plugin.c - built twice, with other frames at the same addresses
 */
#include <stdlib.h>
#include <string.h>

#ifndef ROOM
#define ROOM 24
#endif

static volatile unsigned sink;

static __attribute__((noinline)) void leak(void)
{
    char *volatile p = malloc(10);
    free(p);
    sink++;
}

__attribute__((visibility("default"))) void plugin_run(void);

void plugin_run(void)
{
    char room[ROOM];
    memset(room, 1, sizeof room);
    leak();
    sink += (unsigned)room[sink % ROOM];
}
