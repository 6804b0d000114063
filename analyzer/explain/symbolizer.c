/* SPDX-License-Identifier: MIT */
#include "explain/symbolizer.h"

#include "arena.h"
#include "explain/symbol_reader.h"
#include "shadow/table.h"
#include "trace/strings.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEATHS = 16, PROGRESS_EVERY = 1024, MAX_ANSWERS = 1 << 21 };

/* An address has an answer in the table of its source from the moment it is
   asked for. */
enum answer_state { NOT_ASKED, WAITING, LOST, KNOWN };

struct answer {
    enum answer_state state;
    struct known is;
};

struct source {
    struct known_source known;
    uint32_t elder;             /* of the same path, + 1 */
    struct table answers[2][2]; /* address -> answer + 1; [exact][plain] */
};

struct symbolizer {
    struct symbol_reader reader;
    uint32_t n_sources, sources_room, deaths_room;
    struct source *sources;
    struct strings paths;
    struct table of_path; /* -> the newest source + 1 */
    uint32_t n_answers, answers_room;
    struct answer *answers;
    struct strings texts; /* of the answers */
    struct arena places;
    uint32_t n_queries, queries_room; /* being asked */
    struct symbol_query *queries;
    void (*progress)(uint64_t done, uint64_t total);
};

static struct table *answers_of(const struct symbolizer *z,
                                const struct symbol_query *q)
{
    return &z->sources[q->file].answers[q->exact][q->plain];
}

/* Of what was asked for. */
static struct answer *answer_to(const struct symbolizer *z,
                                const struct symbol_query *q)
{
    return &z->answers[table_get(answers_of(z, q), q->addr) - 1];
}

static const char *text_of(struct symbolizer *z, const char *text)
{
    const uint32_t id = strings_id(&z->texts, text, strlen(text));
    return z->texts.text[id];
}

static void take_places(struct symbolizer *z, struct known *k,
                        const struct symbol_answer *a)
{
    struct known_place *at = ARENA_ARRAY(&z->places, a->n, struct known_place);
    for (uint32_t i = 0; i < a->n; i++)
        at[i] = (struct known_place){
            .function = text_of(z, a->at[i].function),
            .file = text_of(z, a->at[i].file),
            .line = a->at[i].line,
        };
    *k = (struct known){a->n, at, a->signal_frame, a->behind};
}

static void take(void *to, uint32_t query, const struct symbol_answer *a)
{
    struct symbolizer *z = to;
    const struct symbol_query *q = &z->queries[query];
    struct known_source *s = &z->sources[q->file].known;
    struct answer *answer = answer_to(z, q);
    if (a) {
        answer->state = KNOWN;
        take_places(z, &answer->is, a);
        s->status = a->status;
        if (!q->plain) {
            s->has_lines = a->has_lines;
            s->answered = true;
        }
    } else {
        answer->state = LOST;
        s->killed = true;
    }
    if (z->progress && query % PROGRESS_EVERY == 0)
        z->progress(query, z->n_queries);
}

struct symbolizer *symbolizer_begin(void)
{
    return symbolizer_begin_with(&symbol_reader_limits, symbol_child_serve);
}

struct symbolizer *symbolizer_begin_with(const struct child_limits *limits,
                                         void (*serve)(const void *unused,
                                                       struct child_end *end))
{
    struct symbolizer *z = must_calloc(1, sizeof *z);
    z->reader = (struct symbol_reader){
        .limits = *limits,
        .max_deaths = MAX_DEATHS,
        .serve = serve,
        .take = take,
        .to = z,
    };
    symbol_reader_start(&z->reader);
    strings_init(&z->paths);
    strings_init(&z->texts);
    return z;
}

/* The answers alone: what a source is stays known, and what it has done. */
static void forget(struct symbolizer *z)
{
    for (uint32_t i = 0; i < z->n_sources; i++)
        for (int how = 0; how < 4; how++)
            table_release(&z->sources[i].answers[how / 2][how % 2]);
    strings_release(&z->texts);
    arena_release(&z->places);
    z->n_answers = 0;
}

void symbolizer_end(struct symbolizer *z)
{
    if (!z)
        return;
    symbol_reader_release(&z->reader);
    forget(z);
    for (uint32_t i = 0; i < z->n_sources; i++)
        free((void *)z->sources[i].known.is.id.bytes);
    strings_release(&z->paths);
    table_release(&z->of_path);
    free(z->reader.deaths);
    free(z->sources);
    free(z->answers);
    free(z->queries);
    free(z);
}

