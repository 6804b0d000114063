/* SPDX-License-Identifier: MIT */
#include "explain/open_files.h"

#include "arena.h"
#include "explain/limited_child.h"

#include <stdlib.h>
#include <string.h>

void open_files_init(struct open_files *o, uint32_t max, uint64_t max_bytes)
{
    *o = (struct open_files){
        .max = max < OPEN_FILES_MAX ? max : OPEN_FILES_MAX,
        .max_bytes = max_bytes,
        .mapped = limited_child_mapped(),
    };
}

static void *copy(const void *bytes, size_t len)
{
    char *at = must_calloc(len + 1, 1);
    if (len > 0)
        memcpy(at, bytes, len);
    return at;
}

static void release(struct open_file *f)
{
    symbol_file_close(&f->file);
    free((void *)f->source.path);
    free((void *)f->source.id.bytes);
    free((void *)f->source.pack);
    *f = (struct open_file){0};
}

void open_files_release(struct open_files *o)
{
    for (uint32_t i = 0; i < OPEN_FILES_MAX; i++)
        if (o->at[i].used > 0)
            release(&o->at[i]);
    o->n = 0;
}

static struct open_file *find(struct open_files *o, const struct elf_source *s)
{
    for (uint32_t i = 0; i < OPEN_FILES_MAX; i++)
        if (o->at[i].used > 0 && elf_source_is(&o->at[i].source, s))
            return &o->at[i];
    return NULL;
}

static void close_eldest(struct open_files *o)
{
    struct open_file *eldest = NULL;
    for (uint32_t i = 0; i < OPEN_FILES_MAX; i++)
        if (o->at[i].used > 0 && (!eldest || o->at[i].used < eldest->used))
            eldest = &o->at[i];
    release(eldest);
    o->n--;
}

static struct open_file *open_new(struct open_files *o,
                                  const struct elf_source *s)
{
    while (o->n > 0 && (o->n >= o->max ||
                        limited_child_mapped() > o->mapped + o->max_bytes))
        close_eldest(o);
    struct open_file *f = o->at;
    while (f->used > 0)
        f++;
    f->source = (struct elf_source){
        .path = copy(s->path, strlen(s->path)),
        .id = {copy(s->id.bytes, s->id.len), s->id.len},
        .end_ns = s->end_ns,
        .pack = s->pack ? (const char *)copy(s->pack, strlen(s->pack)) : NULL,
    };
    o->n++;
    o->n_opened++;
    symbol_file_open(&f->file, &f->source);
    return f;
}

struct symbol_file *open_files_get(struct open_files *o,
                                   const struct elf_source *source)
{
    struct open_file *f = find(o, source);
    if (!f)
        f = open_new(o, source);
    f->used = ++o->clock;
    return &f->file;
}
