/* SPDX-License-Identifier: MIT */
/*
 * snapshot_hosts HOW - programs that a snapshot could disturb, or that could
 * disturb one. Lines on stdout: "address value" of a word that the snapshot
 * must hold, and what the program itself noticed.
 */
#include <ouro.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t n_signals;

static void count(int number)
{
    (void)number;
    n_signals++;
}

static void *sleep_on(void *to)
{
    uintptr_t *volatile kept = malloc(48);
    *(uintptr_t *)to = (uintptr_t)kept;
    for (;;)
        pause();
    return NULL;
}

static uintptr_t seen[128];

static void start(int n)
{
    pthread_t t;
    for (int i = 0; i < n; i++)
        if (pthread_create(&t, NULL, sleep_on, &seen[i]) == 0)
            while (!*(volatile uintptr_t *)&seen[i])
                usleep(100);
}

static void holds(const void *slot)
{
    printf("%lu %lu\n", (unsigned long)(uintptr_t)slot,
           (unsigned long)*(const uintptr_t *)slot);
    fflush(stdout);
}

static void *map(size_t len, int flags, int fd)
{
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (at == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return at;
}

/* A handler for SIGCHLD, a thread in waitpid(-1) by which one child is reaped,
   and after each snapshot no child and no signal but that one. */
static void children(void)
{
    int status;
    signal(SIGCHLD, count);
    start(3);
    OURO_SNAPSHOT("no child");
    printf("%d %d %d\n", (int)n_signals, (int)waitpid(-1, &status, WNOHANG),
           errno == ECHILD);
    const pid_t child = fork();
    if (child == 0) {
        free(malloc(10));
        _exit(7);
    }
    const pid_t reaped = waitpid(-1, &status, 0);
    OURO_SNAPSHOT("one child");
    printf("%d %d %d\n", (int)n_signals, reaped == child, WEXITSTATUS(status));
}

/* errno, descriptors and signals are as they were. */
static void untouched(void)
{
    sigset_t mask;
    start(2);
    const int before = dup(0);
    close(before);
    errno = 4711;
    OURO_SNAPSHOT("untouched");
    const int said = errno;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    const int after = dup(0);
    printf("%d %d %d\n", said, before == after, sigisemptyset(&mask));
}

static void memories(void)
{
    char name[] = "cutXXXXXX";
    const int fd = mkstemp(name);
    unlink(name);
    ftruncate(fd, 1 << 20);
    uintptr_t *no_fork = map(1 << 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    uintptr_t *huge =
        map(1UL << 40, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    uintptr_t *cut = map(1 << 20, MAP_SHARED, fd);
    uintptr_t *closed = map(1 << 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    madvise(no_fork, 1 << 16, MADV_DONTFORK);
    no_fork[9] = huge[1UL << 36] = cut[3] = closed[5] = (uintptr_t)malloc(80);
    cut[1 << 16] = cut[3];
    mprotect(closed, 1 << 16, PROT_NONE);
    ftruncate(fd, 4096);
    holds(&no_fork[9]);
    holds(&huge[1UL << 36]);
    holds(&cut[3]);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    if (strcmp(how, "children") == 0)
        children();
    if (strcmp(how, "untouched") == 0)
        untouched();
    if (strcmp(how, "threads") == 0) {
        start(100);
        for (int i = 0; i < 100; i++)
            holds(&seen[i]);
    }
    if (strcmp(how, "memories") == 0)
        memories();
    if (strcmp(how, "memories_of_threads") == 0) {
        start(2);
        memories();
    }
    if (strcmp(how, "fork") == 0) {
        start(1);
        if (fork() == 0) {
            static uintptr_t of_child;
            of_child = (uintptr_t)malloc(64);
            holds(&of_child);
            exit(0);
        }
        wait(NULL);
    }
    return 0;
}
