/* SPDX-License-Identifier: MIT */
/* What dlerror() says is what this program's own calls left there, whatever
   allocations came between. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *said(void)
{
    const char *text = dlerror();
    return text ? text : "nothing";
}

/* To dlclose: a library that nobody has open. */
static char none[8192] __attribute__((aligned(16)));

static void *thread(void *a)
{
    printf("new thread: %s\n", said());
    free(malloc(10));
    printf("after malloc: %s\n", said());
    return a;
}

__attribute__((constructor)) static void first(void)
{
    printf("before main: %s\n", said());
}

int main(void)
{
    pthread_t t;
    printf("main: %s\n", said());
    if (dlopen("./absent.so", RTLD_NOW) || dlsym(RTLD_DEFAULT, "absent_symbol"))
        return 1;
    for (int i = 0; i < 100000; i++)
        free(realloc(malloc(10), 20));
    printf("kept over allocations: %s\n", said());
    printf("once only: %s\n", said());
    void *self = dlopen(NULL, RTLD_NOW);
    if (dlclose(self) != 0)
        return 2;
    printf("after dlclose: %s\n", said());
    printf("dlclose of nothing: %d\n", dlclose(none) != 0);
    free(malloc(20));
    printf("its error: %s\n", said()[0] ? "some" : "none");
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0)
        return 3;
    if (child == 0) {
        free(malloc(10));
        printf("child: %s\n", said());
        fflush(stdout);
        _exit(0);
    }
    return waitpid(child, NULL, 0) != child;
}
