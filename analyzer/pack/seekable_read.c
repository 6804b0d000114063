/* SPDX-License-Identifier: MIT */
#include "pack/seekable.h"

#include "arena.h"
#include "pack/seekable_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum {
    WINDOW_LOG = 20, /* of a frame of 1 MiB */
    MAX_PACKED = ZSTD_COMPRESSBOUND(SEEKABLE_FRAME),
    ENTRIES = 1024, /* read at once */
};

static const char no_pack[] = "does not end as a packed recording does";

static bool read_whole(int fd, void *to, size_t n, uint64_t offset)
{
    unsigned char *at = to;
    while (n > 0) {
        const ssize_t got = pread(fd, at, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

static bool add_entry(struct seekable *s, const struct seekable_entry *e,
                      uint32_t *room)
{
    const struct seekable_frame end =
        s->n > 0 ? s->frames[s->n - 1] : (struct seekable_frame){0};
    if (e->plain > SEEKABLE_FRAME || e->packed > MAX_PACKED || e->packed == 0)
        return false;
    GROW(s->frames, s->n, *room);
    s->frames[s->n++] =
        (struct seekable_frame){end.at + e->packed, end.holds + e->plain};
    return true;
}

static bool read_entries(struct seekable *s, uint64_t at, uint32_t n)
{
    struct seekable_entry e[ENTRIES];
    uint32_t room = 0;
    for (uint32_t i = 0; i < n;) {
        const uint32_t left = n - i;
        const uint32_t take = left < ENTRIES ? left : ENTRIES;
        if (!read_whole(s->fd, e, take * sizeof *e, at))
            return false;
        for (uint32_t k = 0; k < take; k++)
            if (!add_entry(s, &e[k], &room))
                return false;
        at += take * sizeof *e;
        i += take;
    }
    return true;
}

static const char *read_table(struct seekable *s)
{
    struct seekable_foot foot;
    uint32_t head[2];
    if (s->size < sizeof foot + sizeof head ||
        !read_whole(s->fd, &foot, sizeof foot, s->size - sizeof foot) ||
        foot.magic != SEEKABLE_MAGIC)
        return no_pack;
    const uint64_t len =
        (uint64_t)foot.frames * sizeof(struct seekable_entry) + sizeof foot;
    if (foot.flags != 0 || foot.frames == 0 || foot.frames == UINT32_MAX ||
        len > s->size - sizeof head)
        return "its seek table makes no sense";
    const uint64_t at = s->size - len - sizeof head;
    if (!read_whole(s->fd, head, sizeof head, at) ||
        head[0] != SEEKABLE_SKIPPABLE || head[1] != len)
        return "its seek table makes no sense";
    if (!read_entries(s, at + sizeof head, foot.frames))
        return "its seek table names a frame of more than 1 MiB";
    if (s->frames[s->n - 1].at != at)
        return "its seek table is not that of its frames";
    return NULL;
}

const char *seekable_open(struct seekable *s, int fd)
{
    struct stat st;
    *s = (struct seekable){.fd = fd};
    if (fstat(fd, &st) != 0)
        return "cannot be looked at";
    s->size = (uint64_t)st.st_size;
    const char *why = read_table(s);
    if (why) {
        seekable_close(s);
        return why;
    }
    s->loaded = s->n;
    s->zstd = ZSTD_createDCtx();
    if (!s->zstd)
        out_of_memory();
    ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
    s->bytes = must_calloc(1, SEEKABLE_FRAME);
    s->packed = must_calloc(1, MAX_PACKED);
    return NULL;
}

void seekable_close(struct seekable *s)
{
    ZSTD_freeDCtx(s->zstd);
    free(s->frames);
    free(s->bytes);
    free(s->packed);
    *s = (struct seekable){.fd = -1};
}

uint64_t seekable_len(const struct seekable *s)
{
    return s->n > 0 ? s->frames[s->n - 1].holds : 0;
}

static uint32_t frame_of(const struct seekable *s, uint64_t offset)
{
    uint32_t low = 0, high = s->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (s->frames[middle].holds <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct seekable_frame begin_of(const struct seekable *s, uint32_t i)
{
    return i > 0 ? s->frames[i - 1] : (struct seekable_frame){0};
}

static bool load(struct seekable *s, uint32_t i)
{
    const struct seekable_frame begin = begin_of(s, i), end = s->frames[i];
    const size_t packed = (size_t)(end.at - begin.at);
    const size_t plain = (size_t)(end.holds - begin.holds);
    if (s->loaded == i)
        return true;
    s->loaded = s->n;
    if (!read_whole(s->fd, s->packed, packed, begin.at))
        return false;
    const size_t got = ZSTD_decompressDCtx(s->zstd, s->bytes, SEEKABLE_FRAME,
                                           s->packed, packed);
    if (ZSTD_isError(got) || got != plain)
        return false;
    s->loaded = i;
    return true;
}

bool seekable_read(struct seekable *s, uint64_t offset, void *to, size_t n)
{
    unsigned char *at = to;
    for (uint32_t i = frame_of(s, offset); n > 0; i++) {
        if (i >= s->n || !load(s, i))
            return false;
        const uint64_t begin = begin_of(s, i).holds;
        const size_t there = (size_t)(s->frames[i].holds - offset);
        const size_t take = n < there ? n : there;
        memcpy(at, s->bytes + (offset - begin), take);
        at += take;
        n -= take;
        offset += take;
    }
    return true;
}
