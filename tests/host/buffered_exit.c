/* SPDX-License-Identifier: MIT */
/* One thread ends the process while others write. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *storm(void *unused)
{
    void *p[50];
    for (;;) {
        for (int i = 0; i < 50; i++)
            p[i] = malloc((size_t)i * 7 + 1);
        for (int i = 0; i < 50; i++)
            free(p[i]);
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t t;
    for (int i = 0; i < 8; i++)
        pthread_create(&t, NULL, storm, NULL);
    usleep(5000 + (useconds_t)(argc > 1 ? atoi(argv[1]) : 0) * 977 % 15000);
    _exit(0);
}
