/* SPDX-License-Identifier: MIT */
/* json_finding.c - one finding, as the JSON report tells it */
#include "explain/finding.h"
#include "report/finding_words.h"
#include "report/json_parts.h"

static void put_member(struct json_out *j, const struct finding_member *m)
{
    json_out_open_object(j);
    json_out_key(j, "address");
    json_out_hex(j, m->addr);
    json_text(j, "type", m->type);
    json_text(j, "label", m->label);
    json_count(j, "bytes", m->bytes);
    json_signed(j, "refcount", m->refcount);
    json_signed(j, "owned", m->owned);
    json_signed(j, "acquired", m->acquired);
    json_signed(j, "anonymous", m->anonymous);
    json_signed(j, "unknown", m->unknown);
    json_places(j, "stack", m->stack);
    json_out_close(j);
}

static void put_edge(struct json_out *j, const struct finding_edge *e)
{
    json_out_open_object(j);
    json_count(j, "from", e->from);
    json_count(j, "to", e->to);
    json_text(j, "field", e->field);
    json_count(j, "count", e->count);
    json_seconds(j, "time", e->time);
    json_places(j, "stack", e->stack);
    json_out_close(j);
}

static void put_types(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "types");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_types; i++) {
        json_out_open_flat_object(j);
        json_text(j, "type", f->types[i].type);
        json_count(j, "count", f->types[i].count);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_last_release(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "last_release");
    if (!f->has_last_release) {
        json_out_null(j);
        return;
    }
    json_out_open_object(j);
    json_seconds(j, "time", f->last_release_time);
    json_places(j, "stack", f->last_release_stack);
    json_out_close(j);
}

static void put_orphaned(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "orphaned");
    if (!f->has_orphaned) {
        json_out_null(j);
        return;
    }
    json_out_open_object(j);
    json_seconds(j, "time", f->orphaned_time);
    json_text(j, "by", f->orphaned_by);
    json_places(j, "stack", f->orphaned_stack);
    json_out_close(j);
}

static void put_figures(struct json_out *j, const struct finding *f)
{
    json_text(j, "id", f->id);
    json_text(j, "kind", finding_kind_word(f->kind));
    json_text(j, "evidence", f->evidence);
    json_text(j, "what", f->what);
    json_text(j, "shape", f->shape);
    json_text(j, "reach", finding_reach_word(f->reach));
    json_out_key(j, "generation");
    if (f->generation < 0)
        json_out_null(j);
    else
        json_out_signed(j, f->generation);
    json_count(j, "uncollectable", f->uncollectable);
    json_count(j, "instances", f->instances);
    json_count(j, "objects", f->objects);
    json_count(j, "blocks", f->blocks);
    json_count(j, "bytes", f->bytes);
    json_count(j, "retained_objects", f->retained_objects);
    json_count(j, "retained_blocks", f->retained_blocks);
    json_count(j, "retained_bytes", f->retained_bytes);
}

static void put_roots(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "roots");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_roots; i++) {
        const struct finding_edge *e = &f->roots[i];
        json_out_open_object(j);
        json_text(j, "field", e->field);
        json_count(j, "count", e->count);
        json_seconds(j, "time", e->time);
        json_places(j, "stack", e->stack);
        json_out_close(j);
    }
    json_out_close(j);
    json_count(j, "references_more", f->references_more);
}

static void put_graph(struct json_out *j, const struct finding *f)
{
    put_types(j, f);
    json_out_key(j, "members");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_members; i++)
        put_member(j, &f->members[i]);
    json_out_close(j);
    json_out_key(j, "edges");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_edges; i++)
        put_edge(j, &f->edges[i]);
    json_out_close(j);
    put_roots(j, f);
    json_indices(j, "witness", f->witness, f->n_witness);
    json_out_key(j, "closing_edge");
    if (f->closing_edge < f->n_edges)
        json_out_number(j, f->closing_edge);
    else
        json_out_null(j);
}

static void put_rings(struct json_out *j, const char *key,
                      const struct finding_ring *rings, uint32_t n)
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_out_text(j, rings[i].id);
    json_out_close(j);
}

