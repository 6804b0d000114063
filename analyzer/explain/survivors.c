/* SPDX-License-Identifier: MIT */
#include "explain/survivors.h"

#include "explain/finding.h"
#include "explain/fingerprint.h"
#include "explain/group.h"
#include "explain/kept.h"
#include "explain/site.h"
#include "explain/survivor_order.h"
#include "explain/unheld.h"

#include <stdlib.h>

/* What is shown as one: groups whose stacks have the same names. */
struct row {
    struct survivor is;
    uint64_t birth;  /* of the eldest */
    uint64_t most;   /* members of one group: that one's stack is shown */
    uint32_t before; /* of the member counted last: ages_before */
    struct marks marks;
};

struct survey {
    const struct shadow *s;
    struct trace *t;
    struct survivors *out;
    struct ages ages;
    struct weights w;
    struct groups groups;
    uint32_t *of_object, *of_block; /* groups, or OURO_NONE */
    struct symbols symbols;
    struct sites sites;
    struct table of_kind; /* kind -> row + 1 */
    uint32_t *row_of;     /* by group */
    struct row *rows;
    uint32_t n, room;
    struct table seen; /* (row, age): 1 */
    struct arena scratch;
};

static uint32_t put_in(struct survey *v, struct group key, uint32_t thing,
                       uint64_t stamp, struct held own)
{
    struct group *g = groups_find(&v->groups, &key);
    group_add(g, thing, stamp, own, own);
    return (uint32_t)(g - v->groups.at);
}

static void group_objects(struct survey *v, const unsigned char *unheld)
{
    const struct shadow *s = v->s;
    v->of_object = ARENA_ARRAY(&v->scratch, s->n_objects, uint32_t);
    for (uint32_t i = 0; i < s->n_objects; i++) {
        const struct object *k = &s->objects[i];
        const struct held own = {1, v->w.blocks[i], v->w.bytes[i]};
        const struct group key = {
            .stack = k->stack, .what = WHAT_OBJECT, .type = k->type};
        v->of_object[i] =
            unheld[i] || k->flags & (OBJECT_INHERITED | OBJECT_IGNORED)
                ? OURO_NONE
                : put_in(v, key, i, k->stamp, own);
    }
}

static uint32_t what_of(const struct block *b)
{
    return b->pool ? WHAT_ELEMENT : b->entry + 1u;
}

static void group_blocks(struct survey *v)
{
    const struct shadow *s = v->s;
    v->of_block = ARENA_ARRAY(&v->scratch, s->n_blocks, uint32_t);
    for (uint32_t i = 0; i < s->n_blocks; i++) {
        const struct block *b = &s->blocks[i];
        const struct group key = {.stack = b->stack, .what = what_of(b)};
        v->of_block[i] =
            v->w.covered[i] || b->inherited || b->ignored
                ? OURO_NONE
                : put_in(v, key, i, b->stamp, (struct held){0, 1, b->size});
    }
}

static int gather(struct survey *v, struct err *e)
{
    struct object_graph o;
    if (object_graph_make(&o, &v->scratch, v->s, e) != 0)
        return -1;
    v->ages = ages_find(&v->scratch, v->s);
    v->w = weights_find(&v->scratch, v->s);
    group_objects(v, unheld_find(&v->scratch, &o));
    group_blocks(v);
    return 0;
}

static bool knows_growth(const struct survey *v)
{
    return v->s->checkpoints.n_all > 1;
}

static void name_sites(struct survey *v, struct symbolizer *z,
                       void (*progress)(uint64_t done, uint64_t total))
{
    const struct checkpoints *c = &v->s->checkpoints;
    const uint32_t n_gone = knows_growth(v) ? c->n_gone : 0;
    uint32_t n = 0;
    uint32_t *stacks =
        must_calloc((size_t)v->groups.n + n_gone, sizeof *stacks);
    for (uint32_t i = 0; i < v->groups.n; i++)
        if (v->groups.at[i].stack != 0)
            stacks[n++] = v->groups.at[i].stack;
    for (uint32_t i = 0; i < n_gone; i++)
        if (c->gone[i].stack != 0)
            stacks[n++] = c->gone[i].stack;
    symbols_find(&v->symbols, z, &v->out->arena, v->t, stacks, n, progress);
    free(stacks);
    sites_init(&v->sites, &v->out->arena, v->t, &v->symbols);
}

