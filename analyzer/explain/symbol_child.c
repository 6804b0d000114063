/* SPDX-License-Identifier: MIT */
#include "explain/symbol_child.h"

#include "arena.h"
#include "explain/demangle.h"
#include "explain/open_files.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_BYTES (UINT64_C(512) << 20)

enum {
    MAX_FILE = 4096,
    KEPT_FILES = OPEN_FILES_MAX,
    MAX_TEXT = DWARF_MAX_INLINE * (DEMANGLE_MAX_OUT + MAX_FILE + 2),
};

/*
 * A request on its way: this, n_queries times struct query_wire, and as many
 * files' names and build-ids as the queries name, each behind its head. The
 * queries name the files by their places in this list.
 */
struct request_head {
    uint32_t n_queries, first, n_sources, zero;
};

struct query_wire {
    uint64_t addr;
    uint32_t source, how; /* enum query_how */
};

enum query_how { QUERY_EXACT = 1, QUERY_PLAIN = 2 };

struct source_head {
    uint64_t end_ns;
    uint32_t path_len, id_len, pack_len, zero; /* pack_len 0: none */
};

/* An answer on its way: this, n times struct place_head, then the texts, each
   ended by a zero byte, function before file. */
struct answer_head {
    uint64_t behind;
    uint32_t query, n, text_len;
    uint8_t status, has_lines, signal_frame, zero;
};

struct place_head {
    uint32_t line, function_len, file_len;
};

struct answer {
    struct answer_head head;
    struct place_head places[DWARF_MAX_INLINE];
    char text[MAX_TEXT];
    struct demangled name;
};

static uint32_t add_text(struct answer *a, const char *text, size_t max)
{
    const size_t len = text ? strnlen(text, max) : 0;
    if (len > 0)
        memcpy(a->text + a->head.text_len, text, len);
    a->text[a->head.text_len + len] = 0;
    a->head.text_len += (uint32_t)len + 1;
    return (uint32_t)len;
}

static uint32_t add_function(struct answer *a, const char *name)
{
    if (!name)
        return add_text(a, NULL, 0);
    char base[DEMANGLE_MAX_IN + 1];
    const size_t len = demangle_base_len(name);
    if (len < sizeof base) {
        memcpy(base, name, len);
        base[len] = 0;
        name = base;
    }
    if (demangle(&a->name, name))
        name = a->name.text;
    return add_text(a, name, DEMANGLE_MAX_OUT - 1);
}

static void add_place(struct answer *a, const struct dwarf_place *p)
{
    struct place_head *h = &a->places[a->head.n++];
    h->line = p->line;
    h->function_len = add_function(a, p->name);
    h->file_len = add_text(a, p->file, MAX_FILE);
}

static bool send_answer(struct child_end *end, struct answer *a)
{
    const struct iovec parts[] = {
        {&a->head, sizeof a->head},
        {a->places, a->head.n * sizeof a->places[0]},
        {a->text, a->head.text_len},
    };
    return limited_child_write(end, parts, 3);
}

static void find(struct symbol_file *f, const struct symbol_query *q,
                 struct answer *a)
{
    struct symbol_names names = {.n = 1};
    a->head = (struct answer_head){.status = (uint8_t)f->status};
    if (f->status == ELF_FILE_OK) {
        if (!q->plain)
            symbol_file_read_lines(f);
        symbol_file_find(f, q, &names);
        a->head.has_lines = f->lines.n_ranges > 0;
        a->head.signal_frame = names.signal_frame;
        a->head.behind = names.behind;
    }
    for (uint32_t i = 0; i < names.n; i++)
        add_place(a, &names.at[i]);
}

struct symbol_server {
    struct child_end *end;
    struct open_files files;
    struct arena arena; /* of the request */
    struct request_head request;
    struct query_wire *queries;
    struct elf_source *sources;
    uint32_t done; /* queries */
    struct symbol_query query;
    struct answer answer;
};

struct symbol_server *symbol_server_make(struct child_end *end)
{
    struct symbol_server *s = must_calloc(1, sizeof *s);
    s->end = end;
    open_files_init(&s->files, KEPT_FILES, KEPT_BYTES);
    return s;
}

void symbol_server_release(struct symbol_server *s)
{
    open_files_release(&s->files);
    arena_release(&s->arena);
    free(s);
}

static bool receive_source(struct symbol_server *s, struct elf_source *to)
{
    struct source_head h;
    if (!limited_child_receive(s->end, &h, sizeof h, false))
        return false;
    char *path = arena_alloc(&s->arena, (size_t)h.path_len + 1);
    unsigned char *id = arena_alloc(&s->arena, (size_t)h.id_len + 1);
    char *pack = arena_alloc(&s->arena, (size_t)h.pack_len + 1);
    *to = (struct elf_source){
        path, {id, h.id_len}, h.end_ns, h.pack_len > 0 ? pack : NULL};
    return limited_child_receive(s->end, path, h.path_len, false) &&
           limited_child_receive(s->end, id, h.id_len, false) &&
           limited_child_receive(s->end, pack, h.pack_len, false);
}

