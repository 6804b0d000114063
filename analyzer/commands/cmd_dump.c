/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"

#include "arena.h"
#include "commands/dump.h"
#include "trace/decode.h"
#include "trace/kinds.h"
#include "trace/layout.h"
#include "trace/trace_names.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const clocks[] = {
    [OURO_CLOCK_TSC] = "tsc",
    [OURO_CLOCK_CNTVCT] = "cntvct",
    [OURO_CLOCK_COUNTER] = "counter",
};

static void print_header(const struct trace *t, FILE *out)
{
    const struct ouro_trace_header *h = &t->header;
    fprintf(out,
            "0 header version=%" PRIu32 " granule=%" PRIu32 " machine=%" PRIu32
            " clock=%s pid=%" PRIu32 " serial=%" PRIu32 "\n",
            h->version, h->granule, h->machine, clocks[h->clock], h->pid,
            h->serial);
    fprintf(out,
            "0 header parent=%" PRIu32 ".%" PRIu32 " fork_stamp=%" PRIu64
            " os_parent=%" PRIu32 " process_start=%" PRIu64
            " realtime_ns=%" PRIu64 "\n",
            h->parent_pid, h->parent_serial, h->fork_stamp, h->os_parent,
            h->process_start, h->realtime_ns);
    fprintf(out,
            "0 header start_stamp=%" PRIu64 " start_ns=%" PRIu64
            " last_stamp=%" PRIu64 " last_ns=%" PRIu64 " end=%" PRIu64 "\n",
            h->start_stamp, h->start_ns, h->last_stamp, h->last_ns, h->end);
    fprintf(out,
            "0 header lost_events=%" PRIu64 " nested_events=%" PRIu64
            " short_stacks=%" PRIu64 " slow_stacks=%" PRIu64
            " own_allocations=%" PRIu64 " own_frees=%" PRIu64
            " stopped=%" PRIu32 " stopped_errno=%" PRIu32 " flags=%" PRIu32
            "\n",
            h->lost_events, h->nested_events, h->short_stacks, h->slow_stacks,
            h->own_allocations, h->own_frees, h->stopped, h->stopped_errno,
            h->flags);
}

