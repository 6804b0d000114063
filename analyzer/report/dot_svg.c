/* SPDX-License-Identifier: MIT */
#include "report/dot_svg.h"

#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 16, SAID = 200, NAP_MS = 10 };

/* What the child's descriptors 0, 1 and 2 are at our end; -1: closed. */
enum { TO_CHILD, FROM_CHILD, SAYS, N_ENDS };

struct filter {
    pid_t pid;
    int ends[N_ENDS];
    const char *input;
    size_t input_len;
    char *output;
    size_t len, room;
    char said[SAID]; /* the beginning of what it wrote to stderr */
    size_t said_len;
    uint64_t deadline_ms;
    int status;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int refuse(struct err *e)
{
    e->code = RC_USAGE;
    return -1;
}

/* In the child. What it is told goes to `why` only where exec fails. */
static _Noreturn void become_dot(const int *ends, int why, pid_t parent)
{
    sigset_t none;
    char *const argv[] = {(char[]){"dot"}, (char[]){"-Tsvg"}, NULL};
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (int i = 0; i < N_ENDS; i++)
        dup2(ends[i], i);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], argv);
    const int error = errno;
    if (write(why, &error, sizeof error) < 0)
        _exit(1);
    _exit(1);
}

static void close_all(int *fds, int n)
{
    for (int i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

/* A socket for its input: writing to it when it is gone is no signal. */
static bool make_ends(int pairs[N_ENDS + 1][2])
{
    for (int i = 0; i <= N_ENDS; i++)
        pairs[i][0] = pairs[i][1] = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[0]) != 0)
        return false;
    for (int i = FROM_CHILD; i <= N_ENDS; i++)
        if (pipe2(pairs[i], O_CLOEXEC) != 0)
            return false;
    return true;
}

static int cannot_start(struct err *e, int why)
{
    if (why == ENOENT)
        err_set(e, "dot: not found: SVG needs the Debian package graphviz; "
                   "--format=dot needs nothing");
    else
        err_set(e, "dot: cannot be started: %s; --format=dot needs nothing",
                strerror(why));
    return refuse(e);
}

static void close_pairs(int pairs[N_ENDS + 1][2])
{
    for (int i = 0; i <= N_ENDS; i++)
        close_all(pairs[i], 2);
}

/* Which of a pair is ours, and which the child's. */
static int ours(int i)
{
    return i == TO_CHILD ? 1 : 0;
}

static int start(struct filter *f, struct err *e)
{
    int pairs[N_ENDS + 1][2];
    int child[N_ENDS];
    int error = 0;
    const pid_t parent = getpid();
    const bool made = make_ends(pairs);
    f->pid = made ? fork() : -1;
    if (f->pid < 0) {
        error = errno;
        close_pairs(pairs);
        return cannot_start(e, error);
    }
    for (int i = 0; i < N_ENDS; i++) {
        f->ends[i] = pairs[i][ours(i)];
        child[i] = pairs[i][!ours(i)];
    }
    if (f->pid == 0)
        become_dot(child, pairs[N_ENDS][1], parent);
    setpgid(f->pid, f->pid);
    close_all(child, N_ENDS);
    close(pairs[N_ENDS][1]);
    const bool failed =
        read(pairs[N_ENDS][0], &error, sizeof error) == sizeof error;
    close(pairs[N_ENDS][0]);
    if (!failed)
        return 0;
    close_all(f->ends, N_ENDS);
    waitpid(f->pid, NULL, 0);
    return cannot_start(e, error);
}

static void shut(struct filter *f, int end)
{
    close(f->ends[end]);
    f->ends[end] = -1;
}

static void feed(struct filter *f)
{
    const ssize_t n = send(f->ends[TO_CHILD], f->input, f->input_len,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        f->input += n;
        f->input_len -= (size_t)n;
    }
    if (n < 0 || f->input_len == 0)
        shut(f, TO_CHILD);
}

