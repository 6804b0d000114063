/* SPDX-License-Identifier: MIT */
/* coverage_text.c - how much is explained, for people */
#include "report/coverage_view.h"
#include "report/text_image.h"
#include "report/text_stack.h"
#include "trace/kinds.h"

#include <inttypes.h>
#include <string.h>

enum { INDENT = 4, VALUE = 16, DEEPER = 8, MOST = 10 };

struct telling {
    const struct text_out *o;
    const struct coverage_view *v;
    const struct coverage *c;
};

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void put_value(const struct text_out *o, const char *label,
                      const struct text_line *l)
{
    fprintf(o->to, "%*s%-*s", INDENT, "", VALUE - INDENT, label);
    if (strlen(label) >= VALUE - INDENT)
        fprintf(o->to, "\n%*s", VALUE, "");
    text_wrap(o, VALUE, VALUE, l->text);
}

bool coverage_is_left_out(const struct coverage_view *v, uint32_t i)
{
    return i >= MOST && !v->all;
}

void coverage_put_rest(const struct text_out *o, const struct coverage_view *v,
                       uint64_t n, uint64_t hidden)
{
    const uint64_t more = (n > MOST && !v->all ? n - MOST : 0) + hidden;
    if (more == 0)
        return;
    fprintf(o->to, "%*s... and %s more%s\n", INDENT, "",
            text_number(more).bytes,
            more > hidden ? "; 'ouro coverage --all' tells them"
                          : " that were only counted");
}

static bool is_left_out(const struct telling *t, uint32_t i)
{
    return coverage_is_left_out(t->v, i);
}

static void put_rest(const struct telling *t, uint64_t n, uint64_t hidden)
{
    coverage_put_rest(t->o, t->v, n, hidden);
}

/* What came to be of all that was taken. */
static void put_run(const struct telling *t)
{
    const struct coverage_type *a = &t->c->all;
    struct text_line l = {0};
    text_add(&l, "%s taken, ", text_count(a->taken, "count").bytes);
    text_add(&l, "%u%% explained: ", coverage_percent(a->taken, a->open));
    text_add(&l, "%s by a reference, ", text_number(a->linked).bytes);
    text_add(&l, "%s by a name, ", text_number(a->run.named).bytes);
    text_add(&l, "%s given back nearby; ", text_number(a->nearby).bytes);
    text_add(&l, "%s not explained", text_number(a->open).bytes);
    put_value(t->o, "in the run", &l);
}

static void put_end(const struct telling *t)
{
    const struct coverage_type *a = &t->c->all;
    struct text_line l = {0};
    text_add(&l, "%s in ", text_count(a->counts, "count").bytes);
    text_add(&l, "%s", text_count(a->live, "object").bytes);
    if (a->counts > 0) {
        text_add(&l, ", %u%% explained: ",
                 coverage_percent(a->counts, a->anonymous));
        text_add(&l, "%s by a reference, ", text_number(a->owned).bytes);
        text_add(&l, "%s by a name; ", text_number(a->acquired).bytes);
        text_add(&l, "%s not explained", text_number(a->anonymous).bytes);
    }
    if (a->missing > 0)
        text_add(&l, "; %s beyond the counts",
                 text_count(a->missing, "reference").bytes);
    put_value(t->o, image_moment(t->v->image), &l);
}

static void put_heading(const struct telling *t, const char *text)
{
    fputc('\n', t->o->to);
    text_put(t->o, TEXT_BOLD, text);
    fputc('\n', t->o->to);
}

static void put_line(const struct text_out *o, const struct text_line *l)
{
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l->text);
}

static void add_part(struct text_line *l, uint64_t n, const char *words)
{
    if (n > 0)
        text_add(l, "%s %s %s", l->len > 0 ? "," : "", text_number(n).bytes,
                 words);
}

static void put_site(const struct telling *t, const struct coverage_site *s)
{
    struct text_line l = {0}, parts = {0};
    text_add(&l, "%s of ", text_count(s->open, "count").bytes);
    text_add(&l, "%s by %s:", text_head(coverage_type_word(s->type), 40).bytes,
             s->by == TAKEN_BY_NEW ? "NEW" : "INCREF");
    add_part(&parts, s->linked, "became a reference");
    add_part(&parts, s->nearby, "given back nearby");
    add_part(&parts, s->elsewhere, "given back far away");
    add_part(&parts, s->died, "left when the object died");
    add_part(&parts, s->held, "left");
    text_add(&l, "%s", parts.text);
    if (s->held > 0)
        text_add(&l, " %s", image_moment(t->v->image));
    if (s->n_stacks > 1)
        text_add(&l, "; one of %" PRIu32 " call stacks", s->n_stacks);
    put_line(t->o, &l);
    text_stack(t->o, DEEPER, s->stack);
    if (s->back.n == 0)
        return;
    fprintf(t->o->to, "%*smost given back in\n", DEEPER - 2, "");
    text_stack(t->o, DEEPER, s->back);
}

