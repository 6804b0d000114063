/* SPDX-License-Identifier: MIT */
#include "report/suppressed.h"

#include "report/json_parts.h"

#include <inttypes.h>

enum { INDENT = 4, MOST = 20 };

static bool is_unused(const struct suppression *s)
{
    return s->findings == 0 && !s->program;
}

uint32_t suppressed_unused(const struct suppressions *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; s && i < s->n; i++)
        n += is_unused(&s->at[i]);
    return n;
}

static void put_total(const struct text_out *o, const struct suppressions *s)
{
    uint64_t findings = 0, bytes = 0;
    struct text_line l = {0};
    for (uint32_t i = 0; i < s->n; i++) {
        findings += s->at[i].findings;
        bytes += s->at[i].bytes;
    }
    text_add(&l, "%s, ", text_count(findings, "finding").bytes);
    text_add(&l, "%s", text_count(bytes, "byte").bytes);
    fputs("suppressed: ", o->to);
    text_wrap(o, 12, INDENT, l.text);
}

static void put_one(const struct text_out *o, const struct suppression *s)
{
    struct text_line l = {0};
    if (s->findings > 0) {
        text_add(&l, "%s, ", text_count(s->findings, "finding").bytes);
        text_add(&l, "%s by ", text_count(s->bytes, "byte").bytes);
    } else {
        text_add(&l, "nothing by ");
    }
    text_add_safe(&l, s->rule);
    text_add(&l, " (");
    text_add_safe(&l, s->file);
    text_add(&l, ", line %" PRIu32 ")", s->line);
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, 2 * INDENT, l.text);
}

void suppressed_text(const struct text_out *o, const struct suppressions *s,
                     bool all)
{
    uint32_t n = 0;
    for (uint32_t i = 0; s && i < s->n; i++) {
        if (s->at[i].findings == 0 && !is_unused(&s->at[i]))
            continue;
        if (n++ == 0)
            put_total(o, s);
        if (n <= MOST || all)
            put_one(o, &s->at[i]);
    }
    if (n > MOST && !all)
        fprintf(o->to, "%*s... and %" PRIu32 " more; '--all' tells them\n",
                INDENT, "", n - MOST);
}

static void put_value(struct json_out *j, const struct suppression *s)
{
    json_out_open_flat_object(j);
    json_text(j, "rule", s->rule);
    json_text(j, "file", s->file);
    json_count(j, "line", s->line);
    json_count(j, "findings", s->findings);
    json_count(j, "instances", s->instances);
    json_count(j, "blocks", s->blocks);
    json_count(j, "bytes", s->bytes);
    json_out_close(j);
}

void suppressed_json(struct json_out *j, const struct suppressions *s)
{
    json_out_key(j, "suppressed");
    json_out_open_array(j);
    for (uint32_t i = 0; s && i < s->n; i++)
        put_value(j, &s->at[i]);
    json_out_close(j);
}
