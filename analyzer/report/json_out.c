/* SPDX-License-Identifier: MIT */
#include "report/json_out.h"

#include "report/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

void json_out_begin(struct json_out *j, FILE *to)
{
    *j = (struct json_out){.to = to};
}

void json_out_end(struct json_out *j)
{
    assert(j->depth == 0);
    fputc('\n', j->to);
}

static void break_line(struct json_out *j, bool first)
{
    if (j->flat_from > 0 && j->depth >= j->flat_from) {
        if (!first)
            fputc(' ', j->to);
        return;
    }
    fputc('\n', j->to);
    for (int i = 0; i < j->depth; i++)
        fputs("  ", j->to);
}

/* What comes before any value or key. */
static void separate(struct json_out *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0)
        return;
    const bool first = !j->filled[j->depth - 1];
    if (!first)
        fputc(',', j->to);
    j->filled[j->depth - 1] = true;
    break_line(j, first);
}

static void write_escaped(FILE *to, const char *text)
{
    fputc('"', to);
    while (*text) {
        const uint32_t c = utf8_next(&text);
        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", (int)c);
        else if (utf8_is_control(c))
            fprintf(to, "\\u%04" PRIx32, c);
        else {
            char bytes[4] = {0};
            const unsigned n = utf8_put(bytes, c);
            fwrite(bytes, 1, n, to);
        }
    }
    fputc('"', to);
}

void json_out_key(struct json_out *j, const char *key)
{
    separate(j);
    write_escaped(j->to, key);
    fputs(": ", j->to);
    j->after_key = true;
}

static void open_with(struct json_out *j, char opener, char closer)
{
    separate(j);
    assert(j->depth < JSON_OUT_DEPTH);
    fputc(opener, j->to);
    j->filled[j->depth] = false;
    j->closer[j->depth++] = closer;
}

void json_out_open_object(struct json_out *j)
{
    open_with(j, '{', '}');
}

void json_out_open_array(struct json_out *j)
{
    open_with(j, '[', ']');
}

void json_out_open_flat_object(struct json_out *j)
{
    json_out_open_object(j);
    if (j->flat_from == 0)
        j->flat_from = j->depth;
}

void json_out_open_flat_array(struct json_out *j)
{
    json_out_open_array(j);
    if (j->flat_from == 0)
        j->flat_from = j->depth;
}

void json_out_close(struct json_out *j)
{
    assert(j->depth > 0 && !j->after_key);
    const bool flat = j->flat_from > 0 && j->depth >= j->flat_from;
    if (j->depth == j->flat_from)
        j->flat_from = 0;
    j->depth--;
    if (j->filled[j->depth] && !flat)
        break_line(j, false);
    fputc(j->closer[j->depth], j->to);
}

void json_out_text(struct json_out *j, const char *text)
{
    separate(j);
    write_escaped(j->to, text);
}

void json_out_number(struct json_out *j, uint64_t n)
{
    separate(j);
    fprintf(j->to, "%" PRIu64, n);
}

void json_out_signed(struct json_out *j, int64_t n)
{
    separate(j);
    fprintf(j->to, "%" PRId64, n);
}

void json_out_seconds(struct json_out *j, double s)
{
    separate(j);
    if (isfinite(s))
        fprintf(j->to, "%.6f", s);
    else
        fputs("null", j->to);
}

void json_out_hex(struct json_out *j, uint64_t n)
{
    separate(j);
    fprintf(j->to, "\"0x%" PRIx64 "\"", n);
}

void json_out_bool(struct json_out *j, bool b)
{
    separate(j);
    fputs(b ? "true" : "false", j->to);
}

void json_out_null(struct json_out *j)
{
    separate(j);
    fputs("null", j->to);
}

FILE *json_out_elsewhere(struct json_out *j)
{
    separate(j);
    return j->to;
}