static const char *type_text(const struct survey *v, uint32_t type)
{
    return v->t->strings.text[type];
}

static uint64_t kind_of(struct survey *v, uint32_t what, uint32_t type,
                        uint32_t stack)
{
    const uint64_t part =
        fingerprint_object(type_text(v, type), sites_text(&v->sites, stack));
    return hash_pair(0, part, what);
}

static const char *allocator_of(const struct group *g)
{
    static const char *const names[] = {OURO_ENTRY_NAMES};
    if (g->what == WHAT_OBJECT)
        return "";
    if (g->what == WHAT_ELEMENT)
        return "pool";
    return g->what <= OURO_N_ENTRIES ? names[g->what - 1] : "";
}

static void add_group(struct survey *v, uint32_t group)
{
    const struct group *g = &v->groups.at[group];
    const uint64_t kind = kind_of(v, g->what, g->type, g->stack);
    uint64_t known = table_get(&v->of_kind, kind);
    if (!known) {
        GROW(v->rows, v->n, v->room);
        v->rows[v->n++] = (struct row){.before = UINT32_MAX};
        table_set(&v->of_kind, kind, known = v->n);
    }
    struct row *r = &v->rows[known - 1];
    v->row_of[group] = (uint32_t)known - 1;
    if (r->is.n == 0 || g->birth < r->birth)
        r->birth = g->birth;
    r->is.n += g->instances;
    r->is.bytes += g->own.bytes;
    if (g->instances <= r->most)
        return;
    r->most = g->instances;
    r->is.type = type_text(v, g->type);
    r->is.allocator = allocator_of(g);
    r->is.stack = sites_shown(&v->sites, g->stack);
}

static void make_rows(struct survey *v)
{
    v->row_of = ARENA_ARRAY(&v->scratch, v->groups.n, uint32_t);
    for (uint32_t i = 0; i < v->groups.n; i++)
        add_group(v, i);
}

/* One member: its generation, where it has one, and its age. */
static void add_age(struct survey *v, uint32_t group, int generation,
                    uint64_t stamp)
{
    const uint32_t row = v->row_of[group];
    struct row *r = &v->rows[row];
    const uint32_t before = ages_before(&v->ages, stamp);
    if (generation == GC_NOWHERE)
        generation = v->ages.generation[before];
    r->is.in[generation > GC_OLDEST ? GC_OLDEST : generation]++;
    if (before == r->before)
        return;
    r->before = before;
    const uint64_t key = (uint64_t)row << 32 | before;
    if (table_get(&v->seen, key))
        return;
    table_set(&v->seen, key, 1);
    r->is.ages++;
}

static void add_ages(struct survey *v)
{
    const struct shadow *s = v->s;
    for (uint32_t i = 0; i < s->n_objects; i++)
        if (v->of_object[i] != OURO_NONE)
            add_age(v, v->of_object[i], s->objects[i].generation,
                    s->objects[i].stamp);
    for (uint32_t i = 0; i < s->n_blocks; i++)
        if (v->of_block[i] != OURO_NONE)
            add_age(v, v->of_block[i], GC_NOWHERE, s->blocks[i].stamp);
}

static void add_mark(struct survey *v, uint32_t group, uint64_t stamp,
                     struct tally much)
{
    if (group != OURO_NONE)
        marks_add(&v->rows[v->row_of[group]].marks, &v->s->checkpoints, stamp,
                  much);
}

static void add_block_mark(struct survey *v, uint32_t block, bool has_objects)
{
    const struct block *b = &v->s->blocks[block];
    struct tally much = {0, (int64_t)b->size};
    if (!has_objects && b->owner != OURO_NONE) {
        add_mark(v, v->of_object[b->owner], b->stamp, much);
    } else {
        much.n = 1;
        add_mark(v, v->of_block[block], b->stamp, much);
    }
}

