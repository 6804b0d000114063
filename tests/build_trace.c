/* SPDX-License-Identifier: MIT */
#include "build_trace.h"

#include "build_snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRANULE = 4096 };

static void *grown(void *p, size_t size)
{
    void *q = realloc(p, size);
    if (!q)
        abort();
    return q;
}

void build_bytes(struct build *b, const void *bytes, size_t n)
{
    while (b->room - b->len < n) {
        b->room = b->room ? b->room * 2 : 4 * GRANULE;
        b->bytes = grown(b->bytes, b->room);
    }
    if (n > 0)
        memcpy(b->bytes + b->len, bytes, n);
    b->len += n;
}

void build_byte(struct build *b, unsigned byte)
{
    const unsigned char c = (unsigned char)byte;
    build_bytes(b, &c, 1);
}

static void pad(struct build *b)
{
    static const unsigned char zeros[GRANULE];
    build_bytes(b, zeros, (GRANULE - b->len % GRANULE) % GRANULE);
}

void build_begin(struct build *b)
{
    struct ouro_trace_header h = {
        .version = OURO_TRACE_VERSION,
        .header_len = sizeof h,
        .granule = GRANULE,
        .first_chunk = GRANULE,
        .machine = OURO_MACHINE_X86_64,
        .pointer_size = 8,
        .clock = OURO_CLOCK_TSC,
        .pid = 1,
        .last_stamp = 1000000000,
        .last_ns = 1000000000,
    };
    memcpy(h.magic, OURO_TRACE_MAGIC, sizeof h.magic);
    memset(b, 0, sizeof *b);
    build_bytes(b, &h, sizeof h);
    pad(b);
}

void build_release(struct build *b)
{
    free(b->bytes);
    memset(b, 0, sizeof *b);
}

struct ouro_trace_header *build_header(struct build *b)
{
    return (struct ouro_trace_header *)(void *)b->bytes;
}

struct ouro_chunk *build_head(struct build *b)
{
    return (struct ouro_chunk *)(void *)(b->bytes + b->chunk);
}

static void forget_stack(struct build *b)
{
    b->n_stack = 0;
    b->n_frames = 0;
    b->ip = 0;
}

void build_kind_of_chunk(struct build *b, uint32_t kind, uint32_t thread,
                         uint64_t first_stamp)
{
    const struct ouro_chunk head = {
        .magic = OURO_CHUNK_MAGIC,
        .kind = kind,
        .thread = thread,
        .first_stamp = first_stamp,
        .ns = first_stamp,
        .os_thread = thread,
    };
    build_end_chunk(b);
    b->chunk = b->len;
    build_bytes(b, &head, sizeof head);
    forget_stack(b);
    b->stamp = first_stamp;
    b->addr = 0;
    b->n_strings = 0;
}

void build_chunk(struct build *b, uint32_t thread, uint64_t first_stamp)
{
    build_kind_of_chunk(b, OURO_CHUNK_EVENTS, thread, first_stamp);
}

void build_end_chunk(struct build *b)
{
    build_words_end(b);
    if (b->chunk == 0)
        return;
    const size_t committed = b->len - b->chunk - sizeof(struct ouro_chunk);
    pad(b);
    struct ouro_chunk *head = build_head(b);
    head->committed = committed;
    head->len = (uint32_t)(b->len - b->chunk);
    if (b->seal) {
        head->sealed = 1;
        head->checksum = ouro_checksum(head + 1, committed);
    }
    b->chunk = 0;
    build_header(b)->end = b->len;
}

void build_u(struct build *b, uint64_t v)
{
    unsigned n = 1;
    while (n < 9 && v >> (7 * n) != 0)
        n++;
    if (n == 9) {
        build_byte(b, 0);
        build_bytes(b, &v, 8);
        return;
    }
    const uint64_t coded = (v << n) | (UINT64_C(1) << (n - 1));
    build_bytes(b, &coded, n);
}

void build_s(struct build *b, int64_t v)
{
    const uint64_t u = (uint64_t)v;
    build_u(b, v < 0 ? ~(u << 1) : u << 1);
}

/* 63 bits of v are left to say how far it is; both ways come out right modulo
   2^64 as long as the step, or a sixteenth of it, fits them. */
void build_addr(struct build *b, uint64_t addr)
{
    const int64_t step = (int64_t)(addr - b->addr);
    const bool whole = step % 16 == 0;
    const int64_t coded = whole ? step / 16 : step;
    const uint64_t u = (uint64_t)coded;
    const uint64_t zigzag = coded < 0 ? ~(u << 1) : u << 1;
    build_u(b, zigzag << 1 | !whole);
    b->addr = addr;
}

