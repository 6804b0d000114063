/* SPDX-License-Identifier: MIT */
/* gate_words.c - what the gate's lines are made of, and what was written */
#include "gate/gate_view.h"

#include "report/finding_words.h"

#include <inttypes.h>

enum { NAME = 32, NAMES = 3, INDENT = 4 };

static void add_names(struct text_line *l, const char *const *names, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < NAMES; i++)
        text_add(l, "%s%s", i > 0 ? ", " : "",
                 text_function(names[i], NAME).bytes);
    if (n > NAMES)
        text_add(l, ", ...");
}

void entry_line(const struct text_out *o, const char *word,
                const struct entry *k, const char *besides)
{
    struct text_line l = {0};
    const int column = fprintf(o->to, "%-9s%s %.8s  ", word,
                               finding_kind_word(k->kind), k->id);
    if (k->n_types > 0 && *k->types[0]) {
        add_names(&l, k->types, k->n_types);
        text_add(&l, k->n_stack > 0 ? " by " : "");
    }
    add_names(&l, k->stack, k->n_stack);
    text_add(&l, "%s%s, ", l.len > 0 ? "; " : "",
             text_count(k->instances, "instance").bytes);
    text_add(&l, "%s%s", text_count(k->bytes, "byte").bytes, besides);
    text_wrap(o, column, INDENT, l.text);
}

static void put_changed(const struct text_out *o, const struct changed *c)
{
    struct text_line l = {0};
    if (c->what == CHANGE_RAISED || c->what == CHANGE_LOWERED) {
        text_add(&l, "; before %s, ",
                 text_count(c->before->instances, "instance").bytes);
        text_add(&l, "%s", text_count(c->before->bytes, "byte").bytes);
    }
    entry_line(o, change_word(c->what), c->after ? c->after : c->before,
               l.text);
}

void renewal_text(const struct text_out *o, const char *baseline,
                  const struct renewal *r)
{
    struct text_line l = {0};
    text_add_safe(&l, baseline);
    text_add(&l, ": %s", text_count(r->next.n, "finding").bytes);
    const char *before = "; ";
    for (int c = 0; c < N_CHANGES; c++) {
        if (r->count[c] == 0)
            continue;
        text_add(&l, "%s%" PRIu32 " %s", before, r->count[c],
                 change_word((enum change)c));
        before = ", ";
    }
    text_wrap(o, 0, INDENT, l.text);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->changed[i].what != CHANGE_NONE)
            put_changed(o, &r->changed[i]);
}
