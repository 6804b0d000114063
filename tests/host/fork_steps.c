/* SPDX-License-Identifier: MIT */
/* A trap after each instruction of an event, whose handler forks by a call that
   no library hears of; the event goes on in both processes. So a handler
   strikes everywhere, where chance finds a few places. fork_steps SEED N: at
   one place in N.

   Each of four processes is for one kind of child: its handler does nothing,
   allocates, frees, or has allocated in the parent already. By the seed two of
   them have children that go on before they do, two long after. */
#include "ouro.h"
#include "step.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOTHING, ALLOCATES, FREES, NESTED, KINDS };
enum { SHORT = 1200 };

static int kind;
static int is_late;
static volatile sig_atomic_t is_child, n_steps, n_children;
static int gate[2];
static void *spare;
static void *volatile sink;

static void step(void)
{
    n_steps = 0;
    step_on();
}

static void begin_child(void)
{
    char c;
    is_child = 1;
    if (is_late) {
        close(gate[1]);
        while (read(gate[0], &c, 1) < 0)
            continue;
    }
    if (kind == ALLOCATES || kind == NESTED)
        sink = malloc(77);
    if (kind == FREES)
        free(spare);
}

/* True: this is the child. */
static int fork_here(void)
{
    int status;
    if (kind == NESTED)
        free(malloc(48));
    n_children++;
    const pid_t pid = n_children % 2
                          ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
                          : (pid_t)syscall(SYS_fork);
    if (pid == 0) {
        begin_child();
        return 1;
    }
    if (pid < 0 ||
        (!is_late && (waitpid(pid, &status, 0) != pid || status != 0)))
        _exit(3);
    return 0;
}

static void on_trap(int s, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    (void)s;
    (void)info;
    if (!step_may_strike(u))
        return;
    n_steps++;
    if (!step_is_new(u) && n_steps > SHORT)
        return;
    if (step_is_chosen() && fork_here())
        step_no_more(u);
}

static __attribute__((noinline)) void lose(size_t n)
{
    sink = malloc(n);
    sink = NULL;
}

/* After an event, which left `block`. */
static void settle(void *block)
{
    int status;
    step_off();
    if (is_child) {
        free(block);
        lose(333);
        _exit(0);
    }
    if (!is_late)
        return;
    for (int i = 0; i < 5; i++)
        free(malloc(16));
    close(gate[0]);
    close(gate[1]);
    while (waitpid(-1, &status, 0) > 0)
        if (status != 0)
            _exit(4);
    if (pipe(gate) != 0)
        _exit(5);
}

static void *once(void *(*allocate)(size_t))
{
    step();
    void *block = allocate(47);
    settle(block);
    return block;
}

/* Long texts: chunks end among them. */
static void fill(void)
{
    static char text[4000];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 5; i++) {
        step();
        OURO_LABEL(spare, text);
        settle(NULL);
    }
}

static void work(void)
{
    void *(*plugin)(size_t);
    if (pipe(gate) != 0)
        _exit(5);
    void *block = once(malloc);
    step();
    block = realloc(block, 480);
    settle(block);
    step();
    free(block);
    settle(NULL);
    free(once(malloc));
    void *handle = dlopen("./libplugin.so", RTLD_NOW);
    *(void **)&plugin = dlsym(handle, "plugin_malloc");
    free(once(plugin));
    step();
    OURO_NEW(spare, "an object");
    settle(NULL);
    fill();
    lose(1717);
    /* what the driver adds up */
    const int n = n_children;
    write(STDOUT_FILENO, &n, sizeof n);
    _exit(0);
}

int main(int argc, char **argv)
{
    int ends[2], n;
    int total[KINDS] = {0};
    const struct sigaction act = {.sa_sigaction = on_trap,
                                  .sa_flags = SA_SIGINFO};
    if (argc < 3 || pipe(ends) != 0)
        return 2;
    sigaction(SIGTRAP, &act, NULL);
    step_one_in = (unsigned)atoi(argv[2]);
    spare = malloc(99);
    const uint64_t seed = strtoull(argv[1], NULL, 0);
    for (kind = 0; kind < KINDS; kind++) {
        is_late = (seed + (uint64_t)kind) % 2 != 0;
        step_random = seed + (uint64_t)kind;
        const pid_t pid = fork();
        if (pid == 0) {
            dup2(ends[1], STDOUT_FILENO);
            work();
        }
        int status;
        if (waitpid(pid, &status, 0) != pid || status != 0 ||
            read(ends[0], &n, sizeof n) != sizeof n) {
            printf("kind %d, late %d: status %x\n", kind, is_late, status);
            return 1;
        }
        total[kind] = n;
    }
    printf("%d %d\n", total[0] + total[1] + total[2] + total[3],
           total[ALLOCATES] + total[NESTED]);
    return 0;
}
