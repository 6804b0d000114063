/* SPDX-License-Identifier: MIT */
#include "commands/dump.h"

#include "trace/snapshot_records.h"

#include <inttypes.h>

enum { BATCH = 256 };

static const char *const kinds[] = {
    [OURO_SNAP_BEGIN] = "SNAP_BEGIN",   [OURO_SNAP_THREAD] = "SNAP_THREAD",
    [OURO_SNAP_REGION] = "SNAP_REGION", [OURO_SNAP_WORDS] = "SNAP_WORDS",
    [OURO_SNAP_END] = "SNAP_END",
};

static const char *const modes[] = {
    [OURO_SNAP_POINTERS] = "pointers",
    [OURO_SNAP_IMAGE] = "image",
};

static const char *const ways[] = {
    [OURO_SNAP_TAKER] = "taker",     [OURO_SNAP_WAITED] = "waited",
    [OURO_SNAP_BLOCKED] = "blocked", [OURO_SNAP_LAST] = "last",
    [OURO_SNAP_UNSEEN] = "unseen",   [OURO_SNAP_ENDED] = "ended",
};

static const char *const places[] = {
    [OURO_SNAP_ANONYMOUS] = "anonymous", [OURO_SNAP_FILE] = "file",
    [OURO_SNAP_HEAP] = "heap",           [OURO_SNAP_STACK] = "stack",
    [OURO_SNAP_SHARED] = "shared",
};

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

/* Its word, or the number where there is none. */
static void print_word(const char *name, const char *const *words, size_t n,
                       unsigned which, FILE *out)
{
    if (which < n && words[which])
        fprintf(out, " %s=%s", name, words[which]);
    else
        fprintf(out, " %s=%u", name, which);
}

static void print_begin(const struct snapshot *s, FILE *out)
{
    fputs(" why=", out);
    dump_text(snapshot_why(s), out);
    print_word("mode", modes, COUNT(modes), s->mode, out);
    fprintf(out,
            " flags=%u epoch=%" PRIu32 " os_thread=%" PRIu32
            " malloc=0x%" PRIx64 " tls=%" PRId64 " tls_len=%" PRIu64 " name=",
            s->flags, s->epoch, s->os_thread, s->malloc_at, s->tls, s->tls_len);
    dump_text(s->name, out);
    fputc('\n', out);
}

static void print_thread(const struct snapshot_thread *thread, FILE *out)
{
    fprintf(out, " thread=%" PRIu32 " os_thread=%" PRIu32, thread->thread,
            thread->os_thread);
    print_word("seen", ways, COUNT(ways), thread->seen, out);
    fprintf(out,
            " sp=0x%" PRIx64 " sure=0x%" PRIx64 " end=0x%" PRIx64
            " tp=0x%" PRIx64 " registers=%" PRIu32,
            thread->sp, thread->sure, thread->end, thread->tp,
            thread->n_registers);
    for (uint32_t i = 0; i < thread->n_registers; i++)
        fprintf(out, " 0x%" PRIx64, thread->registers[i]);
    fputc('\n', out);
}

static void print_region(const struct snapshot_region *region, FILE *out)
{
    fprintf(out, " start=0x%" PRIx64 " len=%" PRIu64, region->start,
            region->len);
    print_word("what", places, COUNT(places), region->what, out);
    fprintf(out, " flags=%u path=", region->flags);
    dump_text(region->path, out);
    fputc('\n', out);
}

static void print_end(const struct snapshot *s, FILE *out)
{
    fprintf(out,
            " regions=%" PRIu32 " words_read=%" PRIu64 " words_told=%" PRIu64
            " unreadable=%" PRIu64 " pause_ns=%" PRIu64 " ns=%" PRIu64 "\n",
            s->n_regions, s->words_read, s->words_told, s->unreadable,
            s->pause_ns, s->ns);
}

static void print_batch(const struct snapshot_word *words,
                        const unsigned char *class, int n, FILE *out)
{
    for (int i = 0; i < n; i++)
        fprintf(out, "0x%" PRIx64 " 0x%" PRIx64 " class=%u\n", words[i].at,
                words[i].value, class[i]);
}

/* The line is the number's: without each of them, it is known at the end. */
static int print_words(struct snapshot_reader *r, bool each, FILE *out)
{
    struct snapshot_word words[BATCH];
    unsigned char class[BATCH];
    uint64_t total = 0;
    int n;
    fprintf(out, " at=0x%" PRIx64, r->at);
    if (each)
        fputc('\n', out);
    while ((n = snapshot_reader_words(r, words, class, BATCH)) > 0) {
        total += (uint64_t)n;
        if (each)
            print_batch(words, class, n, out);
    }
    if (!each)
        fprintf(out, " words=%" PRIu64 "\n", total);
    return n;
}

static int print_record(struct snapshot_reader *r,
                        const struct trace_chunk *chunk, bool words, FILE *out)
{
    const char *name = r->kind < COUNT(kinds) ? kinds[r->kind] : NULL;
    fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu32 " ", r->start,
            chunk->first_stamp, chunk->thread);
    if (!name) {
        fprintf(out, "unknown-%u len=%" PRIu64 "\n", r->kind, r->len);
        return 0;
    }
    fputs(name, out);
    switch (r->kind) {
    case OURO_SNAP_BEGIN:
        print_begin(&r->told, out);
        break;
    case OURO_SNAP_THREAD:
        print_thread(&r->thread, out);
        break;
    case OURO_SNAP_REGION:
        print_region(&r->region, out);
        break;
    case OURO_SNAP_WORDS:
        return print_words(r, words, out);
    default:
        print_end(&r->told, out);
        break;
    }
    return 0;
}

int dump_snapshot_records(const struct trace *t, uint32_t chunk, bool words,
                          FILE *out, struct err *e)
{
    struct snapshot_reader r;
    struct arena arena = {0};
    int more;
    snapshot_reader_open(&r, t, &chunk, 1, &arena, e);
    while ((more = snapshot_reader_next(&r)) > 0)
        if (print_record(&r, &t->snapshot_chunks[chunk], words, out) < 0) {
            more = -1;
            break;
        }
    snapshot_reader_close(&r);
    arena_release(&arena);
    return more;
}
