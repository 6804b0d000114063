/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "config.h"
#include "elf_check.h"
#include "exec_env.h"
#include "export.h"
#include "file.h"
#include "life.h"
#include "ouro_trace.h"
#include "raw.h"
#include "snapshot.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ON_STACK = 4096 };

static struct {
    int (*execve)(const char *, char *const *, char *const *);
    int (*execvpe)(const char *, char *const *, char *const *);
    int (*fexecve)(int, char *const *, char *const *);
    int (*execveat)(int, const char *, char *const *, char *const *, int);
    int (*spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                 const posix_spawnattr_t *, char *const *, char *const *);
    int (*spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                  const posix_spawnattr_t *, char *const *, char *const *);
    void (*exit_now)(int);
    void (*exit_now_c)(int);
    void (*quick_exit)(int);
    void (*abort)(void);
} shim_next;

static char **shim_environment;
static struct exec_ours shim_ours; /* guest is NULL: nothing goes along */

static void find_next(void)
{
    *(void **)&shim_next.execve = dlsym(RTLD_NEXT, "execve");
    *(void **)&shim_next.execvpe = dlsym(RTLD_NEXT, "execvpe");
    *(void **)&shim_next.fexecve = dlsym(RTLD_NEXT, "fexecve");
    *(void **)&shim_next.execveat = dlsym(RTLD_NEXT, "execveat");
    *(void **)&shim_next.spawn = dlsym(RTLD_NEXT, "posix_spawn");
    *(void **)&shim_next.spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
    *(void **)&shim_next.exit_now = dlsym(RTLD_NEXT, "_exit");
    *(void **)&shim_next.exit_now_c = dlsym(RTLD_NEXT, "_Exit");
    *(void **)&shim_next.quick_exit = dlsym(RTLD_NEXT, "quick_exit");
    *(void **)&shim_next.abort = dlsym(RTLD_NEXT, "abort");
}

/* libc's own pointer may not be set yet when exec_start() is called. */
__attribute__((constructor(101))) static void keep_environment(
    int argc, char **argv, char **environment)
{
    (void)argc;
    (void)argv;
    shim_environment = environment;
}

void exec_start(void)
{
    const struct config *c = config();
    find_next();
    if (c->secure || !c->guest[0])
        return;
    shim_ours.variables = c->variables;
    shim_ours.guest = c->guest;
    if (!c->children)
        exec_env_forget(&shim_ours, shim_environment);
}

/* One call that starts a program, by any of the six ways. */
struct start {
    enum { EXECVE, EXECVPE, FEXECVE, EXECVEAT, SPAWN, SPAWNP } by;
    int fd, flags;
    const char *path;
    char *const *argv;
    char *const *envp;
    pid_t *pid;
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
};

/* The end of a vfork child, which shares our memory, is not ours. */
static bool is_ours_to_end(void)
{
    return life_is_recording() &&
           shim_header->pid == (uint32_t)RAW_CALL0(SYS_getpid);
}

static int forward(const struct start *s, char *const *envp)
{
    if (!shim_next.execve)
        find_next(); /* a constructor was faster than ours */
    if (s->by != SPAWN && s->by != SPAWNP && is_ours_to_end())
        life_end(OURO_END_EXEC, 0); /* the next image may not be recorded */
    switch (s->by) {
    case EXECVE:
        return shim_next.execve(s->path, s->argv, envp);
    case EXECVPE:
        return shim_next.execvpe(s->path, s->argv, envp);
    case FEXECVE:
        return shim_next.fexecve(s->fd, s->argv, envp);
    case EXECVEAT:
        return shim_next.execveat(s->fd, s->path, s->argv, envp, s->flags);
    case SPAWN:
        return shim_next.spawn(s->pid, s->path, s->actions, s->attributes,
                               s->argv, envp);
    default:
        return shim_next.spawnp(s->pid, s->path, s->actions, s->attributes,
                                s->argv, envp);
    }
}

static const char *search_path(void)
{
    for (char *const *v = environ; v && *v; v++)
        if (strncmp(*v, "PATH=", 5) == 0)
            return *v + 5;
    return "/bin:/usr/bin";
}

static bool takes_us(const struct start *s)
{
    switch (s->by) {
    case EXECVPE:
    case SPAWNP:
        return elf_found_takes_us(s->path, search_path());
    case FEXECVE:
        return elf_takes_us(s->fd, "", AT_EMPTY_PATH, ELF_BY_KERNEL);
    case EXECVEAT:
        return elf_takes_us(s->fd, s->path, s->flags, ELF_BY_KERNEL);
    default:
        return elf_takes_us(AT_FDCWD, s->path, 0, ELF_BY_KERNEL);
    }
}

/* A guest that is gone (a chroot, a recording that is over) would make the
   loader complain. */
static bool guest_is_there(void)
{
    return RAW_CALL3(SYS_faccessat, AT_FDCWD, shim_ours.guest, R_OK) == 0;
}

static enum exec_want want_for(const struct start *s)
{
    if (!config()->children)
        return EXEC_FORGET;
    return guest_is_there() && takes_us(s) ? EXEC_FOLLOW : EXEC_DROP;
}