static void add_gone(struct survey *v, const struct gone *g)
{
    const uint64_t row =
        table_get(&v->of_kind, kind_of(v, g->what, g->type, g->stack));
    if (row)
        marks_add_gone(&v->rows[row - 1].marks, &v->s->checkpoints, g);
}

static void add_marks(struct survey *v)
{
    const struct shadow *s = v->s;
    unsigned char *has_objects =
        ARENA_ARRAY(&v->scratch, s->n_blocks, unsigned char);
    for (uint32_t i = 0; i < s->n_objects; i++) {
        const struct object *k = &s->objects[i];
        const struct tally much = {1, (int64_t)k->bytes};
        add_mark(v, v->of_object[i], k->stamp, much);
        if (k->block != OURO_NONE)
            has_objects[k->block] = 1;
    }
    for (uint32_t i = 0; i < s->n_blocks; i++)
        add_block_mark(v, i, has_objects[i]);
    for (uint32_t i = 0; i < s->checkpoints.n_gone; i++)
        add_gone(v, &s->checkpoints.gone[i]);
}

static void judge_growth(struct row *r, const struct checkpoints *c)
{
    const uint64_t oldest = checkpoints_oldest(c);
    const struct tally *last =
        &r->marks.recent[(c->n_all - 1) % CHECKPOINTS_RECENT];
    const double steps = (double)(c->n_all - 1);
    r->is.growth = (double)(last->n - r->marks.first.n) / steps;
    r->is.growth_bytes =
        ((double)last->bytes - (double)r->marks.first.bytes) / steps;
    r->is.n_recent = (uint32_t)(c->n_all - oldest);
    r->is.grows = r->is.n_recent >= SURVIVORS_RISE;
    for (uint32_t i = 0; i < r->is.n_recent; i++) {
        r->is.recent[i] = r->marks.recent[(oldest + i) % CHECKPOINTS_RECENT].n;
        if (i > 0 && r->is.recent[i] <= r->is.recent[i - 1])
            r->is.grows = false;
    }
}

/* What the system keeps looks as it would as a leak. */
static bool is_kept(const struct survivor *s)
{
    const struct finding as_leak = {
        .kind = FINDING_LEAK,
        .blocks = s->n,
        .bytes = s->bytes,
        .stack = s->stack,
    };
    return *s->allocator && kept_reason(&as_leak);
}

static int by_suspicion(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    const int c = survivor_compare(&x->is, &y->is);
    return c ? c : (x->birth > y->birth) - (x->birth < y->birth);
}

static void put_rows(struct survey *v, bool with_kept)
{
    struct survivors *out = v->out;
    if (v->n > 0)
        qsort(v->rows, v->n, sizeof *v->rows, by_suspicion);
    out->at = ARENA_ARRAY(&out->arena, v->n, struct survivor);
    for (uint32_t i = 0; i < v->n; i++)
        if (with_kept || !is_kept(&v->rows[i].is))
            out->at[out->n++] = v->rows[i].is;
    out->by = v->ages.by;
    out->n_checkpoints = v->s->checkpoints.n_all;
}

static void release(struct survey *v)
{
    groups_release(&v->groups);
    table_release(&v->of_kind);
    table_release(&v->seen);
    free(v->rows);
    arena_release(&v->scratch);
}

int survivors_find(struct survivors *out, struct symbolizer *z,
                   const struct shadow *s, struct trace *t, bool with_kept,
                   void (*progress)(uint64_t done, uint64_t total),
                   struct err *e)
{
    *out = (struct survivors){0};
    struct survey v = {.s = s, .t = t, .out = out};
    groups_init(&v.groups);
    const int rc = gather(&v, e);
    if (rc == 0) {
        name_sites(&v, z, progress);
        make_rows(&v);
        add_ages(&v);
        if (knows_growth(&v))
            add_marks(&v);
        for (uint32_t i = 0; i < v.n && knows_growth(&v); i++)
            judge_growth(&v.rows[i], &s->checkpoints);
        put_rows(&v, with_kept);
        sites_release(&v.sites);
    }
    release(&v);
    return rc;
}

void survivors_release(struct survivors *v)
{
    arena_release(&v->arena);
    *v = (struct survivors){0};
}
