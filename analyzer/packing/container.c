/* SPDX-License-Identifier: MIT */
#include "packing/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void container_begin(struct container *c, FILE *to, int level)
{
    *c = (struct container){0};
    seekable_begin(&c->bytes, to, level);
    seekable_put(&c->bytes, PACKED_MAGIC, sizeof PACKED_MAGIC - 1);
}

void container_number(struct container *c, uint64_t v)
{
    columns_put_number(&c->index, v);
}

void container_text(struct container *c, const void *bytes, size_t n)
{
    columns_put_number(&c->index, n);
    column_grow(&c->index, n);
    if (n > 0)
        memcpy(c->index.bytes + c->index.n, bytes, n);
    c->index.n += n;
}

void container_member(struct container *c, enum packed_kind kind,
                      const char *name, const unsigned char *build_id,
                      uint32_t build_id_len)
{
    c->n++;
    container_number(c, kind);
    container_text(c, name, strlen(name));
    if (kind == PACKED_MODULE || kind == PACKED_DEBUG)
        container_text(c, build_id, build_id_len);
}

bool container_end(struct container *c)
{
    struct packed_trailer t = {.magic = PACKED_TRAILER};
    struct column head = {0};
    seekable_cut(&c->bytes);
    t.offset = seekable_offset(&c->bytes);
    columns_put_number(&head, PACKED_VERSION);
    columns_put_number(&head, c->n);
    t.len = head.n + c->index.n;
    seekable_put(&c->bytes, head.bytes, head.n);
    seekable_put(&c->bytes, c->index.bytes, c->index.n);
    seekable_put(&c->bytes, &t, sizeof t);
    const bool good = seekable_end(&c->bytes);
    const int why = errno;
    free(head.bytes);
    free(c->index.bytes);
    *c = (struct container){0};
    errno = why;
    return good;
}
