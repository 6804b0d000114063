/* SPDX-License-Identifier: MIT */
/*
 * report_sarif.c - SARIF 2.1.0: one run, whose results are the findings of all
 * images
 *
 * GitHub shows the 5,000 most severe results of a run and refuses more than
 * 25,000, so at most 5,000 of those that fail and 5,000 of the others are told;
 * what is left out is said in a notification. What is fixed is not a result,
 * though SARIF has a word for it ("absent"): GitHub does not read that word,
 * and would keep the alert open.
 */
#include "report/report.h"

#include "arena.h"
#include "commands/version.h"
#include "report/finding_rules.h"
#include "report/json_parts.h"
#include "report/sarif_result.h"
#include "report/text_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RESULTS = 5000, MOST_NOTES = 1000 };

struct state {
    struct json_out j;
    struct source_root root;
    uint64_t told[2], left_out[2]; /* those that do not fail; that do */
    bool damaged;
    char *notes; /* one a line, in order; safe */
    size_t notes_len;
    FILE *notes_to;
    uint32_t n_notes, notes_left_out;
};

static void put_rules(struct json_out *j)
{
    json_out_key(j, "rules");
    json_out_open_array(j);
    for (uint32_t i = 0; i < n_finding_rules; i++) {
        const struct finding_rule *rule = &finding_rules[i];
        json_out_open_object(j);
        json_text(j, "id", rule->id);
        json_text(j, "name", rule->name);
        sarif_message(j, "shortDescription", rule->brief);
        sarif_message(j, "fullDescription", rule->help);
        sarif_message(j, "help", rule->help);
        json_out_key(j, "defaultConfiguration");
        json_out_open_flat_object(j);
        json_text(j, "level", "error");
        json_out_close(j);
        json_out_key(j, "properties");
        json_out_open_flat_object(j);
        json_out_key(j, "tags");
        json_out_open_array(j);
        json_out_text(j, "memory");
        json_out_text(j, "correctness");
        json_out_close(j);
        json_out_close(j);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_tool(struct json_out *j)
{
    json_out_key(j, "tool");
    json_out_open_object(j);
    json_out_key(j, "driver");
    json_out_open_object(j);
    json_text(j, "name", "Ouro");
    json_text(j, "semanticVersion", OURO_RELEASE);
    put_rules(j);
    json_out_close(j);
    json_out_close(j);
}

/* Where relative names begin is for the reader to say: nothing that is
   published shows where it was on the machine that built it. */
static void put_root(struct json_out *j)
{
    json_out_key(j, "originalUriBaseIds");
    json_out_open_object(j);
    json_out_key(j, SARIF_ROOT);
    json_out_open_object(j);
    sarif_message(j, "description", "the root of the sources");
    json_out_close(j);
    json_out_close(j);
}

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    struct json_out *j = &s->j;
    r->state = s;
    source_root_find(&s->root, r->source_root);
    s->notes_to = open_memstream(&s->notes, &s->notes_len);
    if (!s->notes_to)
        out_of_memory();
    json_out_begin(j, r->out);
    json_out_open_object(j);
    json_text(j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_text(j, "version", "2.1.0");
    json_out_key(j, "runs");
    json_out_open_array(j);
    json_out_open_object(j);
    put_tool(j);
    put_root(j);
    json_text(j, "columnKind", "unicodeCodePoints");
    json_out_key(j, "results");
    json_out_open_array(j);
}

struct noting {
    struct state *s;
    const struct image *i;
};

static void note(void *to, const char *clause)
{
    const struct noting *n = to;
    struct text_line l = {0};
    if (n->s->n_notes == MOST_NOTES) {
        n->s->notes_left_out++;
        return;
    }
    n->s->n_notes++;
    text_add(&l, "process %" PRIu32 ": ", n->i->pid);
    text_add_safe(&l, clause);
    fprintf(n->s->notes_to, "%s\n", l.text);
}

static void image(struct report *r, const struct image *i)
{
    char doubt[64];
    struct state *s = r->state;
    struct noting n = {s, i};
    s->damaged |= i->damaged;
    if (i->damaged)
        note(&n, i->damage.text);
    if (!i->damaged && image_verdict(i) == VERDICT_INDETERMINATE)
        note(&n, image_doubt(i, doubt));
    image_notes(i, note, &n);
}

static void finding(struct report *r, const struct image *i,
                    const struct finding *f)
{
    struct state *s = r->state;
    const struct judged judged = report_judged(r, i, f);
    if (s->told[judged.fails] == MOST_RESULTS) {
        s->left_out[judged.fails]++;
        return;
    }
    s->told[judged.fails]++;
    sarif_result(&s->j, &s->root, i, f, judged);
}

static void put_notification(struct json_out *j, const char *text,
                             const char *level)
{
    json_out_open_object(j);
    sarif_message(j, "message", text);
    json_text(j, "level", level);
    json_out_close(j);
}

static void put_left_out(struct state *s)
{
    struct text_line l = {0};
    if (s->left_out[0] + s->left_out[1] + s->notes_left_out == 0)
        return;
    text_add(&l, "left out: %s that fail, ",
             text_count(s->left_out[true], "result").bytes);
    text_add(&l, "%s that do not, ", text_number(s->left_out[false]).bytes);
    text_add(&l, "%s", text_count(s->notes_left_out, "note").bytes);
    put_notification(&s->j, l.text, "warning");
}

static void put_invocation(struct report *r)
{
    struct state *s = r->state;
    struct json_out *j = &s->j;
    json_out_key(j, "invocations");
    json_out_open_array(j);
    json_out_open_object(j);
    json_out_key(j, "executionSuccessful");
    json_out_bool(j, !s->damaged);
    json_out_key(j, "toolExecutionNotifications");
    json_out_open_array(j);
    fclose(s->notes_to);
    for (char *line = s->notes, *end; (end = strchr(line, '\n'));
         line = end + 1) {
        *end = 0;
        put_notification(j, line, "note");
    }
    put_left_out(s);
    json_out_close(j);
    json_out_close(j);
    json_out_close(j);
}

static void put_fixed(struct json_out *j, const struct judge *judge)
{
    if (!judge)
        return;
    json_out_key(j, "fixed");
    json_out_open_array(j);
    for (uint32_t i = 0; i < judge->n_fixed; i++) {
        json_out_open_flat_object(j);
        json_text(j, "id", judge->fixed[i].id);
        json_text(j, "kind", judge->fixed[i].kind);
        json_text(j, "what", judge->fixed[i].what);
        json_out_close(j);
    }
    json_out_close(j);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    struct json_out *j = &s->j;
    json_out_close(j);
    put_invocation(r);
    json_out_key(j, "properties");
    json_out_open_object(j);
    json_text(j, "verdict", verdict_word(r->totals.verdict));
    put_fixed(j, r->judge);
    json_out_close(j);
    json_out_close(j);
    json_out_close(j);
    json_out_close(j);
    json_out_end(j);
    free(s->notes);
    free(s);
}

const struct report_format report_sarif = {
    .name = "sarif",
    .begin = begin,
    .image = image,
    .finding = finding,
    .end = end,
};
