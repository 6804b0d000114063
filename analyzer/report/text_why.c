/* SPDX-License-Identifier: MIT */
#include "report/text_why.h"

#include "report/finding_words.h"
#include "report/text_caption.h"
#include "report/text_finding.h"
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum { NAME = 48 };

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void put_stack(const struct text_out *o, struct places stack)
{
    if (stack.n > 0)
        text_stack(o, CAPTION_DEEPER, stack);
}

void text_why_born(const struct text_out *o, double born, struct places at)
{
    struct text_line l = {0};
    text_seconds(&l, born);
    text_caption(o, "born", l.text);
    put_stack(o, at);
}

/* "person "ada" at 0x5581aa02, 24 bytes" */
void text_why_heading(const struct text_out *o, const struct why_object *is,
                      const char *noun, uint64_t bytes, const char *more)
{
    struct text_line name = {0}, l = {0};
    if (noun)
        text_add(&name, "%s", noun);
    else
        text_add_named(&name, is->type, is->label);
    const struct text head = text_head(name.text, TEXT_WIDTH);
    text_put(o, TEXT_BOLD, head.bytes);
    text_add(&l, " at 0x%" PRIx64 ", ", is->addr);
    text_add(&l, "%s%s", text_count(bytes, "byte").bytes, more);
    text_wrap(o, head.columns, CAPTION_INDENT, l.text);
}

static void add_generation(struct text_line *l, const struct why *w)
{
    if (w->object->generation < GC_GENERATIONS)
        text_add(l, ", generation %u", w->object->generation);
    if (w->survived_known && w->shadow->gc.n_collections > 0)
        text_add(l, ", survived %s",
                 text_count(w->survived, "collection").bytes);
}

static void put_flags(const struct text_out *o, const struct why *w)
{
    static const struct {
        uint32_t flag;
        const char *words;
    } words[] = {
        {OBJECT_LEAF, "a leaf, which never holds a reference"},
        {OBJECT_UNTRACKED,
         "untracked: its references are not trusted, so it counts as alive"},
        {OBJECT_IMMORTAL, "immortal: never collected"},
        {OBJECT_FROZEN, "frozen: no collection looks at it"},
        {OBJECT_FINALIZER, "has a finalizer"},
        {OBJECT_IGNORED, "kept on purpose (OURO_IGNORE)"},
        {OBJECT_INHERITED, "inherited from before a fork"},
    };
    struct text_line l = {0};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (w->object->flags & words[i].flag)
            text_add(&l, "%s%s", l.len > 0 ? "; " : "", words[i].words);
    if (w->uncollectable)
        text_add(&l, "%sa finalizer keeps a collector from freeing it",
                 l.len > 0 ? "; " : "");
    if (l.len > 0)
        text_caption(o, "is", l.text);
}

static void add_anchor(struct text_line *l, enum anchor anchor, bool itself)
{
    switch (anchor) {
    case ANCHOR_ROOT:
        text_add(l, "a root holds %s", itself ? "it" : "what holds it");
        return;
    case ANCHOR_COUNTS:
        text_add(l, "%s counts that no object's reference explains",
                 itself ? "it has" : "what holds it has");
        return;
    case ANCHOR_NEGATIVE:
        text_add(l, "%s fewer counts than references, which is taken for alive",
                 itself ? "it has" : "what holds it has");
        return;
    case ANCHOR_IMMORTAL:
        text_add(l, "%s immortal", itself ? "it is" : "what holds it is");
        return;
    case ANCHOR_INHERITED:
        text_add(l, "%s there before the fork",
                 itself ? "it was" : "what holds it was");
        return;
    case ANCHOR_IGNORED:
        text_add(l, "%s kept on purpose (OURO_IGNORE)",
                 itself ? "it is" : "what holds it is");
        return;
    case ANCHOR_FROZEN:
        text_add(l, "%s frozen", itself ? "it is" : "what holds it is");
        return;
    case ANCHOR_UNJUDGED:
        text_add(l,
                 "nothing outside is known to hold it, but %s not judged: %s",
                 itself ? "it is" : "what holds it is",
                 "untracked, or a leaf that holds something");
        return;
    case ANCHOR_NONE:
        break;
    }
    text_add(l, "nothing is known to");
}

