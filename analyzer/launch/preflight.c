/* SPDX-License-Identifier: MIT */
#include "launch/preflight.h"

#include "launch/elf_facts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#if defined(__x86_64__)
#define LOADER  "ld-linux-x86-64.so.2"
#define MACHINE "x86-64"
enum { OUR_MACHINE = EM_X86_64 };
#else
#define LOADER  "ld-linux-aarch64.so.1"
#define MACHINE "aarch64"
enum { OUR_MACHINE = EM_AARCH64 };
#endif

enum { FIRST_LINE = 256, MOST_SCRIPTS = 5 };

/* One file on the way: the program, then a script's interpreter, and so on.
   `who` is how a sentence about it begins. */
struct step {
    const char *path;
    char who[512];
    char interpreter[FIRST_LINE + 1]; /* "" unless it is a script */
};

/* The path that execvp would start; false: there is none. *denied: a file of
   that name was there, but may not be executed. */
static bool find_in_path(const char *name, char *path, size_t len, bool *denied)
{
    const char *dirs = getenv("PATH");
    for (const char *at = dirs ? dirs : "/bin:/usr/bin"; at;) {
        const size_t n = strcspn(at, ":");
        const int made =
            snprintf(path, len, "%.*s%s%s", (int)n, at, n > 0 ? "/" : "", name);
        struct stat st;
        if (made > 0 && (size_t)made < len && stat(path, &st) == 0 &&
            S_ISREG(st.st_mode)) {
            if (access(path, X_OK) == 0)
                return true;
            *denied = true;
        }
        at = at[n] ? at + n + 1 : NULL;
    }
    return false;
}

static int not_found(struct err *e, const char *name)
{
    if (strchr(name, '/'))
        err_set(e, "%s: there is no such file; check its path", name);
    else
        err_set(e, "%s: command not found; give its path, or set PATH", name);
    return PREFLIGHT_NOT_FOUND;
}

static int not_executable(struct err *e, const char *name, const char *why)
{
    err_set(e, "%s: cannot be executed: %s", name, why);
    return PREFLIGHT_NOT_EXECUTABLE;
}

static int find_program(const char *name, struct program *p, struct err *e)
{
    bool denied = false;
    struct stat st;
    if (!strchr(name, '/')) {
        if (find_in_path(name, p->path, sizeof p->path, &denied))
            return 0;
        return denied ? not_executable(e, name, strerror(EACCES))
                      : not_found(e, name);
    }
    const size_t len = strlen(name);
    if (len >= sizeof p->path)
        return not_executable(e, "the command", strerror(ENAMETOOLONG));
    memcpy(p->path, name, len + 1);
    if (stat(name, &st) != 0)
        return errno == EACCES ? not_executable(e, name, strerror(errno))
                               : not_found(e, name);
    if (S_ISDIR(st.st_mode))
        return not_executable(e, name, "it is a directory");
    if (!S_ISREG(st.st_mode))
        return not_executable(e, name, "it is no regular file");
    if (access(name, X_OK) != 0)
        return not_executable(
            e, name, "permission denied (chmod +x makes it a program)");
    return 0;
}

static int refuse(struct err *e)
{
    e->code = RC_USAGE;
    return RC_USAGE;
}

/* Why the kernel will give the program AT_SECURE; NULL: it will not. Without
   new privileges set-ID bits mean nothing, but file capabilities still do. */
static const char *secure_because(int fd)
{
    struct stat st;
    struct statvfs fs;
    if (fstat(fd, &st) != 0 ||
        (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOSUID)))
        return NULL;
    const bool plain = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    if (!plain && (st.st_mode & S_ISUID) && st.st_uid != getuid())
        return "runs as its owner (set-user-ID)";
    if (!plain && (st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) &&
        st.st_gid != getgid())
        return "runs as its group (set-group-ID)";
    if (getuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
        return "has file capabilities";
    return NULL;
}

static int check_secure(const struct step *s, int fd, struct err *e)
{
    const char *why = secure_because(fd);
    if (!why)
        return 0;
    err_set(e,
            "%s %s, so the loader ignores preloaded libraries; record a copy "
            "of it (cp leaves that behind)",
            s->who, why);
    return refuse(e);
}

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case EM_386:
        return "32-bit x86";
    case EM_X86_64:
        return "x86-64";
    case EM_AARCH64:
        return "aarch64";
    case EM_ARM:
        return "32-bit ARM";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC64:
        return "POWER";
    case EM_S390:
        return "s390";
    default:
        return "another machine";
    }
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int check_machine(const struct step *s, const struct elf_facts *f,
                         struct err *e)
{
    if (f->is_64 && f->is_little && f->machine == OUR_MACHINE)
        return 0;
    if (!f->is_64 && (f->machine == EM_386 || f->machine == EM_X86_64 ||
                      f->machine == EM_ARM))
        err_set(e,
                "%s is a 32-bit program, and libouro.so is for " MACHINE
                "; build it for " MACHINE " (without -m32) to record it",
                s->who);
    else
        err_set(e,
                "%s is for %s, and libouro.so is for " MACHINE
                "; build it for " MACHINE " to record it here",
                s->who, machine_name(f->machine));
    return refuse(e);
}

