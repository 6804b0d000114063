/* SPDX-License-Identifier: MIT */
#include "descriptor.h"

#include "config.h"
#include "raw.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* A file, and the number under which it was last seen; -1: none. */
struct kept {
    _Atomic long fd;
    dev_t device;
    ino_t inode;
};

static struct kept shim_trace_file = {.fd = -1};
static struct kept shim_directory = {.fd = -1};
static char shim_name[64]; /* of the trace file in its directory */

enum { HIGHEST = 8192, ROOM_ABOVE = 32, SERIALS = 1 << 20 };

/* Out of the host's way: just below its limit, but not so high that the
   kernel's table of descriptors would become large. */
static long move_high(long fd)
{
    struct rlimit limit = {.rlim_cur = HIGHEST};
    RAW_CALL4(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    long least = limit.rlim_cur < HIGHEST ? (long)limit.rlim_cur : HIGHEST;
    for (least -= ROOM_ABOVE; least > fd; least /= 2) {
        const long high = RAW_CALL3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, least);
        if (high >= 0) {
            RAW_CALL1(SYS_close, fd);
            return high;
        }
    }
    return fd;
}

static bool is_still(const struct kept *k, long fd)
{
    struct stat s = {0};
    return fd >= 0 && RAW_CALL2(SYS_fstat, fd, &s) == 0 &&
           s.st_dev == k->device && s.st_ino == k->inode;
}

static long keep(struct kept *k, long fd)
{
    struct stat s = {0};
    if (fd < 0)
        return fd;
    const long high = move_high(fd);
    const long ret = RAW_CALL2(SYS_fstat, high, &s);
    if (ret != 0) {
        RAW_CALL1(SYS_close, high);
        return ret;
    }
    k->device = s.st_dev;
    k->inode = s.st_ino;
    atomic_store(&k->fd, high);
    return high;
}

/* The number `fd` stands for k again, unless another thread was faster. */
static long put_back(struct kept *k, long stale, long fd)
{
    if (fd < 0)
        return fd;
    if (!is_still(k, fd)) {
        RAW_CALL1(SYS_close, fd);
        return -ESTALE;
    }
    const long high = move_high(fd);
    if (atomic_compare_exchange_strong(&k->fd, &stale, high))
        return high;
    RAW_CALL1(SYS_close, high);
    return stale;
}

static long open_path(int directory, const char *path, int flags, int mode)
{
    long fd;
    do
        fd = RAW_CALL4(SYS_openat, directory, path, flags | O_CLOEXEC, mode);
    while (fd == -EINTR);
    return fd;
}

static long directory(void)
{
    const long known = atomic_load(&shim_directory.fd);
    if (is_still(&shim_directory, known))
        return known;
    return put_back(
        &shim_directory, known,
        open_path(AT_FDCWD, config()->dir, O_RDONLY | O_DIRECTORY, 0));
}

long descriptor_trace(void)
{
    const long known = atomic_load(&shim_trace_file.fd);
    if (is_still(&shim_trace_file, known))
        return known;
    const long in = directory();
    if (in < 0)
        return in;
    return put_back(&shim_trace_file, known,
                    open_path((int)in, shim_name, O_RDWR | O_NOFOLLOW, 0));
}

long descriptor_beside(const char *name)
{
    const long in = directory();
    return in < 0 ? in
                  : open_path((int)in, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
                              0);
}

static void close_kept(struct kept *k)
{
    const long fd = atomic_exchange(&k->fd, -1);
    if (is_still(k, fd))
        RAW_CALL1(SYS_close, fd);
}

/* Names of /proc/self/fd, some at a time; the kernel's struct linux_dirent64.
 */
static void close_listed(long kept)
{
    struct {
        uint64_t inode, next;
        unsigned short len;
        unsigned char type;
        char name[];
    } * entry;
    _Alignas(8) char bytes[1024] = {0};
    long n;
    const long list = RAW_CALL4(SYS_openat, AT_FDCWD, "/proc/self/fd",
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    while (list >= 0 &&
           (n = RAW_CALL3(SYS_getdents64, list, bytes, sizeof bytes)) > 0)
        for (long at = 0; at < n; at += entry->len) {
            entry = (void *)(bytes + at);
            const long fd = (long)text_number(entry->name);
            if (entry->name[0] != '.' && fd != kept && fd != list)
                RAW_CALL1(SYS_close, fd);
        }
    RAW_CALL1(SYS_close, list);
}

void descriptor_close_others(void)
{
    const long kept = descriptor_trace();
    const unsigned last = UINT32_MAX;
    long ret = 0;
    if (kept != 0)
        ret = RAW_CALL3(SYS_close_range, 0, kept > 0 ? kept - 1 : last, 0);
    if (ret == 0 && kept >= 0)
        ret = RAW_CALL3(SYS_close_range, kept + 1, last, 0);
    if (ret != 0)
        close_listed(kept);
}

static long open_directory(void)
{
    if (atomic_load(&shim_directory.fd) >= 0)
        return directory();
    RAW_CALL3(SYS_mkdirat, AT_FDCWD, config()->dir, 0700);
    return keep(&shim_directory,
                open_path(AT_FDCWD, config()->dir, O_RDONLY | O_DIRECTORY, 0));
}

static void set_name(uint32_t serial)
{
    struct text name = text_in(shim_name, sizeof shim_name);
    text_add_number(&name, (uint64_t)RAW_CALL0(SYS_getpid));
    text_add(&name, ".");
    text_add_number(&name, serial);
    text_add(&name, ".trace");
}

long descriptor_create(uint32_t *serial)
{
    const long in = open_directory();
    if (in < 0)
        return in;
    close_kept(&shim_trace_file);
    long fd = -EEXIST;
    for (*serial = 0; fd == -EEXIST && *serial < SERIALS; ++*serial) {
        set_name(*serial);
        fd = open_path((int)in, shim_name,
                       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    }
    --*serial;
    return keep(&shim_trace_file, fd);
}

void descriptor_abandon(void)
{
    const long in = directory();
    if (in >= 0 && atomic_load(&shim_trace_file.fd) >= 0)
        RAW_CALL3(SYS_unlinkat, in, shim_name, 0);
    close_kept(&shim_trace_file);
    close_kept(&shim_directory);
}
