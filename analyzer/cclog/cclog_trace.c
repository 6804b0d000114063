/* SPDX-License-Identifier: MIT */
#include "cclog/cclog.h"
#include "trace/trace_writer.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX

/* A count that something which is no edge holds. */
struct hold {
    uint32_t from; /* node, or NOBODY: a root */
    uint32_t to;
};

struct conversion {
    const struct cclog *c;
    struct trace_writer w;
    struct cclog_losses *lost;
    uint32_t *text; /* by string: its number in the trace */
    int64_t *count; /* by node */
    uint32_t n_holds, holds_room;
    struct hold *holds; /* of weak maps */
};

static void raise_count(struct conversion *v, uint32_t node)
{
    if (v->count[node] < INT64_MAX)
        v->count[node]++;
}

static void add_hold(struct conversion *v, uint32_t from, uint32_t to)
{
    GROW(v->holds, v->n_holds, v->holds_room);
    v->holds[v->n_holds++] = (struct hold){from, to};
    raise_count(v, to);
}

/* What is not in the graph lives: Firefox leaves it out for that reason. The
   value lives if map and key do, the key if map and delegate do. */
static void take_weak(struct conversion *v, const struct cclog_weak *w)
{
    const uint32_t map = cclog_find(v->c, w->map);
    const uint32_t key = cclog_find(v->c, w->key);
    const uint32_t delegate = cclog_find(v->c, w->delegate);
    const uint32_t value = cclog_find(v->c, w->value);
    v->lost->weak++;
    if (value != NOBODY)
        add_hold(v, map != NOBODY ? map : key, value);
    if (key != NOBODY && w->delegate != 0 && w->delegate != w->key)
        add_hold(v, delegate != NOBODY ? delegate : map, key);
}

/* Nodes without a count of their own have as many as lead to them. */
static void count_edges(struct conversion *v)
{
    const struct cclog *c = v->c;
    for (uint32_t i = 0; i < c->n_nodes; i++)
        v->count[i] = c->nodes[i].rc + (c->nodes[i].kind == CCLOG_MARKED);
    for (uint32_t i = 0; i < c->n_edges; i++) {
        const uint32_t to = cclog_find(c, c->edges[i].target);
        if (to == NOBODY)
            v->lost->unknown++;
        else if (c->nodes[to].kind != CCLOG_COUNTED)
            raise_count(v, to);
    }
    for (uint32_t i = 0; i < c->n_roots; i++) {
        const uint32_t to = cclog_find(c, c->roots[i].target);
        if (to == NOBODY)
            v->lost->unknown++;
        else if (c->roots[i].besides || c->nodes[to].kind != CCLOG_COUNTED)
            raise_count(v, to);
    }
    for (uint32_t i = 0; i < c->n_weak; i++)
        take_weak(v, &c->weak[i]);
}

static void take_texts(struct conversion *v)
{
    const struct strings *s = &v->c->strings;
    for (uint32_t i = 1; i < s->n; i++) {
        const size_t len = strlen(s->text[i]);
        v->lost->cut += len > OURO_MAX_STRING;
        v->text[i] = trace_writer_text(&v->w, s->text[i], len);
    }
}

static void say_node(struct conversion *v, uint32_t i)
{
    const struct cclog_node *k = &v->c->nodes[i];
    trace_writer_new(&v->w, k->addr, v->text[k->type], v->count[i]);
    if (k->label != 0)
        trace_writer_label(&v->w, k->addr, v->text[k->label]);
    if (k->kind == CCLOG_MARKED)
        trace_writer_immortal(&v->w, k->addr);
}

static void say_edges(struct conversion *v, uint32_t i)
{
    const struct cclog *c = v->c;
    const uint32_t end =
        i + 1 < c->n_nodes ? c->nodes[i + 1].first_edge : c->n_edges;
    for (uint32_t k = c->nodes[i].first_edge; k < end; k++)
        if (cclog_find(c, c->edges[k].target) != NOBODY)
            trace_writer_link(&v->w, c->nodes[i].addr,
                              v->text[c->edges[k].name], c->edges[k].target);
}

static void say_graph(struct conversion *v)
{
    const struct cclog *c = v->c;
    const uint32_t weak = trace_writer_text(&v->w, "weak map entry", 14);
    trace_writer_no_collections(&v->w);
    for (uint32_t i = 0; i < c->n_nodes; i++)
        say_node(v, i);
    for (uint32_t i = 0; i < c->n_nodes; i++)
        say_edges(v, i);
    for (uint32_t i = 0; i < v->n_holds; i++) {
        const struct hold *h = &v->holds[i];
        const uint64_t to = c->nodes[h->to].addr;
        if (h->from == NOBODY)
            trace_writer_root(&v->w, weak, to);
        else
            trace_writer_link(&v->w, c->nodes[h->from].addr, weak, to);
    }
    for (uint32_t i = 0; i < c->n_roots; i++)
        if (cclog_find(c, c->roots[i].target) != NOBODY)
            trace_writer_root(&v->w, v->text[c->roots[i].name],
                              c->roots[i].target);
}

int cclog_to_trace(const struct cclog *c, const char *name, const char *path,
                   struct cclog_losses *lost, struct err *e)
{
    const char *const command[] = {"ouro", "import", "--from=cclog", name};
    struct conversion v = {.c = c, .lost = lost};
    *lost = (struct cclog_losses){0};
    if (trace_writer_begin(&v.w, path, e) != 0)
        return -1;
    v.text = must_calloc(c->strings.n, sizeof *v.text);
    v.count = must_calloc(c->n_nodes, sizeof *v.count);
    trace_writer_process(&v.w, name, 4, command);
    take_texts(&v);
    count_edges(&v);
    say_graph(&v);
    free(v.text);
    free(v.count);
    free(v.holds);
    return trace_writer_end(&v.w, e);
}
