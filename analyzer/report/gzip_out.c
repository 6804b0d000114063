/* SPDX-License-Identifier: MIT */
#include "report/gzip_out.h"

#include "arena.h"

#include <stdlib.h>

#include <zlib.h>

enum { WINDOW = 15, AS_GZIP = 16, MEMORY = 8, PIECE = 1 << 16 };

struct gzip_out {
    z_stream z;
    FILE *to;
    unsigned char piece[PIECE];
};

struct gzip_out *gzip_out_begin(FILE *to)
{
    struct gzip_out *o = must_calloc(1, sizeof *o);
    o->to = to;
    if (deflateInit2(&o->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW + AS_GZIP,
                     MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        out_of_memory();
    return o;
}

/* deflate cannot fail where it has room and knows what it was given. */
static void run(struct gzip_out *o, int how)
{
    do {
        o->z.next_out = o->piece;
        o->z.avail_out = PIECE;
        deflate(&o->z, how);
        fwrite(o->piece, 1, PIECE - o->z.avail_out, o->to);
    } while (o->z.avail_out == 0);
}

void gzip_out_write(struct gzip_out *o, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    while (n > 0) {
        const unsigned take = n < PIECE ? (unsigned)n : PIECE;
        o->z.next_in = (unsigned char *)at;
        o->z.avail_in = take;
        run(o, Z_NO_FLUSH);
        at += take;
        n -= take;
    }
}

void gzip_out_end(struct gzip_out *o)
{
    run(o, Z_FINISH);
    deflateEnd(&o->z);
    free(o);
}
