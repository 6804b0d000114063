/* SPDX-License-Identifier: MIT */
#include "report/markdown.h"

#include "arena.h"
#include "report/finding_brief.h"
#include "report/finding_stacks.h"
#include "report/finding_words.h"
#include "report/markdown_text.h"
#include "report/source_path.h"
#include "report/text_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DOUBTS = 10, MOST_FIXED = 20, MARGIN = 4096 };

/* What is told of one finding; NULL: there was no room for it. */
struct entry {
    char *row, *details;
};

/* Those that fail, or those that do not. */
struct entries {
    uint32_t n, room;
    struct entry *at;
    uint64_t more; /* without a row */
    size_t rows, details;
};

struct markdown {
    size_t most; /* bytes */
    struct source_root root;
    struct entries of[2]; /* by whether they fail */
    uint64_t judged[JUDGED_KNOWN + 1];
    struct arena arena;
    char *doubts[MOST_DOUBTS];
    uint32_t n_doubts;
};

struct markdown *markdown_begin(const struct report *r, size_t most)
{
    struct markdown *m = must_calloc(1, sizeof *m);
    m->most = most;
    source_root_find(&m->root, r->source_root);
    return m;
}

/* Text that is written as to a file. */
struct sink {
    FILE *to;
    char *text;
    size_t len;
};

static void sink_open(struct sink *s)
{
    s->to = open_memstream(&s->text, &s->len);
    if (!s->to)
        out_of_memory();
}

static void sink_close(struct sink *s)
{
    if (fclose(s->to) != 0)
        out_of_memory();
}

/* What cannot be relied on, image by image. */
void markdown_image(struct markdown *m, const struct image *i)
{
    struct text_line l = {0};
    char doubt[64];
    if (i->damaged)
        text_add_safe(&l, i->damage.text);
    else if (image_verdict(i) == VERDICT_INDETERMINATE)
        text_add(&l, "process %" PRIu32 " %s", i->pid, image_doubt(i, doubt));
    if (l.len > 0 && m->n_doubts++ < MOST_DOUBTS)
        m->doubts[m->n_doubts - 1] = arena_text(&m->arena, l.text, l.len);
}

static void put_what(FILE *to, const struct finding *f)
{
    struct text_line l = {0};
    if (f->kind != FINDING_MISUSE)
        finding_add_size(&l, f);
    if (f->instances > 1 && f->kind != FINDING_LEAK)
        text_add(&l, "%s%s", l.len > 0 ? ", " : "",
                 text_count(f->instances, "time").bytes);
    fputs(l.text, to);
    if (f->kind != FINDING_LEAK && f->kind != FINDING_CYCLE) {
        fputs(l.len > 0 ? "; " : "", to);
        markdown_code(to, text_head(f->what, TEXT_WIDTH).bytes);
    }
}

static void put_where(FILE *to, const struct markdown *m,
                      const struct finding *f)
{
    char path[SOURCE_PATH];
    struct text_line l = {0};
    const struct place *p = finding_spot(f);
    const struct place *any = p ? p : finding_any_place(f);
    if (any && *any->function)
        markdown_code(to, text_function(any->function, TEXT_NAME).bytes);
    if (!p)
        return;
    source_path(&m->root, p->file, path);
    text_add_safe(&l, path);
    text_add(&l, ":%" PRIu32, p->line);
    fputs(*any->function ? " " : "", to);
    markdown_code(to, l.text);
}

static char *make_row(const struct markdown *m, const struct report *r,
                      const struct finding *f, struct judged judged)
{
    struct sink s;
    struct text_line title = {0};
    sink_open(&s);
    finding_add_title(&title, f);
    fputs("| ", s.to);
    if (r->judge)
        fprintf(s.to, judged.fails ? "**%s** | " : "%s | ",
                judgement_word(judged.as));
    markdown_code(s.to, title.text);
    fputs(" | ", s.to);
    put_what(s.to, f);
    fputs(" | ", s.to);
    put_where(s.to, m, f);
    fputs(" |\n", s.to);
    sink_close(&s);
    return s.text;
}

static char *make_details(const struct markdown *m, const struct image *i,
                          const struct finding *f)
{
    struct sink s;
    char *screen = finding_screen(&m->root, i, f);
    struct text_line headline = {0};
    sink_open(&s);
    finding_add_headline(&headline, f);
    fputs("\n<details><summary>", s.to);
    markdown_html_code(s.to, headline.text);
    fputs("</summary>\n\n", s.to);
    markdown_block(s.to, screen);
    fputs("\n</details>\n", s.to);
    sink_close(&s);
    free(screen);
    return s.text;
}

void markdown_finding(struct markdown *m, const struct report *r,
                      const struct image *i, const struct finding *f)
{
    const struct judged judged = report_judged(r, i, f);
    struct entries *e = &m->of[judged.fails];
    struct entry new = {NULL, NULL};
    m->judged[judged.as]++;
    if (e->rows > m->most) {
        e->more++;
        return;
    }
    new.row = make_row(m, r, f, judged);
    e->rows += strlen(new.row);
    if (e->details < m->most) {
        new.details = make_details(m, i, f);
        e->details += strlen(new.details);
    }
    GROW(e->at, e->n, e->room);
    e->at[e->n++] = new;
}

