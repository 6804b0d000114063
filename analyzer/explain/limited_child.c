/* SPDX-License-Identifier: MIT */
#include "explain/limited_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PARENT = 3 /* the child's descriptor */, MAX_WAIT_MS = 100 };

/* Whole messages that have not left. It fits a parent's buffer. */
struct child_outbox {
    _Atomic uint32_t len;
    unsigned char bytes[(1 << 16) - sizeof(uint32_t)];
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t limited_child_mapped(void)
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

/* Counted from what it has used; raised with each request, so the soft limit
   alone is set. */
static void limit_cpu(uint32_t seconds)
{
    struct timespec used;
    struct rlimit now;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0 ||
        getrlimit(RLIMIT_CPU, &now) != 0)
        return;
    const rlim_t limit = (rlim_t)used.tv_sec + 1 + seconds;
    now.rlim_cur = now.rlim_max < limit ? now.rlim_max : limit;
    setrlimit(RLIMIT_CPU, &now);
}

/* What is mapped already counts against RLIMIT_AS, so the limit is relative. */
static void limit_self(const struct child_limits *l, uint64_t mapped,
                       pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    prctl(PR_SET_DUMPABLE, 0); /* a core_pattern pipe ignores RLIMIT_CORE */
    set_limit(RLIMIT_CORE, 0);
    limit_cpu(l->cpu_s);
    if (mapped > 0)
        set_limit(RLIMIT_AS, mapped + l->memory);
    signal(SIGXCPU, SIG_DFL);
    unsetenv("DEBUGINFOD_URLS");
}

static void keep_only(int fd)
{
    if (fd != PARENT && dup2(fd, PARENT) < 0)
        _exit(1);
    close_range(PARENT + 1, ~0U, 0);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; null >= 0 && i < PARENT; i++)
        dup2(null, i);
}

static struct child_outbox *make_outbox(void)
{
    void *at = mmap(NULL, sizeof(struct child_outbox), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static bool is_made(struct limited_child *c, int ends[2])
{
    c->outbox = make_outbox();
    if (!c->outbox)
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0)
        return true;
    munmap(c->outbox, sizeof *c->outbox);
    return false;
}

bool limited_child_start(struct limited_child *c, const struct child_limits *l,
                         void (*serve)(const void *arg, struct child_end *end),
                         const void *arg)
{
    int ends[2];
    const uint64_t mapped = limited_child_mapped();
    const pid_t parent = getpid();
    if (!is_made(c, ends))
        return false;
    c->fd = ends[0];
    c->used = c->filled = 0;
    c->pid = fork();
    if (c->pid == 0) {
        struct child_end end = {PARENT, l->cpu_s, c->outbox, now_ms()};
        limit_self(l, mapped, parent);
        keep_only(ends[1]);
        serve(arg, &end);
        _exit(0);
    }
    close(ends[1]);
    if (c->pid > 0)
        return true;
    c->pid = 0;
    limited_child_release(c);
    return false;
}

bool limited_child_is_idle(const struct limited_child *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    return c->used == c->filled && poll(&p, 1, 0) == 0;
}

void limited_child_begin(struct limited_child *c, const struct child_limits *l)
{
    c->silence_ms = l->silence_ms;
    c->deadline_ms = now_ms() + l->total_ms;
}

static bool wait_for(const struct limited_child *c, short events)
{
    const uint64_t silent = now_ms() + c->silence_ms;
    const uint64_t until = silent < c->deadline_ms ? silent : c->deadline_ms;
    struct pollfd p = {.fd = c->fd, .events = events};
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

bool limited_child_send(struct limited_child *c, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    while (len > 0) {
        if (!wait_for(c, POLLOUT))
            return false;
        const ssize_t n = send(c->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool refill(struct limited_child *c)
{
    c->used = c->filled = 0;
    for (;;) {
        if (c->pid == 0 || !wait_for(c, POLLIN))
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

void limited_child_stop(struct limited_child *c)
{
    if (c->pid == 0)
        return;
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    c->pid = 0;
    c->used = 0;
    c->filled = atomic_load(&c->outbox->len);
    if (c->filled > sizeof c->outbox->bytes)
        c->filled = 0;
    memcpy(c->buffer, c->outbox->bytes, c->filled);
}

void limited_child_release(struct limited_child *c)
{
    limited_child_stop(c);
    close(c->fd);
    munmap(c->outbox, sizeof *c->outbox);
}

static bool write_all(int fd, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    while (len > 0) {
        const ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool flush(struct child_end *e)
{
    struct child_outbox *o = e->outbox;
    const uint32_t len = atomic_load_explicit(&o->len, memory_order_relaxed);
    const bool ok = write_all(e->fd, o->bytes, len);
    atomic_store(&o->len, 0);
    e->sent_ms = now_ms();
    return ok;
}

bool limited_child_receive(struct child_end *e, void *to, size_t len,
                           bool begins)
{
    unsigned char *at = to;
    if (begins && !flush(e))
        return false;
    while (len > 0) {
        const ssize_t n = read(e->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    if (begins) {
        limit_cpu(e->cpu_s);
        e->sent_ms = now_ms();
    }
    return true;
}

bool limited_child_write(struct child_end *e, const struct iovec *parts, int n)
{
    struct child_outbox *o = e->outbox;
    uint32_t len = atomic_load_explicit(&o->len, memory_order_relaxed);
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += parts[i].iov_len;
    if (all > sizeof o->bytes - len) {
        if (!flush(e))
            return false;
        len = 0;
    }
    if (all > sizeof o->bytes) {
        for (int i = 0; i < n; i++)
            if (!write_all(e->fd, parts[i].iov_base, parts[i].iov_len))
                return false;
        return true;
    }
    for (int i = 0; i < n; i++) {
        memcpy(o->bytes + len, parts[i].iov_base, parts[i].iov_len);
        len += (uint32_t)parts[i].iov_len;
    }
    /* not before its bytes are there: the parent may look at any time */
    atomic_store_explicit(&o->len, len, memory_order_release);
    return now_ms() - e->sent_ms < MAX_WAIT_MS || flush(e);
}
