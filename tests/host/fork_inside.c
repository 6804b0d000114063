/* SPDX-License-Identifier: MIT */
/* Handlers that fork by calls which no library hears of, while the program
   allocates; the interrupted call goes on in both processes. One in three
   children is late, one in three is first, and one in three allocates in the
   handler already. The allocator behind is one where that is harmless (bump.c).
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 300 };

static volatile sig_atomic_t is_child, n_forks;
static pid_t children[ROUNDS];
static void *volatile sink;

static pid_t fork_somehow(int n)
{
    if (n % 3 == 0)
        return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
#ifdef SYS_fork
    if (n % 3 == 1)
        return (pid_t)syscall(SYS_fork);
#endif
    return _Fork();
}

static void pause_for(long ns)
{
    nanosleep(&(struct timespec){0, ns}, NULL);
}

static void on_alarm(int s)
{
    (void)s;
    const int n = n_forks;
    const int way = n / 3 % 3;
    const pid_t pid = fork_somehow(n);
    if (pid == 0) {
        is_child = 1;
        if (way == 0)
            pause_for(2000000);
        if (way == 2)
            free(malloc(48));
        return;
    }
    children[n] = pid;
    if (way == 1)
        pause_for(2000000);
    n_forks = n + 1;
}

static __attribute__((noinline)) void lose(size_t n)
{
    sink = malloc(n);
    sink = NULL;
}

/* Until the handler has struck; its child ends soon after. */
static void churn(int round)
{
    int left = 50;
    while (n_forks == round) {
        free(malloc(16));
        if (is_child && left-- == 0) {
            lose(333);
            _exit(0);
        }
    }
}

int main(void)
{
    int good = 0;
    signal(SIGALRM, on_alarm);
    for (int round = 0; round < ROUNDS; round++) {
        const struct itimerval once = {{0, 0}, {0, 50 + round}};
        setitimer(ITIMER_REAL, &once, NULL);
        churn(round);
        for (int i = 0; i < 2000; i++)
            free(malloc(24));
        lose(1717);
        int status;
        good += waitpid(children[round], &status, 0) == children[round] &&
                status == 0;
    }
    printf("%d children\n", good);
    return 0;
}
