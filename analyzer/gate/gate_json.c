/* SPDX-License-Identifier: MIT */
#include "gate/gate_view.h"

#include "gate/by_checkpoint.h"
#include "report/finding_words.h"
#include "report/json_parts.h"
#include "report/suppressed.h"

static void put_flag(struct json_out *j, const char *key, bool is)
{
    json_out_key(j, key);
    json_out_bool(j, is);
}

/* UINT64_MAX is none. */
static void put_limit(struct json_out *j, const char *key, uint64_t n)
{
    json_out_key(j, key);
    if (n == UINT64_MAX)
        json_out_null(j);
    else
        json_out_number(j, n);
}

static void put_path(struct json_out *j, const char *key, const char *path)
{
    json_out_key(j, key);
    if (path)
        json_out_text(j, path);
    else
        json_out_null(j);
}

static void put_counts(struct json_out *j, const struct gate_view *w)
{
    json_out_key(j, "counts");
    json_out_open_flat_object(j);
    for (int s = 0; s < N_STANDINGS; s++)
        json_count(j, standing_word((enum standing)s), w->v->count[s]);
    json_out_close(j);
}

static void put_recordings(struct json_out *j, const struct gathering *g)
{
    json_out_key(j, "recordings");
    json_out_open_array(j);
    for (uint32_t i = 0; i < g->n_recordings; i++) {
        json_out_open_flat_object(j);
        json_text(j, "recording", g->recordings[i].path);
        json_count(j, "processes", g->recordings[i].n_images);
        put_flag(j, "complete", g->recordings[i].complete);
        put_flag(j, "damaged", g->recordings[i].damaged);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_checkpoint(struct json_out *j,
                           const struct finding_checkpoint *c)
{
    put_path(j, "checkpoint", c->number > 0 ? c->name : NULL);
}

static void put_checkpoints(struct json_out *j, const struct source *s)
{
    json_out_key(j, "checkpoints");
    json_out_open_array(j);
    for (uint32_t i = 0; i < s->n_checkpoints; i++) {
        json_out_open_flat_object(j);
        put_checkpoint(j, &s->checkpoints[i]);
        json_count(j, "instances", s->checkpoints[i].instances);
        json_out_close(j);
    }
    json_out_close(j);
}

/* Each checkpoint after which something came about that fails. */
static void put_by_checkpoint(struct json_out *j, const struct gate_view *w)
{
    struct arena arena = {0};
    const struct by_checkpoint b = by_checkpoint_find(&arena, w->v);
    json_out_key(j, "checkpoints");
    json_out_open_array(j);
    for (uint32_t i = 0; i < b.n;) {
        const struct at_checkpoint *first = &b.at[i];
        json_out_open_object(j);
        json_text(j, "recording",
                  w->g->recordings[first->source->recording].path);
        json_text(j, "process", first->source->process);
        json_count(j, "pid", first->source->pid);
        put_checkpoint(j, first->checkpoint);
        json_out_key(j, "findings");
        json_out_open_array(j);
        for (; i < b.n && at_same_checkpoint(first, &b.at[i]); i++) {
            json_out_open_flat_object(j);
            json_text(j, "id", b.at[i].gated->now->id);
            json_text(j, "verdict", standing_word(b.at[i].gated->is));
            json_count(j, "instances", b.at[i].checkpoint->instances);
            json_out_close(j);
        }
        json_out_close(j);
        json_out_close(j);
    }
    json_out_close(j);
    arena_release(&arena);
}

static void put_sources(struct json_out *j, const struct gathering *g,
                        const struct entry *k)
{
    json_out_key(j, "sources");
    json_out_open_array(j);
    for (uint32_t i = 0; i < k->n_sources; i++) {
        const struct source *s = &k->sources[i];
        json_out_open_object(j);
        json_text(j, "recording", g->recordings[s->recording].path);
        json_text(j, "process", s->process);
        json_count(j, "pid", s->pid);
        json_count(j, "instances", s->instances);
        json_count(j, "bytes", s->bytes);
        put_checkpoints(j, s);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_names(struct json_out *j, const char *key,
                      const char *const *names, uint32_t n)
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_out_text(j, names[i]);
    json_out_close(j);
}

static void put_allowed(struct json_out *j, const struct gated *g)
{
    json_out_key(j, "allowed");
    if (!g->before && !g->held_by) {
        json_out_null(j);
        return;
    }
    json_out_open_flat_object(j);
    json_count(j, "instances", g->allowed_instances);
    put_limit(j, "bytes", g->allowed_bytes);
    json_out_close(j);
}

static void put_finding(struct json_out *j, const struct gate_view *w,
                        const struct gated *g)
{
    const struct entry *k = g->now ? g->now : g->before;
    const struct gathering *from = g->now ? w->g : w->old;
    json_out_open_object(j);
    json_text(j, "verdict", standing_word(g->is));
    json_text(j, "id", k->id);
    json_text(j, "kind", finding_kind_word(k->kind));
    json_text(j, "reach", finding_reach_word(k->reach));
    put_names(j, "types", k->types, k->n_types);
    put_names(j, "functions", k->stack, k->n_stack);
    json_count(j, "instances", k->instances);
    json_count(j, "bytes", k->bytes);
    put_allowed(j, g);
    put_path(j, "held_by", g->held_by);
    put_path(j, "note", g->before ? g->before->note : NULL);
    if (from && from->aside)
        put_sources(j, from, k);
    else
        json_empty(j, "sources");
    json_out_key(j, "finding");
    if (from && from->aside)
        gather_tell(from, k->told, json_out_elsewhere(j));
    else
        json_out_null(j);
    json_out_close(j);
}

static void put_written(struct json_out *j, const struct renewal *r)
{
    json_out_key(j, "written");
    if (!r) {
        json_out_null(j);
        return;
    }
    json_out_open_object(j);
    for (int c = 0; c < N_CHANGES; c++) {
        json_out_key(j, change_word((enum change)c));
        json_out_open_flat_array(j);
        for (uint32_t i = 0; i < r->n; i++)
            if (r->changed[i].what == (enum change)c)
                json_out_text(j, r->changed[i].after
                                     ? r->changed[i].after->id
                                     : r->changed[i].before->id);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_terms(struct json_out *j, const struct gate_view *w)
{
    put_path(j, "baseline", w->baseline);
    json_text(j, "fail_on", w->kinds);
    if (!w->limits)
        return;
    put_flag(j, "strict", w->limits->strict);
    put_flag(j, "allow_incomplete", w->limits->allow_incomplete);
    put_limit(j, "max_findings", w->limits->max_findings);
    put_limit(j, "max_bytes", w->limits->max_bytes);
}

void gate_json(const struct gate_view *w, const struct renewal *r)
{
    struct json_out j;
    json_out_begin(&j, w->out->to);
    json_out_open_object(&j);
    json_text(&j, "schema", w->outcome ? "ouro-gate/1" : "ouro-diff/1");
    if (w->outcome) {
        json_text(&j, "verdict", verdict_word(w->outcome->verdict));
        json_count(&j, "exit_code", (uint64_t)w->outcome->code);
        put_terms(&j, w);
        put_written(&j, r);
    }
    put_counts(&j, w);
    json_count(&j, "bytes", w->g->bytes);
    put_path(&j, "doubt", *w->g->doubt ? w->g->doubt : NULL);
    put_recordings(&j, w->g);
    json_out_key(&j, "findings");
    json_out_open_array(&j);
    for (uint32_t i = 0; i < w->v->n; i++)
        put_finding(&j, w, &w->v->at[i]);
    json_out_close(&j);
    put_by_checkpoint(&j, w);
    suppressed_json(&j, w->g->suppressions);
    json_out_close(&j);
    json_out_end(&j);
}
