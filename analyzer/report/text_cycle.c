/* SPDX-License-Identifier: MIT */
/* text_cycle.c - a cycle: the way round, what closed it, how to break it */
#include "report/text_kinds.h"

#include "report/text_parts.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum { LAST_EDGES = 2, MOST_OFFERS = 3, MOST_TOGETHER = 4 };

/* "Session.window -> Window.children -> Session" */
static void put_witness(const struct text_out *o, const struct finding *f)
{
    static const uint32_t most[TEXT_BRIEFEST + 1] = {8, 8, 8, 8, 6, 4};
    struct text_line l = {0};
    uint32_t first = UINT32_MAX;
    const bool all = f->n_witness <= most[o->brief];
    const uint32_t begin = all ? f->n_witness : most[o->brief] - 3;
    for (uint32_t i = 0; i < f->n_witness; i++) {
        if (f->witness[i] >= f->n_edges)
            continue;
        const struct finding_edge *e = &f->edges[f->witness[i]];
        first = first == UINT32_MAX ? e->from : first;
        if (i >= begin && i < f->n_witness - LAST_EDGES) {
            if (i == begin)
                text_add(&l, "(%" PRIu32 " more) -> ",
                         f->n_witness - begin - LAST_EDGES);
            continue;
        }
        text_edge(&l, f, e);
        text_add(&l, " -> ");
    }
    if (first >= f->n_members)
        return;
    text_member(&l, &f->members[first]);
    fprintf(o->to, "%*s", CAPTION_INDENT, "");
    text_wrap(o, CAPTION_INDENT, CAPTION_INDENT + 2, l.text);
}

static void put_closing(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->closing_edge >= f->n_edges)
        return;
    const struct finding_edge *e = &f->edges[f->closing_edge];
    text_edge(&l, f, e);
    text_add(&l, ", linked ");
    text_seconds(&l, e->time);
    text_caption(o, "closed by", l.text);
    if (e->stack.n > 0)
        text_stack(o, CAPTION_DEEPER, e->stack);
}

static bool closed_and_orphaned_at_once(const struct finding *f)
{
    return f->closing_edge < f->n_edges &&
           strcmp(f->orphaned_by, "link") == 0 &&
           f->edges[f->closing_edge].time == f->orphaned_time;
}

static void put_orphaned(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (!f->has_orphaned)
        return;
    if (closed_and_orphaned_at_once(f)) {
        text_caption(o, "orphaned",
                     "by the same link: it took the last outside "
                     "reference with it");
        return;
    }
    const bool by_link = strcmp(f->orphaned_by, "link") == 0;
    text_add(&l, "last outside reference %s ",
             by_link ? "went into a link" : "released");
    text_seconds(&l, f->orphaned_time);
    text_caption(o, "orphaned", l.text);
    if (f->orphaned_stack.n > 0)
        text_stack(o, CAPTION_DEEPER, f->orphaned_stack);
}

static void put_uncollectable(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->uncollectable == 0)
        return;
    text_add(&l, "no collector could free %s of it: a finalizer is in the way",
             text_count(f->uncollectable, "object").bytes);
    text_caption(o, "finalizer", l.text);
}

static void add_field(struct text_line *l, const struct finding_weaken *w)
{
    text_add_named(l, w->type, NULL);
    text_add_field(l, w->field, -1);
}

/* ": frees 38 of 44 objects; a ring inside (9f02b7c1, 3 objects) would stay" */
static void add_freed(struct text_line *l, const struct finding *f,
                      const struct finding_weaken *w)
{
    const uint64_t most = f->retained_objects + f->joint_objects;
    if (w->frees_objects < most)
        text_add(l, ": frees %s of %s", text_number(w->frees_objects).bytes,
                 text_count(most, "object").bytes);
    else if (most == 1)
        text_add(l, ": frees it");
    else
        text_add(l, ": frees all %s", text_count(most, "object").bytes);
    if (w->n_stays == 0)
        return;
    text_add(l, "; ");
    text_rings(l, w->stays, w->n_stays);
    text_add(l, " would stay");
}

/* Any of them will do. */
static void put_offers(const struct text_out *o, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_weaken && i < MOST_OFFERS; i++) {
        struct text_line l = {0};
        text_add(&l, i == 0 ? "make " : "or ");
        add_field(&l, &f->weaken[i]);
        text_add(&l, i == 0 ? " weak" : "");
        add_freed(&l, f, &f->weaken[i]);
        text_caption(o, i == 0 ? "to break" : "", l.text);
    }
    struct text_line l = {0};
    if (f->n_weaken > MOST_OFFERS)
        text_add(&l, "or another of %" PRIu32 " fields", f->n_weaken);
    if (f->weaken_tried < f->weaken_fields)
        text_add(&l, "%s%" PRIu32 " of %s were tried", l.len > 0 ? "; " : "",
                 f->weaken_tried, text_count(f->weaken_fields, "field").bytes);
    if (l.len > 0)
        text_caption(o, "", l.text);
}

/* None is enough. */
static void put_together(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    text_add(&l, "make ");
    for (uint32_t i = 0; i < f->n_weaken && i < MOST_TOGETHER; i++) {
        const bool last = i + 1 == f->n_weaken;
        text_add(&l, "%s", i == 0 ? "" : last ? " and " : ", ");
        add_field(&l, &f->weaken[i]);
    }
    if (f->n_weaken > MOST_TOGETHER)
        text_add(&l, " and %" PRIu32 " more fields",
                 f->n_weaken - MOST_TOGETHER);
    text_add(&l, " weak, together");
    add_freed(&l, f, f->weaken);
    text_caption(o, "to break", l.text);
}

static void put_to_break(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    if (f->n_weaken > 0 && f->weaken->alone) {
        put_offers(o, f);
    } else if (f->n_weaken > 0) {
        put_together(o, f);
    } else if (f->weaken_fields > 0) {
        text_add(&l, "no field alone: tried %" PRIu32 " of %s on the way round",
                 f->weaken_tried, text_count(f->weaken_fields, "field").bytes);
        if (f->n_held > 0) {
            text_add(&l, "; ");
            text_rings(&l, f->held, f->n_held);
            text_add(&l, " would stay");
        }
        text_caption(o, "to break", l.text);
    }
}

void text_cycle(const struct text_out *o, const struct finding *f)
{
    struct text_line l = {0};
    char generation[32];
    text_objects(&l, f);
    int column = text_heading(o, f, l.text);
    if (f->generation >= 0) {
        snprintf(generation, sizeof generation, "generation %d", f->generation);
        column = text_extra(o, column, generation);
    }
    text_times(o, f, column);
    fputc('\n', o->to);
    put_witness(o, f);
    if (f->objects > f->n_witness)
        text_types(o, f);
    put_closing(o, f);
    put_orphaned(o, f);
    put_uncollectable(o, f);
    text_birth(o, f);
    put_to_break(o, f);
    text_shared(o, f);
}