static void put_sites(const struct telling *t)
{
    if (t->c->n_sites == 0)
        return;
    put_heading(t, "counts that nothing explains, by where they were taken");
    for (uint32_t i = 0; i < t->c->n_sites && !is_left_out(t, i); i++)
        put_site(t, &t->c->sites[i]);
    put_rest(t, t->c->n_sites, 0);
}

static void put_surplus(const struct telling *t)
{
    if (t->c->n_surplus == 0)
        return;
    put_heading(t, "LINKs without a count: more references than counts");
    for (uint32_t i = 0; i < t->c->n_surplus && !is_left_out(t, i); i++) {
        const struct coverage_surplus *s = &t->c->surplus[i];
        struct text_line l = {0};
        text_add(&l, "%s to ", text_count(s->n, "reference").bytes);
        text_add(&l, "%s", text_head(coverage_type_word(s->type), 40).bytes);
        if (*s->field)
            text_add(&l, ", field %s", text_head(s->field, 40).bytes);
        put_line(t->o, &l);
        text_stack(t->o, DEEPER, s->stack);
    }
    put_rest(t, t->c->n_surplus, 0);
}

static void put_event(const struct text_out *o, const struct coverage_event *k)
{
    struct text_line l = {0};
    text_add(&l, "%.6f s  %s", k->time, kinds[k->kind].name);
    if (*k->field)
        text_add(&l, " \"%s\"", text_head(k->field, 32).bytes);
    text_add(&l, "  ");
    coverage_place_words(&l, k->stack, 0);
    if (k->n != 0)
        text_add(&l, "  count %" PRId64, k->rc);
    fprintf(o->to, "%*s", DEEPER, "");
    text_wrap(o, DEEPER, DEEPER + 2, l.text);
}

static void put_match(const struct text_out *o,
                      const struct coverage_mismatch *m)
{
    struct text_line l = {0};
    if (!m->known) {
        text_add(&l, "nothing is known of what happened before");
    } else if (m->matched) {
        text_add(&l, "the last that matched said %" PRId64 " at %.6f s",
                 m->matched_count, m->matched_time);
        text_add(&l, "; announced between:");
    } else {
        text_add(&l, "none matched before; announced since its NEW:");
    }
    if (m->known && m->n_events == 0)
        text_add(&l, " nothing");
    put_line(o, &l);
    if (m->n_events > m->n_told)
        fprintf(o->to, "%*s... %s before\n", DEEPER, "",
                text_count(m->n_events - m->n_told, "event").bytes);
}

static void put_mismatch(const struct telling *t,
                         const struct coverage_mismatch *m)
{
    struct text_line l = {0};
    text_add(&l, "%s: %s did not match, ",
             text_head(coverage_type_word(m->type), 40).bytes,
             text_count(m->is->n, "OURO_COUNT").bytes);
    text_add(&l,
             "first at %.6f s (0x%" PRIx64 "): it said %" PRId64 ", %" PRId64
             " announced",
             m->time, m->is->addr, m->is->said, m->is->announced);
    put_line(t->o, &l);
    if (m->stack.n > 0)
        text_stack(t->o, DEEPER, m->stack);
    put_match(t->o, m);
    for (uint32_t i = 0; i < m->n_told; i++)
        put_event(t->o, &m->told[i]);
    if (!m->went_on)
        return;
    fprintf(t->o->to, "%*sannounced next:\n", INDENT, "");
    put_event(t->o, &m->after);
}

static void put_mismatches(const struct telling *t)
{
    if (t->c->n_mismatches == 0)
        return;
    put_heading(t, "OURO_COUNT differs from what was announced");
    for (uint32_t i = 0; i < t->c->n_mismatches && !is_left_out(t, i); i++)
        put_mismatch(t, &t->c->mismatches[i]);
    put_rest(t, t->c->n_mismatches, t->c->more_mismatches);
}

