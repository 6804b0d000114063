/* SPDX-License-Identifier: MIT */
/*
 * pprof.c - a profile as pprof's profile.proto, compressed
 *
 * A sample is a call stack with the four values that Go's heap profiles have. A
 * location is an instruction in a mapping, at the call rather than behind it,
 * with the functions that were inlined there. What has no name has no line
 * either, so that a profile store can find it by the mapping's build-id. Where
 * there are several processes, labels tell whose a sample is.
 *
 * Messages are written image by image as they are made; texts, functions and
 * numbers go on through all of them.
 */
#include "report/gzip_out.h"
#include "report/place_name.h"
#include "report/plain_text.h"
#include "report/pprof_fields.h"
#include "report/profile_format.h"
#include "report/proto_out.h"

#include "arena.h"
#include "shadow/table.h"

#include <stdlib.h>
#include <string.h>

#define NO_STACK "(no stack recorded)"

/* As in Go: what was allocated, then what is in use. */
static const enum usage_value order[N_USAGE_VALUES] = {
    ALLOC_OBJECTS, ALLOC_SPACE, INUSE_OBJECTS, INUSE_SPACE};

struct function {
    uint32_t name, file; /* texts */
};

struct pprof {
    struct gzip_out *z;
    struct proto_out message, inner, field;
    struct strings texts;     /* 0 is "" */
    struct table function_of; /* name, file -> id */
    uint32_t n_functions, functions_room;
    struct function *functions; /* id - 1 */
    uint64_t n_mappings, n_locations;
    uint64_t no_stack, cut_off; /* locations of these; 0: none yet */
    uint64_t start, end;        /* of all images, ns */
    struct profile_stack stack; /* of the sample that is being made, and */
    uint32_t n_locations_of, locations_room;
    uint64_t *locations; /* its locations, innermost first */
};

/* What is known of a module's places that are used. */
struct used {
    bool is, no_name, has_file, has_line;
};

/* One image and its numbers. */
struct part {
    struct pprof *o;
    const struct profile *p;
    const struct trace *t;
    bool *seen;            /* by frame */
    struct used *used;     /* by module */
    uint64_t *mapping_of;  /* by module; 0: none */
    uint64_t *location_of; /* by frame; 0: none */
};

static uint64_t text(struct pprof *o, const char *s)
{
    return *s ? strings_id(&o->texts, s, strlen(s)) : 0;
}

/* The message is a field of the profile. */
static void put(struct pprof *o, unsigned field)
{
    proto_out_clear(&o->field);
    proto_message(&o->field, field, &o->message);
    gzip_out_write(o->z, o->field.at, o->field.n);
    proto_out_clear(&o->message);
}

static void put_value_type(struct pprof *o, unsigned field, enum usage_value v)
{
    const bool bytes = v == INUSE_SPACE || v == ALLOC_SPACE;
    proto_number(&o->message, VALUE_TYPE_TYPE, text(o, usage_names[v]));
    proto_number(&o->message, VALUE_TYPE_UNIT,
                 text(o, bytes ? "bytes" : "count"));
    put(o, field);
}

static void begin(struct profile_out *out)
{
    struct pprof *o = must_calloc(1, sizeof *o);
    out->state = o;
    o->z = gzip_out_begin(out->to);
    strings_init(&o->texts);
    for (int i = 0; i < N_USAGE_VALUES; i++)
        put_value_type(o, PROFILE_SAMPLE_TYPE, order[i]);
}

static uint64_t function_id(struct pprof *o, const struct place *p)
{
    const uint64_t name = text(o, p->function);
    const uint64_t file = text(o, p->file);
    const uint64_t key = name << 32 | file;
    uint64_t id = table_get(&o->function_of, key);
    if (id == 0) {
        GROW(o->functions, o->n_functions, o->functions_room);
        o->functions[o->n_functions++] =
            (struct function){(uint32_t)name, (uint32_t)file};
        table_set(&o->function_of, key, id = o->n_functions);
    }
    return id;
}

static uint64_t put_location(struct pprof *o, uint64_t mapping,
                             uint64_t address, struct places p)
{
    const uint64_t id = ++o->n_locations;
    proto_number(&o->message, LOCATION_ID, id);
    proto_number(&o->message, LOCATION_MAPPING, mapping);
    proto_number(&o->message, LOCATION_ADDRESS, address);
    for (uint32_t i = 0; i < p.n; i++) {
        if (!*p.at[i].function)
            continue;
        proto_out_clear(&o->inner);
        proto_number(&o->inner, LINE_FUNCTION, function_id(o, &p.at[i]));
        proto_number(&o->inner, LINE_LINE, p.at[i].line);
        proto_message(&o->message, LOCATION_LINE, &o->inner);
    }
    put(o, PROFILE_LOCATION);
    return id;
}

