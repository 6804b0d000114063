/* SPDX-License-Identifier: MIT */
#include "report/csv_tables.h"

#include "arena.h"
#include "report/finding_stacks.h"
#include "report/finding_words.h"
#include "report/summary.h"

#include <stdlib.h>
#include <string.h>

void csv_image(struct csv_out *c, const struct image *i)
{
    csv_count(c, i->pid);
    csv_count(c, i->serial);
    csv_text(c, i->trace.exe ? i->trace.exe : "");
}

void csv_table_head(struct csv_out *c, const struct csv_table *t)
{
    const struct image none = {0};
    struct summary_figure figures[SUMMARY_FIGURES];
    summary_of(&none, figures);
    csv_heading(c, t->columns);
    for (int k = 0; t->with_summary && k < SUMMARY_FIGURES; k++)
        csv_heading(c, figures[k].key);
    csv_end_row(c);
}

static void run_rows(struct csv_out *c, const struct image *i)
{
    struct summary_figure figures[SUMMARY_FIGURES];
    char ended[32];
    uint32_t n;
    const char *const *command = image_command(i, &n);
    summary_of(i, figures);
    csv_image(c, i);
    csv_open_list(c, ' ');
    for (uint32_t k = 0; k < n; k++)
        csv_add(c, command[k]);
    csv_close_list(c);
    csv_count(c, i->parent_pid);
    csv_count(c, i->parent_serial);
    csv_text(c, image_ended(i, ended));
    csv_flag(c, i->complete);
    csv_text(c, verdict_word(image_verdict(i)));
    csv_count(c, i->findings.n);
    csv_count(c, i->trace.header.realtime_ns);
    csv_real(c, trace_seconds(&i->trace, i->trace.last_stamp));
    for (int k = 0; k < SUMMARY_FIGURES; k++)
        csv_count(c, figures[k].n);
    csv_end_row(c);
}

const struct csv_table csv_runs = {
    .name = "runs",
    .columns = CSV_IMAGE
    "command,parent_pid,parent_serial,ended,complete,verdict,findings,"
    "start_ns,seconds",
    .prepare = image_analyse,
    .rows = run_rows,
    .with_summary = true,
};

static void put_types(struct csv_out *c, const struct finding *f)
{
    csv_open_list(c, ';');
    for (uint32_t i = 0; i < f->n_types; i++)
        csv_add(c, f->types[i].type);
    csv_close_list(c);
}

static void put_finding(struct csv_out *c, const struct finding *f)
{
    const uint64_t counts[] = {
        f->uncollectable,   f->instances,      f->objects,
        f->blocks,          f->bytes,          f->retained_objects,
        f->retained_blocks, f->retained_bytes,
    };
    struct finding_stacks stacks;
    const struct place *spot = finding_spot(f);
    finding_stacks_find(&stacks, f);
    csv_text(c, f->id);
    csv_text(c, finding_kind_word(f->kind));
    csv_text(c, f->what);
    csv_text(c, f->evidence);
    csv_text(c, finding_reach_word(f->reach));
    csv_text(c, f->shape);
    if (f->generation < 0)
        csv_empty(c);
    else
        csv_count(c, (uint64_t)f->generation);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        csv_count(c, counts[i]);
    put_types(c, f);
    csv_text(c, f->allocator);
    csv_place(c, spot ? spot : finding_any_place(f));
    csv_stack(c, stacks.n > 0 ? stacks.at[0].stack : (struct places){0});
}

static void finding_rows(struct csv_out *c, const struct image *i)
{
    for (uint32_t k = 0; k < i->findings.n; k++) {
        csv_image(c, i);
        put_finding(c, &i->findings.at[k]);
        csv_end_row(c);
    }
}

const struct csv_table csv_findings = {
    .name = "findings",
    .columns = CSV_IMAGE
    "id,kind,what,evidence,reach,shape,generation,uncollectable,instances,"
    "objects,blocks,bytes,retained_objects,retained_blocks,retained_bytes,"
    "types,allocator," CSV_PLACE ",stack",
    .prepare = image_analyse,
    .rows = finding_rows,
};

/* What there is of a type at the end. */
struct of_type {
    const char *type;
    uint64_t objects, bytes, unreachable, nowhere;
    uint64_t in[GC_GENERATIONS];
};

