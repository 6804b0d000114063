/* SPDX-License-Identifier: MIT */
/* main returns while eight threads allocate and free. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *thread(void *a)
{
    for (;;)
        free(malloc(40));
    return a;
}

int main(void)
{
    for (int i = 0; i < 8; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, thread, NULL) != 0)
            return 1;
    }
    for (int i = 0; i < 1000; i++)
        free(malloc(20));
    puts("returning");
    return 0;
}
