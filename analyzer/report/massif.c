/* SPDX-License-Identifier: MIT */
/*
 * massif.c - the heap in the course of the run, as Valgrind's massif writes it
 *
 * ms_print and massif-visualizer read it. As there, a tree begins with what
 * called the allocator and goes outwards, 30 places at most, and what is below
 * one per cent of the whole is only counted. A '#' in a name is written '@',
 * because ms_print takes the rest of the line for a comment.
 */
#include "report/call_tree.h"
#include "report/plain_text.h"
#include "report/profile_format.h"
#include "report/timeline.h"

#include "arena.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DEPTH = 30, PER_CENT = 100 };

#define SEPARATOR "#-----------\n"

/* A place of a trace's frame. */
struct spot {
    uint32_t frame; /* OURO_NONE: no stack was recorded */
    uint32_t place;
};

struct massif {
    FILE *to;
    const struct profile *p;
    struct plain_text plain;
    uint32_t n, room;
    struct spot *spots; /* node.frame: index in them */
    struct table of;    /* frame, place -> index in spots + 1 */
};

static const char *safe(struct massif *m, const char *text)
{
    return plain_text(&m->plain, text, '#', '@');
}

static uint32_t spot_id(struct massif *m, uint32_t frame, uint32_t place)
{
    const uint64_t key = (uint64_t)frame << 32 | place;
    uint64_t known = table_get(&m->of, key);
    if (known == 0) {
        GROW(m->spots, m->n, m->room);
        m->spots[m->n++] = (struct spot){frame, place};
        table_set(&m->of, key, known = m->n);
    }
    return (uint32_t)known - 1;
}

static uint32_t step(struct call_tree *t, uint32_t node, uint32_t spot,
                     uint64_t bytes)
{
    node = call_tree_child(t, node, spot);
    t->at[node].value[INUSE_SPACE] += bytes;
    return node;
}

/* Its innermost places, the innermost first. */
static void put_in(struct massif *m, struct call_tree *t,
                   const struct timeline_row *row)
{
    const struct stacks *k = &m->p->trace->stacks;
    uint32_t node = 0;
    uint32_t left = DEPTH;
    t->at[0].value[INUSE_SPACE] += row->bytes;
    for (uint32_t s = row->stack; s > 0 && left > 0; s = k->parent[s]) {
        const struct places p = profile_places(m->p, k->frame[s]);
        for (uint32_t i = 0; i < p.n && left > 0; i++, left--)
            node = step(t, node, spot_id(m, k->frame[s], i), row->bytes);
    }
    if (node == 0)
        step(t, 0, spot_id(m, OURO_NONE, 0), row->bytes);
}

