/* SPDX-License-Identifier: MIT */
#include "packing/pack_modules.h"

#include "arena.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A part of a file that is not needed. */
struct blank {
    uint64_t at, end;
};

struct blanks {
    uint32_t n, room;
    struct blank *at;
};

static bool is_needed(const GElf_Shdr *s, const char *name)
{
    static const GElf_Word kept[] = {
        SHT_NOTE,        SHT_STRTAB,    SHT_SYMTAB, SHT_DYNSYM,
        SHT_DYNAMIC,     SHT_GNU_HASH,  SHT_HASH,   SHT_GNU_verdef,
        SHT_GNU_verneed, SHT_GNU_versym};
    if (!(s->sh_flags & SHF_ALLOC))
        return true;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (s->sh_type == kept[i])
            return true;
    return !name || strncmp(name, ".eh_frame", strlen(".eh_frame")) == 0;
}

/* The sections that are not needed. A file that cannot be understood is needed
   as it is. */
static void find_blanks(struct blanks *b, int fd)
{
    size_t names;
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (!elf || elf_kind(elf) != ELF_K_ELF ||
        elf_getshdrstrndx(elf, &names) != 0) {
        elf_end(elf);
        return;
    }
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
        GElf_Shdr s;
        if (!gelf_getshdr(scn, &s) || s.sh_type == SHT_NOBITS ||
            s.sh_size == 0 || s.sh_offset > UINT64_MAX - s.sh_size ||
            is_needed(&s, elf_strptr(elf, names, s.sh_name)))
            continue;
        GROW(b->at, b->n, b->room);
        b->at[b->n++] = (struct blank){s.sh_offset, s.sh_offset + s.sh_size};
    }
    elf_end(elf);
}

static void blank_out(const struct blanks *b, unsigned char *bytes, uint64_t at,
                      size_t n)
{
    for (uint32_t i = 0; i < b->n; i++) {
        const uint64_t from = b->at[i].at > at ? b->at[i].at : at;
        const uint64_t end = b->at[i].end < at + n ? b->at[i].end : at + n;
        if (from < end)
            memset(bytes + (from - at), 0, (size_t)(end - from));
    }
}

static bool copy_in(struct pack_modules *m, enum packed_kind kind,
                    const struct elf_source *source, int fd,
                    const struct blanks *b)
{
    unsigned char bytes[16384];
    struct container *to = m->to;
    seekable_cut(&to->bytes);
    const uint64_t offset = seekable_offset(&to->bytes);
    const uint64_t packed = seekable_packed(&to->bytes);
    uint64_t at = 0;
    for (;;) {
        const ssize_t got = pread(fd, bytes, sizeof bytes, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        blank_out(b, bytes, at, (size_t)got);
        seekable_put(&to->bytes, bytes, (size_t)got);
        at += (uint64_t)got;
    }
    seekable_cut(&to->bytes);
    container_member(to, kind, source->path, source->id.bytes, source->id.len);
    container_number(to, offset);
    container_number(to, at);
    m->packed += seekable_packed(&to->bytes) - packed;
    return true;
}

/* What the file links to, for debug information without a build-id. */
static int open_debug(int fd, const struct elf_source *source)
{
    char *found = NULL;
    GElf_Word crc = 0;
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    const char *link = elf ? dwelf_elf_gnu_debuglink(elf, &crc) : NULL;
    const int debug = elf_file_open_debug(source, link, crc, &found);
    elf_end(elf);
    free(found);
    return debug;
}

static bool is_done(const struct pack_modules *m, const struct elf_source *s)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (elf_source_is(&m->done[i], s))
            return true;
    return false;
}

bool pack_modules_add(struct pack_modules *m, const struct elf_source *source)
{
    enum elf_status why;
    struct blanks blanks = {0};
    static const struct blanks none;
    if (is_done(m, source))
        return true;
    GROW(m->done, m->n, m->room);
    m->done[m->n++] = *source;
    const int fd = elf_file_open_recorded(source, &why);
    if (fd < 0) {
        m->n_missing++;
        return true;
    }
    find_blanks(&blanks, fd);
    bool good = copy_in(m, PACKED_MODULE, source, fd, &blanks);
    const int debug = good ? open_debug(fd, source) : -1;
    if (debug >= 0) {
        good = copy_in(m, PACKED_DEBUG, source, debug, &none);
        close(debug);
    }
    free(blanks.at);
    close(fd);
    return good;
}

void pack_modules_release(struct pack_modules *m)
{
    free(m->done);
    *m = (struct pack_modules){0};
}