static void add_sources(struct text_line *l, const struct why *w)
{
    for (uint32_t i = 0; i < w->n_sources_told; i++) {
        const struct why_source *s = &w->sources[i];
        text_add(l, "%s%s %.8s", i > 0 ? ", " : "", finding_kind_word(s->kind),
                 s->id);
        if (s->instances > 1)
            text_add(l, " (%" PRIu32 " of them)", s->instances);
    }
    if (w->sources_left_out > 0)
        text_add(l, " and %" PRIu32 " more", w->sources_left_out);
}

/* What the collector made of it. */
static void put_state(const struct text_out *o, const struct why *w)
{
    struct text_line l = {0};
    if (w->anchor != ANCHOR_NONE) {
        text_add(&l, "alive: ");
        add_anchor(&l, w->anchor, w->path.n == 1);
    } else if (w->n_sources == 0) {
        text_add(&l, "nothing holds it, and it was not freed");
    } else if (w->sources[0].inside) {
        text_add(&l, "unreachable: nothing outside holds it; part of ");
        add_sources(&l, w);
    } else {
        text_add(&l, "%sonly garbage holds it; %s",
                 w->unreachable ? "unreachable: " : "",
                 w->n_sources == 1 ? "retained by " : "held together by ");
        add_sources(&l, w);
    }
    if (w->out_of_balance)
        text_add(&l, "; part of %s %.8s", finding_kind_word(w->balance_kind),
                 w->balance_id);
    text_caption(o, "state", l.text);
}

static void add_part(struct text_line *l, int64_t n, const char *what)
{
    if (n == 0)
        return;
    const uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;
    const bool first = l->len == 0;
    text_add(l, "%s%s %s", first ? (n < 0 ? "-" : "") : (n < 0 ? " - " : " + "),
             text_number(size).bytes, what);
}

/* "3 = 1 owned + 1 acquired + 1 unknown" */
static void put_equation(const struct text_out *o, const struct why *w)
{
    struct text_line parts = {0}, l = {0};
    add_part(&parts, w->owned, "owned");
    add_part(&parts, w->rooted, w->rooted == 1 ? "of a root" : "of roots");
    add_part(&parts, w->acquired, "acquired");
    add_part(&parts, w->taken, "taken and not given back");
    add_part(&parts, w->unknown,
             w->unknown > 0 ? "unknown" : "given back too often");
    text_add(&l, "rc %" PRId64 "%s%s", w->object->rc,
             parts.len > 0 ? " = " : "", parts.text);
    text_caption(o, "count", l.text);
}

static void add_reference(struct text_line *l, const struct why_link *k)
{
    if (!k->is_root) {
        text_add_named(l, k->other.type, k->other.label);
        text_add_field(l, k->field, k->index);
        text_add(l, " at 0x%" PRIx64, k->other.addr);
    } else if (*k->field) {
        text_add(l, "root \"%s\"", text_head(k->field, NAME).bytes);
    } else {
        text_add(l, "root at 0x%" PRIx64 ", which is in no object",
                 k->other.addr);
    }
    text_add(l, ", linked ");
    text_seconds(l, k->time);
}

static void put_more(const struct text_out *o, uint64_t n, const char *what)
{
    struct text_line l = {0};
    if (n == 0)
        return;
    text_add(&l, "... and %s more %s%s; --all tells them", text_number(n).bytes,
             what, plural(n));
    fprintf(o->to, "%*s", CAPTION_VALUE, "");
    text_wrap(o, CAPTION_VALUE, CAPTION_DEEPER, l.text);
}

static void put_holders(const struct text_out *o, const struct why_links *all)
{
    for (uint32_t i = 0; i < all->n_told; i++) {
        struct text_line l = {0};
        add_reference(&l, &all->told[i]);
        text_caption(o, i == 0 ? "held by" : "", l.text);
        put_stack(o, all->told[i].stack);
    }
    put_more(o, all->n - all->n_told, "reference");
}

