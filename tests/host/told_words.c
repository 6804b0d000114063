/* SPDX-License-Identifier: MIT */
/*
 * told_words SEED ROUNDS - preload/words.c against one that looks at each word
 * alone: random ranges, and memory of every kind of word, at all alignments and
 * ends.
 */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_WORDS = 600, CHUNKS = 64, RANGES = 6 };

static unsigned char file[CHUNKS * FILE_CHUNK_MAX];
static uint64_t file_end, state, seed;

/* What words.c and piece.c need of the rest of the guest. */
uint64_t clock_ns(clockid_t clock)
{
    return (uint64_t)clock;
}

uint64_t file_reserve_if(uint64_t need, uint32_t *len)
{
    *len = state % 2 ? FILE_CHUNK_MAX : (uint32_t)need;
    if (file_end + *len > sizeof file)
        file_end = FILE_CHUNK_MAX;
    const uint64_t offset = file_end;
    file_end += *len;
    return offset;
}

bool file_put(const void *at, uint64_t len, uint64_t offset)
{
    memcpy(file + offset, at, len);
    return true;
}

static uint64_t draw(void)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return state >> 11 ^ state << 29;
}

static uint64_t below(uint64_t n)
{
    return (draw() >> 8) % n;
}

struct told {
    uintptr_t at;
    uint64_t value;
};

struct expected {
    uint32_t n;
    struct told at[MOST_WORDS];
};

static bool is_told(const struct ranges *r, bool all, uint64_t v)
{
    if (v == 0 || all || v < 65536)
        return v != 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (v >= r->at[i].start && v < r->at[i].end)
            return true;
    return false;
}

static uint64_t random_word(const struct ranges *r, uintptr_t at, uint64_t last)
{
    const struct range *one = &r->at[below(r->n)];
    switch (below(12)) {
    case 0:
        return below(2) ? below(70000) : below(130);
    case 1:
        return draw();
    case 2:
        return one->start - 1 + below(3);
    case 3:
        return one->end - 1 + below(3);
    case 4:
    case 5:
        return one->start + below(one->end - one->start);
    case 6:
        return at + 8 * below(4000) - 16000;
    case 7:
        return last + below(300) - 150;
    case 8:
        return draw() >> below(64);
    case 9:
        return (uint64_t)1 << below(64);
    default:
        return 0;
    }
}

static uint64_t number(const unsigned char **p)
{
    const unsigned char *at = *p;
    uint64_t v = 0;
    const int n = at[0] ? __builtin_ctz(at[0]) + 1 : 9;
    memcpy(&v, at + (n == 9), n == 9 ? 8 : (size_t)n);
    *p += n;
    return n == 9 ? v : v >> n;
}

static uint64_t signed_number(const unsigned char **p)
{
    const uint64_t v = number(p);
    return v >> 1 ^ (0 - (v & 1));
}

static _Noreturn void fail(const char *what, uint32_t i)
{
    fprintf(stderr, "seed %" PRIu64 ": word %u: %s\n", seed, i, what);
    exit(1);
}

/* The words of one record, against those expected from the i-th on. */
static uint32_t read_record(const unsigned char *p, const unsigned char *end,
                            const struct expected *e, uint32_t i)
{
    uint64_t at = number(&p), last = 0, v = 0;
    for (; p < end; i++, at += 8) {
        const uint64_t head = number(&p);
        at += 8 * (head >> 2);
        switch (head & 3) {
        case 0:
            v = number(&p);
            break;
        case 1:
            v = at + 8 * signed_number(&p);
            break;
        case 2:
            v = last += signed_number(&p);
            break;
        default:
            memcpy(&v, p, sizeof v);
            p += sizeof v;
        }
        if (i >= e->n || e->at[i].at != at || e->at[i].value != v)
            fail("another one is told", i);
    }
    return i;
}

static void check_chunks(uint64_t from, const struct expected *e)
{
    uint32_t i = 0;
    while (from < file_end) {
        struct ouro_chunk c;
        memcpy(&c, file + from, sizeof c);
        const unsigned char *p = file + from + sizeof c;
        const unsigned char *end = p + c.committed;
        if (c.checksum != ouro_checksum(p, c.committed))
            fail("the checksum is another", i);
        while (p < end) {
            p++;
            const uint64_t len = number(&p);
            i = read_record(p, p + len, e, i);
            p += len;
        }
        from += c.len;
    }
    if (i != e->n)
        fail("it is not told", i);
}

static void fill_ranges(struct ranges *r)
{
    static const uint64_t bases[] = {0x400000, 0x555555554000, 0x7ffff7000000,
                                     0xaaaab000, 0xffff80000000};
    r->n = 0;
    for (uint32_t i = 0; i < 1 + below(RANGES); i++) {
        const uintptr_t start =
            bases[below(5)] + 4096 * below(below(2) ? 64 : 1 << 22);
        ranges_add(r, start, start + 4096 * (1 + below(1 << below(16))));
    }
    ranges_settle(r);
}

static void check_once(void)
{
    static unsigned char room[FILE_CHUNK_MAX];
    static uint64_t memory[MOST_WORDS];
    static struct expected e;
    struct range at[RANGES];
    struct ranges r = {at, 0, RANGES};
    fill_ranges(&r);
    const bool all = below(8) == 0;
    const unsigned dense = (unsigned)below(10);
    struct piece to = {.bytes = room};
    struct words w = words_to(&to, &r, all);
    uintptr_t place = at[0].start;
    file_end = FILE_CHUNK_MAX;
    e.n = 0;
    for (uint32_t told = 0; told < MOST_WORDS;) {
        const size_t first = below(9);
        size_t n = below(40);
        n = n < MOST_WORDS - first ? n : MOST_WORDS - first;
        n = n < MOST_WORDS - told ? n : MOST_WORDS - told;
        for (size_t i = 0; i < MOST_WORDS; i++)
            memory[i] = i < first || i >= first + n ? place : 0;
        for (size_t i = first; i < first + n; i++) {
            const uintptr_t here = place + 8 * (i - first);
            if (below(10) <= dense)
                memory[i] =
                    random_word(&r, here, e.n ? e.at[e.n - 1].value : 0);
            if (is_told(&r, all, memory[i]))
                e.at[e.n++] = (struct told){here, memory[i]};
        }
        words_tell(&w, place, memory + first, n);
        told += (uint32_t)n + 1;
        place += 8 * (n + below(below(4) ? 3 : 100000));
    }
    words_close(&w);
    piece_close(&to);
    if (w.n_told != e.n || to.failed)
        fail("how many are told", (uint32_t)w.n_told);
    check_chunks(FILE_CHUNK_MAX, &e);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const uint64_t rounds = strtoul(argv[2], NULL, 10);
    for (uint64_t i = 0; i < rounds; i++) {
        seed = strtoul(argv[1], NULL, 10) + i;
        state = seed;
        check_once();
    }
    return 0;
}