static int start_mapped(const struct start *s, size_t size, enum exec_want want)
{
    const long room = RAW_CALL6(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!raw_is_address(room))
        return forward(s, s->envp);
    const int result =
        forward(s, exec_env_make((void *)room, &shim_ours, s->envp, want));
    RAW_CALL2(SYS_munmap, room, size);
    return result;
}

/* Without a path, or fexecve without an environment, it is going to fail. */
static bool is_possible(const struct start *s)
{
    return s->by == FEXECVE ? s->envp != NULL : s->path != NULL;
}

static int start(const struct start *s)
{
    if (!shim_ours.guest || !is_possible(s))
        return forward(s, s->envp);
    const enum exec_want want = want_for(s);
    const size_t size = exec_env_size(&shim_ours, s->envp, want);
    if (size == 0)
        return forward(s, s->envp);
    if (size > ON_STACK)
        return start_mapped(s, size, want);
    void *room = __builtin_alloca(size);
    return forward(s, exec_env_make(room, &shim_ours, s->envp, want));
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
    return start(&(struct start){
        .by = EXECVE, .path = path, .argv = argv, .envp = envp});
}

EXPORT int execv(const char *path, char *const argv[])
{
    return start(&(struct start){
        .by = EXECVE, .path = path, .argv = argv, .envp = environ});
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
    return start(&(struct start){
        .by = EXECVPE, .path = file, .argv = argv, .envp = envp});
}

EXPORT int execvp(const char *file, char *const argv[])
{
    return start(&(struct start){
        .by = EXECVPE, .path = file, .argv = argv, .envp = environ});
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
    return start(
        &(struct start){.by = FEXECVE, .fd = fd, .argv = argv, .envp = envp});
}

EXPORT int execveat(int fd, const char *path, char *const argv[],
                    char *const envp[], int flags)
{
    return start(&(struct start){.by = EXECVEAT,
                                 .fd = fd,
                                 .flags = flags,
                                 .path = path,
                                 .argv = argv,
                                 .envp = envp});
}

EXPORT int posix_spawn(pid_t *pid, const char *path,
                       const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[],
                       char *const envp[])
{
    return start(&(struct start){.by = SPAWN,
                                 .path = path,
                                 .argv = argv,
                                 .envp = envp,
                                 .pid = pid,
                                 .actions = actions,
                                 .attributes = attributes});
}

EXPORT int posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const argv[],
                        char *const envp[])
{
    return start(&(struct start){.by = SPAWNP,
                                 .path = file,
                                 .argv = argv,
                                 .envp = envp,
                                 .pid = pid,
                                 .actions = actions,
                                 .attributes = attributes});
}

/* The arguments of execl and its like; the list is behind their NULL then. */
static size_t count_arguments(const char *first, va_list *list)
{
    size_t n = 1;
    for (const char *arg = first; arg; arg = va_arg(*list, const char *))
        n++;
    return n;
}

static void take_arguments(char **argv, const char *first, va_list *list)
{
    for (*argv = (char *)first; *argv;)
        *++argv = va_arg(*list, char *);
}

#define ARGUMENTS(argv, first, list)                                           \
    va_start(list, first);                                                     \
    (argv) =                                                                   \
        __builtin_alloca(count_arguments(first, &(list)) * sizeof *(argv));    \
    va_end(list);                                                              \
    va_start(list, first);                                                     \
    take_arguments(argv, first, &(list))

EXPORT int execl(const char *path, const char *arg, ...)
{
    va_list list;
    char **argv;
    ARGUMENTS(argv, arg, list);
    va_end(list);
    return start(&(struct start){
        .by = EXECVE, .path = path, .argv = argv, .envp = environ});
}

EXPORT int execlp(const char *file, const char *arg, ...)
{
    va_list list;
    char **argv;
    ARGUMENTS(argv, arg, list);
    va_end(list);
    return start(&(struct start){
        .by = EXECVPE, .path = file, .argv = argv, .envp = environ});
}

EXPORT int execle(const char *path, const char *arg, ...)
{
    va_list list;
    char **argv;
    ARGUMENTS(argv, arg, list);
    char *const *envp = va_arg(list, char *const *);
    va_end(list);
    return start(&(struct start){
        .by = EXECVE, .path = path, .argv = argv, .envp = envp});
}

static _Noreturn void end(void (*next)(int), int status, enum ouro_end how)
{
    if (is_ours_to_end()) {
        life_end(how, status);
        snapshot_take(how == OURO_END__EXIT ? OURO_SNAP__EXIT : OURO_SNAP_QUICK,
                      "");
    }
    if (next)
        next(status);
    for (;;)
        RAW_CALL1(SYS_exit_group, status);
}

EXPORT void _exit(int status)
{
    end(shim_next.exit_now, status, OURO_END__EXIT);
}

EXPORT void _Exit(int status)
{
    end(shim_next.exit_now_c, status, OURO_END__EXIT);
}

EXPORT void quick_exit(int status)
{
    if (!shim_next.quick_exit)
        find_next();
    end(shim_next.quick_exit, status, OURO_END_QUICK_EXIT);
}

/* Not an end that anybody asked for: the trace just stops. */
EXPORT void abort(void)
{
    if (!shim_next.abort)
        find_next();
    if (is_ours_to_end()) {
        life_flush();
        snapshot_take(OURO_SNAP_ABORT, "");
    }
    if (shim_next.abort)
        shim_next.abort();
    for (;;)
        __builtin_trap();
}
