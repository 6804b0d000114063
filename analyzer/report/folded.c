/* SPDX-License-Identifier: MIT */
/*
 * folded.c - a profile as folded stacks: "main;load;read_line 4096"
 *
 * One line a stack, outermost frame first, one value; stacks of which none is
 * left are left out. flamegraph.pl and inferno read it. A ';' in a name is
 * written ':', because it would end the frame.
 */
#include "report/named_tree.h"
#include "report/plain_text.h"
#include "report/profile_format.h"

#include "arena.h"

#include <inttypes.h>
#include <stdlib.h>

static void begin(struct profile_out *o)
{
    struct named_tree *t = must_calloc(1, sizeof *t);
    named_tree_init(t, false);
    o->state = t;
}

static void image(struct profile_out *o, const struct image *i,
                  const struct profile *p)
{
    named_tree_add(o->state, i, p, o->several);
}

struct path {
    uint32_t n, room;
    uint32_t *node;
};

/* The nodes from `node` out to the root. */
static void follow(struct path *p, const struct named_tree *t, uint32_t node)
{
    p->n = 0;
    for (; node != 0; node = t->tree.at[node].parent) {
        GROW(p->node, p->n, p->room);
        p->node[p->n++] = node;
    }
}

static void end(struct profile_out *o)
{
    struct named_tree *t = o->state;
    struct path path = {0};
    struct plain_text name = {0};
    named_tree_finish(t);
    for (uint32_t n = 0; (n = call_tree_next(&t->tree, n)) != 0;) {
        const uint64_t value = t->tree.at[n].value[o->value];
        if (value == 0)
            continue;
        follow(&path, t, n);
        while (path.n-- > 0)
            fprintf(o->to, "%s%c",
                    plain_text(&name, named_tree_name(t, path.node[path.n]),
                               ';', ':'),
                    path.n > 0 ? ';' : ' ');
        fprintf(o->to, "%" PRIu64 "\n", value);
    }
    free(path.node);
    plain_text_release(&name);
    named_tree_release(t);
    free(t);
}

const struct profile_format profile_folded = {
    .name = "folded", .begin = begin, .image = image, .end = end};
