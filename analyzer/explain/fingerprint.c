/* SPDX-License-Identifier: MIT */
#include "explain/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The second text begins where the first one's hash ends: no separator that a
   text could contain. */
static uint64_t hash_texts(const char *a, const char *b)
{
    return XXH64(b, strlen(b), XXH64(a, strlen(a), 0));
}

uint64_t fingerprint_object(const char *type, const char *site)
{
    return hash_texts(type, site);
}

/* "items[17].key" and "items[3].key" are one field. */
uint64_t fingerprint_field(const char *field)
{
    uint64_t hash = 0;
    while (*field) {
        const size_t n = strcspn(field, "[") + 1;
        if (!field[n - 1])
            return XXH64(field, n - 1, hash);
        hash = XXH64(field, n, hash);
        field += n;
        field += strspn(field, "0123456789");
    }
    return hash;
}

uint64_t fingerprint_edge(uint64_t owner, const char *field, uint64_t target)
{
    const uint64_t parts[] = {owner, fingerprint_field(field), target};
    unsigned char bytes[sizeof parts];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(parts[i / 8] >> (8 * (i % 8)));
    return XXH64(bytes, sizeof bytes, 0);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void fingerprint_set(char id[17], const char *family, uint64_t *parts,
                     uint32_t n)
{
    if (n > 0)
        qsort(parts, n, sizeof *parts, by_value);
    uint64_t hash = XXH64(family, strlen(family), 0);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || parts[i] != parts[i - 1])
            hash = fingerprint_edge(hash, "", parts[i]);
    snprintf(id, 17, "%016" PRIx64, hash);
}
