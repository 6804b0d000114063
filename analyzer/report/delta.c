/* SPDX-License-Identifier: MIT */
#include "report/delta.h"

#include <stdlib.h>
#include <string.h>

/* What is kept of the first moment, when the second is looked at. */
struct known {
    char id[17];
    struct delta_side side;
    bool matched;
};

struct first {
    uint32_t n;
    struct known *at; /* by id */
    uint32_t n_types;
    struct delta_type *types; /* by name */
};

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static void add(struct delta_side *s, enum reach reach, uint64_t instances,
                uint64_t blocks, uint64_t bytes)
{
    struct delta_sum *const sums[] = {&s->of[reach], &s->all};
    for (int i = 0; i < 2; i++) {
        sums[i]->instances += instances;
        sums[i]->blocks += blocks;
        sums[i]->bytes += bytes;
    }
}

static struct delta_side side_of(const struct finding *f)
{
    struct delta_side s = {0};
    add(&s, f->reach, f->instances, f->blocks, f->bytes);
    for (uint32_t i = 0; i < f->n_elsewhere; i++)
        add(&s, f->elsewhere[i].reach, f->elsewhere[i].instances,
            f->elsewhere[i].blocks, f->elsewhere[i].bytes);
    return s;
}

static int by_id(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    return strcmp(x->id, y->id);
}

static int by_type(const void *a, const void *b)
{
    const struct delta_type *x = a, *y = b;
    return strcmp(x->type, y->type);
}

/* Objects by type, by name; counted as `after`. */
static struct delta_type *count_types(struct arena *a, const struct image *i,
                                      uint32_t *n)
{
    const struct shadow *s = &i->shadow;
    const struct strings *strings = &i->trace.strings;
    struct delta_type *all =
        must_calloc(strings->n, sizeof *all); /* by string */
    for (uint32_t v = 0; v < s->n_objects; v++) {
        all[s->objects[v].type].after++;
        all[s->objects[v].type].bytes_after += s->objects[v].bytes;
    }
    *n = 0;
    for (uint32_t k = 0; k < strings->n; k++) {
        if (all[k].after == 0)
            continue;
        const char *name = strings->text[k] ? strings->text[k] : "";
        all[*n] = all[k];
        all[(*n)++].type = arena_text(a, name, strlen(name));
    }
    if (*n > 0)
        qsort(all, *n, sizeof *all, by_type);
    return all;
}

static void look_first(struct first *first, struct arena *a,
                       const struct image *i)
{
    const struct findings *all = &i->findings;
    first->at = must_calloc(all->n, sizeof *first->at);
    first->n = all->n;
    for (uint32_t k = 0; k < all->n; k++) {
        memcpy(first->at[k].id, all->at[k].id, sizeof first->at[k].id);
        first->at[k].side = side_of(&all->at[k]);
    }
    if (first->n > 0)
        qsort(first->at, first->n, sizeof *first->at, by_id);
    first->types = count_types(a, i, &first->n_types);
}

static uint64_t lost_bytes(const struct delta_side *s)
{
    return s->of[REACH_DEFINITE].bytes + s->of[REACH_POSSIBLE].bytes;
}

static uint64_t lost_blocks(const struct delta_side *s)
{
    return s->of[REACH_DEFINITE].blocks + s->of[REACH_POSSIBLE].blocks;
}

static int compare_sums(const struct delta_sum *a, const struct delta_sum *b)
{
    int c = compare(a->instances, b->instances);
    if (c == 0)
        c = compare(a->blocks, b->blocks);
    return c ? c : compare(a->bytes, b->bytes);
}

static enum delta_what judge(const struct delta_side *before,
                             const struct delta_side *after)
{
    const int c = compare_sums(&after->all, &before->all);
    if (before->all.instances == 0)
        return DELTA_APPEARED;
    if (after->all.instances == 0)
        return DELTA_GONE;
    if (lost_blocks(after) > lost_blocks(before) ||
        lost_bytes(after) > lost_bytes(before))
        return DELTA_LOST;
    if (c == 0)
        return DELTA_SAME;
    return c > 0 ? DELTA_GREW : DELTA_SHRANK;
}

static void add_row(struct delta *d, const char *id, const struct finding *f,
                    const struct delta_side *before,
                    const struct delta_side *after)
{
    const enum delta_what what = judge(before, after);
    if (what != DELTA_SAME)
        d->rows[d->n++] = (struct delta_row){
            .what = what,
            .id = arena_text(&d->arena, id, strlen(id)),
            .f = f,
            .before = *before,
            .after = *after,
        };
}

