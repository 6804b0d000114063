/* SPDX-License-Identifier: MIT */
/* report_text.c - the report for people; its shape may change, unlike JSON's */
#include "report/report.h"

#include "arena.h"
#include "report/finding_words.h"
#include "report/hints.h"
#include "report/suppressed.h"
#include "report/text_caption.h"
#include "report/text_finding.h"
#include "report/text_image.h"
#include "report/text_survivors.h"
#include "report/unexplained.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 4,
    MOST_OF_A_KIND = 10,
    MOST_TROUBLED = 10,
};

#define ALL "'ouro report --all' tells them"

struct state {
    struct text_out o;
    bool all;            /* no limits */
    uint32_t n_troubled; /* images without findings that are not clean */
    uint32_t n_told;     /* clean ones that stand above */
    bool hides;          /* what a clean one had to say */
    bool something;      /* stands above already */
    char *only;          /* how the first clean image is told, if alone */
};

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void put_rest(const struct state *s, enum finding_kind kind, uint64_t n,
                     uint64_t bytes)
{
    struct text_line l = {0};
    text_add(&l, "... and %s more %s%s of ", text_number(n).bytes,
             finding_kind_word(kind), plural(n));
    text_add(&l, "%s; " ALL, text_count(bytes, "byte").bytes);
    fputc('\n', s->o.to);
    text_wrap(&s->o, 0, INDENT, l.text);
}

static void put_kind(const struct state *s, const struct image *i,
                     enum finding_kind kind, struct hints *hints)
{
    const struct findings *all = &i->findings;
    uint64_t n = 0, bytes = 0;
    for (uint32_t k = 0; k < all->n; k++) {
        const struct finding *f = &all->at[k];
        if (f->kind != kind ||
            !(image_finding_is_told(i, f) || (s->all && unexplained_is(f))))
            continue;
        if (++n <= MOST_OF_A_KIND || s->all) {
            fputc('\n', s->o.to);
            text_finding(&s->o, f, image_finding_doubt(i, f));
            hints_add(hints, f);
        } else {
            bytes += f->bytes;
        }
    }
    if (n > MOST_OF_A_KIND && !s->all)
        put_rest(s, kind, n - MOST_OF_A_KIND, bytes);
}

static void put_totals(const struct text_out *o, const struct image *i)
{
    const struct shadow_totals *t = &i->shadow.totals;
    struct text_line l = {0};
    text_add(&l, "%s", text_count(t->allocations, "allocation").bytes);
    text_add(&l, " and %s; ", text_count(t->frees, "free").bytes);
    text_add(&l, "at most %s at a time, ",
             text_count(t->peak_bytes, "byte").bytes);
    text_add(&l, "%s in ", text_count(t->live_bytes, "byte").bytes);
    text_add(&l, "%s ", text_count(t->live_blocks, "block").bytes);
    text_add(&l, "%s", image_moment(i));
    if (t->objects_created > 0) {
        text_add(&l, "; %s, ", text_count(t->objects_created, "object").bytes);
        text_add(&l, "%s alive %s", text_number(t->objects_live).bytes,
                 image_moment(i));
    }
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l.text);
}

enum found { COUNTS, DOUBTFUL, REACHABLE };

static enum found found_how(const struct image *i, const struct finding *f)
{
    if (image_finding_counts(i, f))
        return COUNTS;
    return f->reach == REACH_REACHABLE ? REACHABLE : DOUBTFUL;
}

/* "2 cycles, 1 leak" */
static uint32_t add_found(struct text_line *l, const struct image *i,
                          enum found how)
{
    uint32_t n[N_FINDING_KINDS] = {0}, total = 0;
    for (uint32_t k = 0; k < i->findings.n; k++) {
        const struct finding *f = &i->findings.at[k];
        n[f->kind] += image_finding_is_told(i, f) && found_how(i, f) == how;
    }
    for (int kind = 0; kind < N_FINDING_KINDS; kind++) {
        if (n[kind] > 0)
            text_add(l, "%s%s %s%s", total > 0 ? ", " : "",
                     text_number(n[kind]).bytes,
                     finding_kind_word((enum finding_kind)kind),
                     plural(n[kind]));
        total += n[kind];
    }
    return total;
}

