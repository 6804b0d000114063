/* SPDX-License-Identifier: MIT */
#include "pack/packed.h"

#include "arena.h"
#include "pack/columns.h"
#include "pack/packed_parts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without the slashes behind it, which a directory may have. */
static size_t length_of(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    return len;
}

static int open_regular(const char *path)
{
    struct stat st;
    char bare[PATH_MAX];
    const size_t len = length_of(path);
    if (len >= sizeof bare)
        return -1;
    memcpy(bare, path, len);
    bare[len] = 0;
    const int fd = open(bare, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool packed_is(const char *path)
{
    struct seekable s;
    char magic[sizeof PACKED_MAGIC - 1];
    const int fd = open_regular(path);
    if (fd < 0)
        return false;
    /* A damaged one is to be called that, and not a damaged trace. */
    const size_t len = length_of(path), suffix = strlen(PACKED_SUFFIX);
    bool is = len > suffix &&
              strncmp(path + len - suffix, PACKED_SUFFIX, suffix) == 0;
    if (!is && !seekable_open(&s, fd)) {
        is = seekable_read(&s, 0, magic, sizeof magic) &&
             memcmp(magic, PACKED_MAGIC, sizeof magic) == 0;
        seekable_close(&s);
    }
    close(fd);
    return is;
}

struct packed_text packed_take_text(struct columns *index)
{
    const uint64_t len = columns_number(index, COLUMN_CHUNK, 0);
    const unsigned char *bytes =
        index->fault ? NULL : columns_bytes(index, COLUMN_CHUNK, NULL, len);
    return (struct packed_text){bytes, index->fault ? 0 : (size_t)len};
}

uint64_t packed_take(struct columns *index)
{
    return columns_number(index, COLUMN_CHUNK, 0);
}

static void skip_trace(struct columns *index)
{
    const uint64_t blocks = packed_take(index);
    for (uint64_t i = 0; i < 4 * blocks && !index->fault; i++)
        packed_take(index);
    const uint64_t extents = packed_take(index);
    for (uint64_t i = 0; i < extents && !index->fault; i++) {
        packed_take(index);
        const bool is_chunk = packed_take(index) == PACKED_IS_CHUNK;
        packed_take(index);
        packed_take(index);
        if (is_chunk)
            packed_take_text(index);
    }
}

static void take_member(struct packed *p, struct packed_member *m)
{
    struct columns *index = &p->index;
    m->kind = (enum packed_kind)packed_take(index);
    const struct packed_text name = packed_take_text(index);
    m->name = arena_text(&p->arena, (const char *)name.bytes, name.len);
    if (m->kind == PACKED_MODULE || m->kind == PACKED_DEBUG) {
        const struct packed_text id = packed_take_text(index);
        m->build_id = id.bytes;
        m->build_id_len = (uint32_t)id.len;
    }
    if (m->kind == PACKED_TRACE) {
        m->at = index->of[COLUMN_CHUNK].at;
        m->len = packed_take(index);
        packed_take(index);
        skip_trace(index);
        return;
    }
    m->offset = packed_take(index);
    m->len = packed_take(index);
    const uint64_t all = seekable_len(&p->bytes);
    index->fault |= m->offset > all || m->len > all - m->offset ||
                    m->kind < PACKED_FILE || m->kind > PACKED_TRACE;
}

static const char *take_members(struct packed *p)
{
    struct columns *index = &p->index;
    const uint64_t version = packed_take(index);
    const uint64_t n = packed_take(index);
    uint32_t room = 0;
    if (version > PACKED_VERSION)
        return "packed by a newer ouro; use that one";
    if (version < PACKED_VERSION)
        return "packed by an older ouro, in a way that this one does not read";
    for (uint64_t i = 0; i < n && !index->fault; i++) {
        GROW(p->members, p->n, room);
        p->members[p->n] = (struct packed_member){0};
        take_member(p, &p->members[p->n++]);
    }
    return index->fault ? "its index makes no sense" : NULL;
}

static const char *read_index(struct packed *p)
{
    struct packed_trailer t;
    char magic[sizeof PACKED_MAGIC - 1];
    const uint64_t all = seekable_len(&p->bytes);
    if (all < sizeof magic + sizeof t ||
        !seekable_read(&p->bytes, 0, magic, sizeof magic) ||
        memcmp(magic, PACKED_MAGIC, sizeof magic) != 0 ||
        !seekable_read(&p->bytes, all - sizeof t, &t, sizeof t) ||
        memcmp(t.magic, PACKED_TRAILER, sizeof t.magic) != 0)
        return "holds no recording, or its bytes are damaged";
    if (t.offset > all || t.len > all - t.offset ||
        t.len > PACKED_INDEX_RATIO * p->bytes.size + SEEKABLE_FRAME)
        return "its index makes no sense";
    struct column *index = &p->index.of[COLUMN_CHUNK];
    index->n = (size_t)t.len;
    p->index_bytes = must_calloc(1, index->n + 1);
    index->bytes = p->index_bytes;
    if (!seekable_read(&p->bytes, t.offset, index->bytes, index->n))
        return "its index is damaged";
    return take_members(p);
}

struct packed *packed_open(const char *path, struct err *e)
{
    struct packed *p = must_calloc(1, sizeof *p);
    const char *why = "cannot be opened, or is no regular file";
    p->fd = open_regular(path);
    if (p->fd >= 0)
        why = seekable_open(&p->bytes, p->fd);
    if (!why)
        why = read_index(p);
    if (!why)
        return p;
    packed_close(p);
    err_set(e, "%s: %s; take another copy, or pack the recording again", path,
            why);
    return NULL;
}

void packed_close(struct packed *p)
{
    if (!p)
        return;
    if (p->bytes.frames)
        seekable_close(&p->bytes);
    if (p->fd >= 0)
        close(p->fd);
    free(p->index_bytes);
    free(p->members);
    arena_release(&p->arena);
    free(p);
}

uint32_t packed_n(const struct packed *p)
{
    return p->n;
}

const struct packed_member *packed_at(const struct packed *p, uint32_t i)
{
    return &p->members[i];
}

const struct packed_member *packed_find(const struct packed *p,
                                        enum packed_kind kind, const char *name)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->members[i].kind == kind && strcmp(p->members[i].name, name) == 0)
            return &p->members[i];
    return NULL;
}

