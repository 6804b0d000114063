/* SPDX-License-Identifier: MIT */
/* report_json.c - the JSON report, schema ouro-report/1; keys are only added */
#include "explain/object_graph.h"
#include "report/finding_words.h"
#include "report/hints.h"
#include "report/json_out.h"
#include "report/report.h"

#include "arena.h"

#include <stdlib.h>

/* The verdict stands first and is known last: images wait in a file. Where
   there is no room for one, it stands last. */
struct state {
    FILE *images;
    struct json_out j;
};

static void put_count(struct json_out *j, const char *key, uint64_t n)
{
    json_out_key(j, key);
    json_out_number(j, n);
}

static void put_text(struct json_out *j, const char *key, const char *text)
{
    json_out_key(j, key);
    json_out_text(j, text ? text : "");
}

static void put_place(struct json_out *j, const struct place *p)
{
    json_out_open_flat_object(j);
    put_text(j, "function", p->function);
    put_text(j, "file", p->file);
    put_count(j, "line", p->line);
    put_text(j, "module", p->module);
    json_out_key(j, "offset");
    json_out_hex(j, p->offset);
    json_out_key(j, "inlined");
    json_out_bool(j, p->inlined);
    json_out_close(j);
}

static void put_stack(struct json_out *j, const char *key, struct places p)
{
    json_out_key(j, key);
    json_out_open_array(j);
    for (uint32_t i = 0; i < p.n; i++)
        put_place(j, &p.at[i]);
    json_out_close(j);
}

static void put_indices(struct json_out *j, const char *key,
                        const uint32_t *index, uint32_t n)
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_out_number(j, index[i]);
    json_out_close(j);
}

static void put_empty(struct json_out *j, const char *key)
{
    put_indices(j, key, NULL, 0);
}

static void put_member(struct json_out *j, const struct finding_member *m)
{
    json_out_open_object(j);
    json_out_key(j, "address");
    json_out_hex(j, m->addr);
    put_text(j, "type", m->type);
    put_text(j, "label", m->label);
    put_count(j, "bytes", m->bytes);
    json_out_key(j, "refcount");
    json_out_signed(j, m->refcount);
    json_out_key(j, "owned");
    json_out_signed(j, m->owned);
    json_out_key(j, "acquired");
    json_out_signed(j, m->acquired);
    json_out_key(j, "anonymous");
    json_out_signed(j, m->anonymous);
    json_out_key(j, "unknown");
    json_out_signed(j, m->unknown);
    put_stack(j, "stack", m->stack);
    json_out_close(j);
}

static void put_edge(struct json_out *j, const struct finding_edge *e)
{
    json_out_open_object(j);
    put_count(j, "from", e->from);
    put_count(j, "to", e->to);
    put_text(j, "field", e->field);
    put_count(j, "count", e->count);
    json_out_key(j, "time");
    json_out_seconds(j, e->time);
    put_stack(j, "stack", e->stack);
    json_out_close(j);
}

static void put_types(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "types");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_types; i++) {
        json_out_open_flat_object(j);
        put_text(j, "type", f->types[i].type);
        put_count(j, "count", f->types[i].count);
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
    json_out_key(j, "time");
    json_out_seconds(j, f->last_release_time);
    put_stack(j, "stack", f->last_release_stack);
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
    json_out_key(j, "time");
    json_out_seconds(j, f->orphaned_time);
    put_text(j, "by", f->orphaned_by);
    put_stack(j, "stack", f->orphaned_stack);
    json_out_close(j);
}

static void put_figures(struct json_out *j, const struct finding *f)
{
    put_text(j, "id", f->id);
    put_text(j, "kind", finding_kind_word(f->kind));
    put_text(j, "evidence", f->evidence);
    put_text(j, "what", f->what);
    put_text(j, "shape", f->shape);
    put_text(j, "reach", finding_reach_word(f->reach));
    json_out_key(j, "generation");
    if (f->generation < 0)
        json_out_null(j);
    else
        json_out_signed(j, f->generation);
    put_count(j, "instances", f->instances);
    put_count(j, "objects", f->objects);
    put_count(j, "blocks", f->blocks);
    put_count(j, "bytes", f->bytes);
    put_count(j, "retained_objects", f->retained_objects);
    put_count(j, "retained_blocks", f->retained_blocks);
    put_count(j, "retained_bytes", f->retained_bytes);
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
    put_indices(j, "witness", f->witness, f->n_witness);
    json_out_key(j, "closing_edge");
    if (f->closing_edge < f->n_edges)
        json_out_number(j, f->closing_edge);
    else
        json_out_null(j);
}

