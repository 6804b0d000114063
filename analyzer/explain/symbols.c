/* SPDX-License-Identifier: MIT */
#include "explain/symbols.h"

#include "arena.h"
#include "explain/symbol_reader.h"
#include "explain/system_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEATHS = 8, PROGRESS_EVERY = 1024 };

#define NO_SOURCE UINT32_MAX
#define CUT_OFF   "(frames cut off here)"

/* A frame that is to be named, and the query that does it. */
struct asked {
    struct symbol_query query;
    uint32_t frame;
};

struct search {
    struct symbols *s;
    struct arena *a;
    void (*progress)(uint64_t done, uint64_t total);
    uint32_t *source_of; /* by module; NO_SOURCE: nothing on a disk */
    uint32_t n_sources;
    struct elf_source *sources;
    enum elf_status *status; /* by source */
    bool *failed;            /* by source */
    bool *signal;            /* by frame: what it called is a handler */
    uint32_t n;              /* asked for, sorted by query */
    struct asked *asked;
    uint32_t n_queries; /* the same without repeats */
    struct symbol_query *queries;
    uint32_t *first; /* query q was asked by asked[first[q] .. first[q + 1]) */
    bool gave_up;
};

static bool is_vdso(const struct module *m)
{
    return !strchr(m->path, '/') && strstr(m->path, "vdso");
}

/* The call stands before its return address, which may be another module's,
   or nobody's, where the call does not return. */
static const struct module *module_of(const struct trace *t, uint32_t frame)
{
    const struct frame *f = &t->stacks.frames[frame];
    if (f->ip == 0)
        return NULL;
    const struct module *m = trace_module(t, f->ip - 1, f->epoch);
    return m ? m : trace_module(t, f->ip, f->epoch);
}

static struct places unnamed(struct arena *a, const struct trace *t,
                             uint32_t frame)
{
    const uint64_t ip = t->stacks.frames[frame].ip;
    const struct module *m = module_of(t, frame);
    struct place *p = ARENA_ARRAY(a, 1, struct place);
    *p = (struct place){
        .function = ip == 0 ? CUT_OFF : "",
        .file = "",
        .module = m ? m->path : "",
        .offset = m ? ip - m->bias : ip,
    };
    return (struct places){1, p};
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

struct module_ref {
    const struct module *is;
};

/* Which modules are the same file: loaded again, or at several addresses. */
static int compare_modules(const void *a, const void *b)
{
    const struct module *x = ((const struct module_ref *)a)->is;
    const struct module *y = ((const struct module_ref *)b)->is;
    const int order = compare_text(x->path, y->path);
    if (order != 0)
        return order;
    if (x->build_id_len != y->build_id_len)
        return x->build_id_len < y->build_id_len ? -1 : 1;
    return x->build_id_len == 0
               ? 0
               : memcmp(x->build_id, y->build_id, x->build_id_len);
}

static const char *full_path(struct arena *a, const struct trace *t,
                             const char *path)
{
    if (*path == '/')
        return path;
    if (!strchr(path, '/') || !t->cwd || *t->cwd != '/')
        return NULL;
    const size_t room = strlen(t->cwd) + strlen(path) + 2;
    char *full = arena_alloc(a, room);
    snprintf(full, room, "%s/%s", t->cwd, path);
    return full;
}

static uint64_t end_of_recording(const struct trace *t)
{
    const struct ouro_trace_header *h = &t->header;
    return h->last_ns > h->start_ns
               ? h->realtime_ns + (h->last_ns - h->start_ns)
               : h->realtime_ns;
}

static void find_sources(struct search *x, const struct trace *t)
{
    const uint32_t n = t->n_modules;
    struct module_ref *sorted = ARENA_ARRAY(x->a, n, struct module_ref);
    x->source_of = ARENA_ARRAY(x->a, n, uint32_t);
    x->sources = ARENA_ARRAY(x->a, n, struct elf_source);
    for (uint32_t i = 0; i < n; i++)
        sorted[i].is = &t->modules[i];
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, compare_modules);
    for (uint32_t i = 0; i < n; i++) {
        const struct module *m = sorted[i].is;
        const char *path = full_path(x->a, t, m->path);
        const bool again =
            i > 0 && compare_modules(&sorted[i - 1], &sorted[i]) == 0;
        if (path && !again)
            x->sources[x->n_sources++] = (struct elf_source){
                path, {m->build_id, m->build_id_len}, end_of_recording(t)};
        x->source_of[m - t->modules] = path ? x->n_sources - 1 : NO_SOURCE;
    }
    x->status = ARENA_ARRAY(x->a, n, enum elf_status);
    x->failed = ARENA_ARRAY(x->a, n, bool);
}

