/* SPDX-License-Identifier: MIT */
/* Forks in every way there is while a thread allocates, and each child
   allocates, frees what it inherited, leaks one block and ends. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static atomic_bool stop;
static void *volatile sink;

static void *storm(void *a)
{
    while (!stop)
        free(malloc(100));
    return a;
}

static __attribute__((noinline)) void child_leak(void)
{
    sink = malloc(333);
    sink = NULL;
}

static void child(void *inherited)
{
    free(inherited);
    child_leak();
    _exit(0);
}

static int wait_for(pid_t pid)
{
    int status;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static void *forker(void *a)
{
    void *inherited = malloc(10);
    const pid_t pid = fork();
    if (pid == 0)
        child(inherited);
    free(inherited);
    *(int *)a += wait_for(pid);
    return a;
}

int main(void)
{
    int good = 0;
    pthread_t t, f;
    void *inherited = malloc(10);
    for (int i = 0; i < 20; i++) {
        const pid_t pid = i % 2 ? fork() : (pid_t)syscall(SYS_fork);
        if (pid == 0)
            child(inherited);
        good += wait_for(pid);
    }
    pthread_create(&t, NULL, storm, NULL);
    for (int i = 0; i < 100; i++) {
        const pid_t pid = _Fork();
        if (pid == 0)
            _exit(0);
        good += wait_for(pid);
    }
    pthread_create(&f, NULL, forker, &good);
    pthread_join(f, NULL);
    for (int i = 0; i < 20; i++) {
        const pid_t pid = vfork();
        if (pid == 0) {
            free(malloc(64)); /* the parent's memory, and its record */
            execl("/bin/true", "true", (char *)NULL);
            _exit(1);
        }
        good += wait_for(pid);
    }
    char *argv[] = {"true", NULL};
    for (int i = 0; i < 20; i++) {
        pid_t pid;
        if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) == 0)
            good += wait_for(pid);
    }
    stop = true;
    pthread_join(t, NULL);
    free(inherited);
    printf("%d children\n", good);
    return 0;
}