static void put_unreleased(struct json_out *j, const struct finding *f)
{
    json_out_key(j, "unreleased");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_unreleased; i++) {
        const struct finding_unreleased *u = &f->unreleased[i];
        json_out_open_object(j);
        put_count(j, "count", u->count);
        json_out_key(j, "certain");
        json_out_bool(j, u->certain);
        json_out_key(j, "holder_dead");
        json_out_bool(j, u->holder_dead);
        put_stack(j, "stack", u->stack);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_finding(struct json_out *j, const struct finding *f)
{
    json_out_open_object(j);
    put_figures(j, f);
    put_graph(j, f);
    put_last_release(j, f);
    put_orphaned(j, f);
    put_empty(j, "held_cycles");
    put_empty(j, "shared");
    put_unreleased(j, f);
    put_empty(j, "weaken");
    put_text(j, "allocator", f->allocator);
    put_stack(j, "stack", f->stack);
    put_stack(j, "birth_stack", f->birth_stack);
    put_text(j, "label", f->label);
    json_out_key(j, "death_time");
    if (f->has_death)
        json_out_seconds(j, f->death_time);
    else
        json_out_null(j);
    put_stack(j, "death_stack", f->death_stack);
    json_out_close(j);
}

static void put_summary(struct json_out *j, const struct image *i)
{
    const struct shadow_totals *t = &i->shadow.totals;
    const struct {
        const char *key;
        uint64_t n;
    } figures[] = {
        {"events", t->events},
        {"allocations", t->allocations},
        {"frees", t->frees},
        {"allocated_bytes", t->allocated_bytes},
        {"peak_bytes", t->peak_bytes},
        {"live_blocks", t->live_blocks},
        {"live_bytes", t->live_bytes},
        {"objects_created", t->objects_created},
        {"objects_live", t->objects_live},
        {"increfs", t->increfs},
        {"decrefs", t->decrefs},
        {"links", t->links},
        {"unlinks", t->unlinks},
        {"lost_events", t->lost_events},
        {"order_conflicts", t->order_conflicts},
        {"unknown_frees", t->unknown_frees},
        {"inherited_frees", t->inherited_frees},
        {"unannounced", t->unannounced},
        {"own_allocations", i->trace.header.own_allocations},
        {"own_frees", i->trace.header.own_frees},
        {"suppressed_blocks", i->kept.blocks},
        {"suppressed_bytes", i->kept.bytes},
    };
    json_out_key(j, "summary");
    json_out_open_object(j);
    for (size_t k = 0; k < sizeof figures / sizeof figures[0]; k++)
        put_count(j, figures[k].key, figures[k].n);
    json_out_close(j);
}

/* What the collection at the end looked at and left alive. */
static void count_survivors(const struct image *i, uint64_t *objects,
                            uint64_t *bytes)
{
    struct arena scratch = {0};
    struct object_graph o;
    struct err e;
    const struct shadow *s = &i->shadow;
    if (s->n_objects > 0 && object_graph_make(&o, &scratch, s, &e) == 0)
        for (uint32_t v = 0; v < s->n_objects; v++)
            if (o.candidate[v] && !o.u.in[v]) {
                ++*objects;
                *bytes += s->objects[v].bytes;
            }
    arena_release(&scratch);
}

static void put_generation(struct json_out *j, const struct image *i, int g)
{
    uint64_t objects = 0, bytes = 0;
    if (g == 2)
        count_survivors(i, &objects, &bytes);
    json_out_open_flat_object(j);
    put_count(j, "generation", (uint64_t)g);
    put_count(j, "collections", g == 2);
    put_count(j, "unreachable", g == 2 ? i->findings.n_unreachable : 0);
    put_count(j, "uncollectable", 0);
    put_count(j, "objects", objects);
    put_count(j, "bytes", bytes);
    json_out_close(j);
}

static void put_collector(struct json_out *j, const struct image *i)
{
    static const uint32_t thresholds[] = {700, 10, 10};
    json_out_key(j, "collector");
    json_out_open_object(j);
    put_indices(j, "thresholds", thresholds, 3);
    json_out_key(j, "generations");
    json_out_open_array(j);
    for (int g = 0; g < 3; g++)
        put_generation(j, i, g);
    json_out_close(j);
    json_out_close(j);
}

static void put_note(void *to, const char *clause)
{
    json_out_text(to, clause);
}

static void put_notes(struct json_out *j, const struct image *i)
{
    struct hints hints = {false, false};
    for (uint32_t k = 0; k < i->findings.n; k++)
        hints_add(&hints, &i->findings.at[k]);
    json_out_key(j, "notes");
    json_out_open_array(j);
    image_notes(i, put_note, j);
    hints_say(&hints, &i->findings, put_note, j);
    json_out_close(j);
}

static void put_origin(struct json_out *j, const struct image *i)
{
    put_count(j, "serial", i->serial);
    json_out_key(j, "parent");
    if (i->parent_pid == 0) {
        json_out_null(j);
        return;
    }
    json_out_open_flat_object(j);
    put_count(j, "pid", i->parent_pid);
    put_count(j, "serial", i->parent_serial);
    json_out_close(j);
}

static void put_identity(struct json_out *j, const struct image *i)
{
    char ended[32];
    uint32_t n;
    const char *const *command = image_command(i, &n);
    put_count(j, "pid", i->pid);
    put_text(j, "exe", i->trace.exe);
    json_out_key(j, "argv");
    json_out_open_flat_array(j);
    for (uint32_t k = 0; k < n; k++)
        json_out_text(j, command[k]);
    json_out_close(j);
    json_out_key(j, "complete");
    json_out_bool(j, i->complete);
    put_text(j, "ended", image_ended(i, ended));
    put_text(j, "verdict", verdict_word(image_verdict(i)));
    json_out_key(j, "bystander");
    json_out_bool(j, i->bystander);
    json_out_key(j, "up_to_now");
    json_out_bool(j, i->ending == ENDING_NOT);
    put_origin(j, i);
    json_out_key(j, "error");
    if (i->damaged)
        json_out_text(j, i->damage.text);
    else
        json_out_null(j);
    put_notes(j, i);
}

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    r->state = s;
    s->images = tmpfile();
    json_out_begin(&s->j, s->images ? s->images : r->out);
    json_out_open_object(&s->j);
    if (!s->images)
        put_text(&s->j, "schema", "ouro-report/1");
    json_out_key(&s->j, "processes");
    json_out_open_array(&s->j);
}