/* The module of the call, by index; OURO_NONE: none is known. */
static uint32_t module_of(const struct trace *t, uint32_t frame)
{
    const struct frame *f = &t->stacks.frames[frame];
    if (f->ip == 0)
        return OURO_NONE;
    const struct module *m = trace_module(t, f->ip - 1, f->epoch);
    if (!m)
        m = trace_module(t, f->ip, f->epoch);
    return m ? (uint32_t)(m - t->modules) : OURO_NONE;
}

static void see(struct part *x, uint32_t frame)
{
    const struct places p = profile_places(x->p, frame);
    const uint32_t module = module_of(x->t, frame);
    if (x->seen[frame] || p.n == 0)
        return;
    x->seen[frame] = true;
    if (module == OURO_NONE)
        return;
    struct used *u = &x->used[module];
    u->is = true;
    for (uint32_t i = 0; i < p.n; i++) {
        u->no_name |= !*p.at[i].function;
        u->has_file |= *p.at[i].file != 0;
        u->has_line |= p.at[i].line != 0;
    }
}

static void see_all(struct part *x)
{
    const struct stacks *k = &x->t->stacks;
    bool *done = must_calloc(k->n, sizeof *done);
    for (uint32_t i = 0; i < x->p->usage.n; i++)
        for (uint32_t s = x->p->usage.rows[i].stack; s > 0 && !done[s];
             s = k->parent[s]) {
            done[s] = true;
            see(x, k->frame[s]);
        }
    free(done);
}

