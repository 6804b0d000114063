/* SPDX-License-Identifier: MIT */
/* errno after each call that must leave it alone, over so many calls that the
   trace grows often, also where it cannot grow any more. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static __thread long bad, calls;

static void check(void)
{
    calls++;
    bad += errno != 123;
    errno = 123;
}

static void *thread(void *sum)
{
    errno = 123;
    for (int i = 0; i < 50000; i++) {
        void *p = malloc(40);
        check();
        p = realloc(p, 60 + (size_t)(i % 7));
        check();
        void *q = calloc(3, 5);
        check();
        free(p);
        check();
        free(q);
        check();
        void *r = NULL;
        bad += posix_memalign(&r, 64, 100) != 0;
        check();
        free(r);
        check();
    }
    *(long *)sum = bad;
    return calls > 0 ? sum : NULL;
}

int main(void)
{
    long of_main, of_thread;
    pthread_t t;
    thread(&of_main);
    pthread_create(&t, NULL, thread, &of_thread);
    pthread_join(t, NULL);
    errno = 123;
    const pid_t child = fork();
    if (child == 0) { /* its first event opens a file */
        errno = 123;
        free(malloc(10));
        _exit(errno == 123 ? 0 : 1);
    }
    printf("%ld %ld\n", of_main, of_thread);
    return 0;
}