static void ask(struct search *x, uint32_t frame, bool exact)
{
    const struct trace *t = x->s->trace;
    const struct module *m = module_of(t, frame);
    if (!m || x->source_of[m - t->modules] == NO_SOURCE)
        return;
    x->asked[x->n++] = (struct asked){{t->stacks.frames[frame].ip - m->bias,
                                       x->source_of[m - t->modules], exact},
                                      frame};
}

/* Every frame of the stacks once. */
static void ask_all(struct search *x, const uint32_t *stacks, uint32_t n)
{
    const struct stacks *k = &x->s->trace->stacks;
    bool *seen = must_calloc(k->n, sizeof *seen);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t s = stacks[i]; s > 0 && !seen[s]; s = k->parent[s]) {
            const uint32_t frame = k->frame[s];
            seen[s] = true;
            if (x->s->of[frame].n > 0)
                continue;
            x->s->of[frame] = unnamed(x->a, x->s->trace, frame);
            ask(x, frame, false);
        }
    free(seen);
}

static bool calls_a_handler(const struct search *x, uint32_t frame, bool leaf)
{
    const struct module *m = module_of(x->s->trace, frame);
    return x->signal[frame] || (!leaf && m && is_vdso(m));
}

/* What a signal interrupted did not call: its address is the next instruction
   itself. Nothing but sigreturn's frame in the vdso calls anything. */
static void ask_interrupted(struct search *x, const uint32_t *stacks,
                            uint32_t n)
{
    const struct stacks *k = &x->s->trace->stacks;
    bool *seen = must_calloc(k->n, sizeof *seen);
    bool *asked = must_calloc(k->n_frames, sizeof *asked);
    x->n = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t s = stacks[i]; s > 0 && !seen[s]; s = k->parent[s]) {
            const bool leaf = s == stacks[i];
            const uint32_t outer = k->frame[k->parent[s]];
            seen[s] = !leaf;
            if (k->parent[s] == 0 || asked[outer] ||
                !calls_a_handler(x, k->frame[s], leaf))
                continue;
            asked[outer] = true;
            ask(x, outer, true);
        }
    free(seen);
    free(asked);
}

static int compare_queries(const struct symbol_query *x,
                           const struct symbol_query *y)
{
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    return (int)x->exact - (int)y->exact;
}

static int compare_asked(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;
    const int order = compare_queries(&x->query, &y->query);
    return order != 0 ? order : (x->frame > y->frame) - (x->frame < y->frame);
}

static void make_queries(struct search *x)
{
    if (x->n > 1)
        qsort(x->asked, x->n, sizeof *x->asked, compare_asked);
    x->n_queries = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        const struct symbol_query *q = &x->asked[i].query;
        if (i > 0 && compare_queries(q, &x->asked[i - 1].query) == 0)
            continue;
        x->first[x->n_queries] = i;
        x->queries[x->n_queries++] = *q;
    }
    x->first[x->n_queries] = x->n;
}

static struct place *named(struct search *x, const struct symbol_answer *a)
{
    struct place *at = ARENA_ARRAY(x->a, a->n, struct place);
    for (uint32_t i = 0; i < a->n; i++) {
        const char *function = a->at[i].function, *file = a->at[i].file;
        at[i].function = arena_text(x->a, function, strlen(function));
        at[i].file = i > 0 && strcmp(file, at[i - 1].file) == 0
                         ? at[i - 1].file
                         : arena_text(x->a, file, strlen(file));
        at[i].line = a->at[i].line;
        at[i].inlined = i + 1 < a->n;
    }
    return at;
}

static void take(void *to, uint32_t query, const struct symbol_answer *a)
{
    struct search *x = to;
    const uint32_t source = x->queries[query].file;
    struct place *names = named(x, a);
    x->status[source] = a->status;
    if (a->status == ELF_FILE_OK && !a->has_lines &&
        !path_is_system(x->sources[source].path))
        x->s->lines_missing = true;
    for (uint32_t i = x->first[query]; i < x->first[query + 1]; i++) {
        struct places *of = &x->s->of[x->asked[i].frame];
        struct place *at = ARENA_ARRAY(x->a, a->n, struct place);
        const struct place here = of->at[0];
        for (uint32_t k = 0; k < a->n; k++) {
            at[k] = names[k];
            at[k].module = here.module;
            at[k].offset = here.offset;
        }
        *of = (struct places){a->n, at};
        x->signal[x->asked[i].frame] = a->signal_frame;
    }
    if (x->progress && query % PROGRESS_EVERY == 0)
        x->progress(query, x->n_queries);
}

