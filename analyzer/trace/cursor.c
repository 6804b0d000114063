/* SPDX-License-Identifier: MIT */
#include "trace/cursor.h"

#include "arena.h"

#include <stdlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the trace's integers are read as they are");

static void make_room(struct cursor *c, size_t room)
{
    const size_t pending = (size_t)(c->end - c->at);
    unsigned char *bytes = must_realloc(NULL, room + CURSOR_SLACK, 1);
    if (pending > 0)
        memcpy(bytes, c->at, pending);
    free(c->bytes);
    c->bytes = bytes;
    c->room = room;
    c->at = bytes;
    c->end = bytes + pending;
}

void cursor_open(struct cursor *c, const struct source *from, uint64_t offset,
                 uint64_t len, size_t window)
{
    *c = (struct cursor){.from = from, .file_at = offset, .left = len};
    make_room(c, window ? window : source_window(from, len));
}

void cursor_close(struct cursor *c)
{
    free(c->bytes);
    *c = (struct cursor){0};
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
    if (!source_read(c->from, c->bytes + pending, more, c->file_at))
        return false;
    c->end += more;
    memset(c->bytes + pending + more, 0, CURSOR_SLACK);
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
