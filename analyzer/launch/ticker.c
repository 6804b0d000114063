/* SPDX-License-Identifier: MIT */
#include "launch/ticker.h"

#include "ouro_trace.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static char path[PATH_MAX];
static _Atomic uint32_t *word;
static bool is_ticking;
static struct sigaction before;
static sigset_t mask_before;

static void tick(int signal)
{
    (void)signal;
    const uint32_t next = atomic_load(word) + 1;
    atomic_store(word, next == 0 ? 1 : next);
}

/* Past that a signal would end us. */
static bool is_allowed(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
           limit.rlim_cur >= OURO_TICK_LEN;
}

/* Allocated: who looks at it must not find that the disk is full. */
static void *make(void)
{
    if (!is_allowed())
        return NULL;
    const int fd =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    void *at = MAP_FAILED;
    if (fd < 0)
        return NULL;
    if (posix_fallocate(fd, 0, OURO_TICK_LEN) == 0)
        at = mmap(NULL, OURO_TICK_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                  0);
    close(fd);
    if (at != MAP_FAILED)
        return at;
    unlink(path);
    return NULL;
}

void ticker_make(const char *directory)
{
    if (snprintf(path, sizeof path, "%s/" OURO_TICK_NAME, directory) >=
        (int)sizeof path)
        return;
    word = make();
    if (word)
        atomic_store(word, 1);
}

static void set_timer(long us)
{
    const struct itimerval every = {{0, us}, {0, us}};
    setitimer(ITIMER_REAL, &every, NULL);
}

void ticker_start(void)
{
    struct sigaction act = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigset_t alarm;
    if (!word)
        return;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigaction(SIGALRM, &act, &before);
    sigprocmask(SIG_UNBLOCK, &alarm, &mask_before);
    set_timer(OURO_TICK_MS * 1000L);
    is_ticking = true;
}

void ticker_end(void)
{
    if (!word)
        return;
    if (is_ticking) {
        set_timer(0);
        sigprocmask(SIG_SETMASK, &mask_before, NULL);
        sigaction(SIGALRM, &before, NULL);
    }
    is_ticking = false;
    atomic_store(word, 0);
    munmap((void *)word, OURO_TICK_LEN);
    word = NULL;
    unlink(path);
}
