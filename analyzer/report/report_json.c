/* SPDX-License-Identifier: MIT */
/* report_json.c - the JSON report, schema ouro-report/1; keys are only added */
#include "report/hints.h"
#include "report/json_parts.h"
#include "report/report.h"
#include "report/summary.h"
#include "report/suppressed.h"

#include "arena.h"

#include <stdlib.h>

/* The verdict stands first and is known last: images wait in a file. Where
   there is no room for one, it stands last. */
struct state {
    FILE *images;
    struct json_out j;
};

static void put_summary(struct json_out *j, const struct image *i)
{
    struct summary_figure figures[SUMMARY_FIGURES];
    summary_of(i, figures);
    json_out_key(j, "summary");
    json_out_open_object(j);
    for (int k = 0; k < SUMMARY_FIGURES; k++)
        json_count(j, figures[k].key, figures[k].n);
    json_out_close(j);
}

/* What the collection at the end looked at and left alive. */
static void put_note(void *to, const char *clause)
{
    json_out_text(to, clause);
}

static void put_notes(struct json_out *j, const struct image *i)
{
    struct hints hints = {false, false};
    for (uint32_t k = 0; k < i->findings.n; k++)
        hints_add(&hints, &i->findings.at[k]);
    json_out_key(j, "notes");
    json_out_open_array(j);
    image_notes(i, put_note, j);
    hints_say(&hints, &i->findings, put_note, j);
    json_out_close(j);
}

static void put_origin(struct json_out *j, const struct image *i)
{
    json_count(j, "serial", i->serial);
    json_out_key(j, "parent");
    if (i->parent_pid == 0) {
        json_out_null(j);
        return;
    }
    json_out_open_flat_object(j);
    json_count(j, "pid", i->parent_pid);
    json_count(j, "serial", i->parent_serial);
    json_out_close(j);
}

static void put_identity(struct json_out *j, const struct image *i)
{
    char ended[32];
    uint32_t n;
    const char *const *command = image_command(i, &n);
    json_count(j, "pid", i->pid);
    json_text(j, "exe", i->trace.exe);
    json_out_key(j, "argv");
    json_out_open_flat_array(j);
    for (uint32_t k = 0; k < n; k++)
        json_out_text(j, command[k]);
    json_out_close(j);
    json_out_key(j, "complete");
    json_out_bool(j, i->complete);
    json_text(j, "ended", image_ended(i, ended));
    json_text(j, "verdict", verdict_word(image_verdict(i)));
    json_out_key(j, "bystander");
    json_out_bool(j, i->bystander);
    json_out_key(j, "up_to_now");
    json_out_bool(j, i->ending == ENDING_NOT);
    put_origin(j, i);
    json_out_key(j, "error");
    if (i->damaged)
        json_out_text(j, i->damage.text);
    else
        json_out_null(j);
    put_notes(j, i);
}

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    r->state = s;
    s->images = tmpfile();
    json_out_begin(&s->j, s->images ? s->images : r->out);
    json_out_open_object(&s->j);
    if (!s->images)
        json_text(&s->j, "schema", "ouro-report/1");
    json_out_key(&s->j, "processes");
    json_out_open_array(&s->j);
}

static void image(struct report *r, const struct image *i)
{
    struct state *s = r->state;
    struct json_out *j = &s->j;
    const struct gc unread = {.threshold = GC_USUAL_THRESHOLDS};
    json_out_open_object(j);
    put_identity(j, i);
    put_summary(j, i);
    json_collector(j, i->shadow_is_built ? &i->shadow.gc : &unread,
                   &i->findings.gc_end, true);
    json_out_key(j, "findings");
    json_out_open_array(j);
    for (uint32_t k = 0; k < i->findings.n; k++)
        json_finding(j, &i->findings.at[k]);
    json_out_close(j);
    json_survivors(j, &i->survivors);
    json_out_close(j);
}

/* The waiting bytes begin with "{", whose place the head takes. */
static bool copy_behind_head(struct report *r, struct state *s)
{
    char bytes[65536];
    struct json_out head;
    json_out_begin(&head, r->out);
    json_out_open_object(&head);
    json_text(&head, "schema", "ouro-report/1");
    json_text(&head, "verdict", verdict_word(r->totals.verdict));
    fputc(',', r->out);
    if (fflush(s->images) != 0 || fseek(s->images, 1, SEEK_SET) != 0)
        return false;
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, s->images)) > 0;)
        fwrite(bytes, 1, n, r->out);
    return !ferror(s->images);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    json_out_close(&s->j);
    suppressed_json(&s->j, r->suppressions);
    if (!s->images)
        json_text(&s->j, "verdict", verdict_word(r->totals.verdict));
    json_out_close(&s->j);
    json_out_end(&s->j);
    if (s->images) {
        r->failed |= !copy_behind_head(r, s);
        fclose(s->images);
    }
    free(s);
}

const struct report_format report_json = {
    .name = "json",
    .begin = begin,
    .image = image,
    .end = end,
    .with_survivors = true,
};