static void add_source(struct symbolizer *z, const struct elf_source *s,
                       uint32_t path, uint32_t elder)
{
    unsigned char *id = must_calloc((size_t)s->id.len + 1, 1);
    if (s->id.len > 0)
        memcpy(id, s->id.bytes, s->id.len);
    const char *pack =
        s->pack ? z->paths.text[strings_id(&z->paths, s->pack, strlen(s->pack))]
                : NULL;
    uint32_t n = z->n_sources;
    GROW(z->reader.deaths, n, z->deaths_room);
    z->reader.deaths[n] = 0;
    GROW(z->sources, n, z->sources_room);
    z->sources[n] = (struct source){
        .known.is = {z->paths.text[path], {id, s->id.len}, s->end_ns, pack},
        .elder = elder,
    };
    z->n_sources++;
    table_set(&z->of_path, path, z->n_sources);
}

uint32_t symbolizer_source(struct symbolizer *z, const struct elf_source *s)
{
    const uint32_t path = strings_id(&z->paths, s->path, strlen(s->path));
    const uint32_t newest = (uint32_t)table_get(&z->of_path, path);
    for (uint32_t i = newest; i > 0; i = z->sources[i - 1].elder)
        if (elf_source_is(&z->sources[i - 1].known.is, s))
            return i - 1;
    add_source(z, s, path, newest);
    return z->n_sources - 1;
}

const struct known_source *symbolizer_known(const struct symbolizer *z,
                                            uint32_t source)
{
    return &z->sources[source].known;
}

/* Has a place for the answer from now on. */
static struct answer *enter(struct symbolizer *z, const struct symbol_query *q)
{
    struct table *answers = answers_of(z, q);
    if (table_get(answers, q->addr) > 0)
        return answer_to(z, q);
    GROW(z->answers, z->n_answers, z->answers_room);
    z->answers[z->n_answers++] =
        (struct answer){NOT_ASKED, {0, NULL, false, 0}};
    table_set(answers, q->addr, z->n_answers);
    return &z->answers[z->n_answers - 1];
}

/* To be asked, unless it was, or would not be answered. */
static void want(struct symbolizer *z, const struct symbol_query *q)
{
    struct answer *a = enter(z, q);
    if (a->state != NOT_ASKED ||
        z->reader.deaths[q->file] >= SYMBOL_FILE_DEATHS)
        return;
    a->state = WAITING;
    GROW(z->queries, z->n_queries, z->queries_room);
    z->queries[z->n_queries++] = *q;
}

static int compare(const void *a, const void *b)
{
    const struct symbol_query *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    if (x->exact != y->exact)
        return x->exact ? 1 : -1;
    return (int)x->plain - (int)y->plain;
}

static void run(struct symbolizer *z)
{
    struct elf_source *sources = must_calloc(z->n_sources, sizeof *sources);
    for (uint32_t i = 0; i < z->n_sources; i++)
        sources[i] = z->sources[i].known.is;
    qsort(z->queries, z->n_queries, sizeof *z->queries, compare);
    const struct symbol_job job = {sources, z->queries, 0, z->n_queries};
    symbol_reader_run(&z->reader, &job);
    free(sources);
    for (uint32_t i = 0; i < z->n_queries; i++) {
        struct answer *a = answer_to(z, &z->queries[i]);
        if (a->state == WAITING)
            a->state = NOT_ASKED;
    }
}

void symbolizer_ask(struct symbolizer *z, const struct symbol_query *queries,
                    uint32_t n, void (*progress)(uint64_t done, uint64_t total))
{
    if (z->n_answers > MAX_ANSWERS) {
        forget(z);
        strings_init(&z->texts);
    }
    z->n_queries = 0;
    z->progress = progress;
    for (uint32_t i = 0; i < n; i++)
        want(z, &queries[i]);
    if (z->n_queries > 0)
        run(z);
}

struct known symbolizer_answer(const struct symbolizer *z,
                               const struct symbol_query *q)
{
    return answer_to(z, q)->is;
}

struct symbolizer_counts symbolizer_counts(const struct symbolizer *z)
{
    return (struct symbolizer_counts){z->reader.n_children, z->reader.n_asked};
}
