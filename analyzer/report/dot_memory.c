/* SPDX-License-Identifier: MIT */
/*
 * dot_memory.c - what memory says of a finding: who points at it, and what a
 * lost block leads to, word by word
 *
 * Drawn is one of the blocks that a leak is about, with its address: by breadth
 * first from it what is as lost as it is. Offsets are those of the words.
 */
#include "collect/reach.h"
#include "report/dot_out.h"
#include "report/text_pointers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ = 64, /* words at a block */
    FEW = 30,  /* blocks that are drawn, with their arrows */
};

/* What a link says as well is an arrow already. */
static void put_pointers(const struct dot_out *o)
{
    for (uint32_t i = 0; i < o->f->n_pointers; i++) {
        const struct pointer *p = &o->f->pointers[i];
        struct text_line l = {0};
        if (p->announced)
            continue;
        text_pointer(&l, p);
        fprintf(o->to, "    p%" PRIu32 " [style=rounded, label=\"", i);
        dot_line(o->to, l.text);
        fprintf(o->to, "\"];\n    p%" PRIu32 " -> ", i);
        dot_put_subject(o);
        fprintf(o->to, " [style=%s];\n",
                p->counts && !p->unsure ? "solid" : "dashed");
    }
}

struct lost_graph {
    const struct dot_out *o;
    const struct memory *m;
    uint32_t n, n_drawn; /* that it leads to; itself is the first */
    uint32_t *node;      /* by breadth first */
    uint32_t *number;    /* by node: 1 + its place there; 0: it is not */
};

static void find_lost(struct lost_graph *g, uint32_t first)
{
    const struct memory *m = g->m;
    g->node = ARENA_ARRAY(g->o->arena, m->n_blocks, uint32_t);
    g->number = ARENA_ARRAY(g->o->arena, m->g.n, uint32_t);
    g->node[g->n++] = first;
    g->number[first] = 1;
    for (uint32_t at = 0; at < g->n; at++) {
        const uint32_t v = g->node[at];
        for (uint32_t i = m->g.first[v]; i < m->g.first[v + 1]; i++) {
            const uint32_t w = m->g.to[i];
            if (w >= m->n_blocks || g->number[w] != 0 ||
                m->reached[w] != m->reached[first])
                continue;
            g->node[g->n++] = w;
            g->number[w] = g->n;
        }
    }
    const uint32_t most = g->o->most < FEW ? g->o->most : FEW;
    g->n_drawn = g->n < most || most == 0 ? g->n : most;
}

static void put_name(const struct lost_graph *g, uint32_t i)
{
    if (i == 0)
        dot_put_subject(g->o);
    else
        fprintf(g->o->to, "b%" PRIu32, i);
}

static void put_block(const struct lost_graph *g, uint32_t i)
{
    const struct image *image = g->o->image;
    const uint32_t v = g->node[i];
    const uint32_t now = g->m->now[v];
    struct text_line l = {0};
    fputs("    ", g->o->to);
    put_name(g, i);
    fputs(" [label=\"", g->o->to);
    if (now != OURO_NONE && image->shadow.blocks[now].object != OURO_NONE) {
        const struct object *k =
            &image->shadow.objects[image->shadow.blocks[now].object];
        dot_line(
            g->o->to,
            text_head(image->trace.strings.text[k->type], DOT_LABEL).bytes);
    }
    text_add(&l, "%s at 0x%" PRIx64,
             text_count(g->m->blocks[v].size, "byte").bytes,
             g->m->blocks[v].addr);
    dot_line(g->o->to, l.text);
    fputs("\"];\n", g->o->to);
}

static bool is_drawn(const struct lost_graph *g, uint32_t node)
{
    return node != OURO_NONE && g->number[node] != 0 &&
           g->number[node] <= g->n_drawn;
}

struct arrow {
    uint32_t from, to; /* as they are drawn */
    uint64_t offset;
    bool unsure;
};

/* As the boxes stand: never by address. */
static int compare_arrows(const void *a, const void *b)
{
    const struct arrow *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static void put_arrow(const struct lost_graph *g, const struct arrow *k)
{
    fputs("    ", g->o->to);
    put_name(g, k->from);
    fputs(" -> ", g->o->to);
    put_name(g, k->to);
    fprintf(g->o->to, " [label=\"+%" PRIu64 "\", style=%s];\n", k->offset,
            k->unsure ? "dashed" : "solid");
}

static void put_arrows(const struct lost_graph *g, struct trace *t)
{
    unsigned char *wanted = ARENA_ARRAY(g->o->arena, g->m->g.n, unsigned char);
    struct memory_word *words;
    uint32_t n = 0, n_arrows = 0;
    struct err e;
    for (uint32_t i = 0; i < g->n_drawn; i++)
        wanted[g->node[i]] = 1;
    if (memory_words(g->m, t, wanted, READ, g->o->arena, &words, &n, &e) != 0)
        return;
    struct arrow *arrows = ARENA_ARRAY(g->o->arena, n, struct arrow);
    for (uint32_t i = 0; i < n; i++)
        if (words[i].counts && is_drawn(g, words[i].from))
            arrows[n_arrows++] = (struct arrow){
                .from = g->number[words[i].from] - 1,
                .to = g->number[words[i].to] - 1,
                .offset = words[i].at - g->m->blocks[words[i].from].addr,
                .unsure = words[i].unsure,
            };
    if (n_arrows > 0)
        qsort(arrows, n_arrows, sizeof *arrows, compare_arrows);
    for (uint32_t i = 0; i < n_arrows; i++)
        put_arrow(g, &arrows[i]);
}

static void put_rest(const struct lost_graph *g)
{
    struct text_line l = {0};
    if (g->n_drawn == g->n)
        return;
    text_add(&l, "%s more that it leads to",
             text_count(g->n - g->n_drawn, "block").bytes);
    fputs("    rest [style=dashed, label=\"", g->o->to);
    dot_line(g->o->to, l.text);
    fprintf(g->o->to, "\"];\n    b%" PRIu32 " -> rest [style=dashed];\n",
            g->n_drawn - 1);
}

static void put_lost(const struct dot_out *o, struct image *image)
{
    struct lost_graph g = {.o = o, .m = &image->memory};
    const uint32_t v = memory_block(g.m, o->f->address);
    if (v == OURO_NONE || g.m->reached[v] == REACHED_SURELY)
        return;
    find_lost(&g, v);
    for (uint32_t i = 1; i < g.n_drawn; i++)
        put_block(&g, i);
    put_arrows(&g, &image->trace);
    if (g.n_drawn > 1)
        put_rest(&g);
}

void dot_memory(const struct dot_out *o, struct image *image)
{
    put_pointers(o);
    if (o->f->kind == FINDING_LEAK && o->f->address != 0 &&
        image->memory_is_made)
        put_lost(o, image);
}