void build_text(struct build *b, const char *text)
{
    build_u(b, strlen(text));
    build_bytes(b, text, strlen(text));
}

void build_str(struct build *b, const char *text)
{
    if (!text) {
        build_u(b, 0);
        return;
    }
    for (uint32_t i = 0; i < b->n_strings; i++)
        if (strcmp(b->strings[i], text) == 0) {
            build_u(b, i + 2);
            return;
        }
    build_u(b, 1);
    build_text(b, text);
    if (b->n_strings == BUILD_STRINGS)
        abort();
    b->strings[b->n_strings++] = text;
}

static void dt(struct build *b, uint64_t stamp)
{
    build_u(b, stamp - b->stamp);
    b->stamp = stamp;
}

/* Where the frame may be: looked at first. */
static uint32_t *guess(struct build *b, uint64_t ip)
{
    return &b->guesses[ip * 0x9e3779b97f4a7c15u >> 52];
}

static uint32_t frame_number(struct build *b, uint64_t ip)
{
    const uint32_t near = *guess(b, ip);
    if (near > 0 && near <= b->n_frames && b->frames[near - 1] == ip)
        return near;
    for (uint32_t i = b->n_frames; i > 0; i--)
        if (b->frames[i - 1] == ip)
            return i;
    return 0;
}

static void push(struct build *b, uint64_t ip)
{
    const uint32_t number = frame_number(b, ip);
    build_u(b, number);
    if (number == 0) {
        if (b->n_frames == BUILD_FRAMES)
            abort();
        build_s(b, (int64_t)(ip - b->ip));
        b->ip = ip;
        b->frames[b->n_frames++] = ip;
        *guess(b, ip) = b->n_frames;
    }
    b->stack[b->n_stack++] = ip;
}

void build_stack(struct build *b, uint32_t n, const uint64_t *ips)
{
    uint32_t same = 0;
    while (same < n && same < b->n_stack && b->stack[same] == ips[same])
        same++;
    const uint32_t pops = b->n_stack - same;
    const uint32_t pushes = n - same;
    build_byte(b, OURO_STACK);
    build_byte(b, (pops < 15 ? pops : 15) << 4 | (pushes < 15 ? pushes : 15));
    if (pops >= 15)
        build_u(b, pops - 15);
    if (pushes >= 15)
        build_u(b, pushes - 15);
    b->n_stack = same;
    for (uint32_t i = same; i < n; i++)
        push(b, ips[i]);
}

static void cut(struct build *b, uint32_t n)
{
    if (n > b->n_stack)
        n = b->n_stack;
    b->n_stack -= n;
    memmove(b->stack, b->stack + n, b->n_stack * sizeof *b->stack);
}

/* CUT, THREAD and EPOCH. */
static void state_fields(struct build *b, unsigned kind,
                         const struct build_record *r)
{
    build_u(b, (uint64_t)r->n);
    if (kind == OURO_CUT) {
        cut(b, (uint32_t)r->n);
        return;
    }
    if (kind == OURO_THREAD)
        build_u(b, r->size);
    forget_stack(b);
}

/* What follows the first address. */
static void more_fields(struct build *b, unsigned kind,
                        const struct build_record *r)
{
    switch (kind) {
    case OURO_REC_NEW:
    case OURO_REC_TYPE:
        build_str(b, r->text);
        break;
    case OURO_REC_NEW_AT:
        build_str(b, r->text);
        build_byte(b, r->flags);
        build_s(b, r->n);
        build_u(b, r->size);
        break;
    case OURO_REC_ADD:
    case OURO_REC_COUNT:
        build_s(b, r->n);
        break;
    case OURO_REC_LINK:
    case OURO_REC_UNLINK:
    case OURO_REC_WEAK:
        build_str(b, r->text);
        build_addr(b, r->b);
        break;
    case OURO_REC_LINK_AT:
        build_str(b, r->text);
        build_s(b, r->n);
        build_addr(b, r->size);
        build_addr(b, r->b);
        break;
    case OURO_REC_OWN:
    case OURO_REC_MOVE:
        build_addr(b, r->b);
        break;
    case OURO_REC_ACQUIRE:
    case OURO_REC_RELEASE:
    case OURO_REALLOC_END:
    case OURO_REALLOC_END_ARRAY:
        build_u(b, r->size);
        break;
    default:
        if (kind >= OURO_ALLOC)
            build_u(b, r->size);
        break;
    }
}

