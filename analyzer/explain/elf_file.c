/* SPDX-License-Identifier: MIT */
#include "explain/elf_file.h"

#include "pack/packed.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <libelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEBUG_ROOT "/usr/lib/debug"
#define MAX_BYTES  (INT64_C(4) << 30)

bool elf_source_is(const struct elf_source *a, const struct elf_source *b)
{
    if (a->id.len != b->id.len || strcmp(a->path, b->path) != 0 ||
        !a->pack != !b->pack || (a->pack && strcmp(a->pack, b->pack) != 0))
        return false;
    return a->id.len == 0 ? a->end_ns == b->end_ns
                          : memcmp(a->id.bytes, b->id.bytes, a->id.len) == 0;
}

static bool is_sane(const struct stat *s)
{
    return S_ISREG(s->st_mode) && s->st_size > 0 && s->st_size <= MAX_BYTES;
}

int elf_file_open(const char *path, enum elf_status *why)
{
    struct stat s;
    /* looked at before it is opened: opening a device may already do things */
    *why = ELF_FILE_GONE;
    if (stat(path, &s) != 0)
        return -1;
    *why = ELF_FILE_STRANGE;
    if (!is_sane(&s))
        return -1;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        *why = ELF_FILE_GONE;
        return -1;
    }
    if (fstat(fd, &s) != 0 || !is_sane(&s)) {
        close(fd);
        return -1;
    }
    *why = ELF_FILE_OK;
    return fd;
}

static enum elf_status compare_id(int fd, const struct build_id *id)
{
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    enum elf_status status = ELF_FILE_STRANGE;
    if (elf && elf_kind(elf) == ELF_K_ELF) {
        const void *bytes = NULL;
        const ssize_t len = dwelf_elf_gnu_build_id(elf, &bytes);
        const bool same = len <= 0 ? id->len == 0
                                   : (size_t)len == id->len &&
                                         memcmp(bytes, id->bytes, id->len) == 0;
        status = same ? ELF_FILE_OK : ELF_FILE_CHANGED;
    }
    elf_end(elf);
    return status;
}

static bool is_newer(int fd, uint64_t end_ns)
{
    struct stat s;
    if (end_ns == 0 || fstat(fd, &s) != 0 || s.st_mtim.tv_sec < 0)
        return false;
    return (uint64_t)s.st_mtim.tv_sec * 1000000000u +
               (uint64_t)s.st_mtim.tv_nsec >
           end_ns;
}

/* What was packed was the right one then; its copy is of today. */
static int open_packed(const struct elf_source *s, enum packed_kind kind)
{
    if (!s->pack)
        return -1;
    const int fd =
        packed_module(s->pack, kind, s->path, s->id.bytes, s->id.len);
    if (fd < 0 || compare_id(fd, &s->id) == ELF_FILE_OK)
        return fd;
    close(fd);
    return -1;
}

int elf_file_open_recorded(const struct elf_source *s, enum elf_status *why)
{
    const int packed = open_packed(s, PACKED_MODULE);
    if (packed >= 0) {
        *why = ELF_FILE_OK;
        return packed;
    }
    const int fd = elf_file_open(s->path, why);
    if (fd < 0)
        return -1;
    *why = compare_id(fd, &s->id);
    if (*why == ELF_FILE_OK && s->id.len == 0 && is_newer(fd, s->end_ns))
        *why = ELF_FILE_CHANGED;
    if (*why == ELF_FILE_OK)
        return fd;
    close(fd);
    return -1;
}

static uint32_t crc_step(uint32_t crc, unsigned char byte)
{
    crc ^= byte;
    for (int i = 0; i < 8; i++)
        crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    return crc;
}

/* The checksum of .gnu_debuglink, over the whole file. */
static bool has_crc(int fd, uint32_t wanted)
{
    uint32_t table[256], crc = ~0u;
    unsigned char bytes[16384];
    for (unsigned i = 0; i < 256; i++)
        table[i] = crc_step(0, (unsigned char)i);
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n; i++)
            crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 255];
    return n == 0 && ~crc == wanted && lseek(fd, 0, SEEK_SET) == 0;
}

static int try_debug(const char *path, const struct build_id *id,
                     const uint32_t *crc, char **found)
{
    enum elf_status why;
    const int fd = elf_file_open(path, &why);
    if (fd < 0)
        return -1;
    const bool fits = id->len > 0 ? compare_id(fd, id) == ELF_FILE_OK
                                  : crc && has_crc(fd, *crc);
    if (fits && (*found = strdup(path)))
        return fd;
    close(fd);
    return -1;
}

static int by_id(const struct build_id *id, char **found)
{
    char path[sizeof DEBUG_ROOT + 160];
    if (id->len < 2 || id->len > 64)
        return -1;
    int n = snprintf(path, sizeof path, DEBUG_ROOT "/.build-id/%02x/",
                     id->bytes[0]);
    for (uint32_t i = 1; i < id->len; i++)
        n += snprintf(path + n, sizeof path - (size_t)n, "%02x", id->bytes[i]);
    snprintf(path + n, sizeof path - (size_t)n, ".debug");
    return try_debug(path, id, NULL, found);
}

/* It has the build-id of its file, or was found by what that links to. */
static int open_packed_debug(const struct elf_source *s, char **found)
{
    const int fd = open_packed(s, PACKED_DEBUG);
    if (fd < 0 || (*found = strdup(s->path)))
        return fd;
    close(fd);
    return -1;
}

int elf_file_open_debug(const struct elf_source *s, const char *link,
                        uint32_t crc, char **found)
{
    const struct build_id *id = &s->id;
    const char *path = s->path;
    const int packed = open_packed_debug(s, found);
    if (packed >= 0)
        return packed;
    const int fd = by_id(id, found);
    const char *slash = strrchr(path, '/');
    if (fd >= 0 || !link || !*link || strchr(link, '/') || !slash)
        return fd;
    const int dir = (int)(slash - path);
    static const struct {
        const char *root, *below;
    } places[] = {{"", ""}, {"", "/.debug"}, {DEBUG_ROOT, ""}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char at[PATH_MAX];
        if (snprintf(at, sizeof at, "%s%.*s%s/%s", places[i].root, dir, path,
                     places[i].below, link) >= (int)sizeof at)
            continue;
        const int there = try_debug(at, id, &crc, found);
        if (there >= 0)
            return there;
    }
    return -1;
}
