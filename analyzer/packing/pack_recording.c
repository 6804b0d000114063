/* SPDX-License-Identifier: MIT */
#include "packing/pack_recording.h"

#include "arena.h"
#include "explain/symbols.h"
#include "launch/manifest.h"
#include "pack/packed_parts.h"
#include "packing/pack_modules.h"
#include "packing/pack_trace.h"
#include "trace/state.h"
#include "trace/trace_names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_NS = 10 * 1000 /* what trace_patience gives in stamps */ };

struct packing {
    const struct pack_options *o;
    struct pack_result *r;
    const char *recording;
    struct arena arena; /* paths and build-ids of modules */
    struct trace_names names;
    struct ouro_trace_header *heads; /* by name */
    struct pack_sums *sums;          /* by name */
    struct container to;
    struct pack_modules modules;
    struct err *e;
};

static const char *path_of(struct packing *p, const char *name)
{
    const size_t room = strlen(p->recording) + strlen(name) + 2;
    char *path = arena_alloc(&p->arena, room);
    snprintf(path, room, "%s/%s", p->recording, name);
    return path;
}

/* A file that is no trace keeps zeros. */
static void read_heads(struct packing *p)
{
    for (uint32_t i = 0; i < p->names.n; i++) {
        struct source s;
        struct err e;
        if (source_open(&s, path_of(p, p->names.at[i]), &e) < 0)
            continue;
        if (s.len < sizeof *p->heads ||
            !source_read(&s, &p->heads[i], sizeof *p->heads, 0))
            p->heads[i] = (struct ouro_trace_header){0};
        source_close(&s);
    }
}

/* The moments at which its children were forked. */
static struct pace pace_for(const struct packing *p, const struct trace *t)
{
    struct pace pace = {.patience = trace_patience(t)};
    for (uint32_t i = 0; i < p->names.n; i++) {
        const struct ouro_trace_header *h = &p->heads[i];
        if (h->parent_pid != 0 && h->parent_pid == t->header.pid &&
            h->parent_serial == t->header.serial)
            pace_add(&pace, h->fork_stamp);
    }
    if (t->header.clock != OURO_CLOCK_COUNTER)
        pace.tick = pace.patience * (p->o->tick_ns / PATIENCE_NS);
    return pace;
}

static int go_on(void *to, const struct event *e)
{
    (void)to, (void)e;
    return 0;
}

/* Damage ends the walk; the modules up to there are known all the same. */
static void add_modules(struct packing *p, struct trace *t)
{
    struct err e;
    trace_walk(t, go_on, NULL, &e);
    for (uint32_t i = 0; i < t->n_modules; i++) {
        struct module m = t->modules[i];
        struct elf_source source;
        m.path = arena_text(&p->arena, m.path, strlen(m.path));
        m.build_id = (const unsigned char *)arena_text(
            &p->arena, (const char *)m.build_id, m.build_id_len);
        if (!symbols_source(&p->arena, t, &m, &source))
            continue;
        source.pack = NULL;
        pack_modules_add(&p->modules, &source);
    }
}

/* A trace may have holes: where nothing was written, and what was folded. */
static uint64_t bytes_on_disk(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    const uint64_t len = (uint64_t)st.st_size;
    const uint64_t there = (uint64_t)st.st_blocks * 512;
    return there < len ? there : len;
}

static void tell_bytes(struct container *to, const char *name, uint64_t len,
                       uint64_t offset)
{
    container_member(to, PACKED_TRACE, name, NULL, 0);
    container_number(to, len);
    container_number(to, 0); /* ticks: none */
    container_number(to, 0); /* blocks */
    container_number(to, len > 0);
    if (len == 0)
        return;
    container_number(to, 0); /* the gap before it */
    container_number(to, PACKED_IS_BYTES);
    container_number(to, len);
    container_number(to, offset);
}

/* No trace, by its bytes: kept as it is, and who reads it is told so. */
static int add_damaged(struct packing *p, const char *name, const char *path)
{
    unsigned char bytes[16384];
    struct container *to = &p->to;
    struct source s;
    bool good = true;
    if (source_open(&s, path, p->e) < 0)
        return -1;
    seekable_cut(&to->bytes);
    const uint64_t offset = seekable_offset(&to->bytes);
    for (uint64_t at = 0; good && at < s.len; at += sizeof bytes) {
        const uint64_t left = s.len - at;
        const size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
        good = source_read(&s, bytes, n, at);
        seekable_put(&to->bytes, bytes, good ? n : 0);
    }
    tell_bytes(to, name, s.len, offset);
    source_close(&s);
    p->r->bytes += bytes_on_disk(path);
    return good ? 0
                : err_set(p->e,
                          "%s: cannot be read; leave it alone while it is "
                          "packed, and try again",
                          path);
}