static void put_shared(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "shared");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_shared; i++) {
        const struct finding_shared *s = &f->shared[i];
        json_out_open_object(j);
        json_out_key(j, "with");
        json_out_open_flat_array(j);
        for (uint32_t k = 0; k < s->n_with; k++)
            json_out_text(j, s->with[k]);
        json_out_close(j);
        json_out_key(j, "with_more");
        json_out_bool(j, s->with_more);
        json_count(j, "objects", s->objects);
        json_count(j, "blocks", s->blocks);
        json_count(j, "bytes", s->bytes);
        put_rings(j, "held_cycles", s->held, s->n_held);
        json_out_close(j);
    }
    json_out_close(j);
    json_count(j, "shared_more", f->shared_more);
}

static void put_weaken(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "weaken");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_weaken; i++) {
        const struct finding_weaken *w = &f->weaken[i];
        json_out_open_object(j);
        json_text(j, "type", w->type);
        json_text(j, "field", w->field);
        json_count(j, "edges", w->edges);
        json_count(j, "frees_objects", w->frees_objects);
        json_count(j, "frees_blocks", w->frees_blocks);
        json_count(j, "frees_bytes", w->frees_bytes);
        put_rings(j, "stays", w->stays, w->n_stays);
        json_out_key(j, "alone");
        json_out_bool(j, w->alone);
        json_out_close(j);
    }
    json_out_close(j);
    json_count(j, "weaken_tried", f->weaken_tried);
    json_count(j, "weaken_fields", f->weaken_fields);
}

static void put_unreleased(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "unreleased");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_unreleased; i++) {
        const struct finding_unreleased *u = &f->unreleased[i];
        json_out_open_object(j);
        json_count(j, "count", u->count);
        json_out_key(j, "certain");
        json_out_bool(j, u->certain);
        json_out_key(j, "holder_dead");
        json_out_bool(j, u->holder_dead);
        json_places(j, "stack", u->stack);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_checkpoints(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "checkpoints");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_checkpoints; i++) {
        const struct finding_checkpoint *c = &f->checkpoints[i];
        json_out_open_flat_object(j);
        json_out_key(j, "checkpoint");
        if (c->number > 0)
            json_out_text(j, c->name);
        else
            json_out_null(j);
        json_count(j, "instances", c->instances);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_place_of(struct json_out *j, const struct finding_place *p)
{
    json_out_open_object(j);
    json_text(j, "allocator", p->allocator);
    json_count(j, "blocks", p->blocks);
    json_count(j, "bytes", p->bytes);
    json_places(j, "stack", p->stack);
    json_out_close(j);
}

static void put_places(struct json_out *j, const struct finding *f)
{
    json_count(j, "n_places", f->n_places);
    json_out_key(j, "places");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_places && i < FINDING_PLACES; i++)
        put_place_of(j, &f->places[i]);
    json_out_close(j);
}

static void put_elsewhere(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "elsewhere");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_elsewhere; i++) {
        const struct finding_elsewhere *e = &f->elsewhere[i];
        json_out_open_flat_object(j);
        json_text(j, "reach", finding_reach_word(e->reach));
        json_count(j, "instances", e->instances);
        json_count(j, "blocks", e->blocks);
        json_count(j, "bytes", e->bytes);
        json_out_close(j);
    }
    json_out_close(j);
}

/* Elsewhere members have it. */
static void put_address(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "address");
    if (f->address == 0)
        json_out_null(j);
    else
        json_out_hex(j, f->address);
}

void json_finding(struct json_out *j, const struct finding *f)
{
    json_out_open_object(j);
    put_figures(j, f);
    put_graph(j, f);
    put_last_release(j, f);
    put_orphaned(j, f);
    put_rings(j, "held_cycles", f->held, f->n_held);
    put_shared(j, f);
    put_unreleased(j, f);
    put_weaken(j, f);
    put_checkpoints(j, f);
    json_text(j, "allocator", f->allocator);
    put_places(j, f);
    put_elsewhere(j, f);
    json_pointers(j, "pointers", f->pointers, f->n_pointers);
    put_address(j, f);
    json_places(j, "stack", f->stack);
    json_places(j, "birth_stack", f->birth_stack);
    json_text(j, "label", f->label);
    json_out_key(j, "death_time");
    if (f->has_death)
        json_out_seconds(j, f->death_time);
    else
        json_out_null(j);
    json_places(j, "death_stack", f->death_stack);
    json_out_close(j);
}
