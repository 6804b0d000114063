/* SPDX-License-Identifier: MIT */
#include "pack/tokens.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    BITS = 18,
    SLOTS = 1 << (BITS + 1),
    SYMBOL_OTHER = 3,
    FIRST_NUMBER = 4,
    NUMBERS = 256 - FIRST_NUMBER,
};

void tokens_init(struct tokens *t)
{
    *t = (struct tokens){0};
    t->after6 = must_calloc(1 << BITS, sizeof *t->after6);
    t->after3 = must_calloc(1 << BITS, sizeof *t->after3);
    t->after1 = must_calloc(1 << BITS, sizeof *t->after1);
    t->room = 64;
    t->first = must_calloc(t->room, sizeof *t->first);
}

void tokens_release(struct tokens *t)
{
    free(t->first);
    free(t->words);
    free(t->slots);
    free(t->after6);
    free(t->after3);
    free(t->after1);
    *t = (struct tokens){0};
}

static uint32_t mix(const uint32_t *last, int n, uint32_t seed)
{
    uint64_t h = seed;
    for (int i = 0; i < n; i++)
        h = (h ^ last[i]) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> (64 - BITS));
}

uint32_t tokens_place(const struct tokens *t)
{
    return mix(t->last, 3, 3);
}

static struct token get(const struct tokens *t, uint32_t number)
{
    return (struct token){t->first[number + 1] - t->first[number],
                          t->words + t->first[number]};
}

static uint32_t *slot_of(struct tokens *t, const struct token *token)
{
    uint64_t h = token->n;
    for (uint32_t i = 0; i < token->n; i++)
        h = (h ^ token->words[i]) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    for (uint32_t i = (uint32_t)(h * 0x9e3779b97f4a7c15u >> (63 - BITS));;
         i = (i + 1) & (SLOTS - 1)) {
        if (t->slots[i] == 0)
            return &t->slots[i];
        const struct token is = get(t, t->slots[i] - 1);
        if (is.n == token->n &&
            memcmp(is.words, token->words, is.n * sizeof *is.words) == 0)
            return &t->slots[i];
    }
}

/* The words of a new one, behind all others. They stay there if there is
   room for more. */
static struct token define(struct tokens *t, struct columns *c,
                           const struct token *token)
{
    const uint32_t n = (uint32_t)columns_number(c, COLUMN_DEFINITION,
                                                c->packing ? token->n : 0);
    if (n == 0 || n > TOKEN_MAX_WORDS)
        c->fault = true;
    if (c->fault)
        return (struct token){0};
    while (t->room_words - t->n_words < n) {
        t->room_words = t->room_words ? 2 * t->room_words : 4096;
        t->words = must_realloc(t->words, t->room_words, sizeof *t->words);
    }
    uint64_t *words = t->words + t->n_words;
    for (uint32_t i = 0; i < n && !c->fault; i++)
        words[i] = columns_number(c, COLUMN_DEFINITION,
                                  c->packing ? token->words[i] : 0);
    if (c->fault)
        return (struct token){0};
    if (t->n < TOKENS_MAX && t->n_words + n <= TOKENS_MAX_WORDS) {
        if (t->n + 2 > t->room) {
            t->room *= 2;
            t->first = must_realloc(t->first, t->room, sizeof *t->first);
        }
        t->n_words += n;
        t->first[++t->n] = t->n_words;
    }
    return (struct token){n, words};
}

static uint32_t number_of(struct tokens *t, const struct token *token,
                          uint32_t **slot)
{
    if (!t->slots)
        t->slots = must_calloc(SLOTS, sizeof *t->slots);
    *slot = slot_of(t, token);
    return **slot ? **slot - 1 : t->n;
}

struct token tokens_code(struct tokens *t, struct columns *c,
                         const struct token *token)
{
    uint32_t *expected[] = {&t->after6[mix(t->last, 6, 6)],
                            &t->after3[mix(t->last, 3, 3)],
                            &t->after1[mix(t->last, 1, 1)]};
    uint32_t *slot = NULL;
    uint32_t number = 0;
    unsigned symbol = 0;
    if (c->packing) {
        number = number_of(t, token, &slot);
        while (symbol < SYMBOL_OTHER && *expected[symbol] != number + 1)
            symbol++;
        if (symbol == SYMBOL_OTHER && number < NUMBERS)
            symbol = FIRST_NUMBER + number;
    }
    symbol = columns_byte(c, COLUMN_SYMBOL, symbol);
    if (symbol == SYMBOL_OTHER)
        number = (uint32_t)columns_number(c, COLUMN_TOKEN, number);
    else if (!c->packing)
        number = symbol < SYMBOL_OTHER ? *expected[symbol] - 1
                                       : symbol - FIRST_NUMBER;
    if (number > t->n)
        c->fault = true;
    if (c->fault)
        return (struct token){0};
    for (int i = 0; i < 3; i++)
        *expected[i] = number + 1;
    memmove(t->last + 1, t->last, sizeof t->last - sizeof *t->last);
    t->last[0] = number + 1;
    if (number < t->n)
        return get(t, number);
    const struct token made = define(t, c, token);
    if (slot && number < t->n)
        *slot = number + 1;
    return made;
}
