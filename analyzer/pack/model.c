/* SPDX-License-Identifier: MIT */
#include "pack/model.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { STACK_HEAD = 3 /* words of a stack's token before its frames */ };

struct model *model_make(void)
{
    struct model *m = must_calloc(1, sizeof *m);
    tokens_init(&m->tokens);
    addresses_init(&m->addresses);
    m->frames.in_chunk.tag = m->texts.in_chunk.tag = 1;
    return m;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    tokens_release(&m->tokens);
    addresses_release(&m->addresses);
    frames_release(&m->frames);
    texts_release(&m->texts);
    for (int i = 0; i < MODEL_STACKS; i++)
        free(m->stacks[i].frames);
    free(m);
}

bool model_is_full(const struct model *m)
{
    const uint32_t records = MODEL_MAX_CHUNK / 2;
    const size_t text = m->texts.n > 0 ? m->texts.first[m->texts.n] : 0;
    return m->addresses.known.n > KNOWN_MAX - 3 * records ||
           m->frames.n > NAMES_MAX - records ||
           m->texts.n > NAMES_MAX - records ||
           text > NAMES_MAX_TEXT - MODEL_MAX_CHUNK;
}

static void choose_stack(struct model_chunk *k, uint64_t thread)
{
    k->stack = &k->model->stacks[thread % MODEL_STACKS];
    if (!k->stack->frames)
        k->stack->frames = must_calloc(RECORD_MAX_FRAMES, sizeof(uint32_t));
    k->fresh = true;
    k->model->addresses.heap.thread = (unsigned)(thread % HEAP_THREADS);
    numbering_clear(&k->model->frames.in_chunk);
}

static void begin_still(struct model_chunk *k)
{
    k->still = 0;
    if (!k->exact && !k->columns->packing)
        k->still = columns_number(k->columns, COLUMN_TICK, 0);
}

void model_chunk_begin(struct model_chunk *k, uint64_t first_stamp,
                       uint32_t thread)
{
    k->stamp = first_stamp;
    addresses_forget(&k->model->addresses);
    choose_stack(k, thread);
    numbering_clear(&k->model->texts.in_chunk);
    name_gap_begin(&k->gap, k->columns);
    begin_still(k);
}

void model_chunk_end(struct model_chunk *k)
{
    name_gap_end(&k->gap, k->columns);
    if (!k->exact && k->columns->packing)
        columns_number(k->columns, COLUMN_TICK, k->still);
}

static void pack_time(struct model_chunk *k, uint64_t step)
{
    struct columns *c = k->columns;
    if (step == 0) {
        k->still++;
        return;
    }
    const bool whole = step % k->tick == 0;
    columns_number(c, COLUMN_TICK, k->still);
    columns_number(c, COLUMN_TICK, whole ? step / k->tick : 0);
    if (!whole)
        columns_number(c, COLUMN_STAMP, step);
    k->still = 0;
}

static uint64_t unpack_time(struct model_chunk *k)
{
    struct columns *c = k->columns;
    if (k->still > 0) {
        k->still--;
        return 0;
    }
    const uint64_t ticks = columns_number(c, COLUMN_TICK, 0);
    const uint64_t step =
        ticks > 0 ? ticks * k->tick : columns_number(c, COLUMN_STAMP, 0);
    begin_still(k);
    return step;
}

static void code_time(struct model_chunk *k, struct record *r)
{
    const uint64_t step = r->stamp - k->stamp;
    if (k->exact)
        k->stamp += columns_number(k->columns, COLUMN_STAMP, step);
    else if (k->columns->packing)
        pack_time(k, step);
    else
        k->stamp += unpack_time(k);
    if (k->columns->packing)
        k->stamp = r->stamp;
    r->stamp = k->stamp;
}

/* How far the stack is still what the thread's was. */
static uint32_t in_common(const struct model_stack *s, const uint32_t *ids,
                          uint32_t n)
{
    uint32_t i = 0;
    while (i < n && i < s->n && s->frames[i] == ids[i])
        i++;
    return i;
}

/* The stack's token: kind, frames that go, frames that come, these. */
static uint32_t stack_words(struct model_chunk *k, const struct record *r)
{
    struct model *m = k->model;
    uint32_t first = 0;
    uint64_t pops = r->pops;
    for (uint32_t i = 0; i < r->n_frames; i++) {
        const uint32_t id = frames_find(&m->frames, r->frames[i].ip);
        if (id == m->frames.n) /* known from now on, here and there */
            frames_code(&m->frames, k->columns, id, r->frames[i].ip);
        m->ids[i] = id;
    }
    if (k->fresh) {
        first = in_common(k->stack, m->ids, r->n_frames);
        pops = k->stack->n - first;
    }
    m->words[0] = r->kind;
    m->words[1] = pops;
    m->words[2] = r->n_frames - first;
    for (uint32_t i = first; i < r->n_frames; i++)
        m->words[STACK_HEAD + i - first] = m->ids[i];
    return STACK_HEAD + r->n_frames - first;
}

