/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "chunk.h"
#include "encode.h"
#include "file.h"
#include "raw.h"
#include "record.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

enum { ARGUMENTS = 8 * 1024, PART = 4096, N_ARGUMENTS = 1024 };

/* Static: the first event may come on a small stack. Written only while a
   process begins, which one thread does. */
static struct {
    char exe[OURO_MAX_STRING], cwd[OURO_MAX_STRING];
    char arguments[ARGUMENTS];
    char part[PART]; /* of them, as it was read */
    struct record_field fields[4 + N_ARGUMENTS];
} shim_process;

/* As much of the arguments as there is room for; *n_all counts them all. */
static size_t read_arguments(uint64_t *n_all)
{
    char *more = shim_process.part;
    size_t len = 0;
    const long fd = RAW_CALL4(SYS_openat, AT_FDCWD, "/proc/self/cmdline",
                              O_RDONLY | O_CLOEXEC, 0);
    *n_all = 0;
    if (fd < 0)
        return 0;
    for (;;) {
        const long n = RAW_CALL3(SYS_read, fd, more, PART);
        if (n <= 0)
            break;
        for (long i = 0; i < n; i++)
            *n_all += more[i] == '\0';
        const size_t room = ARGUMENTS - len;
        const size_t fits = (size_t)n < room ? (size_t)n : room;
        memcpy(shim_process.arguments + len, more, fits);
        len += fits;
    }
    RAW_CALL1(SYS_close, fd);
    return len;
}

/* Whole arguments only. */
static int list_arguments(struct record_field *to, size_t len)
{
    int n = 0;
    const char *at = shim_process.arguments;
    const char *end = at + len;
    while (n < N_ARGUMENTS) {
        const char *zero = memchr(at, '\0', (size_t)(end - at));
        if (!zero)
            break;
        size_t n_bytes = (size_t)(zero - at);
        if (n_bytes > OURO_MAX_STRING)
            n_bytes = OURO_MAX_STRING;
        to[n++] = (struct record_field){RECORD_TEXT, n_bytes, at};
        at = zero + 1;
    }
    return n;
}

static struct record_field text(const char *s, size_t len)
{
    return (struct record_field){RECORD_TEXT, len, s};
}

static struct record_field number(uint64_t n)
{
    return (struct record_field){RECORD_UNSIGNED, n, NULL};
}

static void say(int kind, const struct record_field *fields, int n)
{
    struct scope s;
    const struct stack_here here = {.sp =
                                        (uintptr_t)__builtin_frame_address(0)};
    if (!scope_enter(&s, &here))
        return;
    record_fields(s.thread, kind, fields, n, NULL);
    if (s.thread->chunk)
        chunk_flush(s.thread);
    scope_leave(&s);
}

void process_tell(void)
{
    struct record_field *fields = shim_process.fields;
    uint64_t n_all;
    const long exe = RAW_CALL4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
                               shim_process.exe, sizeof shim_process.exe);
    const long cwd =
        RAW_CALL2(SYS_getcwd, shim_process.cwd, sizeof shim_process.cwd);
    const size_t len = read_arguments(&n_all);
    const int n = list_arguments(fields + 4, len);
    fields[0] = text(shim_process.exe, exe > 0 ? (size_t)exe : 0);
    fields[1] = text(shim_process.cwd, cwd > 0 ? (size_t)cwd - 1 : 0);
    fields[2] = number(n_all);
    fields[3] = number((uint64_t)n);
    say(OURO_PROCESS, fields, 4 + n);
}

void process_exiting(void)
{
    const struct record_field unknown = {RECORD_SIGNED, (uint64_t)-1, NULL};
    say(OURO_EXITING, &unknown, 1);
}

void process_end(int how, int status)
{
    const struct record_field fields[] = {
        {RECORD_BYTE, (uint64_t)how, NULL},
        {RECORD_SIGNED, (uint64_t)(int64_t)status, NULL},
    };
    say(OURO_END, fields, 2);
}