static void put_found(const struct text_out *o, const struct image *i, bool all)
{
    struct text_line l = {0}, doubtful = {0}, reachable = {0};
    const uint32_t certain = add_found(&l, i, COUNTS);
    const uint64_t unexplained = unexplained_objects(&i->findings);
    if (add_found(&doubtful, i, DOUBTFUL) > 0)
        text_add(&doubtful, " %s", image_alive(i));
    if (certain == 0 && unexplained > 0)
        text_add(&doubtful, "%s%s with unexplained counts%s",
                 doubtful.len > 0 ? ", " : "",
                 text_count(unexplained, "object").bytes,
                 all ? "" : " ('ouro report --all' tells them)");
    if (certain == 0)
        text_add(&l, doubtful.len > 0 ? "nothing certain" : "nothing found");
    if (doubtful.len > 0)
        text_add(&l, "; %s", doubtful.text);
    if (add_found(&reachable, i, REACHABLE) > 0)
        text_add(&l, "; %s still reachable", reachable.text);
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l.text);
}

static void put_kept(struct text_out *o, const struct kept *k)
{
    struct text_line l = {0};
    if (k->blocks == 0)
        return;
    text_add(&l, "%s, ", text_count(k->bytes, "byte").bytes);
    text_add(&l, "in %s that the system keeps on purpose, ",
             text_count(k->blocks, "block").bytes);
    text_add(&l, "not shown; 'ouro report --show-suppressed' tells them");
    text_note(o, l.text);
}

static void put_hidden(struct text_out *o, const struct reach_hidden *h)
{
    for (enum reach r = REACH_DEFINITE; r <= REACH_UNKNOWN; r++) {
        struct text_line l = {0};
        if (h->of[r].blocks == 0)
            continue;
        text_add(&l, "%s, ", text_count(h->of[r].bytes, "byte").bytes);
        text_add(&l, "in %s, ", text_count(h->of[r].blocks, "block").bytes);
        text_add(&l, "%s, not shown; 'ouro report --show=all' tells them",
                 finding_lost_words(r));
        text_note(o, l.text);
    }
}

static void put_rising(struct text_out *o, const struct image *i)
{
    struct text_line l = {0};
    if (text_survivors_rising(i, &l))
        text_note(o, l.text);
}

static void put_footer(struct state *s, const struct image *i,
                       const struct hints *hints)
{
    struct text_out *o = &s->o;
    if (i->damaged) {
        text_note(o, i->damage.text);
        return;
    }
    put_found(o, i, s->all);
    put_totals(o, i);
    image_notes(i, text_note, o);
    put_kept(o, &i->kept);
    put_hidden(o, &i->hidden);
    put_rising(o, i);
    hints_say(hints, &i->findings, text_note, o);
}

static void put_image(struct state *s, const struct image *i)
{
    struct hints hints = {false, false};
    text_image(&s->o, i);
    for (int k = 0; k < N_FINDING_KINDS; k++)
        put_kind(s, i, report_kinds[k], &hints);
    if (!s->all)
        unexplained_put(&s->o, &i->findings);
    if (i->findings.n > 0)
        fputc('\n', s->o.to);
    put_footer(s, i, &hints);
}

/* A clean image is told in full only if it turns out to be the only one. */
static void keep_first(struct state *s, const struct image *i)
{
    size_t size;
    struct state alone = *s;
    alone.o.to = open_memstream(&s->only, &size);
    if (!alone.o.to)
        out_of_memory();
    put_image(&alone, i);
    fclose(alone.o.to);
}

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    s->o = (struct text_out){.to = r->out, .colour = r->colour};
    s->all = r->all;
    r->state = s;
}

