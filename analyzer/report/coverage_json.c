/* SPDX-License-Identifier: MIT */
/* coverage_json.c - how much is explained, schema ouro-coverage/1 */
#include "report/coverage_view.h"
#include "report/json_parts.h"
#include "trace/kinds.h"

static void put_signed(struct json_out *j, const char *key, int64_t n)
{
    json_out_key(j, key);
    json_out_signed(j, n);
}

static void put_seconds(struct json_out *j, const char *key, double s)
{
    json_out_key(j, key);
    json_out_seconds(j, s);
}

static void put_hex(struct json_out *j, const char *key, uint64_t n)
{
    json_out_key(j, key);
    json_out_hex(j, n);
}

static void put_bool(struct json_out *j, const char *key, bool b)
{
    json_out_key(j, key);
    json_out_bool(j, b);
}

static void put_figures(struct json_out *j, const struct coverage_type *t)
{
    json_count(j, "created", t->run.created);
    json_count(j, "live", t->live);
    json_out_key(j, "run");
    json_out_open_flat_object(j);
    json_count(j, "taken", t->taken);
    json_count(j, "given", t->run.given);
    json_count(j, "links", t->run.links);
    json_count(j, "linked", t->linked);
    json_count(j, "named", t->run.named);
    json_count(j, "nearby", t->nearby);
    json_count(j, "open", t->open);
    json_count(j, "excused", t->excused);
    json_count(j, "explained_percent", coverage_percent(t->taken, t->open));
    json_out_close(j);
    json_out_key(j, "end");
    json_out_open_flat_object(j);
    json_count(j, "counts", t->counts);
    json_count(j, "owned", t->owned);
    json_count(j, "acquired", t->acquired);
    json_count(j, "anonymous", t->anonymous);
    json_count(j, "missing", t->missing);
    json_count(j, "explained_percent",
               coverage_percent(t->counts, t->anonymous));
    json_out_close(j);
    json_count(j, "died_early", t->run.died_early);
    json_count(j, "died_with", t->run.left);
}