static void short_fields(struct build *b, unsigned kind,
                         const struct build_record *r)
{
    switch (kind) {
    case OURO_CUT:
    case OURO_THREAD:
    case OURO_EPOCH:
        state_fields(b, kind, r);
        break;
    case OURO_REALLOC_FAILED:
    case OURO_REALLOC_FREED:
        break;
    case OURO_REC_ROOT:
    case OURO_REC_UNROOT:
        build_str(b, r->text);
        build_addr(b, r->b);
        break;
    default:
        build_addr(b, r->a);
        more_fields(b, kind, r);
        break;
    }
}

static void long_fields(struct build *b, unsigned kind,
                        const struct build_record *r)
{
    const char *text = r->text ? r->text : "";
    switch (kind) {
    case OURO_UNMODULE:
    case OURO_REC_POOL_FREE:
        build_u(b, r->a);
        build_u(b, r->b);
        break;
    case OURO_EXITING:
        build_s(b, r->n);
        break;
    case OURO_END:
        build_byte(b, r->flags);
        build_s(b, r->n);
        break;
    case OURO_THREAD_NAME:
    case OURO_SUPPRESSIONS:
    case OURO_REC_CHECKPOINT:
    case OURO_REC_SNAPSHOT:
        build_text(b, text);
        break;
    case OURO_LOST:
    case OURO_REC_COLLECT:
        build_u(b, (uint64_t)r->n);
        break;
    case OURO_GAP:
        build_byte(b, r->flags);
        build_text(b, text);
        break;
    case OURO_REC_LABEL:
        build_u(b, r->a);
        build_text(b, text);
        break;
    case OURO_REC_TRACK:
    case OURO_REC_UNTRACK:
    case OURO_REC_IMMORTAL:
    case OURO_REC_FINALIZER:
    case OURO_REC_IGNORE:
    case OURO_REC_POOL_RESET:
    case OURO_REC_POOL_DESTROY:
        build_u(b, r->a);
        break;
    case OURO_REC_THRESHOLD:
        for (int i = 0; i < 3; i++)
            build_u(b, r->threshold[i]);
        break;
    case OURO_REC_POOL_CREATE:
    case OURO_REC_POOL_ALLOC:
        build_u(b, r->a);
        build_u(b, r->b);
        build_u(b, r->size);
        break;
    default: /* GC_ENABLE and its like: no fields */
        break;
    }
}

void build_len_before(struct build *b, size_t at)
{
    const size_t n = b->len - at;
    unsigned char *body = grown(NULL, n + 1);
    memcpy(body, b->bytes + at, n);
    b->len = at;
    build_u(b, n);
    build_bytes(b, body, n);
    free(body);
}

void build_record(struct build *b, unsigned kind, const struct build_record *r)
{
    build_byte(b, kind | (r->has_stack ? OURO_HAS_STACK : 0));
    const size_t at = b->len;
    dt(b, r->stamp);
    if (kind < 0x40) {
        short_fields(b, kind, r);
        return;
    }
    long_fields(b, kind, r);
    build_len_before(b, at);
}

void build_process(struct build *b, uint64_t stamp, const char *exe,
                   const char *cwd, uint32_t argc, uint32_t n,
                   const char *const *argv)
{
    build_byte(b, OURO_PROCESS);
    const size_t at = b->len;
    dt(b, stamp);
    build_text(b, exe);
    build_text(b, cwd);
    build_u(b, argc);
    build_u(b, n);
    for (uint32_t i = 0; i < n; i++)
        build_text(b, argv[i]);
    build_len_before(b, at);
}

void build_module(struct build *b, uint64_t stamp, uint32_t epoch, uint32_t id,
                  uint64_t bias, uint64_t start, uint64_t end,
                  const char *build_id, const char *path)
{
    build_byte(b, OURO_MODULE);
    const size_t at = b->len;
    dt(b, stamp);
    build_u(b, epoch);
    build_u(b, id);
    build_u(b, bias);
    build_u(b, start);
    build_u(b, end);
    build_text(b, build_id);
    build_text(b, path);
    build_len_before(b, at);
}

bool build_save(struct build *b, const char *path)
{
    build_end_chunk(b);
    FILE *f = fopen(path, "wb");
    if (!f)
        return false;
    const bool written = fwrite(b->bytes, 1, b->len, f) == b->len;
    return fclose(f) == 0 && written;
}
