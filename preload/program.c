/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "raw.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>

enum { PART = 4096 };

static struct program shim_program;
static char shim_part[PART]; /* static: the first event may be on a small stack
                              */

const struct program *program(void)
{
    return &shim_program;
}

const long *program_stack(void)
{
    extern void *__libc_stack_end;
    return __libc_stack_end;
}

static void read_path(struct program *p)
{
    const long n = RAW_CALL4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
                             p->path, PROGRAM_PATH - 1);
    const char *started_as = (const char *)getauxval(AT_EXECFN);
    p->path[n > 0 ? n : 0] = '\0';
    if (n > 0 || !started_as)
        return;
    struct text path = text_in(p->path, PROGRAM_PATH);
    text_add_absolute(&path, started_as);
}

static void add_arguments(struct program *p, const char *from, size_t len)
{
    const size_t room = PROGRAM_ARGUMENTS - p->arguments_len;
    const size_t fits = len < room ? len : room;
    memcpy(p->arguments + p->arguments_len, from, fits);
    p->arguments_len += fits;
}

static void read_initial_stack(struct program *p)
{
    const long *stack = program_stack();
    const char *const *argument = (const char *const *)(stack + 1);
    for (; *argument; argument++) {
        add_arguments(p, *argument, strlen(*argument) + 1);
        p->n_arguments++;
    }
}

static void read_arguments(struct program *p)
{
    const long fd = RAW_CALL4(SYS_openat, AT_FDCWD, "/proc/self/cmdline",
                              O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        read_initial_stack(p);
        return;
    }
    for (;;) {
        const long n = RAW_CALL3(SYS_read, fd, shim_part, PART);
        if (n <= 0)
            break;
        for (long i = 0; i < n; i++)
            p->n_arguments += shim_part[i] == '\0';
        add_arguments(p, shim_part, (size_t)n);
    }
    RAW_CALL1(SYS_close, fd);
}

void program_start(void)
{
    read_path(&shim_program);
    read_arguments(&shim_program);
}
