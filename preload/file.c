/* SPDX-License-Identifier: MIT */
#include "file.h"

#include "clock.h"
#include "config.h"
#include "descriptor.h"
#include "life.h"
#include "raw.h"
#include "text.h"
#include "tick.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>

HOT struct ouro_trace_header *shim_header;

static bool shim_buffered;
static bool shim_common; /* the header is, in a buffered file */

static uint64_t granule(void)
{
    const uint64_t page = getauxval(AT_PAGESZ);
    return page > FILE_GRANULE ? page : FILE_GRANULE;
}

bool file_is_buffered(void)
{
    return shim_buffered;
}

bool file_is_common(void)
{
    return !shim_buffered || shim_common;
}

void file_stop(int why, long error)
{
    uint32_t not_yet = OURO_STOPPED_NOT;
    if (shim_header && __atomic_compare_exchange_n(
                           &shim_header->stopped, &not_yet, (uint32_t)why,
                           false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        shim_header->stopped_errno = (uint32_t)-error;
    life_stop();
    if (shim_buffered && why != OURO_STOPPED_FD)
        file_write(shim_header, sizeof *shim_header, 0);
}

static int reason(long error)
{
    if (error == -ENOSPC || error == -EDQUOT)
        return OURO_STOPPED_SPACE;
    if (error == -EFBIG)
        return OURO_STOPPED_LIMIT;
    return error == -ENOMEM ? OURO_STOPPED_MEMORY : OURO_STOPPED_IO;
}

/* Would a file of `size` bytes be within the host's limit? Past it the kernel
   would raise SIGXFSZ. */
static bool is_allowed(uint64_t size)
{
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
    return RAW_CALL4(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) != 0 ||
           limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur;
}

/* Of what lies below `end`, what is no hole. */
static uint64_t bytes_used(uint64_t end)
{
    return end - __atomic_load_n(&shim_header->given_back, __ATOMIC_RELAXED);
}

static bool has_room(uint64_t end)
{
    return bytes_used(end) <= config()->max_size;
}

bool file_is_folded(void)
{
    return shim_header &&
           __atomic_load_n(&shim_header->folder, __ATOMIC_RELAXED) != 0;
}

/* Who folds holds a lock on a byte that no trace reaches, as long as it lives.
   Before it has begun there is none. */
static bool is_tended(uint32_t folder)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = OURO_FOLDER_LOCK,
                         .l_len = 1};
    const long fd = descriptor_trace();
    if (folder == OURO_FOLDER_AWAITED)
        return true;
    return fd >= 0 && RAW_CALL3(SYS_fcntl, fd, F_OFD_GETLK, &lock) == 0 &&
           lock.l_type != F_UNLCK;
}

/* What is recorded now is all of an earlier time. */
static void tell_time(void)
{
    __atomic_store_n(&shim_header->last_ns, clock_ns(CLOCK_MONOTONIC),
                     __ATOMIC_RELAXED);
    __atomic_store_n(&shim_header->last_stamp, tick_now(), __ATOMIC_RELEASE);
}

/* The tool may give some back. It changes its word with each attempt; one that
   began after it was asked, at the latest the second from now, decides. */
static bool await_room(uint64_t end)
{
    enum { STEPS = 200, STEPS_AWAITED = 40, ATTEMPTS = 2 };
    const struct timespec step = {.tv_nsec = 50 * 1000 * 1000};
    uint32_t before = __atomic_load_n(&shim_header->folder, __ATOMIC_ACQUIRE);
    int attempts = 0;
    if (before != 0)
        tell_time();
    for (int i = 0; i < STEPS && !has_room(end); i++) {
        const uint32_t folder =
            __atomic_load_n(&shim_header->folder, __ATOMIC_ACQUIRE);
        attempts += folder != before && before != OURO_FOLDER_AWAITED;
        before = folder;
        if (folder == 0 || attempts > ATTEMPTS || !is_tended(folder) ||
            (folder == OURO_FOLDER_AWAITED && i >= STEPS_AWAITED))
            break;
        __atomic_fetch_or(&shim_header->flags, OURO_HEADER_FOLD_NOW,
                          __ATOMIC_RELEASE);
        RAW_CALL4(SYS_futex, &shim_header->folder, FUTEX_WAIT, folder, &step);
    }
    return has_room(end);
}

/* What a chunk should have: more where the file is long already, and little of
   what it may be, as an open one cannot be folded. */
static uint64_t chunk_len(uint64_t need)
{
    const uint64_t unit = shim_header->granule;
    const uint64_t half =
        bytes_used(__atomic_load_n(&shim_header->end, __ATOMIC_RELAXED)) / 2;
    const uint64_t part = config()->max_size / 32;
    uint64_t len = unit;
    while (len < FILE_CHUNK_MAX && len * 2 <= half && len * 2 <= part)
        len *= 2;
    return need <= len ? len : (need + unit - 1) & ~(unit - 1);
}

