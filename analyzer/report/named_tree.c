/* SPDX-License-Identifier: MIT */
#include "report/named_tree.h"

#include "arena.h"
#include "report/place_name.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NO_STACK "(no stack recorded)"

/* One image on its way into the tree. */
struct adding {
    struct named_tree *t;
    const struct profile *p;
    uint32_t root;
    uint32_t *node_of; /* by stack; 0: not made yet */
    uint32_t n_trail, room;
    uint32_t *trail; /* stacks to be made, innermost first */
    struct profile_stack stack;
};

void named_tree_init(struct named_tree *t, bool with_files)
{
    *t = (struct named_tree){.with_files = with_files};
    call_tree_init(&t->tree);
    strings_init(&t->texts);
}

void named_tree_release(struct named_tree *t)
{
    call_tree_release(&t->tree);
    strings_release(&t->texts);
    table_release(&t->of);
    free(t->frames);
    *t = (struct named_tree){0};
}

static uint32_t text_id(struct named_tree *t, const char *text)
{
    return strings_id(&t->texts, text, strlen(text));
}

static uint32_t frame_id(struct named_tree *t, const char *name,
                         const char *file)
{
    const struct named_frame f = {
        text_id(t, name), t->with_files && *file ? text_id(t, file) : 0};
    const uint64_t key = (uint64_t)f.name << 32 | f.file;
    uint64_t known = table_get(&t->of, key);
    if (known == 0) {
        GROW(t->frames, t->n_frames, t->frames_room);
        t->frames[t->n_frames++] = f;
        table_set(&t->of, key, known = t->n_frames);
    }
    return (uint32_t)known - 1;
}

static uint32_t put_frame(struct adding *a, uint32_t node, uint32_t frame)
{
    char room[PLACE_NAME];
    const struct places p = profile_places(a->p, frame);
    for (uint32_t i = p.n; i-- > 0;)
        node = call_tree_child(
            &a->t->tree, node,
            frame_id(a->t, place_name(&p.at[i], room), p.at[i].file));
    return node;
}

static uint32_t node_of(struct adding *a, uint32_t stack)
{
    const struct stacks *k = &a->p->trace->stacks;
    if (stack == 0)
        return call_tree_child(&a->t->tree, a->root,
                               frame_id(a->t, NO_STACK, ""));
    for (; stack != 0 && a->node_of[stack] == 0; stack = k->parent[stack]) {
        GROW(a->trail, a->n_trail, a->room);
        a->trail[a->n_trail++] = stack;
    }
    uint32_t node = stack == 0 ? a->root : a->node_of[stack];
    while (a->n_trail > 0) {
        stack = a->trail[--a->n_trail];
        node = put_frame(a, node, k->frame[stack]);
        a->node_of[stack] = node;
    }
    return node;
}

/* Where stacks are cut, a frame says so in place of the outer ones. */
static uint32_t node_of_cut(struct adding *a, uint32_t stack)
{
    uint32_t node = a->root;
    profile_stack_find(&a->stack, a->p, stack);
    if (!a->stack.cut)
        return node_of(a, stack);
    node = call_tree_child(&a->t->tree, node,
                           frame_id(a->t, symbols_cut_off.function, ""));
    for (uint32_t i = a->stack.n; i-- > 0;)
        node = put_frame(a, node, a->stack.frame[i]);
    return node;
}

static uint32_t process_node(struct named_tree *t, const struct image *i)
{
    char name[PLACE_NAME];
    snprintf(name, sizeof name, "%.200s (%" PRIu32 ")",
             path_base(i->trace.exe ? i->trace.exe : ""), i->pid);
    return call_tree_child(&t->tree, 0, frame_id(t, name, ""));
}

void named_tree_add(struct named_tree *t, const struct image *i,
                    const struct profile *p, bool under_process)
{
    struct adding a = {
        .t = t,
        .p = p,
        .root = under_process ? process_node(t, i) : 0,
        .node_of = must_calloc(p->trace->stacks.n, sizeof *a.node_of),
    };
    for (uint32_t k = 0; k < p->usage.n; k++) {
        const struct usage_row *row = &p->usage.rows[k];
        const uint32_t node = p->innermost < UINT32_MAX
                                  ? node_of_cut(&a, row->stack)
                                  : node_of(&a, row->stack);
        for (int v = 0; v < N_USAGE_VALUES; v++)
            t->tree.at[node].value[v] += row->value[v];
    }
    free(a.node_of);
    free(a.trail);
    profile_stack_release(&a.stack);
}

static int by_name(const void *to, const struct call_node *a,
                   const struct call_node *b)
{
    const struct named_tree *t = to;
    const struct named_frame *x = &t->frames[a->frame];
    const struct named_frame *y = &t->frames[b->frame];
    const int order = strcmp(t->texts.text[x->name], t->texts.text[y->name]);
    return order ? order
                 : strcmp(t->texts.text[x->file], t->texts.text[y->file]);
}

void named_tree_finish(struct named_tree *t)
{
    call_tree_order(&t->tree, by_name, t);
}

const char *named_tree_name(const struct named_tree *t, uint32_t node)
{
    return t->texts.text[t->frames[t->tree.at[node].frame].name];
}
