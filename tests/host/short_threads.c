/* SPDX-License-Identifier: MIT */
/* 50,000 short threads, each with a destructor that allocates and frees in
   every round of thread-specific data. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_key_t key;
static atomic_int rounds;

static void at_exit(void *p)
{
    free(p);
    if (atomic_fetch_add(&rounds, 1) % 4 != 3)
        pthread_setspecific(key, malloc(20));
}

static void *thread(void *a)
{
    pthread_setspecific(key, malloc(10));
    free(malloc(100));
    return a;
}

int main(void)
{
    pthread_key_create(&key, at_exit);
    for (int i = 0; i < 50000; i += 4) {
        pthread_t t[4];
        for (int k = 0; k < 4; k++)
            if (pthread_create(&t[k], NULL, thread, NULL) != 0)
                return 1;
        for (int k = 0; k < 4; k++)
            pthread_join(t[k], NULL);
    }
    puts("done");
    return 0;
}
