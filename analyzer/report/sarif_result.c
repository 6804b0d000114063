/* SPDX-License-Identifier: MIT */
#include "report/sarif_result.h"

#include "report/finding_brief.h"
#include "report/finding_rules.h"
#include "report/finding_stacks.h"
#include "report/finding_words.h"
#include "report/json_parts.h"
#include "report/text_parts.h"
#include "report/text_stack.h"

#include <string.h>

/* What GitHub shows of each; https://docs.github.com says so below
   "SARIF results exceed limits". */
enum { MOST_RELATED = 100, MOST_STEPS = 1000 };

struct result {
    struct json_out *j;
    const struct source_root *root;
    const struct finding *f;
    struct finding_stacks stacks;
    uint32_t n_related;
    uint64_t left_out; /* frames and steps */
};

void sarif_message(struct json_out *j, const char *key, const char *text)
{
    char safe[2 * sizeof(struct text_line)];
    size_t n = 0;
    for (; *text && n + 3 < sizeof safe; text++) {
        safe[n++] = *text;
        if (text[0] == ']' && text[1] == '(')
            safe[n++] = ' ';
    }
    safe[n] = 0;
    json_out_key(j, key);
    json_out_open_flat_object(j);
    json_text(j, "text", safe);
    json_out_close(j);
}

