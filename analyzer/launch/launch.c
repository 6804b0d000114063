/* SPDX-License-Identifier: MIT */
#include "launch/launch.h"

#include "launch/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
enum { N_WATCHED = sizeof watched / sizeof watched[0] };

static struct sigaction before[N_WATCHED], before_child;
static sigset_t mask_before;
static _Atomic pid_t running;

static void pass_on(int signal)
{
    const int saved = errno;
    const pid_t pid = running;
    if (pid > 0)
        kill(pid, signal);
    errno = saved;
}

/* Between hold and the child's restore no signal arrives: none can be lost,
   and none can find the child with our handlers. Where the ends of children
   are ignored, as some starters leave it, nobody can wait for them: the child
   alone gets that back. */
static void hold_signals(void)
{
    const struct sigaction wait_for_it = {.sa_handler = SIG_DFL};
    sigset_t held;
    sigemptyset(&held);
    for (int i = 0; i < N_WATCHED; i++)
        sigaddset(&held, watched[i]);
    sigprocmask(SIG_BLOCK, &held, &mask_before);
    sigaction(SIGCHLD, &wait_for_it, &before_child);
    for (int i = 0; i < N_WATCHED; i++) {
        const bool terminal = watched[i] == SIGINT || watched[i] == SIGQUIT;
        const struct sigaction act = {
            .sa_handler = terminal ? SIG_IGN : pass_on, .sa_flags = SA_RESTART};
        sigaction(watched[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(watched[i], &act, NULL);
    }
}

static void restore_signals(void)
{
    for (int i = 0; i < N_WATCHED; i++)
        sigaction(watched[i], &before[i], NULL);
    sigaction(SIGCHLD, &before_child, NULL);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

/* As execvp: a text without #! is a script of the shell. */
static void exec_program(const struct launch *l)
{
    execv(l->path, l->argv);
    if (errno != ENOEXEC)
        return;
    size_t n = 0;
    while (l->argv[n])
        n++;
    char **argv = calloc(n + 2, sizeof *argv);
    if (!argv)
        return;
    argv[0] = (char *)"/bin/sh";
    argv[1] = (char *)l->path;
    for (size_t i = 1; i < n; i++)
        argv[i + 1] = l->argv[i];
    execv(argv[0], argv);
    errno = ENOEXEC;
}

static _Noreturn void be_the_child(const struct launch *l, int tell)
{
    restore_signals();
    exec_program(l);
    const int why = errno;
    (void)!write(tell, &why, sizeof why); /* the parent may be gone */
    _exit(PREFLIGHT_NOT_EXECUTABLE);
}

/* What exec said; 0: it succeeded, and closed the pipe. */
static int hear(int fd)
{
    int why = 0;
    ssize_t n;
    do
        n = read(fd, &why, sizeof why);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof why ? why : 0;
}

static int cannot(struct err *e, const char *path, int why)
{
    err_set(e, "%s: cannot be executed: %s", path, strerror(why));
    return why == ENOENT ? PREFLIGHT_NOT_FOUND : PREFLIGHT_NOT_EXECUTABLE;
}

int launch_start(struct launch *l, struct err *e)
{
    int tell[2];
    if (pipe2(tell, O_CLOEXEC) != 0)
        return cannot(e, l->path, errno);
    hold_signals();
    l->pid = fork();
    if (l->pid == 0)
        be_the_child(l, tell[1]);
    const int fork_failed = l->pid < 0 ? errno : 0;
    running = l->pid;
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    close(tell[1]);
    const int why = fork_failed ? fork_failed : hear(tell[0]);
    close(tell[0]);
    if (!why)
        return 0;
    if (!fork_failed)
        launch_wait(l);
    else
        restore_signals();
    return cannot(e, l->path, why);
}

void launch_wait(struct launch *l)
{
    pid_t ended;
    do
        ended = waitpid(l->pid, &l->wait_status, 0);
    while (ended < 0 && errno == EINTR);
    running = 0;
    restore_signals();
}

int launch_status(const struct launch *l)
{
    if (WIFSIGNALED(l->wait_status))
        return 128 + WTERMSIG(l->wait_status);
    return WEXITSTATUS(l->wait_status);
}
