/* SPDX-License-Identifier: MIT */
/* dot_retained.c - what hangs on a finding, summed up, and the rings in it */
#include "report/dot_out.h"
#include "report/text_out.h"

#include <inttypes.h>

enum { MOST_RINGS = 6, MOST_SHARED = 4, MOST_WITH = 3 };

static struct text_line size_of(uint64_t objects, uint64_t blocks,
                                uint64_t bytes)
{
    struct text_line l = {0};
    if (objects > 0)
        text_add(&l, "%s, ", text_count(objects, "object").bytes);
    if (blocks > 0)
        text_add(&l, "%s, ", text_count(blocks, "block").bytes);
    text_add(&l, "%s", text_count(bytes, "byte").bytes);
    return l;
}

static void put_ring(const struct dot_out *o, uint32_t i)
{
    const struct finding_ring *r = &o->f->held[i];
    struct text_line id = {0};
    struct text_line size = {0};
    text_add(&id, "%s %.8s", r->rings > 1 ? "rings" : "ring", r->id);
    if (r->rings > 1)
        text_add(&id, ", %s", text_count(r->rings, "time").bytes);
    text_add(&size, "%s; stays when this is mended",
             text_count(r->objects, "object").bytes);
    fprintf(o->to, "    r%" PRIu32 " [peripheries=2, label=\"", i);
    dot_line(o->to, id.text);
    dot_line(o->to, size.text);
    fprintf(o->to, "\"];\n    retained -> r%" PRIu32 " [style=dashed];\n", i);
}

static void put_rings(const struct dot_out *o)
{
    const uint32_t n = o->f->n_held;
    struct text_line l = {0};
    for (uint32_t i = 0; i < n && i < MOST_RINGS; i++)
        put_ring(o, i);
    if (n <= MOST_RINGS)
        return;
    text_add(&l, "%" PRIu32 " kinds of rings more", n - MOST_RINGS);
    fputs("    rings [style=dashed, label=\"", o->to);
    dot_line(o->to, l.text);
    fputs("\"];\n    retained -> rings [style=dashed];\n", o->to);
}

/* Sums over all instances, as the finding's are. */
static void put_retained(const struct dot_out *o)
{
    const struct finding *f = o->f;
    fputs("    retained [shape=folder, label=\"", o->to);
    dot_line(o->to, f->instances > 1 ? "retained besides, by all instances"
                                     : "retained besides");
    dot_line(o->to, size_of(f->retained_objects - f->objects,
                            f->retained_blocks - f->blocks,
                            f->retained_bytes - f->bytes)
                        .text);
    fputs("\"];\n    ", o->to);
    dot_put_subject(o);
    fputs(" -> retained [style=dashed];\n", o->to);
    put_rings(o);
}

static struct text_line words_of_shared(const struct finding_shared *s)
{
    struct text_line l = {0};
    text_add(&l, "held jointly with ");
    if (s->n_with == 0)
        text_add(&l, "other instances");
    for (uint32_t i = 0; i < s->n_with && i < MOST_WITH; i++)
        text_add(&l, "%s%.8s", i > 0 ? ", " : "", s->with[i]);
    if (s->n_with > MOST_WITH || s->with_more)
        text_add(&l, " and more");
    return l;
}

static void put_shared(const struct dot_out *o, uint32_t i)
{
    const struct finding_shared *s = &o->f->shared[i];
    fprintf(o->to, "    j%" PRIu32 " [shape=folder, label=\"", i);
    dot_line(o->to, words_of_shared(s).text);
    dot_line(o->to, size_of(s->objects, s->blocks, s->bytes).text);
    fputs("\"];\n    ", o->to);
    dot_put_subject(o);
    fprintf(o->to, " -> j%" PRIu32 " [style=dashed];\n", i);
}

void dot_retained(struct dot_out *o)
{
    const struct finding *f = o->f;
    if (f->retained_objects > f->objects || f->retained_blocks > f->blocks)
        put_retained(o);
    for (uint32_t i = 0; i < f->n_shared && i < MOST_SHARED; i++)
        put_shared(o, i);
}
