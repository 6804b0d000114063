/* SPDX-License-Identifier: MIT */
/* Children that share the memory of their parent and allocate in it, made by
   clone without the libraries' help: what they take is the parent's to free
   or to leak, in the one record there is. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Alignas(16) char stack[256 * 1024];
static char out[BUFSIZ]; /* else it is memory in which old links stand */
static void *volatile taken;
static void *volatile sink;

static __attribute__((noinline)) void child_loses(void)
{
    sink = malloc(444);
    memset(sink, 0, 444); /* links of the allocator may be left in it */
    sink = NULL;
}

static int child(void *a)
{
    free(taken);
    taken = malloc(70);
    child_loses();
    for (int i = 0; i < 1000; i++)
        free(realloc(malloc(30), 60));
    (void)a;
    return 7;
}

static int run(int flags)
{
    int status;
    const pid_t pid = clone(child, stack + sizeof stack, flags | SIGCHLD, NULL);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 0;
    free(taken);
    taken = malloc(80);
    return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

int main(void)
{
    int good = 0;
    setvbuf(stdout, out, _IOFBF, sizeof out);
    taken = malloc(60);
    for (int i = 0; i < 10; i++) {
        good += run(CLONE_VM);
        good += run(CLONE_VM | CLONE_VFORK);
        good += run(CLONE_VM | CLONE_FILES | CLONE_FS);
    }
    free(taken);
    taken = NULL;
    memset(stack, 0, sizeof stack); /* what the children left there */
    printf("%d children\n", good);
    good = run(0); /* its own memory, no atfork handler has run */
    free(taken);
    printf("%d child apart\n", good);
    return 0;
}