static void image(struct report *r, const struct image *i)
{
    struct state *s = r->state;
    struct json_out *j = &s->j;
    json_out_open_object(j);
    put_identity(j, i);
    put_summary(j, i);
    put_collector(j, i);
    json_out_key(j, "findings");
    json_out_open_array(j);
    for (uint32_t k = 0; k < i->findings.n; k++)
        put_finding(j, &i->findings.at[k]);
    json_out_close(j);
    put_empty(j, "survivors");
    json_out_close(j);
}

/* The waiting bytes begin with "{", whose place the head takes. */
static bool copy_behind_head(struct report *r, struct state *s)
{
    char bytes[65536];
    struct json_out head;
    json_out_begin(&head, r->out);
    json_out_open_object(&head);
    put_text(&head, "schema", "ouro-report/1");
    put_text(&head, "verdict", verdict_word(r->totals.verdict));
    fputc(',', r->out);
    if (fflush(s->images) != 0 || fseek(s->images, 1, SEEK_SET) != 0)
        return false;
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, s->images)) > 0;)
        fwrite(bytes, 1, n, r->out);
    return !ferror(s->images);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    json_out_close(&s->j);
    if (!s->images)
        put_text(&s->j, "verdict", verdict_word(r->totals.verdict));
    json_out_close(&s->j);
    json_out_end(&s->j);
    if (s->images) {
        r->failed |= !copy_behind_head(r, s);
        fclose(s->images);
    }
    free(s);
}

const struct report_format report_json = {"json", begin, image, end};
