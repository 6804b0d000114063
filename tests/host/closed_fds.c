/* SPDX-License-Identifier: MIT */
/* A daemon: closes every descriptor, opens its own on the numbers that came
   free, and allocates through deep and odd stacks all the while. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { N_FILES = 40 };

static void on_signal(int s)
{
    (void)s;
    free(malloc(77));
}

static __attribute__((noinline)) int deep(int n)
{
    volatile char pad[4096 * 3];
    pad[0] = (char)n;
    if (n > 0)
        return deep(n - 1) + pad[0];
    raise(SIGUSR1); /* a stack through a signal frame */
    for (int i = 0; i < 20000; i++) {
        void *p = malloc(64 + (size_t)i % 100);
        __asm__ volatile("" ::"r"(p));
        free(p);
    }
    return pad[0];
}

int main(void)
{
    int file[N_FILES], pair[2];
    char text[64];
    signal(SIGUSR1, on_signal);
    free(malloc(10));
    syscall(SYS_close_range, 3, ~0U, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 2;
    for (int i = 0; i < N_FILES; i++) {
        snprintf(text, sizeof text, "file%d", i);
        file[i] = open(text, O_CREAT | O_TRUNC | O_RDWR, 0600);
        if (write(file[i], text, strlen(text)) < 0)
            return 2;
    }
    if (write(pair[1], "HELLO", 5) != 5)
        return 2;
    for (int i = 0; i < 12; i++)
        deep(i);
    const ssize_t n = recv(pair[0], text, sizeof text, MSG_DONTWAIT);
    printf("sockets %d %d got %zd '%.*s'\n", pair[0], pair[1], n,
           n > 0 ? (int)n : 0, text);
    printf("peer %zd\n", recv(pair[1], text, sizeof text, MSG_DONTWAIT));
    for (int i = 0; i < N_FILES; i++) {
        char want[64];
        snprintf(want, sizeof want, "file%d", i);
        const ssize_t len = pread(file[i], text, sizeof text, 0);
        if (len != (ssize_t)strlen(want) ||
            memcmp(text, want, (size_t)len) != 0)
            printf("file %d damaged\n", i);
    }
    return 0;
}
