/* SPDX-License-Identifier: MIT */
/*
 * columns.h - the numbers of a packed block, each field in a stream of its own
 *
 * What is alike stands together, which is what a compressor wants. One code
 * writes and reads them: a field is coded with the value that it has; packing
 * puts it into its column and gives it back, unpacking takes it from there and
 * gives that. So what reads cannot forget what wrote.
 *
 *     record->size = columns_number(c, COLUMN_NUMBER, record->size);
 *
 * A number is 7 bits a byte, low ones first, the top bit where more follow; 10
 * bytes at most. Where a column has ended or a number is too long, unpacking
 * gives 0 and sets `fault`, which its user looks at before a value is used as
 * a size.
 */
#ifndef ANALYZER_PACK_COLUMNS_H
#define ANALYZER_PACK_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_name {
    COLUMN_CHUNK,      /* of each chunk: records, how its stamps are coded */
    COLUMN_SYMBOL,     /* of each record: which one of those expected */
    COLUMN_TOKEN,      /* ... or which token */
    COLUMN_DEFINITION, /* the words of a new token */
    COLUMN_NAME,       /* new return addresses, lengths of new strings */
    COLUMN_TEXT,       /* bytes of strings and long records */
    COLUMN_EXCEPTION,  /* names that are not numbered as expected */
    COLUMN_TICK,       /* when time goes on */
    COLUMN_STAMP,      /* exact stamps */
    COLUMN_TAKEN,      /* which of the expected addresses is allocated */
    COLUMN_GIVEN,      /* ... is freed */
    COLUMN_MEANT,      /* ... is an object's */
    COLUMN_TAKEN_FAR,  /* those that were not expected ... */
    COLUMN_GIVEN_FAR,
    COLUMN_MEANT_FAR,
    N_COLUMNS
};

struct column {
    unsigned char *bytes;
    size_t n, room, at;
};

struct columns {
    bool packing; /* else the bytes are somebody else's */
    bool fault;
    struct column of[N_COLUMNS];
};

void columns_clear(struct columns *c);
void columns_release(struct columns *c);
size_t columns_size(const struct columns *c);

/* Makes room for n bytes more. */
void column_grow(struct column *to, size_t n);

uint64_t columns_take_number(struct columns *c, struct column *from);
void columns_put_number(struct column *to, uint64_t v);

static inline uint64_t columns_number(struct columns *c, enum column_name name,
                                      uint64_t v)
{
    if (!c->packing)
        return columns_take_number(c, &c->of[name]);
    columns_put_number(&c->of[name], v);
    return v;
}

static inline unsigned columns_byte(struct columns *c, enum column_name name,
                                    unsigned v)
{
    struct column *k = &c->of[name];
    if (c->packing) {
        if (k->n == k->room)
            column_grow(k, 1);
        k->bytes[k->n++] = (unsigned char)v;
        return v;
    }
    if (k->at < k->n)
        return k->bytes[k->at++];
    c->fault = true;
    return 0;
}

/* n bytes as they are: `bytes` when packing, else where they stand; NULL: they
   are not there. */
const unsigned char *columns_bytes(struct columns *c, enum column_name name,
                                   const unsigned char *bytes, size_t n);

static inline uint64_t columns_zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static inline int64_t columns_unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

/* The difference to `last`. */
static inline uint64_t columns_step(struct columns *c, enum column_name name,
                                    uint64_t v, uint64_t last)
{
    const uint64_t step = columns_zigzag((int64_t)(v - last));
    return last + (uint64_t)columns_unzigzag(columns_number(c, name, step));
}

#endif