static void put_oddity(const struct telling *t, const struct coverage_oddity *k)
{
    struct text_line l = {0};
    coverage_oddity_words(&l, k->is);
    if (*k->text)
        text_add(&l, ", \"%s\"", text_head(k->text, 40).bytes);
    if (*k->type)
        text_add(&l, ", %s", text_head(k->type, 40).bytes);
    text_add(&l, "; first at %.6f s, 0x%" PRIx64, k->time, k->is->addr);
    put_line(t->o, &l);
    if (k->stack.n > 0)
        text_stack(t->o, DEEPER, k->stack);
}

/* Those of groups that were too many are not told. */
static uint64_t count_untold(const struct coverage *c)
{
    const struct shadow_totals *s = c->totals;
    uint64_t n =
        s->unannounced + s->unmatched_unlinks + s->renewed + s->dangling_links;
    for (uint32_t i = 0; i < c->n_oddities; i++)
        n -= c->oddities[i].is->n;
    return n;
}

static void put_oddities(const struct telling *t)
{
    const struct shadow_totals *s = t->c->totals;
    struct text_line l = {0};
    if (t->c->n_oddities == 0)
        return;
    put_heading(t, "events that do not fit what was announced");
    text_add(&l, "%s unannounced, ", text_number(s->unannounced).bytes);
    text_add(&l, "%s unmatched, ",
             text_count(s->unmatched_unlinks, "unlink").bytes);
    text_add(&l, "%s made over a live one, ",
             text_count(s->renewed, "object").bytes);
    text_add(&l, "%s to the dead",
             text_count(s->dangling_links, "reference").bytes);
    put_line(t->o, &l);
    for (uint32_t i = 0; i < t->c->n_oddities && !is_left_out(t, i); i++)
        put_oddity(t, &t->c->oddities[i]);
    put_rest(t, t->c->n_oddities, 0);
    const uint64_t untold = count_untold(t->c);
    if (untold > 0)
        fprintf(t->o->to, "%*s%s more at other places were only counted\n",
                INDENT, "", text_count(untold, "event").bytes);
}

static void put_notes(const struct telling *t)
{
    const char *const notes[] = {
        t->c->symbols_note,
        t->c->lines_missing ? "compile with -g to see files and lines" : "",
    };
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (!notes[i] || !*notes[i])
            continue;
        fprintf(t->o->to, "%*snote: ", INDENT, "");
        text_wrap(t->o, INDENT + 6, INDENT + 6, notes[i]);
    }
}

static void put_todo(const struct telling *t)
{
    if (t->c->n_todo == 0) {
        fputs("\nnext: nothing\n", t->o->to);
        return;
    }
    put_heading(t, "next:");
    for (uint32_t i = 0; i < t->c->n_todo && !is_left_out(t, i); i++) {
        struct text_line l = {0};
        coverage_todo_words(&l, t->c, &t->c->todo[i]);
        fprintf(t->o->to, "%*" PRIu32 ". ", INDENT - 1, i + 1);
        text_wrap(t->o, INDENT + 1, INDENT + 1, l.text);
    }
    put_rest(t, t->c->n_todo, 0);
}

static void put_totals(const struct telling *t)
{
    const struct coverage_type *a = &t->c->all;
    struct text_line l = {0};
    text_add(&l, "%s of ", text_count(a->run.created, "object").bytes);
    text_add(&l, "%" PRIu32 " type%s, ", t->c->n_types, plural(t->c->n_types));
    text_add(&l, "%s alive %s", text_number(a->live).bytes,
             image_moment(t->v->image));
    put_value(t->o, "objects", &l);
}

void coverage_text_nothing(const struct text_out *o, int indent)
{
    fprintf(o->to, "%*s", indent, "");
    text_wrap(o, indent, indent,
              "nothing was announced: include ouro.h and say OURO_NEW, "
              "OURO_INCREF, OURO_DECREF and OURO_LINK where counts and "
              "references change; its comments show how");
}

void coverage_text(const struct text_out *o, const struct coverage_view *v)
{
    const struct telling t = {o, v, v->c};
    text_image(o, v->image);
    if (!v->c->speaks) {
        coverage_text_nothing(o, INDENT);
        return;
    }
    put_totals(&t);
    put_run(&t);
    put_end(&t);
    coverage_tables(o, v);
    put_sites(&t);
    put_surplus(&t);
    put_mismatches(&t);
    put_oddities(&t);
    put_notes(&t);
    put_todo(&t);
}
