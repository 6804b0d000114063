/* SPDX-License-Identifier: MIT */
/*
 * parent_ring.c - a tree whose children hold their parent
 *
 * The window owns its buttons; each button's counted pointer up closes a ring.
 * The way out, which the report proposes, is to make button.parent weak.
 */
#include "ouro.h"

#include <stdlib.h>

struct widget {
    int refs, n_children;
    struct widget *parent, *children[3];
};

static struct widget *widget_new(const char *type)
{
    struct widget *w = calloc(1, sizeof *w);
    if (!w)
        exit(1);
    w->refs = 1;
    OURO_NEW(w, type);
    return w;
}

static void widget_put(struct widget *w)
{
    OURO_DECREF(w);
    if (--w->refs > 0)
        return;
    OURO_DEAD(w);
    for (int i = 0; i < w->n_children; i++)
        widget_put(w->children[i]);
    if (w->parent)
        widget_put(w->parent);
    free(w);
}

/* Takes over the caller's count of the child; holds the parent from it. */
static void widget_add(struct widget *parent, struct widget *child)
{
    const int i = parent->n_children++;
    parent->children[i] = child;
    OURO_LINK_AT(parent, "children", i, &parent->children[i], child);
    parent->refs++;
    OURO_INCREF(parent);
    child->parent = parent;
    OURO_LINK_AT(child, "parent", -1, &child->parent, parent);
}

int main(void)
{
    struct widget *window = widget_new("window");
    for (int i = 0; i < 3; i++)
        widget_add(window, widget_new("button"));
    widget_put(window);
    return 0;
}