static bool receive(struct symbol_server *s)
{
    struct request_head *h = &s->request;
    arena_release(&s->arena);
    s->done = 0;
    if (!limited_child_receive(s->end, h, sizeof *h, true))
        return false;
    s->queries = ARENA_ARRAY(&s->arena, h->n_queries, struct query_wire);
    s->sources = ARENA_ARRAY(&s->arena, h->n_sources, struct elf_source);
    if (!limited_child_receive(s->end, s->queries,
                               h->n_queries * sizeof *s->queries, false))
        return false;
    for (uint32_t i = 0; i < h->n_sources; i++)
        if (!receive_source(s, &s->sources[i]))
            return false;
    return true;
}

const struct symbol_query *symbol_server_next(struct symbol_server *s)
{
    while (s->done == s->request.n_queries)
        if (!receive(s))
            return NULL;
    const struct query_wire *q = &s->queries[s->done];
    s->query = (struct symbol_query){q->addr, q->source, q->how & QUERY_EXACT,
                                     q->how & QUERY_PLAIN};
    return &s->query;
}

bool symbol_server_answer(struct symbol_server *s)
{
    struct symbol_file *f =
        open_files_get(&s->files, &s->sources[s->query.file]);
    find(f, &s->query, &s->answer);
    s->answer.head.query = s->request.first + s->done++;
    return send_answer(s->end, &s->answer);
}

void symbol_child_serve(const void *arg, struct child_end *end)
{
    (void)arg;
    struct symbol_server *s = symbol_server_make(end);
    while (symbol_server_next(s))
        if (!symbol_server_answer(s))
            break;
    symbol_server_release(s);
}

static bool send_source(struct limited_child *c, const struct elf_source *s)
{
    const struct source_head h = {
        .end_ns = s->end_ns,
        .path_len = (uint32_t)strlen(s->path),
        .id_len = s->id.len,
        .pack_len = s->pack ? (uint32_t)strlen(s->pack) : 0,
    };
    return limited_child_send(c, &h, sizeof h) &&
           limited_child_send(c, s->path, h.path_len) &&
           limited_child_send(c, s->id.bytes, h.id_len) &&
           limited_child_send(c, s->pack, h.pack_len);
}

bool symbol_child_ask(struct limited_child *c, const struct symbol_job *job)
{
    const struct symbol_query *from = job->queries + job->from;
    struct request_head h = {.n_queries = job->n - job->from,
                             .first = job->from};
    struct query_wire *wire = must_calloc(h.n_queries, sizeof *wire);
    for (uint32_t i = 0; i < h.n_queries; i++) {
        h.n_sources += i == 0 || from[i].file != from[i - 1].file;
        wire[i] = (struct query_wire){from[i].addr, h.n_sources - 1,
                                      (from[i].exact ? QUERY_EXACT : 0u) |
                                          (from[i].plain ? QUERY_PLAIN : 0u)};
    }
    bool ok = limited_child_send(c, &h, sizeof h) &&
              limited_child_send(c, wire, h.n_queries * sizeof *wire);
    for (uint32_t i = 0; ok && i < h.n_queries; i++)
        if (i == 0 || from[i].file != from[i - 1].file)
            ok = send_source(c, &job->sources[from[i].file]);
    free(wire);
    return ok;
}

static bool is_sane(const struct answer_head *h, uint32_t query)
{
    return h->query <= query && h->n >= 1 && h->n <= DWARF_MAX_INLINE &&
           h->text_len <= MAX_TEXT && h->status < N_ELF_STATUSES;
}

static void make_room(struct symbol_answer *a, uint32_t len)
{
    if (len <= a->text_room)
        return;
    a->text_room = len;
    a->text = must_realloc(a->text, len, 1);
}

/* The text of `len` bytes at *at, which moves on behind it; NULL: it is not
   one. */
static const char *text_at(const struct symbol_answer *a, uint32_t text_len,
                           uint32_t *at, uint32_t len)
{
    const uint32_t start = *at;
    if (len >= text_len - start || a->text[start + len] != 0)
        return NULL;
    *at += len + 1;
    return a->text + start;
}

static bool read_texts(struct symbol_answer *a, const struct answer_head *h,
                       const struct place_head *p)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        a->at[i].line = p[i].line;
        a->at[i].function = text_at(a, h->text_len, &at, p[i].function_len);
        if (!a->at[i].function)
            return false;
        a->at[i].file = text_at(a, h->text_len, &at, p[i].file_len);
        if (!a->at[i].file)
            return false;
    }
    return true;
}

bool symbol_child_read(struct limited_child *c, uint32_t query,
                       struct symbol_answer *a)
{
    struct answer_head h;
    struct place_head p[DWARF_MAX_INLINE];
    do { /* one that a stopped child was sending may come again */
        if (!limited_child_read(c, &h, sizeof h) || !is_sane(&h, query) ||
            !limited_child_read(c, p, h.n * sizeof p[0]))
            return false;
        make_room(a, h.text_len);
        if (!limited_child_read(c, a->text, h.text_len))
            return false;
    } while (h.query < query);
    if (!read_texts(a, &h, p))
        return false;
    a->n = h.n;
    a->status = h.status;
    a->has_lines = h.has_lines != 0;
    a->signal_frame = h.signal_frame != 0;
    a->behind = h.behind;
    return true;
}

void symbol_child_release(struct symbol_answer *a)
{
    free(a->text);
    a->text = NULL;
    a->text_room = 0;
}
