/* SPDX-License-Identifier: MIT */
#include "commands/export.h"

#include "commands/output_file.h"
#include "report/csv_tables.h"
#include "report/each_image.h"

struct writing {
    const struct csv_table *table;
    struct csv_out csv;
};

static int visit(void *to, struct image *i)
{
    struct writing *w = to;
    w->table->rows(&w->csv, i);
    return RC_CLEAN;
}

static int write_to(const struct export_request *r,
                    const struct csv_table *table, FILE *to)
{
    struct writing w = {.table = table, .csv = {.to = to}};
    const struct image_query q = {
        .pid = (uint32_t)r->pid,
        .prepare = table->prepare,
        .visit = visit,
        .to = &w,
    };
    csv_table_head(&w.csv, table);
    const int code = each_image(r->recording, &q);
    csv_release(&w.csv);
    return code;
}

static int write_out(const struct export_request *r,
                     const struct csv_table *table)
{
    struct output_file file;
    struct err e;
    if (!r->path)
        return write_to(r, table, r->out);
    if (output_file_open(&file, r->path, &e) != 0)
        return err_say(&e);
    const int code = write_to(r, table, file.to);
    return output_file_close(&file, &e) == 0 ? code : err_say(&e);
}

int export_csv(const struct export_request *r, const struct csv_table *table)
{
    struct trace_files files;
    struct err e;
    const bool some =
        trace_files_find(&files, r->recording, &e) == 0 &&
        (export_count(&files, r) > 0 || export_pick(&files, r, &e) != NULL);
    trace_files_release(&files);
    return some ? write_out(r, table) : err_say(&e);
}