/* "2 new, 1 grown, 4 known, 1 fixed" */
static void put_judged(const struct markdown *m, const struct judge *judge,
                       FILE *to)
{
    fprintf(to, "%" PRIu64 " new, %" PRIu64 " grown", m->judged[JUDGED_NEW],
            m->judged[JUDGED_GROWN]);
    fprintf(to, ", %" PRIu64 " known, %" PRIu32 " fixed",
            m->judged[JUDGED_KNOWN], judge->n_fixed);
    if (m->judged[JUDGED_NOT] > 0)
        fprintf(to, ", %" PRIu64 " not compared", m->judged[JUDGED_NOT]);
}

static const char *title_of(const struct markdown *m, const struct report *r)
{
    if (!r->judge)
        return verdict_word(r->totals.verdict);
    if (m->of[true].n + m->of[true].more > 0)
        return "new findings";
    return r->totals.verdict == VERDICT_INDETERMINATE
               ? "nothing new, in a recording that is not complete"
               : "nothing new";
}

static void put_found(const struct markdown *m, FILE *to)
{
    const uint64_t fail = m->of[true].n + m->of[true].more;
    const uint64_t others = m->of[false].n + m->of[false].more;
    if (fail + others == 0)
        fputs("nothing found", to);
    else
        fputs(text_count(fail, "finding").bytes, to);
    if (others > 0)
        fprintf(to, ", and %s of which nothing is certain",
                text_number(others).bytes);
}

static void put_verdict(const struct markdown *m, const struct report *r,
                        FILE *to)
{
    fprintf(to, "### Ouro: %s\n\n", title_of(m, r));
    if (r->judge)
        put_judged(m, r->judge, to);
    else
        put_found(m, to);
    fprintf(to, ", in %s.\n",
            text_count(r->totals.n_images, "process image").bytes);
}

static void put_doubts(const struct markdown *m, FILE *to)
{
    for (uint32_t i = 0; i < m->n_doubts && i < MOST_DOUBTS; i++) {
        fputs(i == 0 ? "\n- " : "- ", to);
        markdown_code(to, m->doubts[i]);
        fputc('\n', to);
    }
    if (m->n_doubts > MOST_DOUBTS)
        fprintf(to, "- and %" PRIu32 " more process images in doubt\n",
                m->n_doubts - MOST_DOUBTS);
}

static void put_fixed(const struct judge *judge, FILE *to)
{
    if (!judge || judge->n_fixed == 0)
        return;
    fputs("\nFixed, to be taken out of the baseline:\n\n", to);
    for (uint32_t i = 0; i < judge->n_fixed && i < MOST_FIXED; i++) {
        const struct fixed_finding *f = &judge->fixed[i];
        struct text_line l = {0};
        text_add(&l, "%s %.8s ", f->kind, f->id);
        text_add(&l, "%s", text_head(f->what, TEXT_WIDTH).bytes);
        fputs("- ", to);
        markdown_code(to, l.text);
        fputc('\n', to);
    }
    if (judge->n_fixed > MOST_FIXED)
        fprintf(to, "- and %" PRIu32 " more\n", judge->n_fixed - MOST_FIXED);
}

/* As many as fit, in *used up to `room`; returns how many. */
static uint32_t put_rows(const struct entries *e, size_t *used, size_t room,
                         FILE *to)
{
    uint32_t n = 0;
    for (; n < e->n && *used + strlen(e->at[n].row) < room; n++) {
        *used += strlen(e->at[n].row);
        fputs(e->at[n].row, to);
    }
    return n;
}

/* Of the first n; returns of how many there was no room for them. */
static uint32_t put_details(const struct entries *e, uint32_t n, size_t *used,
                            size_t room, FILE *to)
{
    uint32_t left_out = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *details = e->at[i].details;
        if (!details || *used + strlen(details) >= room) {
            left_out++;
            continue;
        }
        *used += strlen(details);
        fputs(details, to);
    }
    return left_out;
}

/* A table in half the room; then the details of what stands there. */
static void put_entries(const struct markdown *m, size_t room, FILE *to)
{
    const struct entries *fail = &m->of[true], *others = &m->of[false];
    size_t used = 0;
    const uint32_t n_fail = put_rows(fail, &used, room / 2, to);
    const uint32_t n_others = put_rows(others, &used, room / 2, to);
    const uint64_t rows =
        fail->n - n_fail + fail->more + others->n - n_others + others->more;
    uint32_t details = put_details(fail, n_fail, &used, room, to);
    details += put_details(others, n_others, &used, room, to);
    if (rows + details == 0)
        return;
    fprintf(to, "\nLeft out here, for want of room: %s, ",
            text_count(rows, "finding").bytes);
    fprintf(to,
            "and the details of %s more; `ouro report` tells "
            "them.\n",
            text_number(details).bytes);
}

void markdown_write(const struct markdown *m, const struct report *r, FILE *to)
{
    struct sink head;
    sink_open(&head);
    put_verdict(m, r, head.to);
    put_doubts(m, head.to);
    put_fixed(r->judge, head.to);
    if (m->of[0].n + m->of[1].n > 0)
        fputs(r->judge ? "\n| | finding | what | where |\n|---|---|---|---|\n"
                       : "\n| finding | what | where |\n|---|---|---|\n",
              head.to);
    sink_close(&head);
    fputs(head.text, to);
    if (m->most > head.len + MARGIN)
        put_entries(m, m->most - head.len - MARGIN, to);
    free(head.text);
}

void markdown_end(struct markdown *m)
{
    if (!m)
        return;
    for (int fails = 0; fails < 2; fails++) {
        for (uint32_t i = 0; i < m->of[fails].n; i++) {
            free(m->of[fails].at[i].row);
            free(m->of[fails].at[i].details);
        }
        free(m->of[fails].at);
    }
    arena_release(&m->arena);
    free(m);
}