static void take(struct filter *f)
{
    if (f->room - f->len < PIECE) {
        f->room = 2 * f->room + PIECE;
        f->output = must_realloc(f->output, f->room, 1);
    }
    const ssize_t n = read(f->ends[FROM_CHILD], f->output + f->len, PIECE);
    if (n > 0)
        f->len += (size_t)n;
    else if (n == 0 || errno != EINTR)
        shut(f, FROM_CHILD);
}

static void listen_to(struct filter *f)
{
    char piece[SAID];
    const ssize_t n = read(f->ends[SAYS], piece, sizeof piece);
    if (n == 0 || (n < 0 && errno != EINTR)) {
        shut(f, SAYS);
        return;
    }
    for (ssize_t i = 0; i < n && f->said_len < SAID - 1; i++)
        f->said[f->said_len++] = piece[i];
}

/* False: the time is over. */
static bool converse(struct filter *f)
{
    static void (*const serve[])(struct filter *) = {feed, take, listen_to};
    while (f->ends[FROM_CHILD] >= 0 || f->ends[SAYS] >= 0) {
        struct pollfd p[N_ENDS];
        const uint64_t now = now_ms();
        if (now >= f->deadline_ms)
            return false;
        for (int i = 0; i < N_ENDS; i++)
            p[i] = (struct pollfd){.fd = f->ends[i],
                                   .events = i == TO_CHILD ? POLLOUT : POLLIN};
        if (poll(p, N_ENDS, (int)(f->deadline_ms - now)) <= 0)
            continue;
        for (int i = 0; i < N_ENDS; i++)
            if (f->ends[i] >= 0 && p[i].revents)
                serve[i](f);
    }
    return true;
}

/* Ended, and not yet forgotten: its number is still its group's. */
static bool has_ended(const struct filter *f)
{
    siginfo_t i = {0};
    return waitid(P_PID, (id_t)f->pid, &i, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           i.si_pid != 0;
}

static bool wait_for_end(const struct filter *f)
{
    while (!has_ended(f)) {
        if (now_ms() >= f->deadline_ms)
            return false;
        poll(NULL, 0, NAP_MS);
    }
    return true;
}

static void finish(struct filter *f)
{
    close_all(f->ends, N_ENDS);
    kill(-f->pid, SIGKILL);
    while (waitpid(f->pid, &f->status, 0) < 0 && errno == EINTR)
        continue;
}

static int judge(struct filter *f, struct err *e)
{
    f->said[strcspn(f->said, "\n")] = '\0';
    if (WIFEXITED(f->status) && WEXITSTATUS(f->status) == 0 && f->len > 0)
        return 0;
    if (WIFSIGNALED(f->status))
        err_set(e, "dot: killed by signal %d; --format=dot needs no dot",
                WTERMSIG(f->status));
    else
        err_set(e,
                "dot: made no picture (exit status %d): %s; --format=dot needs "
                "no dot",
                WEXITSTATUS(f->status),
                *f->said ? f->said : "it does not say why");
    return refuse(e);
}

static int too_slow(uint32_t seconds, struct err *e)
{
    err_set(e,
            "dot: not done after %" PRIu32 " s and stopped; draw less with "
            "--max-nodes=N, or wait longer with --timeout=SECONDS",
            seconds);
    return refuse(e);
}

int dot_svg(FILE *to, const char *dot, size_t len, uint32_t seconds,
            struct err *e)
{
    struct filter f = {
        .input = dot,
        .input_len = len,
        .deadline_ms = now_ms() + (uint64_t)seconds * 1000,
    };
    if (start(&f, e) != 0)
        return -1;
    const bool in_time = converse(&f) && wait_for_end(&f);
    finish(&f);
    const int rc = in_time ? judge(&f, e) : too_slow(seconds, e);
    if (rc == 0)
        fwrite(f.output, 1, f.len, to);
    free(f.output);
    return rc;
}
