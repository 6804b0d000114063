/* SPDX-License-Identifier: MIT */
#include "pack/seekable.h"

#include "arena.h"
#include "pack/seekable_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

void seekable_begin(struct seekable_writer *w, FILE *to, int level)
{
    *w = (struct seekable_writer){.to = to, .zstd = ZSTD_createCCtx()};
    if (!w->zstd)
        out_of_memory();
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
    w->pending = must_calloc(1, SEEKABLE_FRAME);
    w->packed = must_calloc(1, ZSTD_COMPRESSBOUND(SEEKABLE_FRAME));
}

static void write_out(struct seekable_writer *w, const void *bytes, size_t n)
{
    if (w->failed || fwrite(bytes, 1, n, w->to) == n)
        return;
    w->failed = true;
    w->why = errno;
}

static struct seekable_frame last(const struct seekable_writer *w)
{
    return w->n > 0 ? w->frames[w->n - 1] : (struct seekable_frame){0};
}

uint64_t seekable_offset(const struct seekable_writer *w)
{
    return last(w).holds + w->n_pending;
}

uint64_t seekable_packed(const struct seekable_writer *w)
{
    return last(w).at;
}

void seekable_cut(struct seekable_writer *w)
{
    if (w->n_pending == 0)
        return;
    const size_t n =
        ZSTD_compress2(w->zstd, w->packed, ZSTD_COMPRESSBOUND(SEEKABLE_FRAME),
                       w->pending, w->n_pending);
    if (ZSTD_isError(n))
        out_of_memory();
    const struct seekable_frame end = last(w);
    write_out(w, w->packed, n);
    GROW(w->frames, w->n, w->room);
    w->frames[w->n++] =
        (struct seekable_frame){end.at + n, end.holds + w->n_pending};
    w->n_pending = 0;
}

void seekable_put(struct seekable_writer *w, const void *bytes, size_t n)
{
    const unsigned char *from = bytes;
    while (n > 0) {
        const size_t room = SEEKABLE_FRAME - w->n_pending;
        const size_t take = n < room ? n : room;
        memcpy(w->pending + w->n_pending, from, take);
        w->n_pending += take;
        from += take;
        n -= take;
        if (w->n_pending == SEEKABLE_FRAME)
            seekable_cut(w);
    }
}

static void put_table(struct seekable_writer *w)
{
    const uint64_t len = (uint64_t)w->n * sizeof(struct seekable_entry) +
                         sizeof(struct seekable_foot);
    const uint32_t head[] = {SEEKABLE_SKIPPABLE, (uint32_t)len};
    struct seekable_frame end = {0};
    write_out(w, head, sizeof head);
    for (uint32_t i = 0; i < w->n; i++) {
        const struct seekable_entry e = {
            (uint32_t)(w->frames[i].at - end.at),
            (uint32_t)(w->frames[i].holds - end.holds)};
        write_out(w, &e, sizeof e);
        end = w->frames[i];
    }
    const struct seekable_foot foot = {.frames = w->n, .magic = SEEKABLE_MAGIC};
    write_out(w, &foot, sizeof foot);
}

bool seekable_end(struct seekable_writer *w)
{
    seekable_cut(w);
    put_table(w);
    if (fflush(w->to) != 0 && !w->failed) {
        w->failed = true;
        w->why = errno;
    }
    const bool good = !w->failed;
    const int why = w->why;
    ZSTD_freeCCtx(w->zstd);
    free(w->frames);
    free(w->pending);
    free(w->packed);
    *w = (struct seekable_writer){0};
    errno = why;
    return good;
}
