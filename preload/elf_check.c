/* SPDX-License-Identifier: MIT */
#include "elf_check.h"

#include "raw.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define LOADER "ld-linux-x86-64.so.2"
enum { MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
#define LOADER "ld-linux-aarch64.so.1"
enum { MACHINE = EM_AARCH64 };
#else
#error "the guest is for x86-64 and aarch64"
#endif

enum {
    FIRST_LINE = 256, /* what the kernel reads of a script */
    MOST_SCRIPTS = 5, /* ... and how deep it goes */
    MOST_PHDRS = 1024,
    MOST_DYNAMIC = 4096,
    PIECE = 1024,
    OVERLAP = 32,            /* longer than any name we look for */
    MOST_NAMES = 512 * 1024, /* bytes of .dynstr that are searched */
};

enum kind { UNKNOWN, TAKES, TAKES_NOT, SCRIPT, TEXT };

static size_t read_at(int fd, void *to, size_t len, uint64_t at)
{
    const long n = RAW_CALL4(SYS_pread64, fd, to, len, at);
    return n > 0 ? (size_t)n : 0;
}

static bool read_all(int fd, void *to, size_t len, uint64_t at)
{
    return read_at(fd, to, len, at) == len;
}

/* AT_SECURE, as the kernel will find it. */
static bool is_secure(int fd, const struct stat *st)
{
    const unsigned uid = (unsigned)RAW_CALL0(SYS_getuid);
    const unsigned gid = (unsigned)RAW_CALL0(SYS_getgid);
    const unsigned euid =
        (st->st_mode & S_ISUID) ? st->st_uid : (unsigned)RAW_CALL0(SYS_geteuid);
    const bool setgid = (st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP);
    const unsigned egid =
        setgid ? st->st_gid : (unsigned)RAW_CALL0(SYS_getegid);
    if (euid != uid || egid != gid)
        return true;
    return uid != 0 &&
           RAW_CALL4(SYS_fgetxattr, fd, "security.capability", NULL, 0) > 0;
}

static bool is_our_loader(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, LOADER) == 0;
}

/* The first program header of that type; of PT_LOAD, the one that holds vaddr.
 */
static bool find_header(int fd, const Elf64_Ehdr *eh, unsigned type,
                        uint64_t vaddr, Elf64_Phdr *ph)
{
    for (unsigned i = 0; i < eh->e_phnum && i < MOST_PHDRS; i++) {
        if (!read_all(fd, ph, sizeof *ph, eh->e_phoff + i * sizeof *ph))
            return false;
        if (ph->p_type == type &&
            (type != PT_LOAD || vaddr - ph->p_vaddr < ph->p_filesz))
            return true;
    }
    return false;
}

/*
 * What says that a sanitizer's runtime is there, linked in or as a library:
 * all of it stands in .dynstr. Every name has "san" at `at`.
 */
static bool is_sanitizer_name(const char *text, size_t at, size_t end)
{
    static const struct {
        const char *name;
        size_t san;
    } names[] = {{"__asan_init", 3},
                 {"__tsan_init", 3},
                 {"__lsan_init", 3},
                 {"__msan_init", 3},
                 {"libasan.so", 4},
                 {"libtsan.so", 4},
                 {"liblsan.so", 4},
                 {"libmsan.so", 4},
                 {"_rt.asan", 5},
                 {"_rt.tsan", 5},
                 {"_rt.lsan", 5},
                 {"_rt.msan", 5},
                 {"__hwasan_init", 5},
                 {"libhwasan.so", 6},
                 /* gcc's static runtimes hide all but what they look for */
                 {"__sanitizer_malloc_hook", 2}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t len = strlen(names[i].name);
        if (at < names[i].san || at - names[i].san + len > end)
            continue;
        if (memcmp(text + at - names[i].san, names[i].name, len) == 0)
            return true;
    }
    return false;
}

static bool names_a_sanitizer(int fd, uint64_t from, uint64_t len)
{
    char text[PIECE];
    size_t kept = 0;
    if (len > MOST_NAMES)
        len = MOST_NAMES;
    while (len > 0) {
        const size_t room = sizeof text - kept;
        const size_t got =
            read_at(fd, text + kept, len < room ? len : room, from);
        const size_t end = kept + got;
        for (size_t i = 0; i + 3 <= end; i++)
            if (text[i] == 's' && memcmp(text + i, "san", 3) == 0 &&
                is_sanitizer_name(text, i, end))
                return true;
        if (got == 0)
            return false;
        kept = end < OVERLAP ? end : OVERLAP;
        memmove(text, text + end - kept, kept);
        from += got;
        len -= got;
    }
    return false;
}

static bool is_sanitized(int fd, const Elf64_Ehdr *eh)
{
    Elf64_Phdr ph = {0};
    uint64_t table = 0, size = 0;
    if (!find_header(fd, eh, PT_DYNAMIC, 0, &ph))
        return false;
    for (unsigned i = 0; i < MOST_DYNAMIC; i++) {
        Elf64_Dyn d = {0};
        if (i * sizeof d >= ph.p_filesz ||
            !read_all(fd, &d, sizeof d, ph.p_offset + i * sizeof d) ||
            d.d_tag == DT_NULL)
            break;
        if (d.d_tag == DT_STRTAB)
            table = d.d_un.d_ptr;
        if (d.d_tag == DT_STRSZ)
            size = d.d_un.d_val;
    }
    if (!find_header(fd, eh, PT_LOAD, table, &ph))
        return false;
    return names_a_sanitizer(fd, ph.p_offset + (table - ph.p_vaddr), size);
}

