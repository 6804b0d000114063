/* SPDX-License-Identifier: MIT */
#include "build_pack.h"

#include "arena.h"
#include "packing/pack_recording.h"
#include "random_events.h"
#include "read_back.h"

#include <sys/stat.h>

struct build built;
char pack_file[96];
static char dir[64];

void pack_begin(void)
{
    strcpy(dir, "/tmp/ouro-pack-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(pack_file, sizeof pack_file, "%s.pack", dir);
    build_begin(&built);
}

const char *trace_path(void)
{
    static char path[96];
    snprintf(path, sizeof path, "%s/1.0.trace", dir);
    return path;
}

const char *packed_path(void)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/1.0.trace", pack_file);
    return path;
}

void pack_end(void)
{
    unlink(trace_path());
    unlink(pack_file);
    rmdir(dir);
    build_release(&built);
}

int pack_it(uint64_t tick_ns, struct err *e)
{
    const struct pack_options o = {
        .tick_ns = tick_ns, .no_debug = true, .level = 3, .name = pack_file};
    struct pack_result r;
    FILE *to = fopen(pack_file, "we+");
    ck_assert_ptr_nonnull(to);
    const int result = pack_recording(to, pack_file, dir, &o, &r, e);
    fclose(to);
    return result;
}

void save_and_pack(uint64_t tick_ns)
{
    struct err e = {.text = ""};
    build_end_chunk(&built);
    build_save(&built, trace_path());
    ck_assert_msg(pack_it(tick_ns, &e) == 0, "%s", e.text);
}

/* Texts of the kinds that have one. */
static void build_event(const struct event *e, const char *text)
{
    build_record(&built, e->kind,
                 &(struct build_record){
                     .stamp = e->stamp,
                     .has_stack = e->kind < 64 && e->stack != 0,
                     .a = e->a,
                     .b = e->b,
                     .size = e->size,
                     .n = e->n,
                     .flags = e->flags,
                     .text = text,
                 });
}

static void build_some_stack(uint32_t *depth, uint64_t *ips)
{
    const uint32_t pops = dice(*depth + 1) / (1 + dice(4));
    *depth -= pops;
    for (uint32_t n = dice(4); n > 0 && *depth < 60; n--)
        ips[(*depth)++] = 0x400000 + 16 * (uint64_t)dice(40);
    build_stack(&built, *depth, ips);
}

/* Every kind, from threads that take turns, or overlap. */
void build_random(uint64_t seed, bool overlap, bool heap_only)
{
    static const char *const texts[] = {NULL, "Node", "next", "a", "Node"};
    uint64_t stamp = 1000, ips[64];
    dice_state = seed;
    built.seal = true;
    for (uint32_t chunk = 0; chunk < 12; chunk++) {
        uint32_t depth = 0;
        uint64_t at = stamp;
        build_chunk(&built, 1 + dice(3), at);
        for (uint32_t i = 0; i < 120; i++) {
            at += dice(4) ? dice(40) : dice(100000);
            struct event e = {.stamp = at, .a = some_address()};
            e.kind = heap_only ? usual[dice(9)]
                               : usual[dice(sizeof usual / sizeof *usual)];
            e.b = some_address();
            e.size = dice(3) ? dice(64) : (uint64_t)dice(1u << 31) << dice(33);
            e.n = (int64_t)dice(5) - 2;
            e.stack = dice(2);
            if (dice(3) == 0)
                build_some_stack(&depth, ips);
            if (dice(40) == 0) {
                RECORD(&built, OURO_CUT, .stamp = at, .n = dice(3));
                depth = 0;
                RECORD(&built, OURO_EPOCH, .stamp = at, .n = dice(3));
            }
            build_event(&e, texts[dice(5)]);
        }
        if (!overlap || dice(3) == 0)
            stamp = at + 1 + dice(50);
    }
}

/* A calm heap, of which ticks leave little of the times. */
void build_calm(void)
{
    built.seal = true;
    uint64_t stamp = 1000;
    for (uint32_t chunk = 0; chunk < 40; chunk++) {
        build_chunk(&built, 1, stamp);
        for (uint32_t i = 0; i < 500; i++, stamp += 60) {
            const uint64_t a = 0x10000 + 32 * (uint64_t)(i / 2 % 90);
            if (i % 2 == 0)
                RECORD(&built, OURO_ALLOC, .stamp = stamp, .a = a, .size = 20);
            else
                RECORD(&built, OURO_FREE, .stamp = stamp, .a = a);
        }
    }
}

uint64_t size_of(const char *path)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}
