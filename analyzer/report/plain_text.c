/* SPDX-License-Identifier: MIT */
#include "report/plain_text.h"

#include "arena.h"
#include "report/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

unsigned plain_piece(char piece[PLAIN_PIECE], uint32_t c)
{
    if (!utf8_is_control(c))
        return utf8_put(piece, c);
    return (unsigned)snprintf(piece, PLAIN_PIECE,
                              c < 0x100 ? "\\x%02" PRIx32 : "\\u%04" PRIx32, c);
}

static void put(struct plain_text *p, char c)
{
    GROW(p->at, p->len, p->room);
    p->at[p->len++] = c;
}

const char *plain_text(struct plain_text *p, const char *text, char taken,
                       char instead)
{
    char piece[PLAIN_PIECE];
    p->len = 0;
    while (*text) {
        const unsigned n = plain_piece(piece, utf8_next(&text));
        for (unsigned i = 0; i < n; i++)
            put(p, piece[i] == taken ? instead : piece[i]);
    }
    put(p, 0);
    p->len--;
    return p->at;
}

void plain_text_release(struct plain_text *p)
{
    free(p->at);
    *p = (struct plain_text){0};
}