static int by_bytes(const void *to, const struct call_node *a,
                    const struct call_node *b)
{
    const struct massif *m = to;
    const struct spot *x = &m->spots[a->frame];
    const struct spot *y = &m->spots[b->frame];
    const uint64_t p = a->value[INUSE_SPACE];
    const uint64_t q = b->value[INUSE_SPACE];
    if (p != q)
        return p > q ? -1 : 1;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void put_place(struct massif *m, uint64_t ip, const struct place *p)
{
    fprintf(m->to, "0x%" PRIX64 ": %s", ip,
            *p->function ? safe(m, p->function) : "???");
    if (*p->file && p->line)
        fprintf(m->to, " (%s:%" PRIu32 ")", safe(m, p->file), p->line);
    else if (*p->file)
        fprintf(m->to, " (%s)", safe(m, p->file));
    else if (*p->module)
        fprintf(m->to, " (in %s)", safe(m, p->module));
}

static void put_label(struct massif *m, const struct spot *s)
{
    if (s->frame == OURO_NONE)
        fputs("(no stack recorded)", m->to);
    else
        put_place(m, m->p->trace->stacks.frames[s->frame].ip,
                  &profile_places(m->p, s->frame).at[s->place]);
    fputc('\n', m->to);
}

static int depth_of(const struct call_tree *t, uint32_t n)
{
    int depth = 0;
    for (; n != 0; n = t->at[n].parent)
        depth++;
    return depth;
}

static bool is_small(const struct call_tree *t, uint32_t n)
{
    return (double)t->at[n].value[INUSE_SPACE] * PER_CENT <
           (double)t->at[0].value[INUSE_SPACE];
}

/* How many lines stand under n: what is small shares one. */
static unsigned lines_under(const struct call_tree *t, uint32_t n)
{
    unsigned lines = 0;
    for (uint32_t c = t->at[n].child; c != 0; c = t->at[c].next) {
        lines++;
        if (is_small(t, c))
            break;
    }
    return lines;
}

/* n and the siblings behind it, which are smaller still. */
static void put_small(struct massif *m, const struct call_tree *t, uint32_t n)
{
    uint64_t bytes = 0;
    unsigned places = 0;
    const int depth = depth_of(t, n);
    for (; n != 0; n = t->at[n].next) {
        bytes += t->at[n].value[INUSE_SPACE];
        places++;
    }
    fprintf(m->to,
            "%*sn0: %" PRIu64 " in %u place%s, %sbelow massif's threshold "
            "(1.00%%)\n",
            depth, "", bytes, places, places == 1 ? "" : "s",
            places == 1 ? "" : "all ");
}

static void put_tree(struct massif *m, const struct timeline_point *point)
{
    struct call_tree t;
    call_tree_init(&t);
    for (uint32_t i = 0; i < point->n; i++)
        put_in(m, &t, &point->rows[i]);
    call_tree_order(&t, by_bytes, m);
    fprintf(m->to,
            "n%u: %" PRIu64 " (heap allocation functions) malloc/new/new[], "
            "--alloc-fns, etc.\n",
            lines_under(&t, 0), t.at[0].value[INUSE_SPACE]);
    for (uint32_t n = call_tree_next(&t, 0); n != 0;) {
        if (is_small(&t, n)) {
            put_small(m, &t, n);
            n = call_tree_past(&t, t.at[n].parent);
            continue;
        }
        fprintf(m->to, "%*sn%u: %" PRIu64 " ", depth_of(&t, n), "",
                lines_under(&t, n), t.at[n].value[INUSE_SPACE]);
        put_label(m, &m->spots[t.at[n].frame]);
        n = call_tree_next(&t, n);
    }
    call_tree_release(&t);
}

static void put_head(struct massif *m, const struct image *i)
{
    uint32_t n;
    const char *const *command = image_command(i, &n);
    fputs("desc: ouro export --format=massif\ncmd:", m->to);
    for (uint32_t k = 0; k < n; k++)
        fprintf(m->to, " %s", safe(m, command[k]));
    if (n == 0)
        fprintf(m->to, " %s", safe(m, i->trace.exe ? i->trace.exe : i->path));
    fputs("\ntime_unit: ms\n", m->to);
}

static void put_point(struct massif *m, unsigned number,
                      const struct timeline_point *p)
{
    fprintf(m->to,
            SEPARATOR "snapshot=%u\n" SEPARATOR "time=%.3f\nmem_heap_B=%" PRIu64
                      "\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=%s\n",
            number, trace_seconds(m->p->trace, p->stamp) * 1e3, p->bytes,
            p->is_peak       ? "peak"
            : p->is_detailed ? "detailed"
                             : "empty");
    if (p->is_detailed)
        put_tree(m, p);
}

static void image(struct profile_out *o, const struct image *i,
                  const struct profile *p)
{
    struct massif m = {.to = o->to, .p = p};
    put_head(&m, i);
    for (uint32_t k = 0; k < o->timeline->n; k++)
        put_point(&m, k, &o->timeline->at[k]);
    plain_text_release(&m.plain);
    table_release(&m.of);
    free(m.spots);
}

static void nothing(struct profile_out *o)
{
    (void)o;
}

const struct profile_format profile_massif = {.name = "massif",
                                              .begin = nothing,
                                              .image = image,
                                              .end = nothing,
                                              .of_one_image = true,
                                              .with_timeline = true};
