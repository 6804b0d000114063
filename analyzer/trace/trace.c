/* SPDX-License-Identifier: MIT */
#include "trace/trace.h"

#include "trace/layout.h"
#include "trace/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* As long as we read nobody makes holes in it (FOLDING in ouro_trace.h). Who
   makes some just now is soon done. */
static void hold(int fd)
{
    enum { TRIES = 200, STEP_NS = 5 * 1000 * 1000 };
    for (int i = 0; i < TRIES; i++) {
        if (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return;
        nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL);
    }
}

/* A FIFO or a terminal must not make us wait, nor become ours. */
static int open_file(struct trace *t, struct err *e)
{
    struct stat st;
    const int fd = open(t->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e,
                       "%s: cannot be opened: %s; check the path and who "
                       "may read it",
                       t->path, strerror(errno));
    t->state->fd = fd;
    if (fstat(fd, &st) != 0)
        return err_set(e, "%s: cannot be looked at: %s", t->path,
                       strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e,
                       "%s: not a regular file; name a recording or one of "
                       "its .trace files",
                       t->path);
    t->len = (uint64_t)st.st_size;
    hold(fd);
    return 0;
}

static int by_stamp_then_place(const void *one, const void *other, void *of)
{
    const struct trace_chunk *chunks = of;
    const uint32_t a = *(const uint32_t *)one;
    const uint32_t b = *(const uint32_t *)other;
    const uint64_t stamp_a = chunks[a].first_stamp;
    const uint64_t stamp_b = chunks[b].first_stamp;
    if (stamp_a != stamp_b)
        return stamp_a < stamp_b ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void sort_chunks(struct trace *t)
{
    uint32_t *order = must_calloc(t->n_chunks, sizeof *order);
    for (uint32_t i = 0; i < t->n_chunks; i++)
        order[i] = i;
    qsort_r(order, t->n_chunks, sizeof *order, by_stamp_then_place, t->chunks);
    t->state->by_stamp = order;
}

int trace_open(struct trace *t, const char *path, struct err *e)
{
    *t = (struct trace){.path = path, .exe = "", .cwd = "", .end_status = -1};
    t->state = must_calloc(1, sizeof *t->state);
    t->state->fd = -1;
    stacks_init(&t->stacks);
    strings_init(&t->strings);
    if (open_file(t, e) < 0 || layout_read(t, e) < 0) {
        trace_close(t);
        return -1;
    }
    sort_chunks(t);
    return 0;
}

void trace_close(struct trace *t)
{
    struct trace_state *s = t->state;
    if (s) {
        if (s->fd >= 0)
            close(s->fd);
        arena_release(&s->arena);
        free(s->by_stamp);
        free(s->threads);
        free(s->suppressions);
        free(s->gone);
        free(s->by_start);
        free(s->reach);
    }
    free(s);
    free(t->chunks);
    free(t->snapshot_chunks);
    free(t->modules);
    stacks_release(&t->stacks);
    strings_release(&t->strings);
    *t = (struct trace){0};
}