/* The file and line; where there is no file, the module. */
static void put_physical(const struct result *r, const struct place *p)
{
    char uri[3 * SOURCE_PATH + 8];
    struct json_out *j = r->j;
    const bool has_file = p && *p->file;
    const char *file = has_file ? p->file : p && *p->module ? p->module : "";
    source_uri(r->root, file, uri);
    json_out_key(j, "physicalLocation");
    json_out_open_flat_object(j);
    json_out_key(j, "artifactLocation");
    json_out_open_object(j);
    json_text(j, "uri", uri);
    if (strncmp(uri, "file:", 5) != 0)
        json_text(j, "uriBaseId", SARIF_ROOT);
    json_out_close(j);
    if (has_file && p->line > 0) {
        json_out_key(j, "region");
        json_out_open_object(j);
        json_count(j, "startLine", p->line);
        json_count(j, "endLine", p->line);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_function(struct json_out *j, const struct place *p)
{
    if (!p || !*p->function)
        return;
    json_out_key(j, "logicalLocations");
    json_out_open_flat_array(j);
    json_out_open_object(j);
    json_text(j, "fullyQualifiedName", p->function);
    json_text(j, "kind", "function");
    json_out_close(j);
    json_out_close(j);
}

/* Where there is no line: the place in the module. */
static void put_address(struct json_out *j, const struct place *p)
{
    json_out_key(j, "physicalLocation");
    json_out_open_object(j);
    json_out_key(j, "address");
    json_out_open_object(j);
    json_count(j, "relativeAddress", p->offset);
    json_text(j, "kind", "instruction");
    json_out_close(j);
    json_out_close(j);
}

/* A frame of the system's has a name and a module, and no file that anybody
   could open. */
static void put_frame(const struct result *r, const struct place *p)
{
    struct json_out *j = r->j;
    json_out_open_flat_object(j);
    json_out_key(j, "location");
    json_out_open_object(j);
    if (*p->file && p->line > 0 && !finding_place_is_system(p))
        put_physical(r, p);
    else
        put_address(j, p);
    put_function(j, p);
    json_out_close(j);
    if (*p->module) {
        const char *slash = strrchr(p->module, '/');
        json_text(j, "module", slash ? slash + 1 : p->module);
    }
    json_out_close(j);
}

static void put_stack(struct result *r, const char *caption, struct places p)
{
    struct json_out *j = r->j;
    const uint32_t n = finding_frames(p);
    json_out_open_object(j);
    sarif_message(j, "message", caption);
    json_out_key(j, "frames");
    json_out_open_array(j);
    for (uint32_t i = 0; i < n; i++)
        put_frame(r, &p.at[i]);
    json_out_close(j);
    json_out_close(j);
    r->left_out += text_stack_shown(p) - n;
}

static void put_stacks(struct result *r)
{
    json_out_key(r->j, "stacks");
    json_out_open_array(r->j);
    for (uint32_t i = 0; i < r->stacks.n; i++)
        put_stack(r, r->stacks.at[i].caption, r->stacks.at[i].stack);
    json_out_close(r->j);
}

/* "closed by: marry" */
static void put_related(struct result *r, const char *caption,
                        const struct place *p)
{
    struct text_line l = {0};
    struct json_out *j = r->j;
    text_add(&l, "%s: %s", caption, text_function(p->function, 60).bytes);
    json_out_open_object(j);
    json_count(j, "id", ++r->n_related);
    put_physical(r, p);
    sarif_message(j, "message", l.text);
    json_out_close(j);
}

static void put_all_related(struct result *r)
{
    json_out_key(r->j, "relatedLocations");
    json_out_open_array(r->j);
    for (uint32_t i = 0; i < r->stacks.n; i++) {
        const struct finding_stack *s = &r->stacks.at[i];
        const uint32_t n = finding_frames(s->stack);
        for (uint32_t k = 0; k < n; k++) {
            const struct place *p = &s->stack.at[k];
            if (!*p->file || p->line == 0 || finding_place_is_system(p))
                continue;
            if (r->n_related < MOST_RELATED)
                put_related(r, s->caption, p);
            else
                r->left_out++;
        }
    }
    json_out_close(r->j);
}

/* One reference of the way round, where it was linked; else where its owner
   was made. */
static void put_step(struct result *r, const struct finding_edge *e, bool last)
{
    struct text_line l = {0};
    struct json_out *j = r->j;
    const struct finding *f = r->f;
    const struct place *p = finding_spot_of(e->stack);
    if (!p && e->from < f->n_members)
        p = finding_spot_of(f->members[e->from].stack);
    if (!p)
        p = finding_any_place(f);
    text_edge(&l, f, e);
    text_add(&l, " -> ");
    if (e->to < f->n_members)
        text_member(&l, &f->members[e->to]);
    if (last)
        text_add(&l, " (closes the cycle)");
    json_out_open_object(j);
    json_out_key(j, "location");
    json_out_open_object(j);
    put_physical(r, p);
    put_function(j, p);
    sarif_message(j, "message", l.text);
    json_out_close(j);
    json_text(j, "importance", last ? "essential" : "important");
    json_out_close(j);
}

static void put_way_round(struct result *r)
{
    struct json_out *j = r->j;
    const struct finding *f = r->f;
    if (f->n_witness == 0)
        return;
    json_out_key(j, "codeFlows");
    json_out_open_array(j);
    json_out_open_object(j);
    sarif_message(j, "message", "the way round the cycle");
    json_out_key(j, "threadFlows");
    json_out_open_array(j);
    json_out_open_object(j);
    json_out_key(j, "locations");
    json_out_open_array(j);
    for (uint32_t i = 0; i < f->n_witness && i < MOST_STEPS; i++)
        put_step(r, &f->edges[f->witness[i]], f->witness[i] == f->closing_edge);
    for (int i = 0; i < 5; i++)
        json_out_close(j);
    if (f->n_witness > MOST_STEPS)
        r->left_out += f->n_witness - MOST_STEPS;
}

static void put_fingerprints(struct json_out *j, const struct finding *f)
{
    char hash[32];
    snprintf(hash, sizeof hash, "%s:1", f->id);
    json_out_key(j, "partialFingerprints");
    json_out_open_object(j);
    json_text(j, "ouroFingerprint/v1", f->id);
    json_text(j, "primaryLocationLineHash", hash); /* the one GitHub reads */
    json_out_close(j);
}

static void put_checkpoints(struct result *r)
{
    struct json_out *j = r->j;
    const struct finding *f = r->f;
    uint32_t n =
        f->n_checkpoints < MOST_RELATED ? f->n_checkpoints : MOST_RELATED;
    if (n == 0)
        return;
    r->left_out += f->n_checkpoints - n;
    json_out_key(j, "checkpoints");
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_out_text(j, f->checkpoints[i].number > 0 ? f->checkpoints[i].name
                                                      : "");
    json_out_close(j);
}

static void put_properties(struct result *r, const struct image *i)
{
    struct json_out *j = r->j;
    const struct finding *f = r->f;
    const char *exe = i->trace.exe ? strrchr(i->trace.exe, '/') : NULL;
    json_out_key(j, "properties");
    json_out_open_object(j);
    json_text(j, "kind", finding_kind_word(f->kind));
    json_text(j, "what", f->what);
    json_text(j, "evidence", f->evidence);
    json_text(j, "reach", finding_reach_word(f->reach));
    json_count(j, "instances", f->instances);
    json_count(j, "objects", f->objects);
    json_count(j, "blocks", f->blocks);
    json_count(j, "bytes", f->bytes);
    json_count(j, "retained_bytes", f->retained_bytes);
    json_count(j, "pid", i->pid);
    json_text(j, "program", exe ? exe + 1 : i->trace.exe);
    put_checkpoints(r);
    if (r->left_out + r->stacks.left_out > 0)
        json_count(j, "left_out", r->left_out + r->stacks.left_out);
    json_out_close(j);
}

static const char *level_of(struct judged judged)
{
    if (judged.fails)
        return "error";
    return judged.as == JUDGED_NEW || judged.as == JUDGED_GROWN ? "warning"
                                                                : "note";
}

static void put_baseline_state(struct json_out *j, enum judgement as)
{
    static const char *const words[] = {
        [JUDGED_NEW] = "new",
        [JUDGED_GROWN] = "updated",
        [JUDGED_KNOWN] = "unchanged",
    };
    if (as != JUDGED_NOT)
        json_text(j, "baselineState", words[as]);
}

static void put_head(const struct result *r, struct judged judged)
{
    struct json_out *j = r->j;
    struct text_line l = {0};
    const uint32_t rule = finding_rule_of(r->f);
    json_text(j, "ruleId", finding_rules[rule].id);
    json_count(j, "ruleIndex", rule);
    json_text(j, "level", level_of(judged));
    put_baseline_state(j, judged.as);
    finding_add_headline(&l, r->f);
    sarif_message(j, "message", l.text);
}

static void put_location(const struct result *r)
{
    struct json_out *j = r->j;
    const struct place *spot = finding_spot(r->f);
    json_out_key(j, "locations");
    json_out_open_array(j);
    json_out_open_object(j);
    put_physical(r, spot ? spot : finding_any_place(r->f));
    put_function(j, spot);
    json_out_close(j);
    json_out_close(j);
}

void sarif_result(struct json_out *j, const struct source_root *root,
                  const struct image *i, const struct finding *f,
                  struct judged judged)
{
    struct result r = {.j = j, .root = root, .f = f};
    finding_stacks_find(&r.stacks, f);
    json_out_open_object(j);
    put_head(&r, judged);
    put_location(&r);
    put_fingerprints(j, f);
    put_way_round(&r);
    put_all_related(&r);
    put_stacks(&r);
    put_properties(&r, i);
    json_out_close(j);
}