/* In quotes; what is not printable ASCII as \xNN. */
static void print_bytes(const char *bytes, size_t len, FILE *out)
{
    fputc('"', out);
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

void dump_text(const char *text, FILE *out)
{
    print_bytes(text, strlen(text), out);
}

static void print_field(const struct trace *t, const struct event *e, char what,
                        FILE *out)
{
    switch (what) {
    case 'a':
        fprintf(out, "0x%" PRIx64, e->a);
        break;
    case 'b':
        fprintf(out, "0x%" PRIx64, e->b);
        break;
    case 'c':
    case 'k':
        fprintf(out, "0x%" PRIx64, e->size);
        break;
    case 's':
        fprintf(out, "%" PRIu64, e->size);
        break;
    case 'n':
    case 'u':
        fprintf(out, "%" PRId64, e->n);
        break;
    case 'f':
        fprintf(out, "%u", e->flags);
        break;
    case 't':
        dump_text(t->strings.text[e->text], out);
        break;
    default:
        fprintf(out, "%" PRIu64, e->threshold[what - '0']);
        break;
    }
}

static void print_event(const struct trace *t, const struct event *e, FILE *out)
{
    const char *word = kinds[e->kind].fields;
    const char *order = shape_fields[kinds[e->kind].shape];
    for (; order && *order; order++) {
        const size_t len = strcspn(word, " ");
        fprintf(out, " %.*s=", (int)len, word);
        print_field(t, e, *order, out);
        word += len + (word[len] == ' ');
    }
}

static void print_stack(const struct trace *t, const struct decoder *d,
                        FILE *out)
{
    fprintf(out, " pops=%" PRIu32 " pushes=%" PRIu32, d->detail.pops,
            d->detail.pushes);
    for (uint32_t i = d->n_path - d->detail.pushes; i < d->n_path; i++) {
        const uint32_t number = d->path[i].number;
        fprintf(out, " %s%" PRIu32 ":0x%" PRIx64,
                number > d->detail.old_frames ? "+" : "", number,
                t->stacks.frames[d->frames[number - 1].id].ip);
    }
}

static void print_module(const struct module *m, FILE *out)
{
    fprintf(out,
            " epoch=%" PRIu32 " id=%" PRIu32 " bias=0x%" PRIx64
            " start=0x%" PRIx64 " end=0x%" PRIx64 " build_id=",
            m->epoch, m->id, m->bias, m->start, m->end);
    for (uint32_t i = 0; i < m->build_id_len; i++)
        fprintf(out, "%02x", m->build_id[i]);
    fputs(" path=", out);
    dump_text(m->path, out);
}

static void print_process(const struct trace *t, const struct decoder *d,
                          FILE *out)
{
    fputs(" exe=", out);
    dump_text(t->strings.text[d->detail.exe], out);
    fputs(" cwd=", out);
    dump_text(t->strings.text[d->detail.cwd], out);
    fprintf(out, " argc=%" PRIu32 " argv=", d->detail.argc);
    for (uint32_t i = 0; i < d->detail.n_argv; i++) {
        if (i > 0)
            fputc(' ', out);
        dump_text(t->strings.text[d->detail.argv[i]], out);
    }
}

static void print_fields(const struct trace *t, const struct decoder *d,
                         const struct event *e, FILE *out)
{
    switch (e->kind) {
    case OURO_STACK:
        print_stack(t, d, out);
        break;
    case OURO_CUT:
        fprintf(out, " frames=%" PRIu64, d->detail.number);
        break;
    case OURO_THREAD:
        fprintf(out, " os_thread=%" PRIu64, d->detail.number);
        break;
    case OURO_EPOCH:
        fprintf(out, " epoch=%" PRIu32, d->epoch);
        break;
    case OURO_PROCESS:
        print_process(t, d, out);
        break;
    case OURO_MODULE:
        print_module(&d->detail.module, out);
        break;
    case OURO_AS:
        fprintf(out, " epoch=%" PRIu32, d->epoch);
        break;
    case OURO_UNMODULE:
        fprintf(out, " epoch=%" PRIu32 " id=%" PRIu32, d->detail.module.epoch,
                d->detail.module.id);
        break;
    default:
        print_event(t, e, out);
        break;
    }
}

static void print_record(const struct trace *t, const struct decoder *d,
                         const struct event *e, FILE *out)
{
    const char *name = kinds[e->kind].name;
    fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu32 " ", d->start, e->stamp,
            e->thread);
    if (name)
        fputs(name, out);
    else
        fprintf(out, "unknown-%u len=%" PRIu64, e->kind, d->detail.len);
    print_fields(t, d, e, out);
    fputs(d->has_stack ? " stack\n" : "\n", out);
}

static int print_records(struct trace *t, const struct trace_chunk *chunk,
                         FILE *out, struct err *err)
{
    struct decoder d;
    struct event e;
    enum decoded got;
    decode_open(&d, t, chunk, 0);
    while ((got = decode_next(&d, &e)) == DECODED_RECORD)
        print_record(t, &d, &e, out);
    int result = 0;
    if (got == DECODED_DAMAGE)
        result =
            err_set(err, "%s: byte %" PRIu64 ": %s", t->path, d.start, d.fault);
    decode_close(&d);
    return result;
}

/* `owner`: what the head's `thread` is of that kind. */
static int print_chunk(const struct trace *t, const struct trace_chunk *chunk,
                       const char *owner, FILE *out, struct err *e)
{
    struct ouro_chunk head;
    if (layout_head(t, chunk, &head, e) < 0)
        return -1;
    fprintf(out,
            "%" PRIu64 " %schunk %s=%" PRIu32 " os_thread=%" PRIu32
            " first_stamp=%" PRIu64 " ns=%" PRIu64 " len=%" PRIu32
            " committed=%" PRIu64 "%s%s\n",
            chunk->offset, chunk->folded ? "folded " : "", owner, chunk->thread,
            head.os_thread, chunk->first_stamp, chunk->ns, head.len, chunk->len,
            chunk->sealed ? " sealed" : "", chunk->cut ? " cut" : "");
    if (layout_verify(t, chunk, e) < 0)
        err_say(e);
    return 0;
}

