/* SPDX-License-Identifier: MIT */
/* dot_notes.c - where things happened, as notes beside what they happened to */
#include "report/dot_out.h"
#include "report/finding_words.h"
#include "report/text_finding.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum { NOTE_PLACES = 6, MOST_TAKERS = 8 };

void dot_places(FILE *to, struct places p, uint32_t most)
{
    const uint32_t n = text_stack_shown(p);
    for (uint32_t i = 0; i < n && i < most; i++)
        dot_left_line(to, text_place(&p.at[i], DOT_WIDE).bytes);
    if (n > most) {
        struct text_line l = {0};
        text_add(&l, "... %" PRIu32 " more frames", n - most);
        dot_left_line(to, l.text);
    }
}

static void put_note(struct dot_out *o, const char *caption, struct places p,
                     const char *arrow)
{
    const uint32_t note = o->n_notes++;
    fprintf(o->to, "    s%" PRIu32 " [shape=note, label=\"", note);
    dot_left_line(o->to, caption);
    dot_places(o->to, p, NOTE_PLACES);
    fprintf(o->to, "\"];\n    s%" PRIu32 " -> ", note);
    dot_put_subject(o);
    fprintf(o->to, " [%s];\n", arrow);
}

/* One that has nothing to say but its place. */
static void put_place_note(struct dot_out *o, const char *caption,
                           struct places p)
{
    if (p.n > 0)
        put_note(o, caption, p, "style=dashed");
}

static void note_orphaned(struct dot_out *o)
{
    const struct finding *f = o->f;
    struct text_line l = {0};
    if (!f->has_orphaned)
        return;
    text_add(&l, "orphaned: last outside reference %s ",
             strcmp(f->orphaned_by, "link") == 0 ? "went into a link"
                                                 : "released");
    text_seconds(&l, f->orphaned_time);
    put_note(o, l.text, f->orphaned_stack, "style=dashed");
}

static const char *taker_words(const struct finding_unreleased *u)
{
    if (u->holder_dead)
        return "taken here, never released; whoever held it is gone";
    if (u->certain)
        return "taken here, never released";
    return "taken here, perhaps never released";
}

static void note_taker(struct dot_out *o, const struct finding_unreleased *u)
{
    struct text_line arrow = {0};
    text_add(&arrow, "style=%s%s, label=\"%s%s\"",
             u->certain || u->holder_dead ? "solid" : "dashed",
             u->holder_dead ? ", color=\"" DOT_RED "\", fontcolor=\"" DOT_RED
                              "\", penwidth=2"
                            : "",
             text_count(u->count, "count").bytes,
             o->f->instances > 1 ? " of all of them" : "");
    put_note(o, taker_words(u), u->stack, arrow.text);
}

static void note_takers(struct dot_out *o)
{
    const struct finding *f = o->f;
    for (uint32_t i = 0; i < f->n_unreleased && i < MOST_TAKERS; i++)
        note_taker(o, &f->unreleased[i]);
    if (f->n_unreleased <= MOST_TAKERS)
        return;
    struct text_line l = {0};
    text_add(&l, "taken at %" PRIu32 " more places",
             f->n_unreleased - MOST_TAKERS);
    put_note(o, l.text, (struct places){0}, "style=dashed");
}

static void note_death(struct dot_out *o)
{
    struct text_line l = {0};
    if (!o->f->has_death)
        return;
    text_add(&l, "died at ");
    text_seconds(&l, o->f->death_time);
    put_note(o, l.text, o->f->death_stack, "style=dashed");
}

static void note_misuse(struct dot_out *o)
{
    const struct finding *f = o->f;
    put_note(o, finding_doer_words(f->what ? f->what : ""), f->stack,
             "color=\"" DOT_RED "\", penwidth=2");
    put_place_note(o, "made by", f->birth_stack);
    note_death(o);
}

void dot_notes(struct dot_out *o)
{
    switch (o->f->kind) {
    case FINDING_CYCLE:
        note_orphaned(o);
        return;
    case FINDING_OVER_RELEASE:
        if (o->f->n_members == 0) {
            put_place_note(o, "linked by", o->f->stack);
            put_place_note(o, "made by", o->f->birth_stack);
            note_death(o);
            return;
        }
        note_takers(o);
        put_place_note(o, "born", o->f->stack);
        return;
    case FINDING_UNBALANCED:
    case FINDING_GHOST_EDGE:
        note_takers(o);
        put_place_note(o, "born", o->f->stack);
        return;
    case FINDING_LEAK:
        return;
    case FINDING_MISUSE:
        note_misuse(o);
        return;
    }
}
