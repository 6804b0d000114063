/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include "file.h"
#include "own.h"
#include "real.h"
#include "text.h"
#include "thread.h"

#include <stddef.h>
#include <sys/auxv.h>

static bool is_device(const char *path)
{
    const char *in_dev = text_after(path, "/dev/");
    if (in_dev)
        return !text_matches(in_dev, "zero*") && !text_matches(in_dev, "shm/*");
    return text_after(path, "anon_inode:") || text_after(path, "/dmabuf") ||
           text_after(path, "/sys/");
}

static bool is_wanted(const struct mapping *m)
{
    const bool is_anonymous = !m->path[0] || text_after(m->path, "[anon");
    return m->readable && (m->writable || is_anonymous) && !is_device(m->path);
}

/* Whole pages: nobody else has anything in them. */
static void add(struct ranges *to, const void *at, size_t len)
{
    const uintptr_t page = getauxval(AT_PAGESZ);
    const uintptr_t end = (uintptr_t)at + len + page - 1;
    ranges_add(to, (uintptr_t)at, end & ~(page - 1));
}

static void list_library(struct ranges *to)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    extern const char _end[] __attribute__((visibility("hidden")));
    const unsigned char *pool_end = shim_pool + REAL_POOL;
    ranges_add(to, (uintptr_t)__ehdr_start, (uintptr_t)shim_pool);
    add(to, pool_end, (uintptr_t)_end - (uintptr_t)pool_end);
}

void survey_own(struct ranges *to)
{
    uint32_t n;
    const struct range *noted = own_noted(&n);
    list_library(to);
    for (uint32_t i = 0; i < n; i++)
        add(to, (const void *)noted[i].start, noted[i].end - noted[i].start);
    if (shim_header)
        add(to, shim_header, shim_header->granule);
    for (const struct thread *t = thread_all(); t; t = t->next) {
        const struct ouro_chunk *c =
            __atomic_load_n(&t->chunk, __ATOMIC_ACQUIRE);
        add(to, t, sizeof *t);
        if (c)
            add(to, c, t->len);
    }
}

bool survey_open(struct survey *s, const struct ranges *own)
{
    s->own = own;
    s->now = (struct mapping){.path = ""};
    s->at = 0;
    return mappings_open(&s->mappings);
}

void survey_close(struct survey *s)
{
    mappings_close(&s->mappings);
}

/* What is left of the mapping, up to the next that is our own. */
static bool next_of_mapping(struct survey *s, struct range *piece)
{
    while (s->at < s->now.end) {
        const struct range *r = ranges_from(s->own, s->at);
        *piece = (struct range){s->at, s->now.end};
        s->at = s->now.end;
        if (r && r->start < piece->end) {
            s->at = r->end;
            piece->end = r->start;
        }
        if (piece->start < piece->end)
            return true;
    }
    return false;
}

bool survey_next(struct survey *s, struct range *piece)
{
    while (!next_of_mapping(s, piece)) {
        do
            if (!mappings_next(&s->mappings, &s->now))
                return false;
        while (!is_wanted(&s->now));
        s->at = s->now.start;
    }
    return true;
}
