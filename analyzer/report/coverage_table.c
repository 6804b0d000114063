/* SPDX-License-Identifier: MIT */
/* coverage_table.c - a line for each type: in the run, and what is left over */
#include "report/coverage_view.h"

enum { INDENT = 2, TYPE = 16, MOST = 10 };

/* One row of either table. */
struct figures {
    uint64_t objects, counts, linked, named, other, open;
};

static struct figures in_the_run(const struct coverage_type *k)
{
    return (struct figures){k->run.created, k->taken,  k->linked,
                            k->run.named,   k->nearby, k->open};
}

static struct figures at_the_end(const struct coverage_type *k)
{
    return (struct figures){k->live,     k->counts,  k->owned,
                            k->acquired, k->missing, k->anonymous};
}

/* In a column: "12,310", or "12,310k" where that would be too wide. */
static struct text fitted(uint64_t n, int width)
{
    static const char units[] = "kMGTPE";
    struct text t = text_number(n);
    for (int i = 0; t.columns >= width && units[i] != 0; i++) {
        const char unit[] = {units[i], 0};
        t = text_number(n /= 1000);
        text_append(&t, unit);
    }
    return t;
}

static void put_row(const struct text_out *o, const char *type,
                    const struct figures *f)
{
    static const int widths[] = {10, 11, 9, 8, 9, 9};
    const uint64_t numbers[] = {f->objects, f->counts, f->linked,
                                f->named,   f->other,  f->open};
    const struct text name = text_head(type, TYPE);
    fprintf(o->to, "%*s%s%*s", INDENT, "", name.bytes, TYPE - name.columns, "");
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
        fprintf(o->to, "%*s", widths[i], fitted(numbers[i], widths[i]).bytes);
    if (f->counts > 0)
        fprintf(o->to, "%5u%%\n", coverage_percent(f->counts, f->open));
    else
        fputs("     -\n", o->to);
}

static void put_columns(const struct text_out *o, const char *type,
                        const char *objects, const char *counts,
                        const char *other)
{
    fprintf(o->to, "\n%*s%-*s%10s%11s%9s%8s%9s%9s%6s\n", INDENT, "", TYPE, type,
            objects, counts, "by LINK", "by name", other, "by none", "expl.");
}

static bool dies_early(const struct coverage_type *k)
{
    return k->run.died_early > 0;
}

/* What is wrong with a type as a whole. */
static void put_such_types(const struct text_out *o,
                           const struct coverage_view *v, const char *what,
                           bool (*is)(const struct coverage_type *k))
{
    struct text_line l = {0}, types = {0};
    coverage_types_words(&types, v->c, is, v->all ? UINT32_MAX : MOST);
    if (types.len == 0)
        return;
    text_add(&l, "%s: %s", what, types.text);
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT + 2, l.text);
}

static void put_types(const struct text_out *o, const struct coverage_view *v)
{
    put_columns(o, "in the run", "created", "taken", "nearby");
    for (uint32_t i = 0; i < v->c->n_types && !coverage_is_left_out(v, i);
         i++) {
        const struct coverage_type *k = &v->c->types[i];
        const struct figures f = in_the_run(k);
        put_row(o, coverage_type_word(k->type), &f);
    }
    coverage_put_rest(o, v, v->c->n_types, 0);
    put_such_types(o, v, "died with counts left", dies_early);
    put_such_types(o, v, "never given up", coverage_never_given);
    put_such_types(o, v, "never held a reference", coverage_never_holds);
}

static void put_survivors(const struct text_out *o,
                          const struct coverage_view *v)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->c->n_types; i++) {
        const struct coverage_type *k = &v->c->types[i];
        const struct figures f = at_the_end(k);
        if (k->live == 0)
            continue;
        if (n == 0)
            put_columns(o, "left over", "alive", "counts", "too many");
        if (!coverage_is_left_out(v, n++))
            put_row(o, coverage_type_word(k->type), &f);
    }
    coverage_put_rest(o, v, n, 0);
}

void coverage_tables(const struct text_out *o, const struct coverage_view *v)
{
    if (v->c->n_types > 0)
        put_types(o, v);
    put_survivors(o, v);
}