static int64_t more(const struct delta_row *r)
{
    return (int64_t)(r->after.all.bytes - r->before.all.bytes);
}

static int by_change(const void *a, const void *b)
{
    const struct delta_row *x = a, *y = b;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    if (more(x) != more(y))
        return more(x) > more(y) ? -1 : 1;
    return strcmp(x->id, y->id);
}

static void match(struct delta *d, struct first *first, const struct image *i)
{
    const struct delta_side none = {0};
    d->rows = ARENA_ARRAY(&d->arena, (size_t)first->n + i->findings.n,
                          struct delta_row);
    for (uint32_t k = 0; k < i->findings.n; k++) {
        const struct finding *f = &i->findings.at[k];
        struct known key = {.matched = false};
        memcpy(key.id, f->id, sizeof key.id);
        struct known *was =
            first->n > 0 ? bsearch(&key, first->at, first->n, sizeof key, by_id)
                         : NULL;
        const struct delta_side after = side_of(f);
        if (was)
            was->matched = true;
        add_row(d, f->id, f, was ? &was->side : &none, &after);
    }
    for (uint32_t k = 0; k < first->n; k++)
        if (!first->at[k].matched)
            add_row(d, first->at[k].id, NULL, &first->at[k].side, &none);
    if (d->n > 0)
        qsort(d->rows, d->n, sizeof *d->rows, by_change);
}

static int by_more(const void *a, const void *b)
{
    const struct delta_type *x = a, *y = b;
    const int64_t m = (int64_t)(x->after - x->before);
    const int64_t n = (int64_t)(y->after - y->before);
    if (m != n)
        return m > n ? -1 : 1;
    return by_type(a, b);
}

static void add_type(struct delta *d, struct delta_type t)
{
    if (t.before != t.after)
        d->types[d->n_types++] = t;
}

/* Both lists are by name. */
static void match_types(struct delta *d, const struct first *first,
                        const struct image *i)
{
    uint32_t n;
    struct delta_type *now = count_types(&d->arena, i, &n);
    d->types =
        ARENA_ARRAY(&d->arena, (size_t)n + first->n_types, struct delta_type);
    for (uint32_t a = 0, b = 0; a < first->n_types || b < n;) {
        const int c = a == first->n_types ? 1
                      : b == n            ? -1
                               : strcmp(first->types[a].type, now[b].type);
        struct delta_type t = c > 0 ? now[b] : first->types[a];
        if (c <= 0) {
            t.before = first->types[a].after;
            t.bytes_before = first->types[a].bytes_after;
            t.after = c == 0 ? now[b].after : 0;
            t.bytes_after = c == 0 ? now[b].bytes_after : 0;
        }
        a += c <= 0;
        b += c >= 0;
        add_type(d, t);
    }
    if (d->n_types > 0)
        qsort(d->types, d->n_types, sizeof *d->types, by_more);
    free(now);
}

/* Is the snapshot of this moment, and not of one before it? */
static bool is_of(const struct snapshot *s, const struct delta_moment *m)
{
    if (m->ends)
        return s->stamp == m->stamp;
    return snapshot_is_last(s);
}

static int analyse_at(struct image *i, struct delta_moment *m)
{
    i->gc.ends = m->ends;
    i->gc.until = m->stamp;
    i->shown = REACH_SHOWN_ALL;
    if (image_analyse(i) != 0)
        return -1;
    m->seen = i->memory_is_made && is_of(i->memory.snapshot, m);
    return 0;
}

int delta_make(struct delta *d, struct image *i)
{
    struct first first = {0};
    d->image = i;
    if (analyse_at(i, &d->from) != 0)
        return -1;
    look_first(&first, &d->arena, i);
    image_release(i);
    const int rc = analyse_at(i, &d->to);
    if (rc == 0) {
        match(d, &first, i);
        match_types(d, &first, i);
    }
    free(first.at);
    free(first.types);
    return rc;
}

void delta_release(struct delta *d)
{
    arena_release(&d->arena);
    *d = (struct delta){0};
}

const char *delta_word(enum delta_what what)
{
    static const char *const words[] = {
        [DELTA_SAME] = "same",     [DELTA_APPEARED] = "appeared",
        [DELTA_LOST] = "lost",     [DELTA_GREW] = "grew",
        [DELTA_SHRANK] = "shrank", [DELTA_GONE] = "gone",
    };
    return words[what];
}
