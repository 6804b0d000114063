/* SPDX-License-Identifier: MIT */
/* libc allocates for a handler that came in the middle of a realloc. The block
   is a mapping of its own, so nothing of the allocator's is half done. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { HANDLED = 30, SIZE = 64 << 20 };
static volatile sig_atomic_t n_handled, is_inside;

static void handle(int signal)
{
    (void)signal;
    if (!is_inside)
        return;
    n_handled++;
    free(strdup("hello"));
}

int main(void)
{
    const struct itimerval often = {{0, 300}, {0, 300}};
    char *block = malloc(SIZE);
    memset(block, 1, SIZE);
    signal(SIGALRM, handle);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; n_handled < HANDLED; i++) {
        is_inside = 1;
        block = realloc(block, SIZE + (size_t)(i % 2 << 20));
        is_inside = 0;
    }
    free(block);
    puts("done");
    return 0;
}
