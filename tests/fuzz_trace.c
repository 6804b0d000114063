/* SPDX-License-Identifier: MIT */
/*
 * fuzz_trace.c - libFuzzer's way into the trace reader
 *
 * The first byte of an input says how many chunks the rest is cut into, as the
 * committed bytes of each (of events, or, with bit 6, of one snapshot); or,
 * from 128 on, that the rest are patches (two bytes of offset, one of length,
 * the bytes) to a file of a chunk of events and one of a snapshot. Both walks
 * of what can be opened must see the same.
 */
#include "trace/snapshot.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    GRANULE = 4096,
    PATCHES = 128,
    SNAPSHOT = 64,
    MAX_CHUNKS = 8,
    MAX_FILE = 1 << 20
};

static unsigned char file[MAX_FILE];

static size_t put_header(void)
{
    struct ouro_trace_header h = {
        .version = OURO_TRACE_VERSION,
        .header_len = sizeof h,
        .granule = GRANULE,
        .first_chunk = GRANULE,
        .clock = OURO_CLOCK_TSC,
    };
    memcpy(h.magic, OURO_TRACE_MAGIC, sizeof h.magic);
    memset(file, 0, GRANULE);
    memcpy(file, &h, sizeof h);
    return GRANULE;
}

static size_t put_chunk(size_t at, uint32_t kind, const unsigned char *bytes,
                        size_t n)
{
    const size_t len =
        (sizeof(struct ouro_chunk) + n + GRANULE - 1) / GRANULE * GRANULE;
    const struct ouro_chunk head = {
        .magic = OURO_CHUNK_MAGIC,
        .kind = kind,
        .len = (uint32_t)len,
        .thread = kind == OURO_CHUNK_SNAPSHOT ? 1 : (uint32_t)at / GRANULE,
        .committed = n,
    };
    memset(file + at, 0, len);
    memcpy(file + at, &head, sizeof head);
    if (n > 0)
        memcpy(file + at + sizeof head, bytes, n);
    return at + len;
}

static size_t put_chunks(unsigned how, const unsigned char *bytes, size_t n)
{
    const size_t n_chunks = 1 + how % MAX_CHUNKS;
    const size_t each = n / n_chunks;
    const uint32_t kind =
        how & SNAPSHOT ? OURO_CHUNK_SNAPSHOT : OURO_CHUNK_EVENTS;
    size_t at = put_header();
    for (size_t i = 0; i < n_chunks; i++)
        at = put_chunk(at, kind, bytes + i * each, each);
    return at;
}

static size_t put_patches(const unsigned char *bytes, size_t n)
{
    static const unsigned char records[] = {OURO_STACK,
                                            0x02,
                                            0x01,
                                            0x03,
                                            0x01,
                                            0x05,
                                            OURO_ALLOC | OURO_HAS_STACK,
                                            0x03,
                                            0x21,
                                            0x31,
                                            OURO_REC_NEW,
                                            0x03,
                                            0x01,
                                            0x03,
                                            0x05,
                                            'a',
                                            'b',
                                            OURO_FREE,
                                            0x03,
                                            0x01};
    /* begin, a thread with a register, a region at 4096, words of each class,
       end */
    static const unsigned char memory[] =
        "\x01\x15\x01\x01\x00\x01\x01\x01\x01\x01\x03n"
        "\x02\x17\x03\x03\x01\x02\x40\x02\x40\x01\x01\x03\x03"
        "\x03\x11\x02\x40\x02\x08\x03\x00\x03p"
        "\x04\x27\x02\x40\x01\x07\x0b\x05\x05\x09\x07"
        "\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x03"
        "\x05\x0d\x03\x0b\x0b\x01\x01\x01";
    size_t len =
        put_chunk(put_header(), OURO_CHUNK_EVENTS, records, sizeof records);
    len = put_chunk(len, OURO_CHUNK_SNAPSHOT, memory, sizeof memory - 1);
    while (n >= 3) {
        size_t at = (size_t)bytes[0] | (size_t)bytes[1] << 8;
        size_t take = bytes[2];
        bytes += 3;
        n -= 3;
        if (take > n)
            take = n;
        if (at < len && take <= len - at)
            memcpy(file + at, bytes, take);
        bytes += take;
        n -= take;
    }
    return len;
}

/* A number that stands for all events of a walk and their order. */
static int fold(void *to, const struct event *e)
{
    uint64_t *sum = to;
    const uint64_t words[] = {
        e->stamp,
        e->thread,
        e->stack,
        e->text,
        e->kind,
        e->flags,
        e->a,
        e->b,
        e->size,
        (uint64_t)e->n,
        e->threshold[0],
        e->threshold[1],
        e->threshold[2],
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        *sum = ouro_checksum_mix(*sum, words[i]);
    return 0;
}

static int fold_words(void *to, uint32_t region,
                      const struct snapshot_word *words, uint32_t n)
{
    uint64_t *sum = to;
    *sum = ouro_checksum_mix(*sum, region);
    for (uint32_t i = 0; i < n; i++) {
        *sum = ouro_checksum_mix(*sum, words[i].at);
        *sum = ouro_checksum_mix(*sum, words[i].value);
    }
    return 0;
}

static void read_snapshots(struct trace *t)
{
    struct snapshots s;
    struct err e = {.text = ""};
    if (snapshots_read(&s, t, &e) < 0)
        return;
    for (uint32_t k = 0; k < s.n; k++) {
        uint64_t sums[2] = {0, 0};
        int results[2];
        for (int i = 0; i < 2; i++)
            results[i] = snapshot_walk(t, &s.at[k], fold_words, &sums[i], &e);
        if (results[0] != results[1] || sums[0] != sums[1])
            abort();
    }
    snapshots_release(&s);
}

static void read_twice(const char *path)
{
    struct trace t;
    struct err e = {.text = ""};
    uint64_t sums[2] = {0, 0};
    int results[2];
    if (trace_open(&t, path, &e) < 0)
        return;
    for (int i = 0; i < 2; i++)
        results[i] = trace_walk(&t, fold, &sums[i], &e);
    if (results[0] != results[1] || sums[0] != sums[1] ||
        !stacks_are_valid(&t.stacks))
        abort();
    for (uint32_t i = 0; i < t.n_modules; i++)
        trace_module(&t, t.modules[i].start, t.modules[i].epoch);
    read_snapshots(&t);
    trace_close(&t);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    char path[32];
    if (n == 0 || n > MAX_FILE / 2)
        return 0;
    const size_t len = bytes[0] < PATCHES
                           ? put_chunks(bytes[0], bytes + 1, n - 1)
                           : put_patches(bytes + 1, n - 1);
    const int fd = memfd_create("trace", MFD_CLOEXEC);
    if (fd < 0 || write(fd, file, len) != (ssize_t)len)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_twice(path);
    close(fd);
    return 0;
}
