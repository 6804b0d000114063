/* SPDX-License-Identifier: MIT */
#include "cclog/cclog.h"
#include "cclog/cclog_names.h"
#include "cclog/end_state.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *text_of(const struct end_state *s, uint32_t string)
{
    return s->trace.strings.text[string];
}

static void put_node(const struct end_state *s, uint32_t v, FILE *out)
{
    const struct object *k = &s->shadow.objects[v];
    fprintf(out, "0x%" PRIx64 " ", k->addr);
    if (s->judged[v])
        fprintf(out, "[rc=%" PRId64 "] ", k->rc);
    else
        fputs("[gc.marked] ", out);
    cclog_put_name(text_of(s, k->type), out);
    if (k->label != 0) {
        fputc('\t', out);
        cclog_put_name(text_of(s, k->label), out);
    }
    fputc('\n', out);
}

static void put_edge(const struct end_state *s, const struct link *l, FILE *out)
{
    fprintf(out, "> 0x%" PRIx64 " ", s->shadow.objects[l->target].addr);
    if (l->field != 0)
        cclog_put_name(text_of(s, l->field), out);
    else if (l->in_owned)
        fputs("[]", out);
    else
        fprintf(out, "%+" PRId64, l->offset);
    fputc('\n', out);
}

/* What nobody holds comes last. */
static void put_graph(const struct end_state *s, FILE *out)
{
    uint32_t at = 0;
    for (uint32_t v = 0; v < s->shadow.n_objects; v++) {
        put_node(s, v, out);
        for (; at < s->shadow.n_links && s->shadow.links[at].owner == v; at++)
            put_edge(s, &s->shadow.links[at], out);
    }
    for (; at < s->shadow.n_links; at++) {
        const struct link *l = &s->shadow.links[at];
        fprintf(out, "# ouro-root 0x%" PRIx64 " ",
                s->shadow.objects[l->target].addr);
        cclog_put_name(text_of(s, l->field), out);
        fputc('\n', out);
    }
}

static void put_results(const struct end_state *s, FILE *out)
{
    const struct graph *g = &s->graph.g;
    uint64_t *known = must_calloc(g->n, sizeof *known);
    for (uint32_t i = 0; i < g->first[g->n]; i++)
        known[g->to[i]]++;
    fputs("==========\n", out);
    for (uint32_t v = 0; v < g->n; v++) {
        const struct object *k = &s->shadow.objects[v];
        if (s->judged[v] && !s->garbage.in[v] &&
            (k->rc < 0 || (uint64_t)k->rc != known[v]))
            fprintf(out, "0x%" PRIx64 " [known=%" PRIu64 "]\n", k->addr,
                    known[v]);
    }
    for (uint32_t v = 0; v < g->n; v++)
        if (s->garbage.in[v])
            fprintf(out, "0x%" PRIx64 " [garbage]\n",
                    s->shadow.objects[v].addr);
    free(known);
}

void cclog_write(const struct end_state *s, FILE *out)
{
    fputs("# cycle collector log\n"
          "# ouro-names: \\xNN is a byte, a tab stands before a label\n",
          out);
    put_graph(s, out);
    put_results(s, out);
}