static void print_events(struct trace *t, const struct trace_chunk *chunk,
                         FILE *out, struct err *e)
{
    if (print_chunk(t, chunk, "thread", out, e) < 0 ||
        print_records(t, chunk, out, e) < 0)
        err_say(e);
}

static void print_snapshot(const struct trace *t, uint32_t chunk, bool words,
                           FILE *out, struct err *e)
{
    if (print_chunk(t, &t->snapshot_chunks[chunk], "snapshot", out, e) < 0 ||
        dump_snapshot_records(t, chunk, words, out, e) < 0)
        err_say(e);
}

/* Goes on behind a damaged chunk: its neighbours decode by themselves. */
static void print_chunks(struct trace *t, bool words, FILE *out, struct err *e)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < t->n_chunks; i++) {
        const struct trace_chunk *next = &t->chunks[i];
        while (k < t->n_snapshot_chunks &&
               t->snapshot_chunks[k].offset < next->offset)
            print_snapshot(t, k++, words, out, e);
        print_events(t, next, out, e);
    }
    while (k < t->n_snapshot_chunks)
        print_snapshot(t, k++, words, out, e);
}

static int dump_file(const char *path, bool words, FILE *out)
{
    struct trace t;
    struct err e = {.code = RC_CLEAN};
    if (trace_open(&t, path, &e) < 0)
        return err_say(&e);
    print_header(&t, out);
    print_chunks(&t, words, out, &e);
    if (t.cut)
        err_note("%s: byte %" PRIu64 ": the file ends in the middle of a chunk",
                 path, t.len);
    trace_close(&t);
    return e.code;
}

static int dump_entry(const char *dir, const char *name, bool words, FILE *out)
{
    char *path;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        out_of_memory();
    fputs("== ", out);
    dump_text(name, out);
    fputc('\n', out);
    const int code = dump_file(path, words, out);
    free(path);
    return code;
}

static int dump_directory(const char *dir, bool words, FILE *out)
{
    struct err e;
    struct trace_names names;
    int code = RC_CLEAN;
    if (trace_names_read(&names, dir, &e) < 0)
        return err_say(&e);
    if (names.n == 0) {
        err_set(&e,
                "%s: holds no .trace file; name a recording, as 'ouro record' "
                "makes them",
                dir);
        code = err_say(&e);
    }
    for (uint32_t i = 0; i < names.n; i++) {
        const int one = dump_entry(dir, names.at[i], words, out);
        if (one != RC_CLEAN)
            code = one;
    }
    trace_names_release(&names);
    return code;
}

enum { OPT_WORDS = CMD_LONG };

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_dump, .argc = argc, .argv = argv, .out = out};
    bool words = false;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id != OPT_WORDS)
            return l.status;
        words = true;
    }
    const char *path = cmd_recording(&l);
    if (!path)
        return l.status;
    if (trace_names_are_in(path))
        return dump_directory(path, words, out);
    return dump_file(path, words, out);
}

static const struct cmd_option options[] = {
    {OPT_WORDS, "words", NULL, "print each word of a snapshot, too"},
    {0},
};

const struct cmd cmd_dump = {
    .name = "dump",
    .args = "[options] [RECORDING | FILE]",
    .summary = "print every record of a trace, one line each, in file order",
    .options = options,
    .details =
        "A record's line: its offset in the file, its stamp, its thread, its\n"
        "kind, its fields, and 'stack' where it belongs to the call stack "
        "that\n"
        "the STACK records before it in its chunk made. A STACK's frames are\n"
        "number:address, outermost first, new ones with a +. Addresses are in\n"
        "hexadecimal, all else is decimal; texts are in quotes, with bytes "
        "that\n"
        "are not printable ASCII as \\xNN.\n"
        "A snapshot's line has the snapshot's number in place of the thread. "
        "With\n"
        "--words, what memory held follows its SNAP_WORDS line: address, "
        "value, and\n"
        "the class that ouro_trace.h says.\n",
    .run = run,
};
