/* SPDX-License-Identifier: MIT */
/*
 * between.c - DISABLE and ENABLE nest, and are the thread's own: events at
 * 0x1000, 0x2000 and 0x6000 are to be recorded, no others
 */
#include "ouro.h"

#include <pthread.h>
#include <stdlib.h>

static void *elsewhere(void *unused)
{
    OURO_INCREF((const void *)0x2000);
    return unused;
}

int main(void)
{
    pthread_t thread;
    OURO_INCREF((const void *)0x1000);
    OURO_DISABLE();
    OURO_INCREF((const void *)0x3000);
    OURO_DISABLE();
    OURO_ENABLE();
    OURO_INCREF((const void *)0x4000);
    pthread_create(&thread, NULL, elsewhere, NULL);
    pthread_join(thread, NULL);
    OURO_ENABLE();
    OURO_INCREF((const void *)0x6000);
    return 0;
}
