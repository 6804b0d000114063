/* SPDX-License-Identifier: MIT */
/*
 * tokens.h - what records say apart from when and where: which comes next
 *
 * A token is a few words: a record's kind and those of its fields that come
 * again (a size, a change of the stack). It gets a number when it is first
 * met. Programs repeat themselves: what followed the last six, three, or one
 * tokens the last time is expected again, and costs one symbol then, mostly the
 * same one. Symbols: 0, 1, 2 what followed six, three, one; 3 another, its
 * number in COLUMN_TOKEN; 4 + number.
 *
 * Where the tables are full a new token has the number that comes next, again
 * and again, and is not kept.
 */
#ifndef ANALYZER_PACK_TOKENS_H
#define ANALYZER_PACK_TOKENS_H

#include "pack/columns.h"

enum {
    TOKEN_MAX_WORDS = 8192 + 16,
    TOKENS_MAX = 1 << 18,
    TOKENS_MAX_WORDS = 1 << 22,
};

struct tokens {
    uint32_t n, n_words, room, room_words;
    uint32_t *first; /* its words in `words`; the next one's first is its end */
    uint64_t *words;
    uint32_t *slots;  /* packing: numbers + 1 by hash, open addressing */
    uint32_t last[6]; /* the last tokens, newest first: number + 1 */
    uint32_t *after6, *after3, *after1; /* what followed: number + 1 */
};

struct token {
    uint32_t n;
    const uint64_t *words;
};

void tokens_init(struct tokens *t);
void tokens_release(struct tokens *t);

/* Codes one: its words when packing. The words given back are good until the
   next call; n is 0 after a fault. */
struct token tokens_code(struct tokens *t, struct columns *c,
                         const struct token *token);

/* A number for what happens here: it depends on the last three tokens. */
uint32_t tokens_place(const struct tokens *t);

#endif
