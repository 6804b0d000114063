/* SPDX-License-Identifier: MIT */
/*
 * A program that is asked for a snapshot: asked HOW
 *     busy     allocates until it is killed
 *     idle     sleeps after one allocation
 *     own      the same, with a handler of its own for SIGUSR2
 *     reset    the same, after it gave SIGUSR2 back its default
 *     child    forks, and the child is the idle one
 *     closed   allocates, after it closed every descriptor it did not open
 *     jumps    announces, and a timer's handler jumps out of that, again and
 * again brief    ends as soon as its standard input does It says "ready" and
 * its process id first.
 */
#include <errno.h>
#include <ouro.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int number)
{
    (void)number;
}

static void say_ready(void)
{
    printf("ready %d\n", (int)getpid());
    fflush(stdout);
}

static void allocate_for_ever(void)
{
    for (;;)
        free(malloc(40));
}

static void sleep_for_ever(void)
{
    for (;;)
        pause();
}

static sigjmp_buf again;

static void jump(int number)
{
    siglongjmp(again, number);
}

static void announce_for_ever(void)
{
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    static unsigned long much[1 << 21]; /* it takes longer than the timer */
    for (size_t i = 0; i < sizeof much / sizeof *much; i++)
        much[i] = i;
    sigsetjmp(again, 1);
    signal(SIGALRM, jump);
    setitimer(ITIMER_REAL, &often, NULL);
    for (;;)
        OURO_TYPE(&again, "buffer");
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    char byte;
    free(malloc(20));
    if (strcmp(how, "own") == 0)
        signal(SIGUSR2, handler);
    if (strcmp(how, "reset") == 0)
        signal(SIGUSR2, SIG_DFL);
    if (strcmp(how, "child") == 0 && fork() != 0) {
        wait(NULL);
        return 0;
    }
    free(malloc(20));
    if (strcmp(how, "closed") == 0)
        closefrom(3);
    say_ready();
    if (strcmp(how, "busy") == 0 || strcmp(how, "closed") == 0)
        allocate_for_ever();
    if (strcmp(how, "jumps") == 0)
        announce_for_ever();
    if (strcmp(how, "brief") == 0) {
        const ssize_t n = read(0, &byte, 1);
        printf("read %zd, errno %d\n", n, n < 0 ? errno : 0);
        return 0;
    }
    sleep_for_ever();
}