static int by_type(const void *a, const void *b)
{
    const struct of_type *x = a;
    const struct of_type *y = b;
    return strcmp(x->type, y->type);
}

static void count_objects(struct of_type *of, const struct image *i)
{
    const struct shadow *s = &i->shadow;
    for (uint32_t k = 0; k < s->n_objects; k++) {
        const struct object *o = &s->objects[k];
        struct of_type *t = &of[o->type];
        t->type = i->trace.strings.text[o->type];
        t->objects++;
        t->bytes += o->bytes;
        t->unreachable += i->findings.unreachable[k];
        if (o->generation <= GC_OLDEST)
            t->in[o->generation]++;
        else
            t->nowhere++;
    }
}

static void put_type(struct csv_out *c, const struct of_type *t)
{
    csv_text(c, t->type);
    csv_count(c, t->objects);
    csv_count(c, t->bytes);
    for (int g = 0; g < GC_GENERATIONS; g++)
        csv_count(c, t->in[g]);
    csv_count(c, t->nowhere);
    csv_count(c, t->unreachable);
}

static void type_rows(struct csv_out *c, const struct image *i)
{
    struct of_type *of = must_calloc(i->trace.strings.n, sizeof *of);
    uint32_t n = 0;
    count_objects(of, i);
    for (uint32_t k = 0; k < i->trace.strings.n; k++)
        if (of[k].objects > 0)
            of[n++] = of[k];
    if (n > 0)
        qsort(of, n, sizeof *of, by_type);
    for (uint32_t k = 0; k < n; k++) {
        csv_image(c, i);
        put_type(c, &of[k]);
        csv_end_row(c);
    }
    free(of);
}

const struct csv_table csv_types = {
    .name = "types",
    .columns =
        CSV_IMAGE "type,objects,bytes,generation_0,generation_1,generation_2,"
                  "no_generation,unreachable",
    .prepare = image_analyse,
    .rows = type_rows,
};

static void generation_rows(struct csv_out *c, const struct image *i)
{
    const struct gc *gc = &i->shadow.gc;
    const struct gc_end *end = &i->findings.gc_end;
    for (int g = 0; g < GC_GENERATIONS; g++) {
        const bool last = g == GC_OLDEST; /* that one was run at the end too */
        csv_image(c, i);
        csv_count(c, (uint64_t)g);
        csv_count(c, gc->threshold[g]);
        csv_count(c, gc->count[g]);
        csv_count(c, gc->stats[g].collections + last);
        csv_count(c, gc->stats[g].unreachable + (last ? end->unreachable : 0));
        csv_count(c,
                  gc->stats[g].uncollectable + (last ? end->uncollectable : 0));
        csv_count(c, end->objects[g]);
        csv_count(c, end->bytes[g]);
        csv_end_row(c);
    }
}

const struct csv_table csv_generations = {
    .name = "generations",
    .columns = CSV_IMAGE "generation,threshold,count,collections,unreachable,"
                         "uncollectable,objects,bytes",
    .prepare = image_analyse,
    .rows = generation_rows,
};

static void put_growth(struct csv_out *c, const struct survivors *all,
                       double growth)
{
    if (all->n_checkpoints > 1)
        csv_real(c, growth);
    else
        csv_empty(c);
}

static void survivor_rows(struct csv_out *c, const struct image *i)
{
    for (uint32_t k = 0; k < i->survivors.n; k++) {
        const struct survivor *s = &i->survivors.at[k];
        csv_image(c, i);
        csv_text(c, s->type);
        csv_text(c, s->allocator);
        csv_count(c, s->n);
        for (int g = 0; g < GC_GENERATIONS; g++)
            csv_count(c, s->in[g]);
        csv_count(c, s->bytes);
        csv_count(c, s->ages);
        put_growth(c, &i->survivors, s->growth);
        put_growth(c, &i->survivors, s->growth_bytes);
        csv_flag(c, s->grows);
        csv_place(c, s->stack.n > 0 ? &s->stack.at[0] : NULL);
        csv_stack(c, s->stack);
        csv_end_row(c);
    }
}

const struct csv_table csv_survivors = {
    .name = "survivors",
    .columns = CSV_IMAGE
    "type,allocator,objects,generation_0,generation_1,generation_2,"
    "bytes,ages,growth,growth_bytes,rising," CSV_PLACE ",stack",
    .prepare = image_survey,
    .rows = survivor_rows,
};
