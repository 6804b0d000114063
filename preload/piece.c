/* SPDX-License-Identifier: MIT */
#include "piece.h"

#include "clock.h"

#include <string.h>
#include <time.h>

static void write_chunk(struct piece *p)
{
    struct ouro_chunk *c = (struct ouro_chunk *)p->bytes;
    memset(p->at, 0, (size_t)(p->limit - p->at));
    *c = (struct ouro_chunk){
        .magic = OURO_CHUNK_MAGIC,
        .kind = OURO_CHUNK_SNAPSHOT,
        .len = p->len,
        .thread = p->snapshot,
        .first_stamp = p->stamp,
        .ns = clock_ns(CLOCK_MONOTONIC),
        .committed = (uint64_t)(p->at - (unsigned char *)(c + 1)),
        .sealed = 1,
        .os_thread = p->os_thread,
    };
    c->checksum = ouro_checksum(c + 1, c->committed);
    p->failed = !file_put(c + 1, p->len - sizeof *c, p->offset + sizeof *c) ||
                !file_put(c, sizeof *c, p->offset);
}

void piece_close(struct piece *p)
{
    if (!p->failed && p->offset)
        write_chunk(p);
    p->offset = 0;
}

static bool roll(struct piece *p, size_t need)
{
    piece_close(p);
    if (!p->failed)
        p->offset = file_reserve_if(sizeof(struct ouro_chunk) + need, &p->len);
    if (p->offset == 0) {
        p->failed = true;
        return false;
    }
    p->at = p->bytes + sizeof(struct ouro_chunk);
    p->limit = p->bytes + p->len;
    return true;
}

bool piece_begin(struct piece *p, int kind, size_t room)
{
    if (p->failed)
        return false;
    if ((p->offset == 0 || piece_room(p) < PIECE_HEAD + room) &&
        !roll(p, PIECE_HEAD + room))
        return false;
    p->record = p->at;
    *p->at = (unsigned char)kind;
    p->at += PIECE_HEAD;
    return true;
}

void piece_end(struct piece *p)
{
    const uint64_t len = (uint64_t)(p->at - p->record) - PIECE_HEAD;
    const uint64_t in_three = (len << 1 | 1) << 2;
    for (int i = 0; i < PIECE_HEAD - 1; i++)
        p->record[1 + i] = (unsigned char)(in_three >> 8 * i);
}

void piece_text(struct piece *p, const char *text)
{
    const size_t n = strnlen(text, OURO_MAX_STRING);
    p->at = encode_unsigned(p->at, n);
    p->at = encode_bytes(p->at, text, n);
}
