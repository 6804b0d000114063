/* SPDX-License-Identifier: MIT */
#include "trace/source.h"

#include "arena.h"
#include "pack/model.h"
#include "pack/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Enough that the calls do not count, little enough that a thousand threads'
   chunks can be open at once. */
enum { WINDOW = 32 * 1024 };

static int open_packed(struct source *s, const char *pack, const char *name,
                       struct err *e)
{
    struct packed *p = packed_open(pack, e);
    if (!p)
        return -1;
    s->packed = packed_trace_open(p, name, e);
    if (!s->packed)
        return -1;
    s->len = packed_trace_len(s->packed);
    s->pack = strdup(pack);
    if (!s->pack)
        out_of_memory();
    return 0;
}

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
static int open_file(struct source *s, const char *path, struct err *e)
{
    struct stat st;
    s->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (s->fd < 0)
        return err_set(e,
                       "%s: cannot be opened: %s; check the path and who "
                       "may read it",
                       path, strerror(errno));
    if (fstat(s->fd, &st) != 0)
        return err_set(e, "%s: cannot be looked at: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e,
                       "%s: not a regular file; name a recording or one of "
                       "its .trace files",
                       path);
    /* What was folded until we held it stands behind the end of before. */
    hold(s->fd);
    if (fstat(s->fd, &st) != 0)
        return err_set(e, "%s: cannot be looked at: %s", path, strerror(errno));
    s->len = (uint64_t)st.st_size;
    return 0;
}

int source_open(struct source *s, const char *path, struct err *e)
{
    char pack[PATH_MAX];
    struct stat st;
    *s = (struct source){.fd = -1};
    const char *name = stat(path, &st) != 0 && errno == ENOTDIR
                           ? packed_split(path, pack, sizeof pack)
                           : NULL;
    if ((name ? open_packed(s, pack, name, e) : open_file(s, path, e)) == 0)
        return 0;
    source_close(s);
    return -1;
}

void source_close(struct source *s)
{
    if (s->fd >= 0)
        close(s->fd);
    packed_trace_close(s->packed);
    free(s->pack);
    *s = (struct source){.fd = -1};
}

bool source_read(const struct source *s, void *to, size_t n, uint64_t offset)
{
    char *p = to;
    if (s->packed)
        return packed_trace_read(s->packed, to, n, offset);
    while (n > 0) {
        const ssize_t got = pread(s->fd, p, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

const char *source_complaint(const struct source *s)
{
    return s->packed ? "a frame of the packed recording is damaged; take "
                       "another copy, or pack the recording again"
                     : "the file cannot be read here, or has become shorter; "
                       "leave it alone while it is read, and try again";
}

bool source_tells(const struct source *s, uint64_t offset, uint64_t n)
{
    return !s->packed || packed_trace_tells(s->packed, offset, n);
}

uint64_t source_data(const struct source *s, uint64_t at, uint64_t granule)
{
    if (s->packed) {
        const uint64_t next = packed_trace_data(s->packed, at + granule);
        return next < s->len ? next & ~(granule - 1) : s->len;
    }
    const off_t data = lseek(s->fd, (off_t)(at + granule), SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? s->len : at + granule;
    return (uint64_t)data & ~(granule - 1);
}

size_t source_window(const struct source *s, uint64_t len)
{
    const uint64_t most = s->packed ? MODEL_MAX_CHUNK : WINDOW;
    return len < most ? (size_t)len : (size_t)most;
}
