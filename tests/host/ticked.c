/* SPDX-License-Identifier: MIT */
/* One block, a second without any, another block, by one thread; with an
   argument a second thread has had an event before. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static void *volatile sink;

static void *once(void *unused)
{
    sink = malloc(3);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t t;
    (void)argv;
    if (argc > 1 && pthread_create(&t, NULL, once, NULL) == 0)
        pthread_join(t, NULL);
    for (int i = 0; i < 40; i++)
        free(malloc(5));
    sink = malloc(1001);
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    sink = malloc(1002);
    for (int i = 0; i < 40; i++)
        free(malloc(5));
    return 0;
}
