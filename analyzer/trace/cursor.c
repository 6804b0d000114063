/* SPDX-License-Identifier: MIT */
#include "trace/cursor.h"

#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the trace's integers are read as they are");

/* Enough that the calls do not count, little enough that a thousand threads'
   chunks can be open at once. */
enum { WINDOW = 32 * 1024 };

static void make_room(struct cursor *c, size_t room)
{
    const size_t pending = (size_t)(c->end - c->at);
    unsigned char *bytes = must_calloc(1, room + CURSOR_SLACK);
    if (pending > 0)
        memcpy(bytes, c->at, pending);
    free(c->bytes);
    c->bytes = bytes;
    c->room = room;
    c->at = bytes;
    c->end = bytes + pending;
}

void cursor_open(struct cursor *c, int fd, uint64_t offset, uint64_t len)
{
    *c = (struct cursor){.fd = fd, .file_at = offset, .left = len};
    make_room(c, len < WINDOW ? (size_t)len : WINDOW);
}

void cursor_close(struct cursor *c)
{
    free(c->bytes);
    *c = (struct cursor){0};
}

/* False: end of file, or an error. */
static bool read_whole(int fd, unsigned char *to, size_t n, uint64_t offset)
{
    while (n > 0) {
        const ssize_t got = pread(fd, to, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

bool cursor_fill(struct cursor *c, size_t n)
{
    const size_t pending = (size_t)(c->end - c->at);
    if (n > pending + c->left)
        n = pending + (size_t)c->left;
    if (n > c->room)
        make_room(c, n);
    else
        memmove(c->bytes, c->at, pending);
    size_t more = c->room - pending;
    if (more > c->left)
        more = (size_t)c->left;
    c->at = c->bytes;
    c->end = c->bytes + pending;
    if (!read_whole(c->fd, c->bytes + pending, more, c->file_at))
        return false;
    c->end += more;
    c->left -= more;
    c->file_at += more;
    return true;
}

void cursor_seek(struct cursor *c, uint64_t offset)
{
    const uint64_t ahead = offset - cursor_offset(c);
    const size_t pending = (size_t)(c->end - c->at);
    if (ahead <= pending) {
        c->at += ahead;
        return;
    }
    c->at = c->end;
    c->left -= ahead - pending;
    c->file_at = offset;
}