/* A clean image that has more to tell than totals: what does not count, or was
   asked for, or rises. */
static bool has_a_word(const struct image *i)
{
    struct text_line rising = {0};
    for (uint32_t k = 0; k < i->findings.n; k++)
        if (image_finding_is_told(i, &i->findings.at[k]))
            return true;
    return !i->bystander && text_survivors_rising(i, &rising);
}

static void tell(struct state *s, const struct image *i)
{
    if (s->something)
        fputc('\n', s->o.to);
    put_image(s, i);
    s->something = true;
}

static void clean(struct state *s, const struct image *i)
{
    const bool has_word = has_a_word(i), fits = s->n_told < MOST_TROUBLED;
    s->hides |= has_word && !fits && !s->all;
    if (has_word && (fits || s->all)) {
        s->n_told++;
        tell(s, i);
    } else if (!s->only && !s->something) {
        keep_first(s, i);
    }
}

static void image(struct report *r, const struct image *i)
{
    struct state *s = r->state;
    if (image_verdict(i) == VERDICT_CLEAN)
        clean(s, i);
    else if (image_has_findings(i) || ++s->n_troubled <= MOST_TROUBLED ||
             s->all)
        tell(s, i);
}

static void put_others(const struct state *s, const struct report_totals *t)
{
    struct text_line l = {0};
    if (s->n_troubled > MOST_TROUBLED && !s->all) {
        text_add(&l,
                 "... and %" PRIu32 " more process image%s without findings "
                 "that cannot be called clean; " ALL,
                 s->n_troubled - MOST_TROUBLED,
                 plural(s->n_troubled - MOST_TROUBLED));
        text_wrap(&s->o, 0, INDENT, l.text);
    }
    const uint32_t n = t->n_clean - s->n_told;
    if (n == 0)
        return;
    l = (struct text_line){0};
    text_add(&l, "%" PRIu32 " %sprocess image%s: nothing %s", n,
             n < t->n_images ? "more " : "", plural(n),
             t->unexplained > 0 || s->hides ? "certain" : "found");
    if (t->unexplained > 0)
        text_add(&l, "; %s with unexplained counts",
                 text_count(t->unexplained, "object").bytes);
    if (t->n_left_behind > 0)
        text_add(&l, "; %" PRIu32 " of them, programs of the system, left",
                 t->n_left_behind);
    if (t->n_left_behind > 0)
        text_add(&l, " %s to the end",
                 text_count(t->left_blocks, "block").bytes);
    text_wrap(&s->o, 0, INDENT, l.text);
}

static void put_verdict(const struct state *s, const struct report_totals *t,
                        const struct suppressions *suppressions)
{
    static const enum text_style styles[] = {
        [VERDICT_CLEAN] = TEXT_GREEN,
        [VERDICT_FINDINGS] = TEXT_RED,
        [VERDICT_INDETERMINATE] = TEXT_BOLD,
    };
    FILE *out = s->o.to;
    if (s->something)
        fputc('\n', out);
    if (t->n_images == 1 && s->only)
        fprintf(out, "%s\n", s->only);
    else
        put_others(s, t);
    suppressed_text(&s->o, suppressions, s->all);
    fputs("verdict: ", out);
    text_put(&s->o, styles[t->verdict], verdict_word(t->verdict));
    if (t->verdict == VERDICT_INDETERMINATE && t->n_images == 1)
        fprintf(out, ", as it %s", t->doubt);
    else if (t->verdict == VERDICT_INDETERMINATE)
        fprintf(out, ", as process %" PRIu32 " %s", t->doubtful_pid, t->doubt);
    fputc('\n', out);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    if (!r->quiet || r->totals.verdict != VERDICT_CLEAN)
        put_verdict(s, &r->totals, r->suppressions);
    free(s->only);
    free(s);
}

const struct report_format report_text = {
    .name = "text",
    .begin = begin,
    .image = image,
    .end = end,
};
