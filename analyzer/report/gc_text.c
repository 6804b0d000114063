/* SPDX-License-Identifier: MIT */
/* gc_text.c - collections and generations, for people */
#include "report/gc_view.h"
#include "report/text_image.h"
#include "report/text_stack.h"

#include <inttypes.h>

enum { INDENT = 4, VALUE = 16, DEEPER = 20 };

static void put_value(const struct text_out *o, const char *label,
                      const char *words)
{
    fprintf(o->to, "%*s%-*s", INDENT, "", VALUE - INDENT, label);
    text_wrap(o, VALUE, VALUE, words);
}

static void add_three(struct text_line *l, const uint64_t n[GC_GENERATIONS])
{
    text_add(l, "%" PRIu64 ", %" PRIu64 ", %" PRIu64, n[0], n[1], n[2]);
}

static void put_head(const struct text_out *o, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    struct text_line thresholds = {0}, counts = {0};
    add_three(&thresholds, gc->threshold);
    if (v->image->gc.fixed)
        text_add(&thresholds, " (as asked for, whatever the program says)");
    else if (gc->threshold[0] == 0)
        text_add(&thresholds, " (0: never by itself)");
    put_value(o, "thresholds", thresholds.text);
    add_three(&counts, gc->count);
    text_add(&counts, "%s; %s", gc->disabled ? "; disabled" : "",
             v->at ? "then" : image_moment(v->image));
    put_value(o, "counts", counts.text);
}

static void put_line(const struct text_out *o, const char *time,
                     const struct collection *c, const char *why)
{
    struct text_line counts = {0};
    add_three(&counts, c->count);
    fprintf(o->to, "%*s%12s  %3u %9s %12s %14s  %s%s%s\n", INDENT - 2, "", time,
            c->generation, text_number(c->objects).bytes,
            text_number(c->unreachable).bytes,
            text_number(c->uncollectable).bytes, why, *why ? " " : "",
            counts.text);
}

static void put_collection(const struct text_out *o, const struct gc_view *v,
                           const struct collection *c)
{
    char time[32];
    snprintf(time, sizeof time, "%.6f s",
             trace_seconds(&v->image->trace, c->stamp));
    put_line(o, time, c, c->why == GC_EXPLICIT ? "explicit" : "");
}

/* What is run after the last event. */
static void put_last(const struct text_out *o, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    const struct gc_end *end = &v->end;
    struct collection c = {
        .generation = GC_OLDEST,
        .objects = (uint32_t)end->looked_at,
        .unreachable = (uint32_t)end->unreachable,
        .uncollectable = (uint32_t)end->uncollectable,
        .count = {gc->count[0], gc->count[1], gc->count[2]},
    };
    put_line(o, "end", &c, "");
}

static void put_collections(const struct text_out *o, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    struct text_line l = {0};
    if (gc->n_log == 0 && v->at) {
        put_value(o, "collections", "none yet");
        return;
    }
    fprintf(o->to, "\n%*s%12s  %3s %9s %12s %14s  %s\n", INDENT - 2, "", "time",
            "gen", "objects", "unreachable", "uncollectable", "counts before");
    for (uint32_t k = 0; k < gc->n_log; k++)
        put_collection(o, v, &gc->log[k]);
    if (!v->at)
        put_last(o, v);
    if (gc->log_step == 1)
        return;
    text_add(&l, "one collection in %s is shown, of %s",
             text_number(gc->log_step).bytes,
             text_number(gc->n_collections).bytes);
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l.text);
}

static void put_generations(const struct text_out *o, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    fprintf(o->to, "\n%*s%10s %12s %12s %14s %9s %12s\n", INDENT, "",
            "generation", "collections", "unreachable", "uncollectable",
            "objects", "bytes");
    for (int g = 0; g < GC_GENERATIONS; g++) {
        const bool last = g == GC_OLDEST && !v->at;
        const struct gc_stats *s = &gc->stats[g];
        fprintf(
            o->to, "%*s%10d %12s %12s %14s %9s %12s\n", INDENT, "", g,
            text_number(s->collections + last).bytes,
            text_number(s->unreachable + (last ? v->end.unreachable : 0)).bytes,
            text_number(s->uncollectable + (last ? v->end.uncollectable : 0))
                .bytes,
            text_number(v->end.objects[g]).bytes,
            text_number(v->end.bytes[g]).bytes);
    }
}

static void put_fates(const struct text_out *o, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    struct text_line l = {0};
    double mean, most;
    if (v->end.frozen > 0)
        put_value(o, "frozen", text_count(v->end.frozen, "object").bytes);
    if (v->end.found > 0) {
        text_add(&l, "%s, by a collection before, and still not freed",
                 text_count(v->end.found, "object").bytes);
        put_value(o, "found", l.text);
    }
    if (gc->n_reclaimed == 0)
        return;
    l = (struct text_line){0};
    text_add(&l,
             "%s that the program freed itself after a collection had "
             "found %s",
             text_count(gc->n_reclaimed, "object").bytes,
             gc->n_reclaimed == 1 ? "it" : "them");
    if (gc_view_delays(v, &mean, &most))
        text_add(&l, ", %.6f s later (at most %.6f s)", mean, most);
    put_value(o, "reclaimed", l.text);
}

static void put_revived(const struct text_out *o, const struct gc_view *v,
                        uint32_t k)
{
    const struct revived *r = &v->image->shadow.gc.revivals[k];
    const char *type = v->image->trace.strings.text[r->type];
    struct text_line l = {0};
    text_add(&l, "%s ", text_number(r->n).bytes);
    text_add(&l,
             "%s, used again after a collection had found %s unreachable; "
             "first at %.6f s",
             *type ? text_head(type, 30).bytes : "object",
             r->n == 1 ? "it" : "them",
             trace_seconds(&v->image->trace, r->stamp));
    put_value(o, "revived", l.text);
    if (v->revived[k].n > 0)
        text_stack(o, DEEPER, v->revived[k]);
}

void gc_text(const struct text_out *o, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    text_image(o, v->image);
    if (v->at)
        put_value(o, "up to", text_head(v->at, TEXT_WIDTH - VALUE).bytes);
    put_head(o, v);
    put_collections(o, v);
    put_generations(o, v);
    if (v->end.frozen + v->end.found + gc->n_reclaimed + gc->n_revived > 0)
        fputc('\n', o->to);
    put_fates(o, v);
    for (uint32_t k = 0; k < gc->n_revivals; k++)
        put_revived(o, v, k);
}