/* `path`: a loader that is started as a program has no PT_INTERP, and does take
   us. */
static enum kind kind_of_elf(int fd, const char *path)
{
    Elf64_Ehdr eh = {0};
    Elf64_Phdr ph = {0};
    char loader[sizeof LOADER + 1];
    if (!read_all(fd, &eh, sizeof eh, 0))
        return UNKNOWN;
    if (eh.e_ident[EI_CLASS] != ELFCLASS64 ||
        eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != MACHINE)
        return TAKES_NOT;
    if (eh.e_phentsize != sizeof ph)
        return UNKNOWN;
    if (!find_header(fd, &eh, PT_INTERP, 0, &ph))
        return is_our_loader(path) ? TAKES : TAKES_NOT;
    /* its last part, with the slash before it */
    const size_t len = sizeof loader;
    if (ph.p_filesz < len ||
        !read_all(fd, loader, len, ph.p_offset + ph.p_filesz - len))
        return TAKES_NOT;
    loader[len - 1] = '\0';
    return is_our_loader(loader) && !is_sanitized(fd, &eh) ? TAKES : TAKES_NOT;
}

/* "#! /bin/sh -e": cuts line to the interpreter and puts it first. */
static bool find_interpreter(char *line)
{
    const size_t start = 2 + strspn(line + 2, " \t");
    const size_t len = strcspn(line + start, " \t\n");
    memmove(line, line + start, len);
    line[len] = '\0';
    return len > 0;
}

/* For SCRIPT, `line` becomes its interpreter. */
static enum kind kind_of_open(int fd, const struct stat *st, const char *path,
                              char line[FIRST_LINE + 1])
{
    const size_t n = read_at(fd, line, FIRST_LINE, 0);
    line[n] = '\0';
    if (n >= 2 && line[0] == '#' && line[1] == '!')
        return find_interpreter(line) ? SCRIPT : UNKNOWN;
    if (n < SELFMAG || memcmp(line, ELFMAG, SELFMAG) != 0)
        return TEXT;
    return is_secure(fd, st) ? TAKES_NOT : kind_of_elf(fd, path);
}

static long open_file(int dirfd, const char *path)
{
    return RAW_CALL4(SYS_openat, dirfd, path,
                     O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
}

/* An O_PATH descriptor cannot be read. */
static long open_again(int fd)
{
    char path[32] = "/proc/self/fd/", *end = path + sizeof path - 1;
    char *at = end;
    for (; fd > 0 || at == end; fd /= 10)
        *--at = (char)('0' + fd % 10);
    memmove(path + strlen("/proc/self/fd/"), at, (size_t)(end - at) + 1);
    return open_file(AT_FDCWD, path);
}

static enum kind kind_of(int dirfd, const char *path, int flags,
                         char line[FIRST_LINE + 1])
{
    struct stat st = {0};
    const int how = flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
    if (RAW_CALL4(SYS_newfstatat, dirfd, path, &st, how) != 0 ||
        !S_ISREG(st.st_mode))
        return UNKNOWN;
    const long fd = (flags & AT_EMPTY_PATH) && !*path ? open_again(dirfd)
                                                      : open_file(dirfd, path);
    if (fd < 0)
        return UNKNOWN;
    const enum kind kind = kind_of_open((int)fd, &st, path, line);
    RAW_CALL1(SYS_close, fd);
    return kind;
}

bool elf_takes_us(int dirfd, const char *path, int flags, enum elf_start how)
{
    char line[FIRST_LINE + 1], interpreter[FIRST_LINE + 1];
    for (int i = 0; i <= MOST_SCRIPTS; i++) {
        enum kind kind = kind_of(dirfd, path, flags, line);
        if (kind == TEXT && how == ELF_BY_SHELL && i == 0) {
            memcpy(line, "/bin/sh", sizeof "/bin/sh");
            kind = SCRIPT;
        }
        if (kind != SCRIPT)
            return kind != TAKES_NOT;
        memcpy(interpreter, line, sizeof line);
        dirfd = AT_FDCWD;
        path = interpreter;
        flags = 0;
    }
    return true;
}

static bool is_program(const char *path)
{
    struct stat st = {0};
    return RAW_CALL4(SYS_newfstatat, AT_FDCWD, path, &st, 0) == 0 &&
           S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

static size_t longest_part(const char *path)
{
    size_t longest = 0;
    for (const char *at = path; at;) {
        const size_t len = strcspn(at, ":");
        longest = len > longest ? len : longest;
        at = at[len] ? at + len + 1 : NULL;
    }
    return longest;
}

bool elf_found_takes_us(const char *file, const char *path)
{
    const size_t len = strlen(file) + 1;
    const size_t room = longest_part(path) + 1 + len;
    if (strchr(file, '/') || room > PATH_MAX)
        return elf_takes_us(AT_FDCWD, file, 0, ELF_BY_SHELL);
    char *found = __builtin_alloca(room);
    for (const char *at = path; at;) {
        const size_t dir = strcspn(at, ":");
        memcpy(found, at, dir);
        found[dir] = '/';
        /* an empty part is the current directory */
        memcpy(found + dir + (dir > 0), file, len);
        if (is_program(found))
            return elf_takes_us(AT_FDCWD, found, 0, ELF_BY_SHELL);
        at = at[dir] ? at + dir + 1 : NULL;
    }
    return true;
}
