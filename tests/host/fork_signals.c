/* SPDX-License-Identifier: MIT */
/* Handlers allocate while children begin, who have a moment to do it in. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t n_handled;
static void *volatile sink;

/* Main has no business with the allocator then: see child(). */
static void handle(int signal)
{
    (void)signal;
    free(malloc(40));
    n_handled++;
}

static void child(int i)
{
    const struct itimerval soon = {.it_value = {0, 1 + i % 100}};
    void *inherited = sink;
    setitimer(ITIMER_REAL, &soon, NULL);
    /* the first event; no memory is asked for, nor given back for long */
    sink = realloc(inherited, 24);
    while (n_handled == 0)
        continue;
    _exit(0);
}

int main(void)
{
    int good = 0;
    signal(SIGALRM, handle);
    sink = malloc(24);
    for (int i = 0; i < 100; i++) {
        int status = 1;
        const pid_t pid = fork();
        if (pid == 0)
            child(i);
        good += waitpid(pid, &status, 0) == pid && status == 0;
    }
    printf("%d of 100 children\n", good);
    return 0;
}