/* New frames are told when their token is; they come in order. */
static bool change_stack(struct model_chunk *k, const struct token *t)
{
    struct model_stack *s = k->stack;
    struct columns *c = k->columns;
    if (t->n < STACK_HEAD || t->words[2] != t->n - STACK_HEAD ||
        t->words[1] > s->n ||
        t->words[2] > RECORD_MAX_FRAMES - (s->n - t->words[1])) {
        c->fault = true;
        return false;
    }
    s->n -= (uint32_t)t->words[1];
    for (uint32_t i = STACK_HEAD; i < t->n; i++) {
        const uint64_t id = t->words[i];
        if (!c->packing && id <= NAMES_MAX)
            frames_code(&k->model->frames, c, (uint32_t)id, 0);
        if (id >= k->model->frames.n)
            c->fault = true;
        s->frames[s->n++] = (uint32_t)id;
    }
    return !c->fault;
}

static void number_frames(struct model_chunk *k, struct record *r,
                          uint32_t first)
{
    struct model *m = k->model;
    const struct record_frame *from = k->columns->packing ? r->frames : NULL;
    for (uint32_t i = 0; i < r->n_frames; i++) {
        const uint32_t id = k->stack->frames[first + i];
        m->refs[i].number =
            numbering_code(&m->frames.in_chunk, k->columns, &k->gap, id,
                           from ? from[i].number : 0);
        m->refs[i].ip = m->frames.ip[id];
    }
}

static void code_stack(struct model_chunk *k, struct record *r,
                       const struct token *t)
{
    if (!change_stack(k, t))
        return;
    if (!k->columns->packing) {
        r->pops = k->fresh ? 0 : t->words[1];
        r->n_frames = k->fresh ? k->stack->n : (uint32_t)t->words[2];
    }
    k->fresh = false;
    number_frames(k, r, k->stack->n - r->n_frames);
    if (!k->columns->packing)
        r->frames = k->model->refs;
    r->stamp = k->stamp;
}

static void cut_stack(struct model_chunk *k, uint64_t n)
{
    struct model_stack *s = k->stack;
    if (k->fresh)
        return;
    const uint32_t gone = n < s->n ? (uint32_t)n : s->n;
    if (gone == 0)
        return;
    s->n -= gone;
    memmove(s->frames, s->frames + gone, s->n * sizeof *s->frames);
}

static uint32_t text_word(struct model_chunk *k, const struct record_text *t)
{
    struct texts *texts = &k->model->texts;
    if (!t->is_there)
        return 0;
    const uint32_t id = texts_find(texts, t->bytes, t->len);
    if (id == texts->n)
        texts_code(texts, k->columns, id, t->bytes, t->len);
    return id + 1;
}

/* A record's token when packing: kind, its numbers, its text. */
static uint32_t words_of(struct model_chunk *k, const struct record *r,
                         const char *fields)
{
    uint64_t *words = k->model->words;
    uint32_t n = 0;
    int numbers = 0;
    words[n++] = r->kind;
    for (; *fields; fields++)
        if (*fields == 'n' || *fields == 'b')
            words[n++] = r->number[numbers++];
        else if (*fields == 't')
            words[n++] = text_word(k, &r->text);
    return n;
}

static void code_text(struct model_chunk *k, struct record *r, uint64_t word)
{
    struct texts *texts = &k->model->texts;
    struct columns *c = k->columns;
    const uint32_t number = r->text.number;
    r->text.is_there = word > 0;
    if (word == 0)
        return;
    const uint32_t id = (uint32_t)(word - 1);
    if (!c->packing && word <= NAMES_MAX)
        texts_code(texts, c, id, NULL, 0);
    if (word > texts->n)
        c->fault = true;
    if (c->fault)
        return;
    r->text.bytes = texts->bytes + texts->first[id];
    r->text.len = texts->first[id + 1] - texts->first[id];
    r->text.number = numbering_code(&texts->in_chunk, c, &k->gap, id, number);
}

static void take_words(struct model_chunk *k, struct record *r,
                       const char *fields, const struct token *t)
{
    uint32_t n = 1;
    int numbers = 0;
    for (; *fields && !k->columns->fault; fields++) {
        if (*fields == 'a' || *fields == 'c')
            continue;
        if (n == t->n)
            k->columns->fault = true;
        else if (*fields == 't')
            code_text(k, r, t->words[n++]);
        else
            r->number[numbers++] = t->words[n++];
    }
}

/* A number for the innermost frames. */
static uint16_t birthplace(const struct model_stack *s)
{
    uint64_t h = 0;
    for (uint32_t i = 1; i <= 3 && i <= s->n; i++)
        h = (h ^ s->frames[s->n - i]) * 0x9e3779b97f4a7c15u;
    return (uint16_t)(h >> 48);
}

