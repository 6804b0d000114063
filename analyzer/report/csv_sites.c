/* SPDX-License-Identifier: MIT */
/*
 * csv_sites.c - a profile as a table: a row for each call stack that allocated
 */
#include "report/csv_tables.h"
#include "report/place_name.h"
#include "report/profile_format.h"

#include "arena.h"

#include <stdlib.h>

#define COLUMNS                                                                \
    CSV_IMAGE "inuse_space,inuse_objects,alloc_space,alloc_objects," CSV_PLACE \
              ",stack"

struct sites_table {
    struct csv_out csv;
    struct profile_stack stack;
};

static void begin(struct profile_out *o)
{
    struct sites_table *t = must_calloc(1, sizeof *t);
    o->state = t;
    t->csv.to = o->to;
    csv_heading(&t->csv, COLUMNS);
    csv_end_row(&t->csv);
}

static void put_stack(struct sites_table *t, const struct profile *p)
{
    char room[PLACE_NAME];
    csv_open_list(&t->csv, ';');
    if (t->stack.cut)
        csv_add(&t->csv, symbols_cut_off.function);
    for (uint32_t i = t->stack.n; i-- > 0;) {
        const struct places at = profile_places(p, t->stack.frame[i]);
        for (uint32_t k = at.n; k-- > 0;)
            csv_add(&t->csv, place_name(&at.at[k], room));
    }
    csv_close_list(&t->csv);
}

static void image(struct profile_out *o, const struct image *i,
                  const struct profile *p)
{
    struct sites_table *t = o->state;
    for (uint32_t k = 0; k < p->usage.n; k++) {
        const struct usage_row *row = &p->usage.rows[k];
        profile_stack_find(&t->stack, p, row->stack);
        csv_image(&t->csv, i);
        for (int v = 0; v < N_USAGE_VALUES; v++)
            csv_count(&t->csv, row->value[v]);
        csv_place(&t->csv, t->stack.n > 0
                               ? &profile_places(p, t->stack.frame[0]).at[0]
                               : NULL);
        put_stack(t, p);
        csv_end_row(&t->csv);
    }
}

static void end(struct profile_out *o)
{
    struct sites_table *t = o->state;
    csv_release(&t->csv);
    profile_stack_release(&t->stack);
    free(t);
}

const struct profile_format profile_csv_sites = {
    .name = "csv", .begin = begin, .image = image, .end = end};