static int add_trace(struct packing *p, uint32_t i)
{
    struct trace t;
    const char *path = path_of(p, p->names.at[i]);
    if (trace_open(&t, path, p->e) < 0)
        return add_damaged(p, p->names.at[i], path);
    struct pace pace = pace_for(p, &t);
    const int result =
        pack_trace(&p->to, &t, p->names.at[i], &pace, &p->sums[i], p->e);
    if (result == 0 && !p->o->no_debug)
        add_modules(p, &t);
    pace_release(&pace);
    p->r->bytes += bytes_on_disk(path);
    trace_close(&t);
    return result;
}

/* There may be none. */
static int add_manifest(struct packing *p)
{
    unsigned char bytes[4096];
    const char *path = path_of(p, MANIFEST_NAME);
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0
                               : err_set(p->e, "%s: cannot be read: %s", path,
                                         strerror(errno));
    seekable_cut(&p->to.bytes);
    const uint64_t offset = seekable_offset(&p->to.bytes);
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        seekable_put(&p->to.bytes, bytes, (size_t)got);
    close(fd);
    container_member(&p->to, PACKED_FILE, MANIFEST_NAME, NULL, 0);
    container_number(&p->to, offset);
    container_number(&p->to, seekable_offset(&p->to.bytes) - offset);
    return 0;
}

static int add_all(struct packing *p)
{
    if (add_manifest(p) < 0)
        return -1;
    for (uint32_t i = 0; i < p->names.n; i++)
        if (add_trace(p, i) < 0)
            return -1;
    return 0;
}

static bool is_as_meant(const struct source *s, const struct pack_sum *sum,
                        unsigned char *bytes)
{
    return source_read(s, bytes, (size_t)sum->len, sum->offset) &&
           ouro_checksum(bytes, sum->len) == sum->sum;
}

static int by_stamp(const struct source *s, const struct pack_sums *sums)
{
    unsigned char *bytes = must_calloc(1, 1 << 20);
    uint32_t i = 0;
    while (i < sums->n && is_as_meant(s, &sums->at[i], bytes))
        i++;
    free(bytes);
    return i == sums->n ? 0 : -1;
}

/* What was written, read anew. */
static int check(struct packing *p, const char *written)
{
    for (uint32_t i = 0; i < p->names.n; i++) {
        char path[PATH_MAX];
        struct source s;
        if (snprintf(path, sizeof path, "%s/%s", written, p->names.at[i]) >=
            PATH_MAX)
            return err_set(p->e, "%s: too long a path", written);
        if (source_open(&s, path, p->e) < 0)
            return -1;
        const int result = by_stamp(&s, &p->sums[i]);
        source_close(&s);
        if (result < 0)
            return err_set(p->e,
                           "%s: %s does not come out as it went in; nothing "
                           "was written: keep the recording, and report this",
                           p->recording, p->names.at[i]);
    }
    return 0;
}

static void release(struct packing *p)
{
    for (uint32_t i = 0; i < p->names.n; i++)
        free(p->sums[i].at);
    free(p->sums);
    free(p->heads);
    trace_names_release(&p->names);
    pack_modules_release(&p->modules);
    arena_release(&p->arena);
}

static int write_all(struct packing *p, FILE *to)
{
    container_begin(&p->to, to, p->o->level);
    p->modules.to = &p->to;
    const int result = add_all(p);
    p->r->packed_events = p->to.packed_events;
    const bool written = container_end(&p->to);
    if (result < 0)
        return -1;
    if (!written) {
        err_set(p->e, "%s: cannot be written: %s; name another file",
                p->o->name, strerror(errno));
        p->e->code = RC_USAGE;
        return -1;
    }
    return 0;
}

int pack_recording(FILE *to, const char *path, const char *recording,
                   const struct pack_options *o, struct pack_result *r,
                   struct err *e)
{
    struct packing p = {.o = o, .r = r, .recording = recording, .e = e};
    struct stat st;
    *r = (struct pack_result){0};
    if (trace_names_read(&p.names, recording, e) < 0)
        return -1;
    p.heads = must_calloc(p.names.n + 1, sizeof *p.heads);
    p.sums = must_calloc(p.names.n + 1, sizeof *p.sums);
    read_heads(&p);
    int result =
        p.names.n > 0
            ? write_all(&p, to)
            : err_set(e, "%s: holds no trace; nothing was recorded", recording);
    if (result == 0)
        result = check(&p, path);
    r->n_traces = p.names.n;
    r->n_missing = p.modules.n_missing;
    r->packed_modules = p.modules.packed;
    r->packed = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
    release(&p);
    return result;
}