bool packed_read(struct packed *p, const struct packed_member *m,
                 uint64_t offset, void *to, size_t n)
{
    if (offset > m->len || n > m->len - offset)
        return false;
    return seekable_read(&p->bytes, m->offset + offset, to, n);
}

const char *packed_split(const char *path, char *pack, size_t room)
{
    const char *slash = strrchr(path, '/');
    const size_t len = slash ? (size_t)(slash - path) : 0;
    if (len == 0 || len >= room || slash[1] == 0)
        return NULL;
    memcpy(pack, path, len);
    pack[len] = 0;
    return packed_is(pack) ? slash + 1 : NULL;
}

static int nameless_file(void)
{
    const char *dir = getenv("TMPDIR");
    const int fd = open(dir && *dir ? dir : "/tmp",
                        O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : memfd_create("ouro", MFD_CLOEXEC);
}

static bool copy_out(struct packed *p, const struct packed_member *m, int fd)
{
    unsigned char bytes[16384];
    for (uint64_t at = 0; at < m->len;) {
        const uint64_t left = m->len - at;
        const size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
        if (!packed_read(p, m, at, bytes, n) ||
            write(fd, bytes, n) != (ssize_t)n)
            return false;
        at += n;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static bool is_module(const struct packed_member *m, enum packed_kind kind,
                      const char *path, const unsigned char *id, uint32_t len)
{
    return m->kind == kind && strcmp(m->name, path) == 0 &&
           m->build_id_len == len &&
           (len == 0 || memcmp(m->build_id, id, len) == 0);
}

int packed_module(const char *pack, enum packed_kind kind, const char *path,
                  const unsigned char *build_id, uint32_t build_id_len)
{
    struct err e;
    int fd = -1;
    struct packed *p = packed_open(pack, &e);
    for (uint32_t i = 0; p && i < p->n && fd < 0; i++) {
        const struct packed_member *m = &p->members[i];
        if (!is_module(m, kind, path, build_id, build_id_len))
            continue;
        fd = nameless_file();
        if (fd >= 0 && copy_out(p, m, fd))
            break;
        if (fd >= 0)
            close(fd);
        fd = -1;
        break;
    }
    packed_close(p);
    return fd;
}
