/* SPDX-License-Identifier: MIT */
#include "report/unexplained.h"

#include "arena.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TYPES = 3, NAME = 40 };

struct unexplained {
    uint64_t objects;
    uint32_t n_sites, n_types, room;
    struct finding_type *types; /* by name */
    const struct finding *most; /* the site with most objects */
};

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

bool unexplained_is(const struct finding *f)
{
    return f->kind == FINDING_UNBALANCED && f->reach == REACH_UNKNOWN;
}

static int compare_types(const void *a, const void *b)
{
    const struct finding_type *x = a, *y = b;
    return strcmp(x->type, y->type);
}

static void find_unexplained(struct unexplained *u, const struct findings *all)
{
    *u = (struct unexplained){0};
    for (uint32_t k = 0; k < all->n; k++) {
        const struct finding *f = &all->at[k];
        if (!unexplained_is(f))
            continue;
        u->objects += f->objects;
        u->n_sites++;
        if (!u->most || u->most->objects < f->objects)
            u->most = f;
        for (uint32_t i = 0; i < f->n_types; i++) {
            GROW(u->types, u->n_types, u->room);
            u->types[u->n_types++] = f->types[i];
        }
    }
    if (u->n_types > 1)
        qsort(u->types, u->n_types, sizeof *u->types, compare_types);
    uint32_t n = 0;
    for (uint32_t i = 0; i < u->n_types; i++)
        if (n == 0 || strcmp(u->types[n - 1].type, u->types[i].type) != 0)
            u->types[n++] = u->types[i];
    u->n_types = n;
}

static void add_types(struct text_line *l, const struct unexplained *u)
{
    for (uint32_t i = 0; i < u->n_types && i < MOST_TYPES; i++)
        text_add(l, "%s%s", i > 0 ? ", " : " (",
                 text_head(u->types[i].type, NAME).bytes);
    if (u->n_types > MOST_TYPES)
        text_add(l, " and %" PRIu32 " more types", u->n_types - MOST_TYPES);
    text_add(l, "%s", u->n_types > 0 ? ")" : "");
}

static void add_label(struct text_line *l, const struct unexplained *u)
{
    const struct finding *f = u->most;
    if (u->objects == 1 && f->n_members == 1 && f->members[0].label &&
        *f->members[0].label)
        text_add(l, " \"%s\"", text_head(f->members[0].label, NAME).bytes);
}

static void add_place(struct text_line *l, const char *before,
                      const struct place *p, bool whole)
{
    const char *slash = whole ? NULL : strrchr(p->file, '/');
    const char *file = slash ? slash + 1 : p->file;
    text_add(l, "%s%s", before, text_function(p->function, NAME).bytes);
    if (*file && p->line > 0)
        text_add(l, " %s:%" PRIu32, text_tail(file, NAME).bytes, p->line);
}

/* Where most of them were made. */
static bool add_site(struct text_line *l, const struct unexplained *u,
                     bool whole)
{
    const struct finding *f = u->most;
    if (f->made_at >= f->stack.n || !*f->stack.at[f->made_at].function)
        return false;
    add_place(l, " from ", &f->stack.at[f->made_at], whole);
    if (u->n_sites > 1)
        text_add(l, " and %" PRIu32 " more site%s", u->n_sites - 1,
                 plural(u->n_sites - 1));
    return true;
}

/* Who took what was not given back, where that is certain. */
static void add_taker(struct text_line *l, const struct unexplained *u,
                      bool whole)
{
    const struct finding *f = u->most;
    if (f->n_unreleased == 0 || !f->unreleased[0].certain)
        return;
    const struct places p = f->unreleased[0].stack;
    if (p.n > 0 && p.at != f->stack.at && *p.at[0].function)
        add_place(l, ", taken by ", &p.at[0], whole);
}

uint64_t unexplained_objects(const struct findings *all)
{
    uint64_t n = 0;
    for (uint32_t k = 0; k < all->n; k++)
        n += unexplained_is(&all->at[k]) ? all->at[k].objects : 0;
    return n;
}

enum { EVERYTHING, BASE_NAMES, NO_LABEL, NO_SITE, NO_TAKER, NO_TYPES };

/* The more is left out, the shorter it is. */
static struct text_line make_line(const struct unexplained *u, int left_out)
{
    struct text_line l = {0};
    const bool whole = left_out < BASE_NAMES;
    text_add(&l, "%s", text_count(u->objects, "object").bytes);
    if (left_out < NO_TYPES)
        add_types(&l, u);
    if (left_out < NO_LABEL)
        add_label(&l, u);
    if (left_out >= NO_SITE || !add_site(&l, u, whole))
        text_add(&l, " from %" PRIu32 " site%s", u->n_sites,
                 plural(u->n_sites));
    if (left_out < NO_TAKER)
        add_taker(&l, u, whole);
    text_add(&l, ": unexplained");
    return l;
}

void unexplained_put(const struct text_out *o, const struct findings *all)
{
    enum { LONGEST = TEXT_WIDTH - 12 };
    struct unexplained u;
    find_unexplained(&u, all);
    if (u.n_sites > 0) {
        struct text_line l = make_line(&u, EVERYTHING);
        for (int left_out = BASE_NAMES; l.len > LONGEST && left_out <= NO_TYPES;
             left_out++)
            l = make_line(&u, left_out);
        fprintf(o->to, "\nunbalanced  %s\n", l.text);
    }
    free(u.types);
}
