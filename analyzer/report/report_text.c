/* SPDX-License-Identifier: MIT */
/* report_text.c - the report for people; its shape may change, unlike JSON's */
#include "report/report.h"

#include "arena.h"
#include "report/finding_words.h"
#include "report/text_finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 4,
    MOST_OF_A_KIND = 10,
    MOST_TROUBLED = 10,
    MOST_TYPES = 3,
    NAME = 40,
};

struct state {
    struct text_out o;
    uint32_t n_troubled; /* images without findings that are not clean */
    bool something;      /* stands above already */
    char *only;          /* how the first clean image is told, if alone */
};

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* The command as it was typed, as well as the recording knows it. */
static struct text command_of(const struct image *i, int max)
{
    const struct trace *t = &i->trace;
    struct text_line l = {0};
    for (uint32_t k = 0; k < t->n_argv; k++)
        text_add(&l, "%s%s", k > 0 ? " " : "", t->argv[k]);
    if (l.len > 0)
        return text_head(l.text, max);
    return text_head(t->exe && *t->exe ? t->exe : i->path, max);
}

static void put_command(const struct text_out *o, const struct image *i)
{
    char ended[64], about[128];
    const char *words = i->damaged ? "damaged" : image_ended_words(i, ended);
    const int n = i->pid ? snprintf(about, sizeof about,
                                    "(process %" PRIu32 ", %s)", i->pid, words)
                         : snprintf(about, sizeof about, "(%s)", words);
    const struct text command = command_of(i, TEXT_WIDTH);
    text_put(o, TEXT_BOLD, command.bytes);
    if (command.columns + 2 + n > TEXT_WIDTH)
        fprintf(o->to, "\n%*s%s\n", INDENT, "", about);
    else
        fprintf(o->to, "  %s\n", about);
}

static void put_note(void *to, const char *clause)
{
    struct text_out *o = to;
    struct text_line l = {0};
    text_add_safe(&l, clause);
    fprintf(o->to, "%*snote: ", INDENT, "");
    text_wrap(o, INDENT + 6, INDENT + 6, l.text);
}

/* Findings that are told one by one, unlike those that are only summed up. */
static bool is_told(const struct image *i, const struct finding *f,
                    enum finding_kind kind)
{
    return f->kind == kind && image_finding_counts(i, f);
}

static void put_kind(const struct text_out *o, const struct image *i,
                     enum finding_kind kind)
{
    const struct findings *all = &i->findings;
    uint64_t n = 0, bytes = 0;
    for (uint32_t k = 0; k < all->n; k++) {
        const struct finding *f = &all->at[k];
        if (!is_told(i, f, kind))
            continue;
        if (++n <= MOST_OF_A_KIND) {
            fputc('\n', o->to);
            text_finding(o, f);
        } else {
            bytes += f->bytes;
        }
    }
    if (n > MOST_OF_A_KIND)
        fprintf(o->to, "\n... and %s more %s%s of %s\n",
                text_number(n - MOST_OF_A_KIND).bytes, finding_kind_word(kind),
                plural(n - MOST_OF_A_KIND), text_count(bytes, "byte").bytes);
}

/* Counts that nothing explains, for which nothing can be said yet: one line
   about all of them. */
struct unexplained {
    uint64_t objects;
    uint32_t n_sites, n_types, room;
    struct finding_type *types; /* by name */
    const struct finding *most; /* the site with most objects */
};

static int compare_types(const void *a, const void *b)
{
    const struct finding_type *x = a, *y = b;
    return strcmp(x->type, y->type);
}

static void find_unexplained(struct unexplained *u, const struct findings *all)
{
    *u = (struct unexplained){0};
    for (uint32_t k = 0; k < all->n; k++) {
        const struct finding *f = &all->at[k];
        if (f->kind != FINDING_UNBALANCED || f->reach != REACH_UNKNOWN)
            continue;
        u->objects += f->objects;
        u->n_sites++;
        if (!u->most || u->most->objects < f->objects)
            u->most = f;
        for (uint32_t i = 0; i < f->n_types; i++) {
            GROW(u->types, u->n_types, u->room);
            u->types[u->n_types++] = f->types[i];
        }
    }
    if (u->n_types > 1)
        qsort(u->types, u->n_types, sizeof *u->types, compare_types);
    uint32_t n = 0;
    for (uint32_t i = 0; i < u->n_types; i++)
        if (n == 0 || strcmp(u->types[n - 1].type, u->types[i].type) != 0)
            u->types[n++] = u->types[i];
    u->n_types = n;
}

static void add_types(struct text_line *l, const struct unexplained *u)
{
    for (uint32_t i = 0; i < u->n_types && i < MOST_TYPES; i++)
        text_add(l, "%s%s", i > 0 ? ", " : " (",
                 text_head(u->types[i].type, NAME).bytes);
    if (u->n_types > MOST_TYPES)
        text_add(l, " and %" PRIu32 " more types", u->n_types - MOST_TYPES);
    text_add(l, "%s", u->n_types > 0 ? ")" : "");
}

