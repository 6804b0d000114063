/* SPDX-License-Identifier: MIT */
#include "task.h"

#include "raw.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <time.h>

#define TASKS "/proc/self/task"

/* As getdents64 writes them. */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t len;
    uint8_t type;
    char name[];
};

static long open_path(const char *path, int flags)
{
    long fd;
    do
        fd = RAW_CALL4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
    while (fd == -EINTR);
    return fd;
}

static void visit_entries(const char *bytes, long n,
                          void (*visit)(void *to, uint32_t task), void *to)
{
    for (long at = 0; at < n;) {
        const struct entry *e =
            (const struct entry *)(const void *)(bytes + at);
        if (e->name[0] >= '1' && e->name[0] <= '9')
            visit(to, (uint32_t)text_number(e->name));
        at += e->len;
    }
}

bool task_each(void (*visit)(void *to, uint32_t task), void *to)
{
    _Alignas(struct entry) char bytes[1024] = "";
    long n;
    const long fd = open_path(TASKS, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return false;
    while ((n = RAW_CALL3(SYS_getdents64, fd, bytes, sizeof bytes)) > 0)
        visit_entries(bytes, n, visit, to);
    RAW_CALL1(SYS_close, fd);
    return n == 0;
}

/* What /proc says, with a zero byte behind it; what pread returned. */
static long read_call(uint32_t task, char *bytes, size_t room)
{
    char path[64];
    struct text t = text_in(path, sizeof path);
    text_add(&t, TASKS "/");
    text_add_number(&t, task);
    text_add(&t, "/syscall");
    const long fd = open_path(path, O_RDONLY);
    if (fd < 0)
        return fd;
    const long n = RAW_CALL4(SYS_pread64, fd, bytes, room - 1, 0);
    RAW_CALL1(SYS_close, fd);
    bytes[n > 0 ? n : 0] = '\0';
    return n;
}

static const char *digits(const char *at, unsigned base, uint64_t *number)
{
    *number = 0;
    for (;; at++) {
        const unsigned digit = *at >= 'a'   ? (unsigned)*at - 'a' + 10
                               : *at >= '0' ? (unsigned)*at - '0'
                                            : base;
        if (digit >= base)
            return at;
        *number = *number * base + digit;
    }
}

/* " 0x7ffe..." */
static const char *word(const char *at, uintptr_t *value)
{
    uint64_t number = 0;
    const char *hex = text_after(at, " 0x");
    if (hex)
        at = digits(hex, 16, &number);
    *value = number;
    return at;
}

/* "running", "-1 SP IP" or "NUMBER SIX-ARGUMENTS SP IP". */
static struct task_call parse(const char *at)
{
    struct task_call c = {.state = TASK_BLOCKED, .number = -1};
    uint64_t number;
    if (text_after(at, "running")) {
        c.state = TASK_RUNS;
        return c;
    }
    const char *none = text_after(at, "-1");
    if (none) {
        at = none;
    } else {
        at = digits(at, 10, &number);
        c.number = (long)number;
        for (int i = 0; i < TASK_ARGUMENTS; i++)
            at = word(at, &c.argument[i]);
    }
    word(word(at, &c.sp), &c.ip);
    if (c.sp == 0)
        c.state = TASK_GONE;
    return c;
}

struct task_call task_call(uint32_t task)
{
    char bytes[256] = "";
    const long n = read_call(task, bytes, sizeof bytes);
    if (n == -ENOENT || n == -ESRCH)
        return (struct task_call){.state = TASK_GONE};
    if (n <= 0)
        return (struct task_call){.state = TASK_HIDDEN};
    return parse(bytes);
}

/* The clock of another thread's processor time, as the kernel numbers it. */
bool task_time(uint32_t task, uint64_t *ns)
{
    enum { OF_THREAD = 4, BY_SCHEDULER = 2 };
    struct timespec t = {0};
    const long clock = (long)(~task << 3 | OF_THREAD | BY_SCHEDULER);
    if (RAW_CALL2(SYS_clock_gettime, (int)clock, &t) != 0)
        return false;
    *ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    return true;
}

/* Where libc's list of robust mutexes is, which has one place in what the
   thread pointer points at. */
static uintptr_t robust_list(uint32_t task)
{
    uintptr_t head = 0;
    size_t len = 0;
    if (RAW_CALL3(SYS_get_robust_list, task, &head, &len) != 0)
        return 0;
    return head;
}

uintptr_t task_pointer(uint32_t task)
{
    const uintptr_t ours = robust_list(0), other = robust_list(task);
    if (!ours || !other)
        return 0;
    return other - ours + (uintptr_t)__builtin_thread_pointer();
}