static int check_loader(const struct step *s, const struct elf_facts *f,
                        struct err *e)
{
    const bool is_loader = strcmp(last_part(s->path), LOADER) == 0;
    if (is_loader || strcmp(last_part(f->loader), LOADER) == 0)
        return 0;
    if (!f->loader[0])
        err_set(e,
                "%s is statically linked%s, so no library can be preloaded "
                "into it; link it dynamically (without %s) to record it",
                s->who, f->has_dynamic ? " (static-pie)" : "",
                f->has_dynamic ? "-static-pie" : "-static");
    else if (strstr(f->loader, "musl"))
        err_set(e,
                "%s is built for musl (its loader is %s), and libouro.so is "
                "for glibc; build it for glibc to record it",
                s->who, f->loader);
    else
        err_set(e,
                "%s is started by %s, which is not glibc's loader; build it "
                "for glibc to record it",
                s->who, f->loader);
    return refuse(e);
}

static int check_sanitizer(const struct step *s, const struct elf_facts *f,
                           struct err *e)
{
    if (!f->sanitizer)
        return 0;
    const bool finds_leaks = strcmp(f->sanitizer, "AddressSanitizer") == 0 ||
                             strcmp(f->sanitizer, "LeakSanitizer") == 0;
    err_set(e,
            "%s is built with %s, which must be the first to see malloc%s; "
            "build it without -fsanitize to record it",
            s->who, f->sanitizer,
            finds_leaks ? " and reports leaks itself" : "");
    return refuse(e);
}

static void note_allocator(const struct step *s, const struct elf_facts *f,
                           struct program *p)
{
    const char *what = f->allocator ? f->allocator : "an allocator of its own";
    if (f->defines_malloc)
        snprintf(p->note, sizeof p->note,
                 "%.200s has %s linked in, malloc included: its allocations "
                 "will not be seen; link the allocator as a shared library",
                 s->who, what);
    else if (f->allocator)
        snprintf(p->note, sizeof p->note,
                 "%.200s has %s linked in: only what goes through malloc, "
                 "free and operator new will be seen",
                 s->who, what);
}

/* "#! /bin/sh -e" */
static void read_interpreter(struct step *s, const char *bytes, size_t len)
{
    char line[FIRST_LINE + 1];
    const size_t n = len < FIRST_LINE ? len : FIRST_LINE;
    memcpy(line, bytes, n);
    line[n] = '\0';
    const char *at = line + 2 + strspn(line + 2, " \t");
    snprintf(s->interpreter, sizeof s->interpreter, "%.*s",
             (int)strcspn(at, " \t\r\n"), at);
}

static int check_bytes(struct step *s, int fd, const void *bytes, size_t len,
                       struct program *p, struct err *e)
{
    int rc;
    const struct elf_facts f = elf_facts_of(bytes, len);
    if (!f.is_elf && len >= 2 && memcmp(bytes, "#!", 2) == 0) {
        read_interpreter(s, bytes, len);
        return 0;
    }
    if (!f.is_elf) {
        /* as execvp does */
        snprintf(s->interpreter, sizeof s->interpreter, "/bin/sh");
        return 0;
    }
    if (f.unsure || (f.type != ET_EXEC && f.type != ET_DYN))
        return 0; /* exec will say what is wrong with it */
    if ((rc = check_machine(s, &f, e)) || (rc = check_loader(s, &f, e)) ||
        (rc = check_secure(s, fd, e)) || (rc = check_sanitizer(s, &f, e)))
        return rc;
    if (f.allocator || f.defines_malloc)
        note_allocator(s, &f, p);
    return 0;
}

/* What may be executed but not read is started unseen. */
static int check_file(struct step *s, struct program *p, struct err *e)
{
    struct stat st;
    const int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return 0;
    int rc = 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        const size_t len = (size_t)st.st_size;
        void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            rc = check_bytes(s, fd, bytes, len, p, e);
            munmap(bytes, len);
        }
    }
    close(fd);
    return rc;
}

int preflight(const char *name, struct program *p, struct err *e)
{
    *p = (struct program){.path = ""};
    int rc = find_program(name, p, e);
    if (rc)
        return rc;
    struct step s = {.path = p->path};
    snprintf(s.who, sizeof s.who, "%.200s", name);
    char path[FIRST_LINE + 1];
    for (int i = 0; i < MOST_SCRIPTS; i++) {
        s.interpreter[0] = '\0';
        rc = check_file(&s, p, e);
        if (rc || !s.interpreter[0])
            return rc;
        memcpy(path, s.interpreter, sizeof path);
        if (access(path, X_OK) != 0) {
            err_set(e, "%.200s: its interpreter %s: %s", name, path,
                    strerror(errno));
            return errno == ENOENT ? PREFLIGHT_NOT_FOUND
                                   : PREFLIGHT_NOT_EXECUTABLE;
        }
        s.path = path;
        snprintf(s.who, sizeof s.who, "%.200s is run by %s, which", name, path);
    }
    return 0;
}
