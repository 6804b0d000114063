/* SPDX-License-Identifier: MIT */
#include "explain/symbols.h"

#include "arena.h"
#include "explain/symbolizer.h"
#include "explain/system_path.h"
#include "shadow/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_SOURCE UINT32_MAX
#define CUT_OFF   "(frames cut off here)"

const struct place symbols_cut_off = {CUT_OFF, "", 0, "", 0, false};

/* A file of this trace. */
struct file {
    uint32_t source; /* the symbolizer's */
    bool asked, unanswered;
};

struct search {
    struct symbols *s;
    struct symbolizer *z;
    struct arena *a;
    void (*progress)(uint64_t done, uint64_t total);
    bool plain;        /* of the system's files symbols will do */
    uint32_t *file_of; /* by module; NO_SOURCE: nothing on a disk */
    uint32_t n_files;
    struct file *files;
    bool *signal; /* by frame: what it called is a handler */
    uint32_t n;   /* asked for */
    struct symbol_query *queries;
    uint32_t *frames;
    struct table texts; /* the symbolizer's -> a copy in the arena */
};

bool place_looks_like(const struct place *a, const struct place *b)
{
    return a->line == b->line && (a->line > 0 || a->offset == b->offset) &&
           strcmp(a->module, b->module) == 0 &&
           strcmp(a->function, b->function) == 0 &&
           strcmp(a->file, b->file) == 0;
}

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

bool symbols_source(struct arena *a, const struct trace *t,
                    const struct module *m, struct elf_source *source)
{
    *source = (struct elf_source){full_path(a, t, m->path),
                                  {m->build_id, m->build_id_len},
                                  end_of_recording(t),
                                  trace_pack(t)};
    return source->path != NULL;
}

static void find_files(struct search *x, const struct trace *t)
{
    const uint32_t n = t->n_modules;
    struct module_ref *sorted = ARENA_ARRAY(x->a, n, struct module_ref);
    x->file_of = ARENA_ARRAY(x->a, n, uint32_t);
    x->files = ARENA_ARRAY(x->a, n, struct file);
    for (uint32_t i = 0; i < n; i++)
        sorted[i].is = &t->modules[i];
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, compare_modules);
    for (uint32_t i = 0; i < n; i++) {
        const struct module *m = sorted[i].is;
        const bool again =
            i > 0 && compare_modules(&sorted[i - 1], &sorted[i]) == 0;
        struct elf_source source;
        const bool on_disk = symbols_source(x->a, t, m, &source);
        if (on_disk && !again)
            x->files[x->n_files++].source = symbolizer_source(x->z, &source);
        x->file_of[m - t->modules] = on_disk ? x->n_files - 1 : NO_SOURCE;
    }
}

