/* SPDX-License-Identifier: MIT */
#include "launch/folder.h"

#include "arena.h"
#include "fold/fold.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BUSY_MS =
        1, /* how often it looks at what has been written: while much is */
    IDLE_MS = 10,
    LIST_EVERY = 10,   /* looks: how often at the directory */
    MOST_TRACES = 4096 /* that are looked after */
};

struct grown {
    char *path;
    struct ouro_trace_header *header;
    uint64_t after;  /* bytes used after the last fold */
    int fd;          /* holds the lock that says that we are here */
    uint64_t safe;   /* fold.h */
    uint64_t before; /* when it was looked at last */
};

struct watch {
    const char *directory;
    uint64_t max_size;
    int end; /* readable: it is time to end */
    uint32_t n, room;
    struct grown *traces;
};

static bool is_over(const struct watch *w)
{
    struct pollfd p = {.fd = w->end, .events = POLLIN};
    return poll(&p, 1, 0) != 0;
}

/* Whoever waits for room looks again; 0: there is no use in waiting. */
static void tell(struct grown *g, uint32_t word)
{
    __atomic_store_n(&g->header->folder, word, __ATOMIC_RELEASE);
    syscall(SYS_futex, &g->header->folder, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void give_up(struct grown *g)
{
    tell(g, 0);
    munmap(g->header, sizeof *g->header);
    close(g->fd);
    g->header = NULL;
}

static uint64_t bytes_used(const struct grown *g)
{
    const uint64_t back =
        __atomic_load_n(&g->header->given_back, __ATOMIC_ACQUIRE);
    return __atomic_load_n(&g->header->end, __ATOMIC_ACQUIRE) - back;
}

static bool has_header(int fd)
{
    struct ouro_trace_header h;
    return pread(fd, &h, sizeof h, 0) == (ssize_t)sizeof h &&
           memcmp(h.magic, OURO_TRACE_MAGIC, sizeof h.magic) == 0;
}

/* False: it is no trace, or not yet. */
static bool open_trace(struct grown *g, const char *path)
{
    struct flock here = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = OURO_FOLDER_LOCK,
                         .l_len = 1};
    void *at = MAP_FAILED;
    g->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (g->fd >= 0 && has_header(g->fd) &&
        fcntl(g->fd, F_OFD_SETLK, &here) == 0)
        at = mmap(NULL, sizeof *g->header, PROT_READ | PROT_WRITE, MAP_SHARED,
                  g->fd, 0);
    if (at == MAP_FAILED) {
        if (g->fd >= 0)
            close(g->fd);
        return false;
    }
    g->header = at;
    return true;
}

static bool is_known(const struct watch *w, const char *path)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (strcmp(w->traces[i].path, path) == 0)
            return true;
    return false;
}

static void take(struct watch *w, const char *name)
{
    char path[PATH_MAX];
    const size_t len = strlen(name);
    if (len < 6 || strcmp(name + len - 6, ".trace") != 0 || w->n == MOST_TRACES)
        return;
    snprintf(path, sizeof path, "%s/%s", w->directory, name);
    struct grown taken = {.header = NULL};
    if (is_known(w, path) || !open_trace(&taken, path))
        return;
    taken.path = strdup(path);
    if (!taken.path)
        out_of_memory();
    GROW(w->traces, w->n, w->room);
    struct grown *g = &w->traces[w->n++];
    *g = taken;
    if (g->header->flags & OURO_HEADER_BUFFERED)
        give_up(g);
    else
        tell(g, OURO_FOLDER_AWAITED + 2);
}

static void list(struct watch *w)
{
    DIR *d = opendir(w->directory);
    if (!d)
        return;
    for (const struct dirent *i; (i = readdir(d)) != NULL;)
        take(w, i->d_name);
    closedir(d);
}

static enum fold_result fold(const struct watch *w, const struct grown *g)
{
    struct fold f;
    enum fold_result result =
        fold_prepare(&f, g->path, g->header, g->safe, FOLD_IF_WORTH);
    if (result == FOLD_DONE)
        result = fold_write(&f);
    if (result == FOLD_DONE && is_over(w)) {
        fold_abandon(&f);
        result = FOLD_NOT_NOW;
    } else if (result == FOLD_DONE) {
        result = fold_seal(&f);
        if (result == FOLD_DONE)
            result = fold_give_back(&f);
    }
    fold_release(&f);
    return result;
}

/* Half of the room that the last fold left is used up, or somebody waits. */
static bool is_due(const struct watch *w, const struct grown *g, uint64_t used)
{
    const uint64_t room = w->max_size > g->after ? w->max_size - g->after : 0;
    const uint32_t asked = __atomic_fetch_and(
        &g->header->flags, ~(uint32_t)OURO_HEADER_FOLD_NOW, __ATOMIC_ACQ_REL);
    return (used >= g->after + room / 2 || asked & OURO_HEADER_FOLD_NOW) &&
           !g->header->stopped;
}

/* True: it grows. */
static bool look_at(const struct watch *w, struct grown *g)
{
    const uint64_t used = bytes_used(g);
    const bool grows = used != g->before;
    const uint64_t safe = fold_safe_stamp(g->header);
    g->before = used;
    g->safe = safe ? safe : g->safe;
    if (!is_due(w, g, used))
        return grows;
    const enum fold_result result = fold(w, g);
    if (result == FOLD_NEVER) {
        give_up(g);
        return false;
    }
    g->before = g->after = bytes_used(g);
    tell(g, g->header->folder + 2);
    return true;
}

static void keep_watch(struct watch *w)
{
    struct pollfd p = {.fd = w->end, .events = POLLIN};
    bool grows = true;
    for (uint32_t looks = 0; poll(&p, 1, grows ? BUSY_MS : IDLE_MS) == 0;
         looks++) {
        grows = false;
        if (looks % LIST_EVERY == 0)
            list(w);
        for (uint32_t i = 0; i < w->n; i++)
            if (w->traces[i].header)
                grows = look_at(w, &w->traces[i]) || grows;
    }
    for (uint32_t i = 0; i < w->n; i++)
        if (w->traces[i].header)
            tell(&w->traces[i], 0);
}

/* A terminal's signals are for the program; the recorder says when to end. */
static _Noreturn void be_the_folder(const char *directory, uint64_t max_size,
                                    int end)
{
    struct watch w = {.directory = directory, .max_size = max_size, .end = end};
    const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "ouro-fold");
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    keep_watch(&w);
    _exit(0);
}

void folder_start(struct folder *f, const char *directory, uint64_t max_size)
{
    int ends[2];
    *f = (struct folder){.tell = -1};
    if (max_size == UINT64_MAX || pipe2(ends, O_CLOEXEC) != 0)
        return;
    f->pid = fork();
    if (f->pid == 0) {
        close(ends[1]);
        be_the_folder(directory, max_size, ends[0]);
    }
    close(ends[0]);
    if (f->pid > 0) {
        f->tell = ends[1];
        return;
    }
    close(ends[1]);
    f->pid = 0;
}

void folder_end(struct folder *f)
{
    if (f->pid == 0)
        return;
    close(f->tell);
    while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
