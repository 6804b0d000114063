/* SPDX-License-Identifier: MIT */
#include "explain/lost.h"

#include "collect/reach.h"

#include <stdlib.h>
#include <string.h>

static bool is_elder(const struct block *a, const struct block *b)
{
    return a->stamp != b->stamp ? a->stamp < b->stamp : a->addr < b->addr;
}

/* Block v of memory, in component c. */
static void look_at_block(struct lost_part *p, const struct memory *m,
                          const struct shadow *s, const unsigned char *is_leak,
                          uint32_t v, uint32_t c)
{
    const uint32_t now = m->now[v];
    if (now == OURO_NONE || !is_leak[now]) {
        p->mixed[c] = 1;
        return;
    }
    uint32_t *first = &p->first_block[c];
    if (*first == OURO_NONE || is_elder(&s->blocks[now], &s->blocks[*first]))
        *first = now;
}

static void weigh(struct lost_part *p, const struct memory *m)
{
    for (uint32_t v = 0; v < m->n_blocks; v++) {
        const uint32_t by = p->r.held_by[v];
        if (by != UINT32_MAX && m->now[v] != OURO_NONE)
            held_add(&p->retained[by], (struct held){0, 1, m->blocks[v].size});
    }
}

static struct lost_part find_part(struct arena *a, const struct memory *m,
                                  const struct shadow *s,
                                  const unsigned char *is_leak,
                                  enum reached degree)
{
    struct lost_part p;
    unsigned char *in = must_calloc(m->g.n, 1);
    for (uint32_t v = 0; v < m->n_blocks; v++)
        in[v] = m->reached[v] == degree;
    p.k = components_find(a, &m->g, in);
    p.r = retained_find(a, &m->g, &p.k);
    p.retained = ARENA_ARRAY(a, p.k.n, struct held);
    p.first_block = ARENA_ARRAY(a, p.k.n, uint32_t);
    p.mixed = ARENA_ARRAY(a, p.k.n, unsigned char);
    if (p.k.n > 0)
        memset(p.first_block, 0xff, p.k.n * sizeof *p.first_block);
    for (uint32_t v = 0; v < m->n_blocks; v++)
        if (in[v])
            look_at_block(&p, m, s, is_leak, v, p.k.of[v]);
    weigh(&p, m);
    free(in);
    return p;
}

struct lost lost_find(struct arena *a, const struct memory *m,
                      const struct shadow *s, const unsigned char *is_leak)
{
    return (struct lost){
        .m = m,
        .definite = find_part(a, m, s, is_leak, REACHED_NOT),
        .possible = find_part(a, m, s, is_leak, REACHED_PERHAPS),
    };
}

const struct lost_part *lost_part_of(const struct lost *l, uint32_t block,
                                     uint32_t *c)
{
    const uint32_t v = l->m->then[block];
    if (v == OURO_NONE || l->m->reached[v] == REACHED_SURELY)
        return NULL;
    const struct lost_part *p =
        l->m->reached[v] == REACHED_NOT ? &l->definite : &l->possible;
    *c = p->k.of[v];
    return p;
}
