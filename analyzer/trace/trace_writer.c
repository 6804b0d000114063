/* SPDX-License-Identifier: MIT */
#include "trace/trace_writer.h"

#include "arena.h"
#include "trace/varint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    GRANULE = 4096,
    CHUNK = 1 << 20,         /* bytes, with its head */
    RECORD = 2 * GRANULE,    /* none but PROCESS is longer */
    MOST = 1 << 16,          /* bytes of a PROCESS */
    ARGUMENTS = MOST / 8192, /* of a PROCESS, at most */
};

static int refuse(struct err *e, const char *path, int why)
{
    err_set(e, "%s: cannot be written: %s; name another place with -o DIR",
            path, strerror(why));
    e->code = RC_USAGE;
    return -1;
}

int trace_writer_begin(struct trace_writer *w, const char *path, struct err *e)
{
    *w = (struct trace_writer){.path = path, .offset = GRANULE};
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    w->to = fd < 0 ? NULL : fdopen(fd, "w");
    if (!w->to) {
        const int why = errno;
        if (fd >= 0)
            close(fd);
        return refuse(e, path, why);
    }
    w->bytes = must_calloc(1, CHUNK);
    w->n = sizeof(struct ouro_chunk);
    w->n_chunks = 1;
    strings_init(&w->strings);
    return 0;
}

static void write_at(struct trace_writer *w, const void *bytes, size_t n,
                     uint64_t offset)
{
    if (w->failed)
        return;
    w->failed = fseeko(w->to, (off_t)offset, SEEK_SET) != 0 ||
                fwrite(bytes, 1, n, w->to) != n;
}

static void end_chunk(struct trace_writer *w)
{
    const size_t len = (w->n + GRANULE - 1) / GRANULE * GRANULE;
    const size_t committed = w->n - sizeof(struct ouro_chunk);
    const struct ouro_chunk head = {
        .magic = OURO_CHUNK_MAGIC,
        .kind = OURO_CHUNK_EVENTS,
        .len = (uint32_t)len,
        .thread = 1,
        .first_stamp = w->first_stamp,
        .committed = committed,
        .checksum = ouro_checksum(w->bytes + sizeof head, committed),
        .sealed = 1,
    };
    memcpy(w->bytes, &head, sizeof head);
    memset(w->bytes + w->n, 0, len - w->n);
    write_at(w, w->bytes, len, w->offset);
    w->offset += len;
}

static void begin_chunk(struct trace_writer *w)
{
    w->n = sizeof(struct ouro_chunk);
    w->n_chunks++;
    w->first_stamp = w->stamp;
    w->addr = 0;
    w->n_strings = 0;
}

static void put_byte(struct trace_writer *w, unsigned byte)
{
    w->bytes[w->n++] = (unsigned char)byte;
}

static void put_unsigned(struct trace_writer *w, uint64_t v)
{
    w->n = (size_t)(varint_put(w->bytes + w->n, v) - w->bytes);
}

static void put_address(struct trace_writer *w, uint64_t addr)
{
    put_unsigned(w, varint_step(w->addr, addr));
    w->addr = addr;
}

static void put_bytes(struct trace_writer *w, const char *text, size_t len)
{
    put_unsigned(w, len);
    memcpy(w->bytes + w->n, text, len);
    w->n += len;
}

static void put_string(struct trace_writer *w, uint32_t text)
{
    if (text == 0) {
        put_unsigned(w, 0);
        return;
    }
    struct trace_writer_name *name = &w->names[text];
    if (name->chunk == w->n_chunks) {
        put_unsigned(w, (uint64_t)name->number + 1);
        return;
    }
    *name = (struct trace_writer_name){w->n_chunks, ++w->n_strings};
    put_unsigned(w, 1);
    put_bytes(w, w->strings.text[text], strlen(w->strings.text[text]));
}

/* Kind and stamp of a record that needs no more than `room` bytes. */
static void begin_record(struct trace_writer *w, unsigned kind, size_t room)
{
    if (w->n + room > CHUNK) {
        end_chunk(w);
        begin_chunk(w);
    }
    put_byte(w, kind);
    if (kind < 0x40)
        put_unsigned(w, 1);
    w->stamp++;
}

/* Long records say how long they are: their fields are written, then moved. */
static size_t begin_long(struct trace_writer *w, unsigned kind, size_t room)
{
    begin_record(w, kind, room + OURO_VARINT_MAX);
    w->n += OURO_VARINT_MAX;
    const size_t at = w->n;
    put_unsigned(w, 1);
    return at;
}

