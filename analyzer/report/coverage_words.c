/* SPDX-License-Identifier: MIT */
/* coverage_words.c - what there is to do, in words */
#include "report/coverage_view.h"
#include "trace/kinds.h"

#include <inttypes.h>
#include <string.h>

enum { NAME = 48, FILE_NAME = 40 };

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

const char *coverage_type_word(const char *type)
{
    return *type ? type : "object";
}

static void add_type(struct text_line *l, const char *type)
{
    text_add(l, "%s", text_head(coverage_type_word(type), NAME).bytes);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void coverage_place_words(struct text_line *l, struct places p, uint32_t at)
{
    if (at >= p.n) {
        text_add(l, "a place whose call stack is not known");
        return;
    }
    const struct place *k = &p.at[at];
    if (*k->function)
        text_add(l, "%s", text_function(k->function, NAME).bytes);
    else
        text_add(l, "%s+0x%" PRIx64,
                 text_tail(base_name(k->module), NAME).bytes, k->offset);
    if (*k->file && k->line > 0)
        text_add(l, " %s:%" PRIu32,
                 text_tail(base_name(k->file), FILE_NAME).bytes, k->line);
}

static const char *macro_of(uint8_t kind)
{
    const char *name = kind < N_KINDS ? kinds[kind].name : NULL;
    return name ? name : "event";
}

static void add_macro(struct text_line *l, uint8_t kind, const char *text)
{
    text_add(l, "OURO_%s", macro_of(kind));
    if (*text)
        text_add(l, " \"%s\"", text_head(text, NAME).bytes);
}

/* The function, and the one that called it: the first may be all that a type
   has for giving back. */
static void add_call(struct text_line *l, struct places p, uint32_t at)
{
    coverage_place_words(l, p, at);
    if (at + 1 >= p.n)
        return;
    text_add(l, ", called by ");
    coverage_place_words(l, p, at + 1);
}

/* Did it give back most of what it took? */
static bool forgets(const struct coverage_site *s)
{
    return s->by == TAKEN_BY_INCREF && s->held > 0 && s->nearby > s->open;
}

static void add_forgotten(struct text_line *l, const struct coverage_site *s)
{
    text_add(l, "give back what ");
    coverage_place_words(l, s->stack, s->at);
    text_add(l, " takes (an early return?), or announce what it holds: %s",
             text_number(s->open).bytes);
    text_add(l, " of %s of ", text_count(s->taken, "count").bytes);
    add_type(l, s->type);
    text_add(l, " %s not given back there", s->open == 1 ? "was" : "were");
}

static void add_left(struct text_line *l, const struct coverage_type *t,
                     uint64_t n)
{
    text_add(l, "give back what references to ");
    add_type(l, t->type);
    text_add(l,
             " held (DECREF after UNLINK or UNROOT), or announce who holds it "
             "now: %s at the end",
             text_count(n, "count").bytes);
    text_add(l, " %s left without one", n == 1 ? "is" : "are");
}

static void add_site(struct text_line *l, const struct coverage_site *s,
                     uint64_t n)
{
    const bool made = s->by == TAKEN_BY_NEW;
    if (forgets(s)) {
        add_forgotten(l, s);
        return;
    }
    text_add(l, made ? "announce who keeps what " : "announce what ");
    coverage_place_words(l, s->stack, s->at);
    text_add(l, made ? " makes (LINK, or ROOT for a global): " : " holds: ");
    text_add(l, "%s", text_number(n).bytes);
    if (n < s->taken)
        text_add(l, " of %s", text_number(s->taken).bytes);
    text_add(l, " count%s of ", plural(s->taken));
    add_type(l, s->type);
    text_add(l, " taken there never became a LINK");
    if (s->back.n == 0)
        return;
    text_add(l, "; given back by ");
    add_call(l, s->back, s->back_at);
    if (s->elsewhere < n)
        text_add(l, ", and others");
}

static void add_surplus(struct text_line *l, const struct coverage_surplus *s)
{
    text_add(l, "announce the INCREF behind OURO_LINK");
    if (*s->field)
        text_add(l, " \"%s\"", text_head(s->field, NAME).bytes);
    text_add(l, " in ");
    coverage_place_words(l, s->stack, 0);
    text_add(l, ", or say OURO_WEAK there: %s to ",
             text_count(s->n, "reference").bytes);
    add_type(l, s->type);
    text_add(l, " had no count");
}

/* OURO_COUNT itself takes no stack: what was announced before is nearest. */
static void add_mismatch(struct text_line *l, const struct coverage_mismatch *m)
{
    text_add(l, "find where ");
    add_type(l, m->type);
    text_add(l,
             "'s count changes and nobody says so: OURO_COUNT said %" PRId64
             ", %" PRId64 " announced, at %.6f s",
             m->is->said, m->is->announced, m->time);
    if (m->stack.n > 0) {
        text_add(l, " in ");
        coverage_place_words(l, m->stack, 0);
    }
    if (m->n_told > 0) {
        const struct coverage_event *last = &m->told[m->n_told - 1];
        text_add(l, ", after %s in ", macro_of(last->kind));
        coverage_place_words(l, last->stack, 0);
    }
    if (m->went_on && m->after.stack.n > 0) {
        text_add(l, " and before %s in ", macro_of(m->after.kind));
        coverage_place_words(l, m->after.stack, 0);
    }
    if (m->matched)
        text_add(l, "; at %.6f s it matched", m->matched_time);
}

static void add_unknown(struct text_line *l, const struct coverage_oddity *k)
{
    text_add(l, "say OURO_NEW before ");
    add_macro(l, k->is->kind, k->text);
    text_add(l, " in ");
    coverage_place_words(l, k->stack, 0);
    text_add(l, ": %s about no announced object",
             text_count(k->is->n, "event").bytes);
}

static void add_oddity(struct text_line *l, const struct coverage_oddity *k)
{
    const uint64_t n = k->is->n;
    switch (k->is->what) {
    case ODDITY_UNKNOWN:
        add_unknown(l, k);
        return;
    case ODDITY_UNOWNED:
        text_add(l, "say OURO_OWN or OURO_NEW for the block in which ");
        coverage_place_words(l, k->stack, 0);
        text_add(l, " says ");
        add_macro(l, k->is->kind, k->text);
        text_add(l, ": %s from a block that is no object's",
                 text_count(n, "reference").bytes);
        return;
    case ODDITY_UNMATCHED:
        text_add(l, "announce the LINK that ");
        add_macro(l, k->is->kind, k->text);
        text_add(l, " of ");
        add_type(l, k->type);
        text_add(l, " takes back, with that owner and field: %s matched none",
                 text_count(n, "event").bytes);
        return;
    case ODDITY_RENEWED:
        text_add(l, "say OURO_DEAD where ");
        add_type(l, k->type);
        text_add(l, " ends: %s over a live one in ",
                 text_count(n, "object").bytes);
        coverage_place_words(l, k->stack, 0);
        return;
    case ODDITY_DANGLING:
        text_add(l, "say OURO_UNLINK before ");
        add_type(l, k->type);
        text_add(l, " dies, for ");
        add_macro(l, k->is->kind, k->text);
        text_add(l, " in ");
        coverage_place_words(l, k->stack, 0);
        text_add(l, ": %s to the dead", text_count(n, "reference").bytes);
        return;
    case N_ODDITIES:
        break;
    }
}

void coverage_oddity_words(struct text_line *l, const struct oddity *k)
{
    static const char *const words[N_ODDITIES] = {
        [ODDITY_UNKNOWN] = "about no announced object",
        [ODDITY_UNOWNED] = "from a block that is no object's",
        [ODDITY_UNMATCHED] = "of what was not linked so",
        [ODDITY_RENEWED] = "over an object that was alive",
        [ODDITY_DANGLING] = "to an object that died before",
    };
    text_add(l, "%s %s", text_count(k->n, macro_of(k->kind)).bytes,
             k->what < N_ODDITIES ? words[k->what] : "");
}

static void add_died(struct text_line *l, const struct coverage_type *t)
{
    text_add(l, "announce the DECREF that ends ");
    add_type(l, t->type);
    text_add(l, ": %s", text_count(t->run.died_early, "object").bytes);
    text_add(l, " died with %s left", text_count(t->run.left, "count").bytes);
}

static void add_never_given(struct text_line *l, const struct coverage_type *t)
{
    text_add(l, "announce where ");
    add_type(l, t->type);
    text_add(l, " is given up: %s, and not one DECREF or RELEASE",
             text_count(t->run.created, "object").bytes);
}

void coverage_types_words(struct text_line *l, const struct coverage *c,
                          bool (*is)(const struct coverage_type *t),
                          uint32_t most)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_types; i++) {
        if (!is(&c->types[i]) || n++ >= most)
            continue;
        text_add(l, n > 1 ? ", " : "");
        add_type(l, c->types[i].type);
    }
    if (n > most)
        text_add(l, " and %" PRIu32 " more type%s", n - most, plural(n - most));
}

static void add_never_holds(struct text_line *l, const struct coverage *c)
{
    enum { NAMED = 6 };
    text_add(l, "say OURO_NEW_LEAF for what never holds a reference, or "
                "announce what its fields hold: ");
    coverage_types_words(l, c, coverage_never_holds, NAMED);
}

void coverage_todo_words(struct text_line *l, const struct coverage *c,
                         const struct todo *t)
{
    switch (t->what) {
    case TODO_SITE:
        add_site(l, &c->sites[t->index], t->weight);
        return;
    case TODO_SURPLUS:
        add_surplus(l, &c->surplus[t->index]);
        return;
    case TODO_MISMATCH:
        add_mismatch(l, &c->mismatches[t->index]);
        return;
    case TODO_ODDITY:
        add_oddity(l, &c->oddities[t->index]);
        return;
    case TODO_DIED:
        add_died(l, &c->types[t->index]);
        return;
    case TODO_LEFT:
        add_left(l, &c->types[t->index], t->weight);
        return;
    case TODO_NEVER_GIVEN:
        add_never_given(l, &c->types[t->index]);
        return;
    case TODO_NEVER_HOLDS:
        add_never_holds(l, c);
        return;
    }
}
