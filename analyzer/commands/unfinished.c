/* SPDX-License-Identifier: MIT */
#include "commands/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGQUIT, SIGTERM,
                              SIGHUP, SIGPIPE, SIGXFSZ};
enum { N_WATCHED = sizeof watched / sizeof watched[0] };

static char unfinished[PATH_MAX];
static pid_t owner; /* a child has the handlers, but not the file */

/* The signal is held until we return, and comes again then. */
static void clear_up(int number)
{
    if (getpid() == owner)
        unlink(unfinished);
    signal(number, SIG_DFL);
    raise(number);
}

static void exchange(void (*from)(int), void (*to)(int))
{
    const struct sigaction act = {.sa_handler = to};
    struct sigaction now;
    for (int i = 0; i < N_WATCHED; i++)
        if (sigaction(watched[i], NULL, &now) == 0 && now.sa_handler == from)
            sigaction(watched[i], &act, NULL);
}

/* While the file comes to be, no signal arrives. */
int unfinished_make(char *template)
{
    sigset_t held, before;
    sigemptyset(&held);
    for (int i = 0; i < N_WATCHED; i++)
        sigaddset(&held, watched[i]);
    sigprocmask(SIG_BLOCK, &held, &before);
    const int fd = mkostemp(template, O_CLOEXEC);
    const int why = errno;
    if (fd >= 0) {
        owner = getpid();
        snprintf(unfinished, sizeof unfinished, "%s", template);
        exchange(SIG_DFL, clear_up);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return fd;
}

void unfinished_end(void)
{
    exchange(clear_up, SIG_DFL);
}