static void ask(struct search *x, uint32_t frame, bool exact)
{
    const struct trace *t = x->s->trace;
    const struct module *m = module_of(t, frame);
    if (!m || x->file_of[m - t->modules] == NO_SOURCE)
        return;
    struct file *f = &x->files[x->file_of[m - t->modules]];
    f->asked = true;
    x->queries[x->n] =
        (struct symbol_query){t->stacks.frames[frame].ip - m->bias, f->source,
                              exact, x->plain && path_is_system(m->path)};
    x->frames[x->n++] = frame;
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

static const char *kept_text(struct search *x, const char *text)
{
    const uint64_t key = (uint64_t)(uintptr_t)text;
    const char *copy = (const char *)(uintptr_t)table_get(&x->texts, key);
    if (copy)
        return copy;
    copy = arena_text(x->a, text, strlen(text));
    table_set(&x->texts, key, (uint64_t)(uintptr_t)copy);
    return copy;
}

static void name(struct search *x, uint32_t frame, const struct known *k)
{
    struct places *of = &x->s->of[frame];
    struct place *at = ARENA_ARRAY(x->a, k->n, struct place);
    const struct place here = of->at[0];
    for (uint32_t i = 0; i < k->n; i++)
        at[i] = (struct place){
            .function = kept_text(x, k->at[i].function),
            .file = kept_text(x, k->at[i].file),
            .line = k->at[i].line,
            .module = here.module,
            .offset = here.offset,
            .inlined = i + 1 < k->n,
        };
    *of = (struct places){k->n, at};
    x->signal[frame] = k->signal_frame;
}

static void run(struct search *x)
{
    symbolizer_ask(x->z, x->queries, x->n, x->progress);
    for (uint32_t i = 0; i < x->n; i++) {
        const uint32_t frame = x->frames[i];
        const struct known k = symbolizer_answer(x->z, &x->queries[i]);
        const struct module *m = module_of(x->s->trace, frame);
        if (k.n > 0)
            name(x, frame, &k);
        else
            x->files[x->file_of[m - x->s->trace->modules]].unanswered = true;
    }
    /* the texts are the symbolizer's until it is asked again */
    table_release(&x->texts);
}

static bool misses_lines(const struct search *x, const struct file *f)
{
    const struct known_source *k = symbolizer_known(x->z, f->source);
    return f->asked && k->answered && k->status == ELF_FILE_OK &&
           !k->has_lines && !path_is_system(k->is.path);
}

static const char *trouble(const struct search *x, const struct file *f)
{
    const struct known_source *k = symbolizer_known(x->z, f->source);
    if (!f->asked)
        return NULL;
    if (f->unanswered && k->killed)
        return "could not be read (damaged or too large)";
    switch (k->status) {
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
    bool gave_up = false;
    for (uint32_t i = 0; i < x->n_files; i++) {
        const struct file *f = &x->files[i];
        const char *what = trouble(x, f);
        if (what && n++ == 0)
            snprintf(note, 440, "%.300s %s",
                     symbolizer_known(x->z, f->source)->is.path, what);
        gave_up |= f->unanswered;
        x->s->lines_missing |= misses_lines(x, f);
    }
    if (n > 1)
        snprintf(note + strlen(note), 64, ", and %u more files", n - 1);
    if (n == 0 && gave_up)
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

static void find_all(struct search *x, const uint32_t *stacks, uint32_t n)
{
    ask_all(x, stacks, n);
    run(x);
    ask_interrupted(x, stacks, n);
    run(x);
}

static void find(struct search *x, const struct trace *t,
                 const uint32_t *stacks, uint32_t n)
{
    const uint32_t n_frames = t->stacks.n_frames;
    struct symbols *s = x->s;
    struct arena *a = x->a;
    *s = (struct symbols){.trace = t, .note = "", .arena = a};
    s->of = ARENA_ARRAY(a, n_frames, struct places);
    if (n == 0)
        return;
    x->signal = must_calloc(n_frames, sizeof *x->signal);
    x->queries = must_calloc(n_frames, sizeof *x->queries);
    x->frames = must_calloc(n_frames, sizeof *x->frames);
    find_files(x, t);
    find_all(x, stacks, n);
    s->note = make_note(x);
    s->names_missing = some_unnamed(s, n_frames);
    free(x->signal);
    free(x->queries);
    free(x->frames);
}

void symbols_find(struct symbols *s, struct symbolizer *z, struct arena *a,
                  const struct trace *t, const uint32_t *stacks, uint32_t n,
                  void (*progress)(uint64_t done, uint64_t total))
{
    struct search x = {.s = s, .z = z, .a = a, .progress = progress};
    find(&x, t, stacks, n);
}

void symbols_find_plain(struct symbols *s, struct symbolizer *z,
                        struct arena *a, const struct trace *t,
                        const uint32_t *stacks, uint32_t n)
{
    struct search x = {.s = s, .z = z, .a = a, .plain = true};
    find(&x, t, stacks, n);
}

struct places symbols_innermost(const struct symbols *s, struct arena *a,
                                uint32_t stack, uint32_t most)
{
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
        at[n++] = symbols_cut_off;
    return (struct places){n, at};
}

struct places symbols_stack(const struct symbols *s, struct arena *a,
                            uint32_t stack)
{
    return symbols_innermost(s, a, stack, UINT32_MAX);
}
