/* SPDX-License-Identifier: MIT */
#include "pages.h"

#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>

/* struct pm_scan_arg of Linux 6.7; headers may be older than the kernel. */
struct scan {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t inverted, all_of, any_of, told;
};
#define SCAN _IOWR('f', 16, struct scan)

enum {
    SCAN_PRESENT = 1 << 3,
    SCAN_SWAPPED = 1 << 4,
    SCAN_ZERO = 1 << 5, /* the kernel's one page of zeros */
};

#define ENTRY_PRESENT ((uint64_t)1 << 63)
#define ENTRY_SWAPPED ((uint64_t)1 << 62)

/* A private mapping of a file is read whole up to this size: what was never
   written stands in the file, and the file may not be in memory. */
enum { SMALL_FILE = 16 * 1024 * 1024 };

static long open_own(const char *path)
{
    long fd;
    do
        fd = RAW_CALL4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    while (fd == -EINTR);
    return fd;
}

/* A page that was written out looks like one that nobody touched to all but the
   page map. */
static bool is_swapping(void)
{
    struct sysinfo info = {.totalswap = 1};
    return RAW_CALL1(SYS_sysinfo, &info) != 0 || info.freeswap < info.totalswap;
}

void pages_open(struct pages *p)
{
    p->pagemap = open_own("/proc/self/pagemap");
    p->mem = -1;
    p->pid = RAW_CALL0(SYS_getpid);
    p->page = getauxval(AT_PAGESZ);
    p->has_scan = p->pagemap >= 0;
    p->has_readv = true;
    p->has_swap = is_swapping();
    p->unreadable = 0;
}

void pages_close(struct pages *p)
{
    if (p->pagemap >= 0)
        RAW_CALL1(SYS_close, p->pagemap);
    if (p->mem >= 0)
        RAW_CALL1(SYS_close, p->mem);
}

/* Each answers: how far it looked, and what it found there (start == end:
   nothing). 0: it cannot look. */
static uintptr_t scan(struct pages *p, uint64_t any_of, uintptr_t from,
                      uintptr_t end, struct range *run)
{
    struct scan s = {
        .size = sizeof s,
        .start = from,
        .end = end,
        .vec = (uintptr_t)p->runs,
        .vec_len = 1,
        .inverted = SCAN_ZERO,
        .all_of = SCAN_ZERO,
        .any_of = any_of,
        .told = SCAN_PRESENT,
    };
    const long n = RAW_CALL3(SYS_ioctl, p->pagemap, SCAN, &s);
    if (n < 0)
        return 0;
    if (n == 0)
        return end;
    *run = (struct range){p->runs[0].start, p->runs[0].end};
    return run->end;
}

static uintptr_t look_up(struct pages *p, uint64_t any_of, uintptr_t from,
                         uintptr_t end, struct range *run)
{
    uintptr_t n = (end - from + p->page - 1) / p->page;
    if (n > PAGES_ROOM)
        n = PAGES_ROOM;
    const long got = RAW_CALL4(SYS_pread64, p->pagemap, p->entries, n * 8,
                               from / p->page * 8);
    if (got < 8)
        return 0;
    n = (uintptr_t)got / 8;
    uintptr_t first = 0;
    while (first < n && !(p->entries[first] & any_of))
        first++;
    uintptr_t last = first;
    while (last < n && (p->entries[last] & any_of))
        last++;
    *run = (struct range){from + first * p->page, from + last * p->page};
    return from + last * p->page;
}

static uintptr_t ask_resident(struct pages *p, uintptr_t from, uintptr_t end,
                              struct range *run)
{
    uintptr_t n = (end - from + p->page - 1) / p->page;
    if (n > sizeof p->resident)
        n = sizeof p->resident;
    if (RAW_CALL3(SYS_mincore, from, n * p->page, p->resident) != 0)
        return 0;
    uintptr_t first = 0;
    while (first < n && !(p->resident[first] & 1))
        first++;
    uintptr_t last = first;
    while (last < n && (p->resident[last] & 1))
        last++;
    *run = (struct range){from + first * p->page, from + last * p->page};
    return from + last * p->page;
}

static uintptr_t look(struct pages *p, enum pages_kind kind, uintptr_t from,
                      uintptr_t end, struct range *run)
{
    uintptr_t seen = 0;
    if (kind != PAGES_SHARED && p->has_scan) {
        seen = scan(p, SCAN_PRESENT | SCAN_SWAPPED, from, end, run);
        p->has_scan = seen > 0;
    }
    /* The next is slow where much is reserved. */
    if (kind == PAGES_PRIVATE && seen == 0 && !p->has_swap)
        seen = ask_resident(p, from, end, run);
    if (kind != PAGES_SHARED && seen == 0 && p->pagemap >= 0)
        seen = look_up(p, ENTRY_PRESENT | ENTRY_SWAPPED, from, end, run);
    if (kind != PAGES_COPIED && seen == 0)
        seen = ask_resident(p, from, end, run);
    if (seen > 0)
        return seen;
    *run = (struct range){from, end};
    return end;
}

bool pages_next(struct pages *p, enum pages_kind kind, uintptr_t from,
                uintptr_t end, struct range *run)
{
    *run = (struct range){from, end};
    if (kind == PAGES_COPIED && end - from <= SMALL_FILE)
        return from < end;
    for (uintptr_t seen = from & ~(p->page - 1); seen < end;) {
        *run = (struct range){seen, seen};
        seen = look(p, kind, seen, end, run);
        if (run->start < from)
            run->start = from;
        if (run->end > end)
            run->end = end;
        if (run->start < run->end)
            return true;
    }
    return false;
}

bool pages_present(struct pages *p, uintptr_t from, uintptr_t end,
                   struct range *run)
{
    while (from < end) {
        uintptr_t seen = 0;
        *run = (struct range){from, from};
        if (p->has_scan)
            seen = scan(p, SCAN_PRESENT, from, end, run);
        if (seen == 0 && p->pagemap >= 0)
            seen = look_up(p, ENTRY_PRESENT, from, end, run);
        if (seen == 0)
            return false;
        if (run->end > end)
            run->end = end;
        if (run->start < run->end)
            return true;
        from = seen;
    }
    return false;
}

static long read_mem(struct pages *p, void *to, uintptr_t at, size_t n)
{
    if (p->mem == -1)
        p->mem = open_own("/proc/self/mem");
    return p->mem < 0 ? p->mem : RAW_CALL4(SYS_pread64, p->mem, to, n, at);
}

size_t pages_copy(struct pages *p, void *to, uintptr_t at, size_t n)
{
    const struct iovec local = {to, n}, remote = {(void *)at, n};
    long got = -ENOSYS;
    if (p->has_readv)
        got = RAW_CALL6(SYS_process_vm_readv, p->pid, &local, 1, &remote, 1, 0);
    if (got == -ENOSYS || got == -EPERM) {
        p->has_readv = false;
        got = read_mem(p, to, at, n);
    }
    return got > 0 ? (size_t)got : 0;
}
