/* SPDX-License-Identifier: MIT */
#include "explain/symbol_child.h"

#include "arena.h"
#include "explain/demangle.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_FILE = 4096,
    MAX_TEXT = DWARF_MAX_INLINE * (DEMANGLE_MAX_OUT + MAX_FILE + 2),
};

/* An answer on its way: this, n times struct place_head, then the texts, each
   ended by a zero byte, function before file. */
struct answer_head {
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

static bool send(const struct answer *a, int out)
{
    return limited_child_write(out, &a->head, sizeof a->head) &&
           limited_child_write(out, a->places,
                               a->head.n * sizeof a->places[0]) &&
           limited_child_write(out, a->text, a->head.text_len);
}

static void find(struct symbol_file *f, const struct symbol_query *q,
                 struct answer *a)
{
    struct symbol_names names = {.n = 1};
    a->head = (struct answer_head){.status = (uint8_t)f->status};
    if (f->status == ELF_FILE_OK) {
        symbol_file_find(f, q->addr, q->exact, &names);
        a->head.has_lines = f->lines.n_ranges > 0;
        a->head.signal_frame = names.signal_frame;
    }
    for (uint32_t i = 0; i < names.n; i++)
        add_place(a, &names.at[i]);
}

void symbol_child_serve(const void *arg, int out)
{
    const struct symbol_job *job = arg;
    struct answer *a = must_calloc(1, sizeof *a);
    struct symbol_file f = {0};
    for (uint32_t i = job->from; i < job->n; i++) {
        const struct symbol_query *q = &job->queries[i];
        if (f.source != &job->sources[q->file]) {
            symbol_file_close(&f);
            symbol_file_open(&f, &job->sources[q->file]);
        }
        find(&f, q, a);
        a->head.query = i;
        if (!send(a, out))
            break;
    }
    symbol_file_close(&f);
    free(a);
}

static bool is_sane(const struct answer_head *h, uint32_t query)
{
    return h->query == query && h->n >= 1 && h->n <= DWARF_MAX_INLINE &&
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

bool symbol_child_read(struct limited_child *c, uint32_t query,
                       struct symbol_answer *a)
{
    struct answer_head h;
    struct place_head p[DWARF_MAX_INLINE];
    if (!limited_child_read(c, &h, sizeof h) || !is_sane(&h, query) ||
        !limited_child_read(c, p, h.n * sizeof p[0]))
        return false;
    make_room(a, h.text_len);
    if (!limited_child_read(c, a->text, h.text_len))
        return false;
    uint32_t at = 0;
    for (uint32_t i = 0; i < h.n; i++) {
        a->at[i].line = p[i].line;
        a->at[i].function = text_at(a, h.text_len, &at, p[i].function_len);
        if (!a->at[i].function)
            return false;
        a->at[i].file = text_at(a, h.text_len, &at, p[i].file_len);
        if (!a->at[i].file)
            return false;
    }
    a->n = h.n;
    a->status = h.status;
    a->has_lines = h.has_lines != 0;
    a->signal_frame = h.signal_frame != 0;
    return true;
}

void symbol_child_release(struct symbol_answer *a)
{
    free(a->text);
    a->text = NULL;
    a->text_room = 0;
}