static long allocate(long fd, uint64_t offset, uint64_t len)
{
    long ret;
    do
        ret = RAW_CALL4(SYS_fallocate, fd, 0, offset, len);
    while (ret == -EINTR);
    return ret;
}

static bool make_room(uint64_t offset, uint64_t len)
{
    if (!is_allowed(offset + len)) {
        file_stop(OURO_STOPPED_LIMIT, 0);
        return false;
    }
    if (shim_buffered)
        return true;
    const long fd = descriptor_trace();
    const long ret = fd < 0 ? fd : allocate(fd, offset, len);
    if (ret != 0)
        file_stop(fd < 0 ? OURO_STOPPED_FD : reason(ret), ret);
    return ret == 0;
}

static bool reserve(uint64_t *offset, uint64_t len)
{
    return __atomic_compare_exchange_n(&shim_header->end, offset, *offset + len,
                                       false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}

/* There is none, but what is asked for may be given back. */
static uint64_t reserve_and_wait(uint64_t len)
{
    const uint64_t offset =
        __atomic_fetch_add(&shim_header->end, len, __ATOMIC_RELAXED);
    if (await_room(offset + len))
        return make_room(offset, len) ? offset : 0;
    file_stop(OURO_STOPPED_SIZE, 0);
    return 0;
}

/* Room is made before it is reserved, as the process may end at any moment;
   another thread may make the same. */
uint64_t file_reserve(uint64_t need, uint32_t *len)
{
    if (!life_is_on())
        return 0;
    const uint64_t n = chunk_len(need);
    uint64_t offset = __atomic_load_n(&shim_header->end, __ATOMIC_RELAXED);
    *len = (uint32_t)n;
    do {
        if (!has_room(offset + n))
            return reserve_and_wait(n);
        if (!make_room(offset, n))
            return 0;
    } while (!reserve(&offset, n));
    return offset;
}

uint64_t file_reserve_if(uint64_t need, uint32_t *len)
{
    const uint64_t n = chunk_len(need);
    uint64_t offset = __atomic_load_n(&shim_header->end, __ATOMIC_RELAXED);
    do
        if ((!has_room(offset + n) && !await_room(offset + n)) ||
            !is_allowed(offset + n))
            return 0;
    while (!reserve(&offset, n));
    *len = (uint32_t)n;
    return offset;
}

void file_moment_begins(void)
{
    if (shim_header)
        __atomic_fetch_add(&shim_header->moments_begun, 1, __ATOMIC_SEQ_CST);
}

void file_moment_told(void)
{
    /* It may have begun before there was this header. */
    if (shim_header &&
        __atomic_load_n(&shim_header->moments_told, __ATOMIC_SEQ_CST) !=
            __atomic_load_n(&shim_header->moments_begun, __ATOMIC_SEQ_CST))
        __atomic_fetch_add(&shim_header->moments_told, 1, __ATOMIC_SEQ_CST);
}

/*
 * Zeros through a call before the first look through the map: a fault then
 * finds its page there and dirty, where it would have to read it and tell the
 * file system, page by page. What is not written here is only slower.
 */
static void fill(long fd, uint64_t offset, uint32_t len)
{
    enum { PIECE = 4096, PIECES = 64 };
    static const unsigned char zeros[PIECE];
    struct iovec pieces[PIECES];
    for (int i = 0; i < PIECES; i++)
        pieces[i] = (struct iovec){(void *)zeros, PIECE};
    for (uint64_t n = len / PIECE; n > 0;) {
        const uint64_t now = n < PIECES ? n : PIECES;
        if (RAW_CALL6(SYS_pwritev, fd, pieces, now, offset, 0, 0) < 0)
            return;
        offset += now * PIECE;
        n -= now;
    }
}

static void *map_private(void *where, uint64_t len)
{
    const long at =
        RAW_CALL6(SYS_mmap, where, len, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | (where ? MAP_FIXED : 0), -1, 0);
    return raw_is_address(at) ? (void *)at : NULL;
}

static void *map_shared(uint64_t offset, uint32_t len)
{
    const long fd = descriptor_trace();
    if (fd < 0) {
        file_stop(OURO_STOPPED_FD, fd);
        return NULL;
    }
    fill(fd, offset, len);
    const long ret = RAW_CALL6(SYS_mmap, 0, len, PROT_READ | PROT_WRITE,
                               MAP_SHARED, fd, offset);
    if (raw_is_address(ret))
        return (void *)ret;
    file_stop(reason(ret), ret);
    return NULL;
}

void *file_map(uint64_t offset, uint32_t len)
{
    if (!shim_buffered)
        return map_shared(offset, len);
    void *at = map_private(NULL, len);
    if (!at)
        file_stop(OURO_STOPPED_MEMORY, -ENOMEM);
    return at;
}

void file_unmap(void *at, uint32_t len)
{
    RAW_CALL2(SYS_munmap, at, len);
}

static long write_all(long fd, const char *from, uint64_t len, uint64_t offset)
{
    while (len > 0) {
        const long n = RAW_CALL4(SYS_pwrite64, fd, from, len, offset);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? n : -EIO;
        from += n;
        len -= (uint64_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

bool file_put(const void *at, uint64_t len, uint64_t offset)
{
    const long fd = descriptor_trace();
    return fd >= 0 && write_all(fd, at, len, offset) == 0;
}

void file_write(const void *at, uint64_t len, uint64_t offset)
{
    const long fd = descriptor_trace();
    if (fd < 0) {
        file_stop(OURO_STOPPED_FD, fd);
        return;
    }
    const long error = write_all(fd, at, len, offset);
    if (error != 0 && life_is_on())
        file_stop(reason(error), error);
}

/* Field 22 of /proc/self/stat; the name in field 2 may hold anything. */
static uint64_t process_start(void)
{
    char bytes[1024];
    const long fd = RAW_CALL4(SYS_openat, AT_FDCWD, "/proc/self/stat",
                              O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    const long n = RAW_CALL3(SYS_read, fd, bytes, sizeof bytes - 1);
    RAW_CALL1(SYS_close, fd);
    bytes[n > 0 ? n : 0] = '\0';
    const char *at = strrchr(bytes, ')');
    for (int field = 2; at && field < 22; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at ? text_number(at) : 0;
}

static struct ouro_trace_header fresh_header(uint32_t serial)
{
    struct ouro_trace_header h = {
        .version = OURO_TRACE_VERSION,
        .header_len = sizeof h,
        .granule = (uint32_t)granule(),
        .first_chunk = (uint32_t)granule(),
        .pointer_size = sizeof(void *),
        .clock = shim_clock,
        .pid = (uint32_t)RAW_CALL0(SYS_getpid),
        .serial = serial,
        .os_parent = (uint32_t)RAW_CALL0(SYS_getppid),
        .process_start = process_start(),
        .realtime_ns = clock_ns(CLOCK_REALTIME),
        .start_stamp = tick_now(),
        .start_ns = clock_ns(CLOCK_MONOTONIC),
        .end = granule(),
        .folder = config()->folds && !shim_buffered ? OURO_FOLDER_AWAITED : 0,
        .flags = (shim_buffered ? OURO_HEADER_BUFFERED : 0) |
                 (config()->snapshot ? 0 : OURO_HEADER_NO_SNAPSHOTS),
    };
#if defined(__x86_64__)
    h.machine = OURO_MACHINE_X86_64;
#else
    h.machine = OURO_MACHINE_AARCH64;
#endif
    h.last_stamp = h.start_stamp;
    h.last_ns = h.start_ns;
    memcpy(h.magic, OURO_TRACE_MAGIC, sizeof h.magic);
    return h;
}

/* Memory that a copy of the process has too, and where there is none such,
   private memory. */
static bool map_common(void *at, uint64_t len)
{
    const long ret = RAW_CALL6(SYS_mmap, at, len, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    shim_common = raw_is_address(ret);
    return shim_common || map_private(at, len);
}

/* The header's memory, at its one address: of the file itself, or anonymous
   where the file system has no shared mappings or no fallocate. */
static bool map_header(long fd)
{
    void *at = shim_header ? shim_header : map_private(NULL, granule());
    if (!at)
        return false;
    shim_buffered = config()->buffered;
    if (!shim_buffered) {
        long ret = allocate(fd, 0, granule());
        if (ret == 0)
            ret = RAW_CALL6(SYS_mmap, at, granule(), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED, fd, 0);
        shim_buffered = ret == -EOPNOTSUPP || ret == -ENODEV ||
                        ret == -ENOSYS || ret == -EACCES || ret == -EINVAL;
        if (!shim_buffered && !raw_is_address(ret))
            return false;
    }
    if (shim_buffered && !map_common(at, granule()))
        return false;
    shim_header = at;
    return true;
}

bool file_start(const struct ouro_trace_header *parent, uint64_t fork_stamp)
{
    uint32_t serial;
    const uint32_t parent_pid = parent ? parent->pid : 0;
    const uint32_t parent_serial = parent ? parent->serial : 0;
    const uint32_t parent_signal = parent ? parent->signal : 0;
    if (!is_allowed(granule()))
        return false;
    const long fd = descriptor_create(&serial);
    if (fd < 0 || !map_header(fd)) {
        descriptor_abandon();
        return false;
    }
    struct ouro_trace_header h = fresh_header(serial);
    h.parent_pid = parent_pid;
    h.parent_serial = parent_serial;
    h.fork_stamp = fork_stamp;
    h.signal = parent_signal;
    *shim_header = h;
    if (shim_buffered)
        file_write(shim_header, sizeof h, 0);
    return true;
}