static void end_long(struct trace_writer *w, size_t at)
{
    const size_t len = w->n - at;
    w->n = at - OURO_VARINT_MAX;
    put_unsigned(w, len);
    memmove(w->bytes + w->n, w->bytes + at, len);
    w->n += len;
}

uint32_t trace_writer_text(struct trace_writer *w, const char *text, size_t len)
{
    if (len == 0)
        return 0;
    if (len > OURO_MAX_STRING)
        len = OURO_MAX_STRING;
    const uint32_t id = strings_id(&w->strings, text, len);
    while (id >= w->names_room) {
        const uint32_t room = w->names_room ? 2 * w->names_room : 64;
        w->names = must_realloc(w->names, room, sizeof *w->names);
        memset(w->names + w->names_room, 0,
               (room - w->names_room) * sizeof *w->names);
        w->names_room = room;
    }
    return id;
}

static void put_cut(struct trace_writer *w, const char *text)
{
    put_bytes(w, text, strnlen(text, OURO_MAX_STRING));
}

void trace_writer_process(struct trace_writer *w, const char *exe,
                          uint32_t argc, const char *const *argv)
{
    const uint32_t n = argc < ARGUMENTS ? argc : ARGUMENTS;
    const size_t at = begin_long(w, OURO_PROCESS, MOST);
    put_cut(w, exe);
    put_cut(w, "");
    put_unsigned(w, argc);
    put_unsigned(w, n);
    for (uint32_t i = 0; i < n; i++)
        put_cut(w, argv[i]);
    end_long(w, at);
}

void trace_writer_new(struct trace_writer *w, uint64_t addr, uint32_t type,
                      int64_t count)
{
    begin_record(w, OURO_REC_NEW_AT, RECORD);
    put_address(w, addr);
    put_string(w, type);
    put_byte(w, 0);
    put_unsigned(w, varint_zigzag(count));
    put_unsigned(w, 0);
}

void trace_writer_label(struct trace_writer *w, uint64_t addr, uint32_t text)
{
    const size_t at = begin_long(w, OURO_REC_LABEL, RECORD);
    put_unsigned(w, addr);
    put_cut(w, w->strings.text[text]);
    end_long(w, at);
}

void trace_writer_immortal(struct trace_writer *w, uint64_t addr)
{
    const size_t at = begin_long(w, OURO_REC_IMMORTAL, RECORD);
    put_unsigned(w, addr);
    end_long(w, at);
}

void trace_writer_link(struct trace_writer *w, uint64_t owner, uint32_t field,
                       uint64_t target)
{
    begin_record(w, OURO_REC_LINK, RECORD);
    put_address(w, owner);
    put_string(w, field);
    put_address(w, target);
}

void trace_writer_root(struct trace_writer *w, uint32_t name, uint64_t target)
{
    begin_record(w, OURO_REC_ROOT, RECORD);
    put_string(w, name);
    put_address(w, target);
}

void trace_writer_no_collections(struct trace_writer *w)
{
    end_long(w, begin_long(w, OURO_REC_GC_DISABLE, RECORD));
}

static void put_end(struct trace_writer *w)
{
    const size_t at = begin_long(w, OURO_END, RECORD);
    put_byte(w, OURO_END_EXIT);
    put_unsigned(w, varint_zigzag(0));
    end_long(w, at);
    end_chunk(w);
}

static void put_header(struct trace_writer *w)
{
    unsigned char granule[GRANULE] = {0};
    struct ouro_trace_header h = {
        .version = OURO_TRACE_VERSION,
        .header_len = sizeof h,
        .granule = GRANULE,
        .first_chunk = GRANULE,
        .machine = OURO_MACHINE_X86_64,
        .pointer_size = 8,
        .clock = OURO_CLOCK_COUNTER,
        .last_stamp = w->stamp,
        .end = w->offset,
    };
    memcpy(h.magic, OURO_TRACE_MAGIC, sizeof h.magic);
    memcpy(granule, &h, sizeof h);
    write_at(w, granule, sizeof granule, 0);
}

int trace_writer_end(struct trace_writer *w, struct err *e)
{
    put_end(w);
    put_header(w);
    int why = errno;
    if (fclose(w->to) != 0) {
        w->failed = true;
        why = errno;
    }
    strings_release(&w->strings);
    free(w->names);
    free(w->bytes);
    return w->failed ? refuse(e, w->path, why) : 0;
}
