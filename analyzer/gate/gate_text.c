/* SPDX-License-Identifier: MIT */
#include "gate/gate_view.h"

#include "report/finding_words.h"
#include "report/suppressed.h"
#include "report/text_caption.h"

#include <inttypes.h>
#include <string.h>

enum {
    INDENT = 4,
    MOST_IN_FULL = 20,
    MOST_LINES = 10,
    MOST_SOURCES = 6,
};

#define ALL "'--all' tells them"

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void add_counts(struct text_line *l, const struct verdicts *v)
{
    const char *before = "";
    for (int s = 0; s < STANDS_APART; s++) {
        if (v->count[s] == 0)
            continue;
        text_add(l, "%s%s %s", before, text_number(v->count[s]).bytes,
                 standing_word((enum standing)s));
        before = ", ";
    }
    if (!*before)
        text_add(l, v->n > 0 ? "nothing new" : "nothing found");
}

static void add_doubt(struct text_line *l, const struct gathering *g)
{
    text_add_safe(l, g->doubt);
    if (g->n_doubtful > 1)
        text_add(l, ", and %" PRIu32 " more %s not complete", g->n_doubtful - 1,
                 g->n_doubtful == 2 ? "is" : "are");
}

static void add_reason(struct text_line *l, const struct gate_view *w)
{
    const struct gathering *g = w->g;
    if (g->n_damaged > 0)
        text_add(l, "; %" PRIu32 " recording%s cannot be read, or not whole",
                 g->n_damaged, plural(g->n_damaged));
    if (g->n_doubtful > 0) {
        text_add(l, "; ");
        add_doubt(l, g);
    }
    if (w->outcome->code == RC_INDETERMINATE)
        text_add(l, " ('--allow-incomplete' accepts that)");
    if (w->limits->strict && suppressed_unused(g->suppressions) > 0)
        text_add(l, "; a suppression fits nothing");
    if (w->outcome->too_many)
        text_add(l, "; more than %s in all",
                 text_count(w->limits->max_findings, "finding").bytes);
    if (w->outcome->too_large)
        text_add(l, "; more than %s in all",
                 text_count(w->limits->max_bytes, "byte").bytes);
}

static void put_verdict(const struct gate_view *w)
{
    static const enum text_style styles[] = {
        [VERDICT_CLEAN] = TEXT_GREEN,
        [VERDICT_FINDINGS] = TEXT_RED,
        [VERDICT_INDETERMINATE] = TEXT_BOLD,
    };
    struct text_line l = {0};
    add_counts(&l, w->v);
    if (!w->outcome) {
        fputs("diff: ", w->out->to);
        text_wrap(w->out, 6, INDENT, l.text);
        return;
    }
    const char *word = verdict_word(w->outcome->verdict);
    fputs("verdict: ", w->out->to);
    text_put(w->out, styles[w->outcome->verdict], word);
    fputs("; ", w->out->to);
    add_reason(&l, w);
    text_wrap(w->out, 9 + (int)strlen(word) + 2, INDENT, l.text);
}

/* "a.ouro (test_a), twice": what tells it from the others, and no more. */
static void add_source(struct text_line *l, const struct gathering *g,
                       const struct source *s)
{
    const struct gathered_recording *r = &g->recordings[s->recording];
    text_add_safe(l, r->path);
    if (r->n_images > 1) {
        text_add(l, " (");
        text_add_safe(l, s->process);
        text_add(l, ", process %" PRIu32 ")", s->pid);
    }
    if (s->instances > 1)
        text_add(l, ", %s times", text_number(s->instances).bytes);
}

static void put_sources(const struct gate_view *w, const struct entry *k,
                        const struct gathering *g)
{
    struct text_line l = {0};
    if (g->n_images < 2 || k->n_sources == 0)
        return;
    for (uint32_t i = 0; i < k->n_sources && (i < MOST_SOURCES || w->all);
         i++) {
        text_add(&l, "%s", i > 0 ? "; " : "");
        add_source(&l, g, &k->sources[i]);
    }
    if (k->n_sources > MOST_SOURCES && !w->all)
        text_add(&l, "; and %" PRIu32 " more", k->n_sources - MOST_SOURCES);
    text_caption(w->out, "found in", l.text);
}

static void put_allowance(const struct gate_view *w, const struct gated *g)
{
    struct text_line l = {0};
    if (g->is != STANDS_GROWN)
        return;
    text_add(&l, "%s", text_count(g->allowed_instances, "instance").bytes);
    if (g->allowed_bytes != UINT64_MAX)
        text_add(&l, ", %s", text_count(g->allowed_bytes, "byte").bytes);
    text_add(&l, "; now %s, ", text_count(g->now->instances, "instance").bytes);
    text_add(&l, "%s", text_count(g->now->bytes, "byte").bytes);
    text_caption(w->out, "allowed", l.text);
}

static void put_in_full(const struct gate_view *w, const struct gated *g)
{
    fputc('\n', w->out->to);
    text_put(w->out, TEXT_BOLD, standing_word(g->is));
    fputc('\n', w->out->to);
    if (g->now) {
        gather_tell(w->g, g->now->told, w->out->to);
        put_allowance(w, g);
        put_sources(w, g->now, w->g);
        gate_checkpoints_of(w, g->now, w->g);
    } else {
        gather_tell(w->old, g->before->told, w->out->to);
        put_sources(w, g->before, w->old);
        gate_checkpoints_of(w, g->before, w->old);
    }
}

static void put_in_line(const struct gate_view *w, const struct gated *g)
{
    struct text_line l = {0};
    if (!g->now && g->is == STANDS_KNOWN)
        text_add(&l, "; another finding holds it now");
    else if (!g->before && g->held_by)
        text_add(&l, "; %.8s held it", g->held_by);
    entry_line(w->out, standing_word(g->is), g->now ? g->now : g->before,
               l.text);
}

static bool is_in_full(const struct gate_view *w, const struct gated *g)
{
    if (g->is == STANDS_FIXED)
        return w->old && w->old->aside;
    return w->g->aside && (g->is == STANDS_NEW || g->is == STANDS_GROWN);
}

static void put_standing(const struct gate_view *w, enum standing is)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->v->n; i++) {
        const struct gated *g = &w->v->at[i];
        if (g->is != is)
            continue;
        const bool full = is_in_full(w, g);
        const uint32_t most = full ? MOST_IN_FULL : MOST_LINES;
        if (n++ >= most && !w->all) {
            fprintf(w->out->to, "%s... and %" PRIu32 " more %s; " ALL "\n",
                    full ? "\n" : "", w->v->count[is] - most,
                    standing_word(is));
            return;
        }
        if (full) {
            put_in_full(w, g);
            continue;
        }
        if (n == 1)
            fputc('\n', w->out->to);
        put_in_line(w, g);
    }
}

void gate_text(const struct gate_view *w)
{
    put_verdict(w);
    put_standing(w, STANDS_NEW);
    put_standing(w, STANDS_GROWN);
    gate_checkpoints(w);
    if (w->old)
        put_standing(w, STANDS_FIXED);
    put_standing(w, STANDS_KNOWN);
    if (!w->old)
        put_standing(w, STANDS_FIXED);
    put_standing(w, STANDS_UNSEEN);
    suppressed_text(w->out, w->g->suppressions, w->all);
    gate_notes(w);
}
