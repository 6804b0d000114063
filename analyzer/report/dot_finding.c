/* SPDX-License-Identifier: MIT */
#include "report/dot_finding.h"

#include "report/dot_out.h"
#include "report/finding_words.h"
#include "report/text_finding.h"
#include "report/text_image.h"

#include <inttypes.h>

/* "3 objects, 96 bytes", or blocks where nothing counted them. */
static void add_size(struct text_line *l, const struct finding *f)
{
    if (f->objects > 0)
        text_add(l, "%s, ", text_count(f->objects, "object").bytes);
    else if (f->blocks > 0)
        text_add(l, "%s, ", text_count(f->blocks, "block").bytes);
    text_add(l, "%s", text_count(f->bytes, "byte").bytes);
}

static void put_heading(const struct dot_out *o)
{
    const struct finding *f = o->f;
    struct text_line l = {0};
    text_add(&l, "%s %.8s: ", finding_kind_word(f->kind), f->id);
    if (f->kind == FINDING_MISUSE)
        text_add(&l, "%s", text_head(f->what ? f->what : "", DOT_WIDE).bytes);
    else
        add_size(&l, f);
    if (f->kind == FINDING_CYCLE && f->generation >= 0)
        text_add(&l, ", generation %d", f->generation);
    else if (f->kind != FINDING_CYCLE && f->kind != FINDING_MISUSE)
        text_add(&l, ", reach %s", finding_reach_word(f->reach));
    dot_line(o->to, l.text);
}

/* Members, edges and stacks are those of one of them. */
static void put_instances(const struct dot_out *o)
{
    const struct finding *f = o->f;
    struct text_line l = {0};
    if (f->instances < 2 || f->kind == FINDING_LEAK)
        return;
    text_add(&l, "%s; one of them is drawn",
             text_count(f->instances, "time").bytes);
    dot_line(o->to, l.text);
}

static void put_title(const struct dot_out *o)
{
    struct text_line l = {0};
    put_heading(o);
    put_instances(o);
    text_add(&l, "%s", text_image_command(o->image, DOT_WIDE).bytes);
    if (o->image->pid)
        text_add(&l, "  (process %" PRIu32 ")", o->image->pid);
    dot_line(o->to, l.text);
    if (o->f->kind == FINDING_CYCLE)
        dot_line(o->to, "red: a shortest way round; thickest: what closed it");
}

/* What a finding without members is about. */
static void put_thing(const struct dot_out *o)
{
    const struct finding *f = o->f;
    struct text_line l = {0};
    const char *type = f->n_types > 0 ? f->types[0].type : "";
    fputs("    thing [label=\"", o->to);
    if (f->kind == FINDING_LEAK)
        add_size(&l, f);
    else
        text_add(&l, "%s", *type ? text_head(type, DOT_LABEL).bytes : "block");
    if (f->label && *f->label)
        text_add(&l, " \"%s\"", text_head(f->label, DOT_LABEL).bytes);
    dot_line(o->to, l.text);
    if (f->kind == FINDING_LEAK && f->shape && *f->shape == 'r')
        dot_line(o->to, "in a ring");
    fputs("\"];\n", o->to);
}

void dot_finding(FILE *to, struct image *i, const struct finding *f,
                 uint32_t most)
{
    struct arena arena = {0};
    struct dot_out o = {
        .to = to, .image = i, .f = f, .most = most, .arena = &arena};
    o.choice = dot_choice_make(&arena, f, most);
    fputs("digraph finding {\n    graph [labelloc=t, "
          "fontname=\"Helvetica\", fontsize=13, label=\"",
          to);
    put_title(&o);
    fputs("\"];\n"
          "    node [shape=box, fontname=\"Helvetica\", fontsize=11];\n"
          "    edge [fontname=\"Helvetica\", fontsize=10];\n",
          to);
    if (f->n_members > 0)
        dot_graph(&o);
    else
        put_thing(&o);
    if (f->kind == FINDING_LEAK)
        dot_calls(&o);
    dot_memory(&o, i);
    dot_retained(&o);
    dot_referrers(&o);
    dot_notes(&o);
    fputs("}\n", to);
    arena_release(&arena);
}
