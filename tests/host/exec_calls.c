/* SPDX-License-Identifier: MIT */
/*
 * exec_calls.c - starts ./exec_target (or argv[1]) in every way there is, with
 * every kind of environment, and says what came of it
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *target;
static char *arguments[] = {"target", "one", "two words", NULL};

enum { MANY = 700 };

static char **huge(void)
{
    static char *vars[MANY + 1];
    for (int i = 0; i < MANY; i++) {
        char text[128];
        snprintf(text, sizeof text, "HUGE_%d=%0100d", i, i);
        vars[i] = strdup(text);
    }
    return vars;
}

static char *none[] = {NULL};
static char *few[] = {"A=1", "LD_PRELOAD=", "B=2", NULL};

enum {
    EXECV,
    EXECVE,
    EXECVP,
    EXECVPE,
    EXECL,
    EXECLP,
    EXECLE,
    FEXECVE,
    FEXECVE_PATH,
    EXECVEAT,
    N_EXECS
};

static const char *const names[] = {
    "execv",  "execve", "execvp",  "execvpe",      "execl",
    "execlp", "execle", "fexecve", "fexecve_path", "execveat"};

static void call(int how, char **env)
{
    switch (how) {
    case EXECV:
        execv(target, arguments);
        break;
    case EXECVE:
        execve(target, arguments, env);
        break;
    case EXECVP:
        execvp(target, arguments);
        break;
    case EXECVPE:
        execvpe(target, arguments, env);
        break;
    case EXECL:
        execl(target, "target", "one", "two words", (char *)NULL);
        break;
    case EXECLP:
        execlp(target, "target", "one", "two words", (char *)NULL);
        break;
    case EXECLE:
        execle(target, "target", "one", "two words", (char *)NULL, env);
        break;
    case FEXECVE:
        fexecve(open(target, O_RDONLY | O_NONBLOCK), arguments, env);
        break;
    case FEXECVE_PATH:
        fexecve(open(target, O_PATH), arguments, env);
        break;
    default:
        execveat(AT_FDCWD, target, arguments, env, 0);
    }
}

static void finish(const char *name, const char *kind, pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    printf("%s, %s: %d\n", name, kind, WEXITSTATUS(status));
    fflush(stdout);
}

static void each(const char *kind, char **env)
{
    for (int how = 0; how < N_EXECS; how++) {
        const pid_t pid = how % 2 ? fork() : vfork();
        if (pid == 0) {
            call(how, env);
            _exit(errno);
        }
        finish(names[how], kind, pid);
    }
    pid_t pid = 0;
    int rc = posix_spawn(&pid, target, NULL, NULL, arguments, env);
    printf("posix_spawn: %d\n", rc);
    finish("posix_spawn", kind, pid);
    rc = posix_spawnp(&pid, target, NULL, NULL, arguments, env);
    printf("posix_spawnp: %d\n", rc);
    finish("posix_spawnp", kind, pid);
}

int main(int argc, char **argv)
{
    target = argc > 1 ? argv[1] : "./exec_target";
    each("own", environ);
    each("none", none);
    each("few", few);
    each("huge", huge());
    each("null", NULL);
    return 0;
}
