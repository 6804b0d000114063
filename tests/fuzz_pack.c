/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pack.c - libFuzzer's way into packed recordings, behind what zstd checks
 *
 * The first byte of an input says what the rest is: with bit 0 the bytes and
 * the index of a packed recording (the next two bytes say where the index
 * begins), of which every trace is walked; else the columns of a block (two
 * bytes of length for each but the last), of which three chunks are unpacked,
 * one after the other.
 */
#include "pack/model.h"
#include "pack/packed.h"
#include "pack/seekable.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_INPUT = 1 << 16, CHUNKS = 3 };

static size_t take_length(const unsigned char **bytes, size_t *n)
{
    if (*n < 2)
        return 0;
    const size_t len = (size_t)(*bytes)[0] | (size_t)(*bytes)[1] << 8;
    *bytes += 2;
    *n -= 2;
    return len < *n ? len : *n;
}

static void unpack(const unsigned char *bytes, size_t n)
{
    struct model *m = model_make();
    struct columns c = {0};
    struct record_writer w = {0};
    size_t lengths[N_COLUMNS] = {0};
    for (int i = 0; i + 1 < N_COLUMNS; i++)
        lengths[i] = take_length(&bytes, &n);
    lengths[N_COLUMNS - 1] = n;
    for (int i = 0; i < N_COLUMNS; i++) {
        const size_t take = lengths[i] < n ? lengths[i] : n;
        c.of[i].bytes = (unsigned char *)bytes;
        c.of[i].n = take;
        bytes += take;
        n -= take;
    }
    for (int i = 0; i < CHUNKS; i++)
        if (!model_unpack(m, &c, 1000, 100, 1, &w, MODEL_MAX_CHUNK))
            break;
    record_writer_release(&w);
    model_free(m);
}

static int see(void *to, const struct event *e)
{
    (void)to, (void)e;
    return 0;
}

static void walk_all(const char *path)
{
    struct err e;
    struct packed *p = packed_open(path, &e);
    for (uint32_t i = 0; p && i < packed_n(p) && i < 4; i++) {
        char name[4096];
        struct trace t;
        if (packed_at(p, i)->kind != PACKED_TRACE ||
            snprintf(name, sizeof name, "%s/%s", path, packed_at(p, i)->name) >=
                (int)sizeof name ||
            trace_open(&t, name, &e) < 0)
            continue;
        trace_walk(&t, see, NULL, &e);
        trace_close(&t);
    }
    packed_close(p);
}

static void read_index(const unsigned char *bytes, size_t n)
{
    struct seekable_writer w;
    struct packed_trailer t = {.magic = PACKED_TRAILER};
    char path[32];
    const size_t index = take_length(&bytes, &n);
    const int fd = memfd_create("pack", MFD_CLOEXEC);
    FILE *to = fdopen(dup(fd), "w");
    if (fd < 0 || !to)
        abort();
    seekable_begin(&w, to, 1);
    seekable_put(&w, PACKED_MAGIC, sizeof PACKED_MAGIC - 1);
    seekable_put(&w, bytes, n);
    t.offset = sizeof PACKED_MAGIC - 1 + index;
    t.len = n - index;
    seekable_put(&w, &t, sizeof t);
    seekable_end(&w);
    fclose(to);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    walk_all(path);
    close(fd);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    if (n == 0 || n > MAX_INPUT)
        return 0;
    if (bytes[0] & 1)
        read_index(bytes + 1, n - 1);
    else
        unpack(bytes + 1, n - 1);
    return 0;
}