static void put_taker(const struct text_out *o, const struct why_taken *t,
                      bool first)
{
    struct text_line l = {0};
    if (t->named) {
        text_add(&l, "under 0x%" PRIx64 ", ", t->cookie);
        text_seconds(&l, t->time);
        text_add(&l, ", never released");
    } else if (t->certain) {
        text_add(&l, "%s, never given back",
                 text_count(t->count, "time").bytes);
    } else {
        text_add(&l, "%s more than was given back; whether here is open",
                 text_count(t->count, "time").bytes);
    }
    if (t->holder_dead)
        text_add(&l, "; whoever held it is gone");
    text_caption(o,
                 !first       ? ""
                 : t->named   ? "acquired"
                 : t->certain ? "taken by"
                              : "perhaps by",
                 l.text);
    put_stack(o, t->stack);
}

static void put_takers(const struct text_out *o, const struct why *w)
{
    for (uint32_t i = 0; i < w->n_takers; i++) {
        const struct why_taken *t = &w->takers[i], *before = t - 1;
        put_taker(o, t,
                  i == 0 || t->named != before->named ||
                      t->certain != before->certain);
        if (t->named && (i + 1 == w->n_takers || !w->takers[i + 1].named))
            put_more(o, w->takers_left_out, "acquire");
    }
}

static void put_unexplained(const struct text_out *o, const struct why *w)
{
    bool open = false;
    for (uint32_t i = 0; i < w->n_takers; i++)
        open |= !w->takers[i].certain;
    if (w->unknown > 0 && !open)
        text_caption(o, "unknown",
                     "no announced event explains it: a local variable, a "
                     "global, or a reference that was not announced");
    if (w->unknown < 0)
        text_caption(o, "too few",
                     "more references than counts: somebody gave back one "
                     "that was not theirs, or a link was not undone");
}

/* "window "main" at 0x5581aa02 by children[3]" */
static void add_held(struct text_line *l, const struct why_object *target,
                     const char *name, int64_t index)
{
    struct text_line field = {0};
    text_add_named(l, target->type, target->label);
    text_add(l, " at 0x%" PRIx64, target->addr);
    text_add_field(&field, name, index);
    if (field.len > 0)
        text_add(l, " by %s", field.text + (field.text[0] == '.'));
}

static void put_held(const struct text_out *o, const struct why_links *all)
{
    for (uint32_t i = 0; i < all->n_told; i++) {
        const struct why_link *k = &all->told[i];
        struct text_line l = {0};
        add_held(&l, &k->other, k->field, k->index);
        text_caption(o, i == 0 ? "holds" : "", l.text);
    }
    put_more(o, all->n - all->n_told, "reference");
}

static void put_lost(const struct text_out *o, const struct why *w)
{
    for (uint32_t i = 0; i < w->n_lost_told; i++) {
        const struct why_lost *k = &w->lost[i];
        struct text_line l = {0};
        add_held(&l, &k->target, k->field, k->index);
        text_add(&l, ", which died ");
        text_seconds(&l, k->died);
        text_caption(o, i == 0 ? "the dead" : "", l.text);
    }
    put_more(o, w->n_lost - w->n_lost_told, "reference");
}

static void put_ways(const struct text_out *o, const struct why *w)
{
    if (w->path.n > 1)
        text_way(o, "path", &w->path, false);
    if (w->cycle.n > 0)
        text_way(o, "cycle", &w->cycle, true);
}

void text_why(const struct text_out *o, const struct why *w)
{
    struct text_line more = {0};
    add_generation(&more, w);
    text_why_heading(o, &w->is, NULL, w->bytes, more.text);
    text_why_born(o, w->born, w->born_at);
    put_flags(o, w);
    put_state(o, w);
    put_ways(o, w);
    put_equation(o, w);
    put_holders(o, &w->roots);
    put_holders(o, &w->owners);
    put_takers(o, w);
    put_unexplained(o, w);
    put_held(o, &w->holds);
    put_lost(o, w);
    if (*w->symbols_note)
        text_note((void *)o, w->symbols_note);
}
