/* SPDX-License-Identifier: MIT */
/* Ends in the way its argument says, after a number of leaks, each counted in
   a shared file once it has happened. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_ulong *progress;
static void *volatile sink;

static __attribute__((noinline)) void step(void)
{
    sink = malloc(48);
    sink = NULL;
    atomic_fetch_add(progress, 1);
}

static int end(const char *how)
{
    if (strcmp(how, "_exit") == 0)
        _exit(5);
    if (strcmp(how, "quick_exit") == 0)
        quick_exit(5);
    if (strcmp(how, "exit") == 0)
        exit(5);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "raw") == 0)
        syscall(SYS_exit_group, 5);
    if (strcmp(how, "term") == 0)
        raise(SIGTERM);
    if (strcmp(how, "segv") == 0)
        *(volatile int *)8 = 1;
    if (strcmp(how, "kill") == 0)
        raise(SIGKILL);
    return 5;
}

int main(int argc, char **argv)
{
    const int fd = open("progress", O_RDWR | O_CREAT, 0600);
    if (argc < 2 || fd < 0 || ftruncate(fd, 4096) != 0)
        return 2;
    progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    atomic_store(progress, 0);
    for (int i = 0; i < 1000; i++)
        step();
    while (strcmp(argv[1], "wait") == 0)
        step();
    return end(argv[1]);
}
