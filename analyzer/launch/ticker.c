/* SPDX-License-Identifier: MIT */
#include "launch/ticker.h"

#include "ouro_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int directory; /* wherever it is moved */
static _Atomic uint32_t *word;
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t end; /* is_ticking is false */
static bool is_ticking;

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
        openat(directory, OURO_TICK_NAME,
               O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    void *at = MAP_FAILED;
    if (fd < 0)
        return NULL;
    if (posix_fallocate(fd, 0, OURO_TICK_LEN) == 0)
        at = mmap(NULL, OURO_TICK_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                  0);
    close(fd);
    if (at != MAP_FAILED)
        return at;
    unlinkat(directory, OURO_TICK_NAME, 0);
    return NULL;
}

void ticker_make(const char *path)
{
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return;
    word = make();
    if (word)
        atomic_store(word, 1);
    else
        close(directory);
}

static struct timespec next_tick(void)
{
    enum { SECOND = 1000000000 };
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += OURO_TICK_MS * 1000000L;
    t.tv_sec += t.tv_nsec / SECOND;
    t.tv_nsec %= SECOND;
    return t;
}

static void tick(void)
{
    const uint32_t next = atomic_load(word) + 1;
    atomic_store(word, next == 0 ? 1 : next);
}

static void *keep_ticking(void *unused)
{
    pthread_mutex_lock(&lock);
    while (is_ticking) {
        const struct timespec next = next_tick();
        if (pthread_cond_timedwait(&end, &lock, &next) == ETIMEDOUT)
            tick();
    }
    pthread_mutex_unlock(&lock);
    return unused;
}

/* Signals are the other thread's. */
void ticker_start(void)
{
    pthread_condattr_t by_monotonic;
    sigset_t all, before;
    if (!word)
        return;
    pthread_condattr_init(&by_monotonic);
    pthread_condattr_setclock(&by_monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&end, &by_monotonic);
    pthread_condattr_destroy(&by_monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&lock);
    is_ticking = pthread_create(&thread, NULL, keep_ticking, NULL) == 0;
    if (!is_ticking)
        atomic_store(word, 0);
    pthread_mutex_unlock(&lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void stop_ticking(void)
{
    pthread_mutex_lock(&lock);
    is_ticking = false;
    pthread_cond_signal(&end);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
}

void ticker_end(void)
{
    if (!word)
        return;
    if (is_ticking)
        stop_ticking();
    atomic_store(word, 0);
    munmap((void *)word, OURO_TICK_LEN);
    word = NULL;
    unlinkat(directory, OURO_TICK_NAME, 0);
    close(directory);
}
