/* SPDX-License-Identifier: MIT */
#include "trace/strings.h"

#include "arena.h"
#include "trace/hash.h"

#include <string.h>

#include <xxhash.h>

/* Every table has a seed of its own, so that no file can be made to collide. */
#define HASH_NONFATAL_OOM      1
#define uthash_nonfatal_oom(e) out_of_memory()
#define HASH_FUNCTION(key, len, out)                                           \
    ((out) = (unsigned)XXH3_64bits_withSeed((key), (len), seed))
#include <uthash.h>

struct entry {
    UT_hash_handle hh;
    uint32_t id;
    char text[];
};

struct strings_index {
    struct entry *entries;
    struct arena arena;
    uint64_t seed;
    uint32_t room;
};

void strings_init(struct strings *s)
{
    *s = (struct strings){.index = must_calloc(1, sizeof *s->index)};
    s->index->seed = hash_seed();
    GROW(s->text, s->n, s->index->room);
    s->text[s->n++] = "";
}

void strings_release(struct strings *s)
{
    if (s->index) {
        HASH_CLEAR(hh, s->index->entries);
        arena_release(&s->index->arena);
    }
    free(s->index);
    free(s->text);
    *s = (struct strings){0};
}

static uint32_t add(struct strings *s, const char *bytes, size_t len)
{
    struct strings_index *index = s->index;
    const uint64_t seed = index->seed;

    if (s->n == UINT32_MAX)
        out_of_memory();
    struct entry *e = arena_alloc(&index->arena, sizeof *e + len + 1);
    memcpy(e->text, bytes, len);
    e->id = s->n;
    HASH_ADD_KEYPTR(hh, index->entries, e->text, len, e);
    GROW(s->text, s->n, index->room);
    s->text[s->n] = e->text;
    return s->n++;
}

uint32_t strings_id(struct strings *s, const char *bytes, size_t len)
{
    const uint64_t seed = s->index->seed;
    struct entry *found;

    len = len > 0 ? strnlen(bytes, len) : 0;
    if (len == 0)
        return 0;
    HASH_FIND(hh, s->index->entries, bytes, len, found);
    return found ? found->id : add(s, bytes, len);
}