static enum heap_call call_of(unsigned kind)
{
    switch ((int)kind) {
    case OURO_REALLOC_END:
    case OURO_REALLOC_END_ARRAY:
        return HEAP_REALLOC;
    case OURO_ALLOC + OURO_ENTRY_CALLOC:
        return HEAP_CALLOC;
    case OURO_ALLOC + OURO_ENTRY_POSIX_MEMALIGN:
    case OURO_ALLOC + OURO_ENTRY_ALIGNED_ALLOC:
    case OURO_ALLOC + OURO_ENTRY_MEMALIGN:
    case OURO_ALLOC + OURO_ENTRY_VALLOC:
    case OURO_ALLOC + OURO_ENTRY_PVALLOC:
    case OURO_ALLOC + OURO_ENTRY_NEW_ALIGNED:
    case OURO_ALLOC + OURO_ENTRY_NEW_ARRAY_ALIGNED:
    case OURO_ALLOC + OURO_ENTRY_NEW_ALIGNED_NOTHROW:
    case OURO_ALLOC + OURO_ENTRY_NEW_ARRAY_ALIGNED_NOTHROW:
        return HEAP_ALIGNED;
    default:
        return HEAP_MALLOC;
    }
}

static void code_addresses(struct model_chunk *k, struct record *r,
                           const char *fields)
{
    struct addresses *a = &k->model->addresses;
    const uint32_t place = tokens_place(&k->model->tokens);
    const unsigned kind = r->kind & ~(unsigned)OURO_HAS_STACK;
    int n = 0;
    a->birthplace = birthplace(k->stack);
    for (; *fields; fields++) {
        uint64_t *at = &r->address[n];
        if (*fields != 'a' && *fields != 'c')
            continue;
        n++;
        if (kind == OURO_FREE || kind == OURO_REALLOC_BEGIN)
            *at = addresses_given(a, k->columns, place, *at,
                                  kind == OURO_REALLOC_BEGIN);
        else if (kind >= OURO_ALLOC || kind == OURO_REALLOC_END ||
                 kind == OURO_REALLOC_END_ARRAY)
            *at = addresses_taken(a, k->columns, place, *at, r->number[0],
                                  call_of(kind));
        else
            *at = addresses_meant(a, k->columns, place + (uint32_t)n, *at);
    }
}

static void code_short(struct model_chunk *k, struct record *r,
                       const struct token *t)
{
    const char *fields = record_fields(r->kind);
    const unsigned kind = r->kind & ~(unsigned)OURO_HAS_STACK;
    if (!fields) {
        k->columns->fault = true;
        return;
    }
    take_words(k, r, fields, t);
    code_time(k, r);
    code_addresses(k, r, fields);
    if (kind == OURO_CUT)
        cut_stack(k, r->number[0]);
    if (kind == OURO_THREAD)
        choose_stack(k, r->number[0]);
    if (kind == OURO_EPOCH) {
        numbering_clear(&k->model->frames.in_chunk);
        k->fresh = true;
    }
}

static void code_long(struct model_chunk *k, struct record *r)
{
    struct columns *c = k->columns;
    code_time(k, r);
    r->len = columns_number(c, COLUMN_NAME, r->len);
    r->bytes =
        c->fault ? NULL : columns_bytes(c, COLUMN_TEXT, r->bytes, r->len);
}

static struct token token_of(struct model_chunk *k, const struct record *r)
{
    uint32_t n;
    if (r->kind == OURO_STACK) {
        n = stack_words(k, r);
    } else if (record_is_long(r->kind)) {
        k->model->words[0] = r->kind;
        n = 1;
    } else {
        n = words_of(k, r, record_fields(r->kind));
    }
    return (struct token){n, k->model->words};
}

bool model_code(struct model_chunk *k, struct record *r)
{
    struct columns *c = k->columns;
    struct token mine = {0};
    if (c->packing)
        mine = token_of(k, r);
    const struct token t = tokens_code(&k->model->tokens, c, &mine);
    if (c->fault)
        return false;
    if (!c->packing)
        *r = (struct record){.kind = (uint8_t)t.words[0]};
    if (r->kind == OURO_STACK)
        code_stack(k, r, &t);
    else if (record_is_long(r->kind))
        code_long(k, r);
    else
        code_short(k, r, &t);
    return !c->fault;
}

bool model_unpack(struct model *m, struct columns *c, uint64_t tick,
                  uint64_t first_stamp, uint32_t thread,
                  struct record_writer *to, size_t most)
{
    struct model_chunk k = {.model = m, .columns = c, .tick = tick};
    struct record r = {0};
    const uint64_t n = columns_number(c, COLUMN_CHUNK, 0);
    k.exact = columns_number(c, COLUMN_CHUNK, 0) != 0;
    record_writer_begin(to, first_stamp, most);
    model_chunk_begin(&k, first_stamp, thread);
    for (uint64_t i = 0; i < n && !c->fault && !to->fault; i++)
        if (model_code(&k, &r))
            record_write(to, &r);
    model_chunk_end(&k);
    return !c->fault && !to->fault;
}