static void run(struct search *x)
{
    struct symbol_reader r = {
        .limits = symbol_reader_limits,
        .max_deaths = MAX_DEATHS,
        .serve = symbol_child_serve,
        .take = take,
        .to = x,
        .failed = x->failed,
    };
    make_queries(x);
    const struct symbol_job job = {x->sources, x->queries, 0, x->n_queries};
    symbol_reader_run(&r, &job);
    x->gave_up |= r.gave_up;
}

static const char *trouble(const struct search *x, uint32_t source)
{
    if (x->failed[source])
        return "could not be read (damaged or too large)";
    switch (x->status[source]) {
    case ELF_FILE_OK:
        return NULL;
    case ELF_FILE_GONE:
        return "is gone or unreadable";
    case ELF_FILE_CHANGED:
        return "is not the file that was recorded (another build-id)";
    case ELF_FILE_STRANGE:
    case N_ELF_STATUSES:
        return "is no ELF file";
    }
    return NULL;
}

static const char *make_note(const struct search *x)
{
    char *note = arena_alloc(x->a, 512);
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n_sources; i++) {
        const char *what = trouble(x, i);
        if (what && n++ == 0)
            snprintf(note, 440, "%.300s %s", x->sources[i].path, what);
    }
    if (n > 1)
        snprintf(note + strlen(note), 64, ", and %u more files", n - 1);
    if (n == 0 && x->gave_up)
        snprintf(note, 440, "the reader of symbols could not be started");
    return note;
}

static bool some_unnamed(const struct symbols *s, uint32_t n_frames)
{
    for (uint32_t i = 0; i < n_frames; i++)
        if (s->of[i].n > 0 && !*s->of[i].at[s->of[i].n - 1].function)
            return true;
    return false;
}

void symbols_find(struct symbols *s, struct arena *a, const struct trace *t,
                  const uint32_t *stacks, uint32_t n,
                  void (*progress)(uint64_t done, uint64_t total))
{
    const uint32_t n_frames = t->stacks.n_frames;
    struct search x = {.s = s, .a = a, .progress = progress};
    *s = (struct symbols){.trace = t, .note = "", .arena = a};
    s->of = ARENA_ARRAY(a, n_frames, struct places);
    x.signal = must_calloc(n_frames, sizeof *x.signal);
    x.asked = must_calloc(n_frames, sizeof *x.asked);
    x.queries = must_calloc(n_frames, sizeof *x.queries);
    x.first = must_calloc((size_t)n_frames + 1, sizeof *x.first);
    find_sources(&x, t);
    ask_all(&x, stacks, n);
    run(&x);
    ask_interrupted(&x, stacks, n);
    if (x.n > 0)
        run(&x);
    s->note = make_note(&x);
    s->names_missing = some_unnamed(s, n_frames);
    free(x.signal);
    free(x.asked);
    free(x.queries);
    free(x.first);
}

struct places symbols_innermost(const struct symbols *s, struct arena *a,
                                uint32_t stack, uint32_t most)
{
    static const struct place cut = {CUT_OFF, "", 0, "", 0, false};
    const struct stacks *k = &s->trace->stacks;
    uint32_t n = 0;
    uint32_t end = stack; /* the innermost that is left out, or 0 */
    for (uint32_t left = most; end > 0 && left > 0; end = k->parent[end]) {
        const uint32_t of = s->of[k->frame[end]].n;
        n += of ? of : 1;
        left--;
    }
    struct place *at = ARENA_ARRAY(a, n + (end > 0), struct place);
    n = 0;
    for (uint32_t i = stack; i != end; i = k->parent[i]) {
        struct places p = s->of[k->frame[i]];
        if (p.n == 0)
            p = unnamed(a, s->trace, k->frame[i]);
        memcpy(at + n, p.at, p.n * sizeof *at);
        n += p.n;
    }
    if (end > 0)
        at[n++] = cut;
    return (struct places){n, at};
}

struct places symbols_stack(const struct symbols *s, struct arena *a,
                            uint32_t stack)
{
    return symbols_innermost(s, a, stack, UINT32_MAX);
}
