/* SPDX-License-Identifier: MIT */
#include "mappings.h"

#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

bool mappings_open(struct mappings *m)
{
    m->at = m->n = 0;
    do
        m->fd = RAW_CALL4(SYS_openat, AT_FDCWD, "/proc/self/maps",
                          O_RDONLY | O_CLOEXEC, 0);
    while (m->fd == -EINTR);
    return m->fd >= 0;
}

void mappings_close(struct mappings *m)
{
    RAW_CALL1(SYS_close, m->fd);
}

/* More bytes behind those that are left; of a line that fills all the room the
   second half is forgotten. False: there are none. */
static bool read_more(struct mappings *m)
{
    long n;
    memmove(m->bytes, m->bytes + m->at, m->n - m->at);
    m->n -= m->at;
    m->at = 0;
    if (m->n == sizeof m->bytes)
        m->n /= 2;
    do
        n = RAW_CALL3(SYS_read, m->fd, m->bytes + m->n, sizeof m->bytes - m->n);
    while (n == -EINTR);
    if (n <= 0)
        return false;
    m->n += (uint32_t)n;
    return true;
}

/* The next line, without its end. NULL: there is none. */
static const char *next_line(struct mappings *m)
{
    char *end;
    while (!(end = memchr(m->bytes + m->at, '\n', m->n - m->at)))
        if (!read_more(m))
            return NULL;
    *end = '\0';
    const char *line = m->bytes + m->at;
    m->at = (uint32_t)(end + 1 - m->bytes);
    return line;
}

static uintptr_t take_hex(const char **at)
{
    uintptr_t v = 0;
    for (;; (*at)++) {
        const char c = **at;
        if (c >= '0' && c <= '9')
            v = v << 4 | (uintptr_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uintptr_t)(c - 'a' + 10);
        else
            return v;
    }
}

/* Behind offset, device and inode, and the blanks. */
static const char *path_in(const char *at)
{
    for (int field = 0; field < 3; field++) {
        at += strspn(at, " ");
        at += strcspn(at, " ");
    }
    return at + strspn(at, " ");
}

bool mappings_next(struct mappings *m, struct mapping *next)
{
    const char *at = next_line(m);
    if (!at)
        return false;
    next->start = take_hex(&at);
    if (*at == '-')
        at++;
    next->end = take_hex(&at);
    if (*at == ' ' && strnlen(at, 6) >= 5) {
        next->readable = at[1] == 'r';
        next->writable = at[2] == 'w';
        next->shared = at[4] == 's';
        next->path = path_in(at + 5);
        return true;
    }
    *next = (struct mapping){.path = ""};
    return true;
}