static uint64_t build_id_text(struct pprof *o, const struct module *m)
{
    char hex[2 * 64 + 1] = "";
    for (uint32_t i = 0; i < m->build_id_len && i < 64; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", m->build_id[i]);
    return text(o, hex);
}

static void put_mapping(struct part *x, uint32_t module)
{
    struct pprof *o = x->o;
    struct proto_out *m = &o->message;
    const struct module *k = &x->t->modules[module];
    const struct used *u = &x->used[module];
    if (x->mapping_of[module] != 0)
        return;
    x->mapping_of[module] = ++o->n_mappings;
    proto_number(m, MAPPING_ID, o->n_mappings);
    proto_number(m, MAPPING_START, k->start);
    proto_number(m, MAPPING_LIMIT, k->end);
    proto_number(m, MAPPING_FILENAME, text(o, k->path));
    proto_number(m, MAPPING_BUILD_ID, build_id_text(o, k));
    proto_number(m, MAPPING_HAS_FUNCTIONS, u->is && !u->no_name);
    proto_number(m, MAPPING_HAS_FILENAMES, u->has_file);
    proto_number(m, MAPPING_HAS_LINES, u->has_line);
    proto_number(m, MAPPING_HAS_INLINED, u->has_line);
    put(o, PROFILE_MAPPING);
}

/* The program itself comes first, used or not. */
static void put_mappings(struct part *x)
{
    for (uint32_t i = 0; i < x->t->n_modules; i++)
        if (x->t->exe && strcmp(x->t->modules[i].path, x->t->exe) == 0) {
            put_mapping(x, i);
            break;
        }
    for (uint32_t i = 0; i < x->t->n_modules; i++)
        if (x->used[i].is)
            put_mapping(x, i);
}

static void put_locations(struct part *x)
{
    for (uint32_t i = 0; i < x->t->stacks.n_frames; i++) {
        if (!x->seen[i])
            continue;
        const uint32_t module = module_of(x->t, i);
        const uint64_t ip = x->t->stacks.frames[i].ip;
        x->location_of[i] =
            put_location(x->o, module == OURO_NONE ? 0 : x->mapping_of[module],
                         ip ? ip - 1 : 0, profile_places(x->p, i));
    }
}

static void push(struct pprof *o, uint64_t location)
{
    GROW(o->locations, o->n_locations_of, o->locations_room);
    o->locations[o->n_locations_of++] = location;
}

/* A place that is in no code. */
static void push_note(struct pprof *o, uint64_t *location,
                      const struct place *p)
{
    if (*location == 0)
        *location = put_location(o, 0, 0, (struct places){1, p});
    push(o, *location);
}

static void find_stack(struct part *x, uint32_t stack)
{
    static const struct place none = {NO_STACK, "", 0, "", 0, false};
    struct pprof *o = x->o;
    o->n_locations_of = 0;
    profile_stack_find(&o->stack, x->p, stack);
    for (uint32_t i = 0; i < o->stack.n; i++)
        push(o, x->location_of[o->stack.frame[i]]);
    if (o->stack.cut)
        push_note(o, &o->cut_off, &symbols_cut_off);
    if (o->n_locations_of == 0)
        push_note(o, &o->no_stack, &none);
}

static void put_labels(struct pprof *o, const struct image *i)
{
    proto_out_clear(&o->inner);
    proto_number(&o->inner, LABEL_KEY, text(o, "pid"));
    proto_number(&o->inner, LABEL_NUM, i->pid);
    proto_message(&o->message, SAMPLE_LABEL, &o->inner);
    proto_out_clear(&o->inner);
    proto_number(&o->inner, LABEL_KEY, text(o, "process"));
    proto_number(&o->inner, LABEL_STR, text(o, path_base(i->trace.exe)));
    proto_message(&o->message, SAMPLE_LABEL, &o->inner);
}

static void put_samples(struct part *x, const struct image *i, bool labelled)
{
    struct pprof *o = x->o;
    for (uint32_t k = 0; k < x->p->usage.n; k++) {
        const struct usage_row *row = &x->p->usage.rows[k];
        uint64_t values[N_USAGE_VALUES];
        for (int v = 0; v < N_USAGE_VALUES; v++)
            values[v] = row->value[order[v]];
        find_stack(x, row->stack);
        proto_numbers(&o->message, SAMPLE_LOCATION, o->locations,
                      o->n_locations_of);
        proto_numbers(&o->message, SAMPLE_VALUE, values, N_USAGE_VALUES);
        if (labelled)
            put_labels(o, i);
        put(o, PROFILE_SAMPLE);
    }
}

static void note_times(struct pprof *o, const struct ouro_trace_header *h)
{
    const uint64_t end = h->last_ns > h->start_ns
                             ? h->realtime_ns + (h->last_ns - h->start_ns)
                             : h->realtime_ns;
    if (o->start == 0 || h->realtime_ns < o->start)
        o->start = h->realtime_ns;
    if (end > o->end)
        o->end = end;
}

static void image(struct profile_out *out, const struct image *i,
                  const struct profile *p)
{
    struct pprof *o = out->state;
    const struct trace *t = p->trace;
    struct part x = {
        .o = o,
        .p = p,
        .t = t,
        .seen = must_calloc(t->stacks.n_frames, sizeof *x.seen),
        .used = must_calloc(t->n_modules, sizeof *x.used),
        .mapping_of = must_calloc(t->n_modules, sizeof *x.mapping_of),
        .location_of = must_calloc(t->stacks.n_frames, sizeof *x.location_of),
    };
    note_times(o, &t->header);
    see_all(&x);
    put_mappings(&x);
    put_locations(&x);
    put_samples(&x, i, out->several);
    free(x.seen);
    free(x.used);
    free(x.mapping_of);
    free(x.location_of);
}

static void put_functions(struct pprof *o)
{
    for (uint32_t i = 0; i < o->n_functions; i++) {
        const struct function *f = &o->functions[i];
        proto_number(&o->message, FUNCTION_ID, i + UINT64_C(1));
        proto_number(&o->message, FUNCTION_NAME, f->name);
        proto_number(&o->message, FUNCTION_SYSTEM_NAME, f->name);
        proto_number(&o->message, FUNCTION_FILENAME, f->file);
        put(o, PROFILE_FUNCTION);
    }
}

static void put_texts(struct pprof *o)
{
    struct plain_text plain = {0};
    for (uint32_t i = 0; i < o->texts.n; i++) {
        plain_text(&plain, o->texts.text[i], 0, 0);
        proto_out_clear(&o->field);
        proto_bytes(&o->field, PROFILE_STRING, plain.at, plain.len);
        gzip_out_write(o->z, o->field.at, o->field.n);
    }
    plain_text_release(&plain);
}

/* Numbers of the profile itself are fields of no message. */
static void put_numbers(struct pprof *o, enum usage_value first)
{
    struct proto_out *m = &o->field;
    const uint64_t name = text(o, usage_names[first]);
    proto_out_clear(m);
    proto_number(m, PROFILE_TIME_NANOS, o->start);
    proto_number(m, PROFILE_DURATION_NANOS, o->end - o->start);
    proto_number(m, PROFILE_PERIOD, 1);
    proto_number(m, PROFILE_DEFAULT_SAMPLE_TYPE, name);
    gzip_out_write(o->z, m->at, m->n);
}

static void end(struct profile_out *out)
{
    struct pprof *o = out->state;
    put_functions(o);
    put_value_type(o, PROFILE_PERIOD_TYPE, ALLOC_SPACE);
    put_numbers(o, out->value);
    put_texts(o);
    gzip_out_end(o->z);
    proto_out_release(&o->message);
    proto_out_release(&o->inner);
    proto_out_release(&o->field);
    strings_release(&o->texts);
    table_release(&o->function_of);
    free(o->functions);
    free(o->locations);
    profile_stack_release(&o->stack);
    free(o);
}

const struct profile_format profile_pprof = {.name = "pprof",
                                             .begin = begin,
                                             .image = image,
                                             .end = end,
                                             .is_binary = true};
