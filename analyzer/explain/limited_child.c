/* SPDX-License-Identifier: MIT */
#include "explain/limited_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERS = 3 }; /* the child's descriptor for them */

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What is mapped already counts against RLIMIT_AS, so the limit is relative. */
static uint64_t mapped_bytes(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    char line[64];
    if (fgets(line, sizeof line, f))
        for (const char *c = line; *c >= '0' && *c <= '9'; c++)
            pages = pages * 10 + (unsigned long long)(*c - '0');
    fclose(f);
    return pages * (unsigned long long)sysconf(_SC_PAGESIZE);
}

static void set_limit(__rlimit_resource_t what, rlim_t limit)
{
    struct rlimit now;
    if (getrlimit(what, &now) != 0)
        return;
    if (now.rlim_max < limit)
        limit = now.rlim_max;
    now.rlim_cur = now.rlim_max = limit;
    setrlimit(what, &now);
}

static void limit_self(const struct child_limits *l, uint64_t mapped,
                       pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    prctl(PR_SET_DUMPABLE, 0); /* a core_pattern pipe ignores RLIMIT_CORE */
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_CPU, l->cpu_s);
    if (mapped > 0)
        set_limit(RLIMIT_AS, mapped + l->memory);
    unsetenv("DEBUGINFOD_URLS");
}

static void keep_only(int out)
{
    if (out != ANSWERS && dup2(out, ANSWERS) < 0)
        _exit(1);
    close_range(ANSWERS + 1, ~0U, 0);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd < ANSWERS; fd++)
        dup2(null, fd);
}

bool limited_child_start(struct limited_child *c, const struct child_limits *l,
                         void (*serve)(const void *arg, int out),
                         const void *arg)
{
    int ends[2];
    const uint64_t mapped = mapped_bytes();
    const pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    c->pid = fork();
    if (c->pid == 0) {
        limit_self(l, mapped, parent);
        keep_only(ends[1]);
        serve(arg, ANSWERS);
        _exit(0);
    }
    close(ends[1]);
    if (c->pid < 0) {
        close(ends[0]);
        return false;
    }
    c->fd = ends[0];
    c->silence_ms = l->silence_ms;
    c->deadline_ms = now_ms() + l->total_ms;
    c->used = c->filled = 0;
    return true;
}

static bool wait_for_bytes(const struct limited_child *c)
{
    const uint64_t silent = now_ms() + c->silence_ms;
    const uint64_t until = silent < c->deadline_ms ? silent : c->deadline_ms;
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    for (;;) {
        const uint64_t now = now_ms();
        if (now >= until)
            return false;
        const int n = poll(&p, 1, (int)(until - now));
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

static bool refill(struct limited_child *c)
{
    c->used = c->filled = 0;
    for (;;) {
        if (!wait_for_bytes(c))
            return false;
        const ssize_t n = read(c->fd, c->buffer, sizeof c->buffer);
        if (n > 0) {
            c->filled = (size_t)n;
            return true;
        }
        if (n == 0 || errno != EINTR)
            return false;
    }
}

bool limited_child_read(struct limited_child *c, void *to, size_t len)
{
    unsigned char *at = to;
    while (len > 0) {
        if (c->used == c->filled && !refill(c))
            return false;
        const size_t there = c->filled - c->used;
        const size_t take = there < len ? there : len;
        memcpy(at, c->buffer + c->used, take);
        c->used += take;
        at += take;
        len -= take;
    }
    return true;
}

void limited_child_end(struct limited_child *c)
{
    close(c->fd);
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

bool limited_child_write(int out, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    while (len > 0) {
        const ssize_t n = write(out, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}
