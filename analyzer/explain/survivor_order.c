/* SPDX-License-Identifier: MIT */
#include "explain/survivor_order.h"

#include <string.h>

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const struct place *x, const struct place *y)
{
    int c = strcmp(x->function, y->function);
    if (c == 0)
        c = strcmp(x->file, y->file);
    if (c == 0)
        c = compare(x->line, y->line);
    if (c == 0)
        c = strcmp(x->module, y->module);
    return c ? c : compare(x->offset, y->offset);
}

static int compare_stacks(const struct places *x, const struct places *y)
{
    for (uint32_t i = 0; i < x->n && i < y->n; i++) {
        const int c = compare_places(&x->at[i], &y->at[i]);
        if (c != 0)
            return c;
    }
    return compare(x->n, y->n);
}

static int bits_of(uint64_t n)
{
    return n == 0 ? 0 : 64 - __builtin_clzll(n);
}

int survivor_compare(const struct survivor *x, const struct survivor *y)
{
    int c = bits_of(y->ages) - bits_of(x->ages);
    if (c == 0)
        c = (x->growth < y->growth) - (x->growth > y->growth);
    if (c == 0)
        c = compare(y->ages, x->ages);
    if (c == 0)
        c = compare(y->bytes, x->bytes);
    if (c == 0)
        c = compare(y->n, x->n);
    if (c == 0)
        c = strcmp(x->type, y->type);
    if (c == 0)
        c = strcmp(x->allocator, y->allocator);
    return c ? c : compare_stacks(&x->stack, &y->stack);
}