static void put_types(struct json_out *j, const struct coverage *c)
{
    json_out_key(j, "types");
    json_out_open_array(j);
    for (uint32_t i = 0; i < c->n_types; i++) {
        const struct coverage_type *t = &c->types[i];
        json_out_open_object(j);
        json_text(j, "type", t->type);
        json_count(j, "leaves", t->run.leaves);
        put_figures(j, t);
        put_bool(j, "never_holds", coverage_never_holds(t));
        put_bool(j, "never_given", coverage_never_given(t));
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_sites(struct json_out *j, const struct coverage *c)
{
    json_out_key(j, "sites");
    json_out_open_array(j);
    for (uint32_t i = 0; i < c->n_sites; i++) {
        const struct coverage_site *s = &c->sites[i];
        json_out_open_object(j);
        json_text(j, "type", s->type);
        json_text(j, "by", s->by == TAKEN_BY_NEW ? "NEW" : "INCREF");
        json_count(j, "taken", s->taken);
        json_count(j, "linked", s->linked);
        json_count(j, "nearby", s->nearby);
        json_count(j, "open", s->open);
        json_count(j, "elsewhere", s->elsewhere);
        json_count(j, "died", s->died);
        json_count(j, "held", s->held);
        json_count(j, "stacks", s->n_stacks);
        json_count(j, "at", s->at);
        json_places(j, "stack", s->stack);
        json_places(j, "given_back", s->back);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_surplus(struct json_out *j, const struct coverage *c)
{
    json_out_key(j, "links_without_count");
    json_out_open_array(j);
    for (uint32_t i = 0; i < c->n_surplus; i++) {
        const struct coverage_surplus *s = &c->surplus[i];
        json_out_open_object(j);
        json_text(j, "type", s->type);
        json_text(j, "field", s->field);
        json_count(j, "count", s->n);
        json_places(j, "stack", s->stack);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_match(struct json_out *j, const struct coverage_mismatch *m)
{
    json_out_key(j, "matched");
    if (!m->matched) {
        json_out_null(j);
        return;
    }
    json_out_open_object(j);
    put_signed(j, "count", m->matched_count);
    put_seconds(j, "time", m->matched_time);
    json_places(j, "stack", m->matched_stack);
    json_out_close(j);
}

static void put_event(struct json_out *j, const struct coverage_event *k)
{
    json_out_open_object(j);
    json_text(j, "event", kinds[k->kind].name);
    json_text(j, "field", k->field);
    put_signed(j, "change", k->n);
    put_signed(j, "count", k->rc);
    put_seconds(j, "time", k->time);
    json_places(j, "stack", k->stack);
    json_out_close(j);
}

static void put_events(struct json_out *j, const struct coverage_mismatch *m)
{
    json_count(j, "events_between", m->n_events);
    json_out_key(j, "between");
    json_out_open_array(j);
    for (uint32_t i = 0; i < m->n_told; i++)
        put_event(j, &m->told[i]);
    json_out_close(j);
    json_out_key(j, "after");
    if (m->went_on)
        put_event(j, &m->after);
    else
        json_out_null(j);
}

static void put_mismatches(struct json_out *j, const struct coverage *c)
{
    json_out_key(j, "mismatches");
    json_out_open_array(j);
    for (uint32_t i = 0; i < c->n_mismatches; i++) {
        const struct coverage_mismatch *m = &c->mismatches[i];
        json_out_open_object(j);
        json_text(j, "type", m->type);
        json_count(j, "count", m->is->n);
        put_hex(j, "address", m->is->addr);
        put_signed(j, "said", m->is->said);
        put_signed(j, "announced", m->is->announced);
        put_seconds(j, "time", m->time);
        json_places(j, "stack", m->stack);
        put_match(j, m);
        put_events(j, m);
        json_out_close(j);
    }
    json_out_close(j);
    json_count(j, "more_mismatches", c->more_mismatches);
}

static void put_oddity(struct json_out *j, const struct coverage_oddity *k)
{
    static const char *const words[N_ODDITIES] = {
        [ODDITY_UNKNOWN] = "unknown",     [ODDITY_UNOWNED] = "unowned",
        [ODDITY_UNMATCHED] = "unmatched", [ODDITY_RENEWED] = "renewed",
        [ODDITY_DANGLING] = "dangling",
    };
    json_out_open_object(j);
    json_text(j, "what", words[k->is->what]);
    json_text(j, "event", kinds[k->is->kind].name);
    json_text(j, "text", k->text);
    json_text(j, "type", k->type);
    json_count(j, "count", k->is->n);
    put_seconds(j, "time", k->time);
    put_hex(j, "address", k->is->addr);
    json_places(j, "stack", k->stack);
    json_out_close(j);
}

static void put_oddities(struct json_out *j, const struct coverage *c)
{
    json_count(j, "unannounced", c->totals->unannounced);
    json_count(j, "unmatched_unlinks", c->totals->unmatched_unlinks);
    json_count(j, "renewed", c->totals->renewed);
    json_count(j, "dangling_links", c->totals->dangling_links);
    json_out_key(j, "unfitting");
    json_out_open_array(j);
    for (uint32_t i = 0; i < c->n_oddities; i++)
        put_oddity(j, &c->oddities[i]);
    json_out_close(j);
}

static void put_todo(struct json_out *j, const struct coverage *c)
{
    static const char *const words[] = {
        [TODO_SITE] = "site",
        [TODO_SURPLUS] = "link_without_count",
        [TODO_MISMATCH] = "mismatch",
        [TODO_ODDITY] = "unfitting",
        [TODO_DIED] = "died_early",
        [TODO_LEFT] = "left",
        [TODO_NEVER_GIVEN] = "never_given",
        [TODO_NEVER_HOLDS] = "never_holds",
    };
    json_out_key(j, "next");
    json_out_open_array(j);
    for (uint32_t i = 0; i < c->n_todo; i++) {
        struct text_line l = {0};
        coverage_todo_words(&l, c, &c->todo[i]);
        json_out_open_object(j);
        json_text(j, "what", words[c->todo[i].what]);
        json_count(j, "index", c->todo[i].index);
        json_count(j, "weight", c->todo[i].weight);
        json_text(j, "text", l.text);
        json_out_close(j);
    }
    json_out_close(j);
}

void coverage_json(struct json_out *j, const struct coverage_view *v)
{
    const struct coverage *c = v->c;
    json_out_open_object(j);
    json_count(j, "pid", v->image->pid);
    json_count(j, "serial", v->image->serial);
    json_text(j, "exe", v->image->trace.exe);
    put_bool(j, "announces", c->speaks);
    put_figures(j, &c->all);
    put_types(j, c);
    put_sites(j, c);
    put_surplus(j, c);
    put_mismatches(j, c);
    put_oddities(j, c);
    put_todo(j, c);
    json_out_close(j);
}