static void put_unexplained(const struct text_out *o, const struct findings *f)
{
    struct unexplained u;
    struct text_line l = {0};
    find_unexplained(&u, f);
    if (u.n_sites > 0) {
        text_add(&l, "%s", text_count(u.objects, "object").bytes);
        add_types(&l, &u);
        text_add(&l, " from %" PRIu32 " site%s", u.n_sites, plural(u.n_sites));
        if (u.most->stack.n > 0 && *u.most->stack.at[0].function)
            text_add(&l, " (%s%s)",
                     text_function(u.most->stack.at[0].function, NAME).bytes,
                     u.n_sites > 1 ? " and others" : "");
        text_add(&l, ": counts that no edge explains; whether someone still "
                     "holds them is unknown");
        fputs("\nunbalanced  ", o->to);
        text_wrap(o, 12, INDENT, l.text);
    }
    free(u.types);
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
    text_add(&l, "%s at the end", text_count(t->live_blocks, "block").bytes);
    if (t->objects_created > 0) {
        text_add(&l, "; %s, ", text_count(t->objects_created, "object").bytes);
        text_add(&l, "%s alive at the end", text_number(t->objects_live).bytes);
    }
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l.text);
}

static uint32_t count_told(const struct image *i, enum finding_kind kind)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < i->findings.n; k++)
        n += is_told(i, &i->findings.at[k], kind);
    return n;
}

static uint32_t put_found(const struct text_out *o, const struct image *i)
{
    uint32_t total = 0;
    struct text_line l = {0};
    for (int kind = 0; kind < N_FINDING_KINDS; kind++) {
        const uint32_t n = count_told(i, (enum finding_kind)kind);
        if (n > 0)
            text_add(&l, "%s%s %s%s", total > 0 ? ", " : "",
                     text_number(n).bytes,
                     finding_kind_word((enum finding_kind)kind), plural(n));
        total += n;
    }
    fprintf(o->to, "%*s%s\n", INDENT, "", total > 0 ? l.text : "nothing found");
    return total;
}

static void put_kept(struct text_out *o, const struct kept *k)
{
    struct text_line l = {0};
    if (k->blocks == 0)
        return;
    text_add(&l, "%s, ", text_count(k->bytes, "byte").bytes);
    text_add(&l, "in %s that the system keeps on purpose, ",
             text_count(k->blocks, "block").bytes);
    text_add(&l, "not shown (--show-suppressed)");
    put_note(o, l.text);
}

static void put_footer(struct text_out *o, const struct image *i)
{
    if (i->damaged) {
        put_note(o, i->damage.text);
        return;
    }
    const uint32_t found = put_found(o, i);
    put_totals(o, i);
    image_notes(i, put_note, o);
    put_kept(o, &i->kept);
    if (found > 0 && i->findings.lines_missing)
        put_note(o, "compile with -g to see files and lines");
}

static void put_image(struct text_out *o, const struct image *i)
{
    static const enum finding_kind order[N_FINDING_KINDS] = {
        FINDING_CYCLE,  FINDING_OVER_RELEASE, FINDING_GHOST_EDGE,
        FINDING_MISUSE, FINDING_UNBALANCED,   FINDING_LEAK,
    };
    put_command(o, i);
    for (int k = 0; k < N_FINDING_KINDS; k++)
        put_kind(o, i, order[k]);
    put_unexplained(o, &i->findings);
    if (i->findings.n > 0)
        fputc('\n', o->to);
    put_footer(o, i);
}

/* A clean image is told in full only if it turns out to be the only one. */
static void keep_first(struct state *s, const struct image *i)
{
    size_t size;
    struct text_out o = s->o;
    o.to = open_memstream(&s->only, &size);
    if (!o.to)
        out_of_memory();
    put_image(&o, i);
    fclose(o.to);
}

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    s->o = (struct text_out){r->out, r->colour};
    r->state = s;
}

static void image(struct report *r, const struct image *i)
{
    struct state *s = r->state;
    if (image_verdict(i) == VERDICT_CLEAN) {
        if (!s->only)
            keep_first(s, i);
        return;
    }
    if (!image_has_findings(i) && ++s->n_troubled > MOST_TROUBLED)
        return;
    if (s->something)
        fputc('\n', r->out);
    put_image(&s->o, i);
    s->something = true;
}

static void put_others(const struct state *s, const struct report_totals *t)
{
    if (s->n_troubled > MOST_TROUBLED)
        fprintf(s->o.to,
                "... and %" PRIu32 " more process image%s without findings "
                "that cannot be called clean\n",
                s->n_troubled - MOST_TROUBLED,
                plural(s->n_troubled - MOST_TROUBLED));
    if (t->n_clean == 0)
        return;
    struct text_line l = {0};
    text_add(&l, "%" PRIu32 " %sprocess image%s: nothing found", t->n_clean,
             t->n_clean < t->n_images ? "more " : "", plural(t->n_clean));
    if (t->n_left_behind > 0)
        text_add(&l, "; %" PRIu32 " of them, programs of the system, left",
                 t->n_left_behind);
    if (t->n_left_behind > 0)
        text_add(&l, " %s to the end",
                 text_count(t->left_blocks, "block").bytes);
    text_wrap(&s->o, 0, INDENT, l.text);
}

static void end(struct report *r)
{
    static const enum text_style styles[] = {
        [VERDICT_CLEAN] = TEXT_GREEN,
        [VERDICT_FINDINGS] = TEXT_RED,
        [VERDICT_INDETERMINATE] = TEXT_BOLD,
    };
    struct state *s = r->state;
    const struct report_totals *t = &r->totals;
    if (s->something)
        fputc('\n', r->out);
    if (t->n_images == 1 && s->only)
        fprintf(r->out, "%s\n", s->only);
    else
        put_others(s, t);
    fputs("verdict: ", r->out);
    text_put(&s->o, styles[t->verdict], verdict_word(t->verdict));
    if (t->verdict == VERDICT_INDETERMINATE)
        fputs(", as the recording is not complete", r->out);
    fputc('\n', r->out);
    free(s->only);
    free(s);
}

const struct report_format report_text = {"text", begin, image, end};
