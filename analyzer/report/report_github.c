/* SPDX-License-Identifier: MIT */
/*
 * report_github.c - annotations of GitHub Actions, and the summary of the step
 *
 * A workflow command is one line of the step's output; GitHub shows ten of a
 * kind, so no more are written. All findings stand in the summary, which is
 * appended to the file that GITHUB_STEP_SUMMARY names.
 */
#include "report/markdown.h"

#include "arena.h"
#include "err.h"
#include "report/finding_brief.h"
#include "report/finding_stacks.h"
#include "report/source_path.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_OF_A_KIND = 10 };

enum command { ERROR, WARNING, NOTICE, N_COMMANDS };
static const char *const words[N_COMMANDS] = {"error", "warning", "notice"};

struct state {
    struct source_root root;
    struct markdown *summary; /* NULL: nobody wants one */
    FILE *summary_to;
    uint32_t n[N_COMMANDS];
};

/* What stands in the step's summary already takes room. */
static FILE *open_summary(const char *path, size_t *room)
{
    struct stat st;
    FILE *to = fopen(path, "ae");
    if (!to || fstat(fileno(to), &st) != 0)
        return to;
    *room = st.st_size < MARKDOWN_SUMMARY - MARKDOWN_LEAST
                ? MARKDOWN_SUMMARY - (size_t)st.st_size
                : 0;
    errno = EFBIG;
    return to;
}

static void begin_summary(struct report *r, const char *path)
{
    struct state *s = r->state;
    size_t room = 0;
    s->summary_to = open_summary(path, &room);
    if (room > 0) {
        s->summary = markdown_begin(r, room);
        return;
    }
    err_note("GITHUB_STEP_SUMMARY: %s: %s; there is no summary", path,
             strerror(errno));
    if (s->summary_to)
        fclose(s->summary_to);
}

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    r->state = s;
    source_root_find(&s->root, r->source_root);
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (path && *path)
        begin_summary(r, path);
}

/* What ends a line, a property, or their list, as GitHub has it. */
static void put_escaped(FILE *to, const char *text, const char *special)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            fprintf(to, "%%%02X", (unsigned)(unsigned char)*text);
        else
            fputc(*text, to);
    }
}

static void put_property(FILE *to, const char *name, const char *value)
{
    fprintf(to, "%s=", name);
    put_escaped(to, value, "%\r\n:,");
}

static void put_data(FILE *to, const char *text)
{
    put_escaped(to, text, "%\r\n");
}

/* False: GitHub would not show it. */
static bool begin_command(struct report *r, enum command c)
{
    struct state *s = r->state;
    if (s->n[c]++ >= MOST_OF_A_KIND)
        return false;
    fprintf(r->out, "::%s ", words[c]);
    return true;
}

static void image(struct report *r, const struct image *i)
{
    char doubt[64];
    struct state *s = r->state;
    struct text_line l = {0};
    if (s->summary)
        markdown_image(s->summary, i);
    if (i->damaged)
        text_add_safe(&l, i->damage.text);
    else if (image_verdict(i) == VERDICT_INDETERMINATE)
        text_add(&l, "process %" PRIu32 " %s", i->pid, image_doubt(i, doubt));
    if (l.len == 0 || !begin_command(r, WARNING))
        return;
    put_property(r->out, "title", "recording not complete");
    fputs("::", r->out);
    put_data(r->out, l.text);
    fputc('\n', r->out);
}

static enum command command_of(struct judged judged)
{
    if (judged.fails)
        return ERROR;
    return judged.as == JUDGED_KNOWN ? NOTICE : WARNING;
}

static void put_place(struct report *r, const struct finding *f)
{
    char path[SOURCE_PATH], line[16];
    struct text_line safe = {0};
    const struct state *s = r->state;
    const struct place *p = finding_spot(f);
    if (!p || !source_path(&s->root, p->file, path))
        return;
    text_add_safe(&safe, path);
    snprintf(line, sizeof line, "%" PRIu32, p->line);
    put_property(r->out, "file", safe.text);
    fputc(',', r->out);
    put_property(r->out, "line", line);
    fputc(',', r->out);
}

static void finding(struct report *r, const struct image *i,
                    const struct finding *f)
{
    struct state *s = r->state;
    struct text_line title = {0}, headline = {0};
    const struct judged judged = report_judged(r, i, f);
    if (s->summary)
        markdown_finding(s->summary, r, i, f);
    if (!begin_command(r, command_of(judged)))
        return;
    char *screen = finding_screen(&s->root, i, f);
    if (judged.as != JUDGED_NOT)
        text_add(&title, "%s: ", judgement_word(judged.as));
    finding_add_title(&title, f);
    finding_add_headline(&headline, f);
    put_place(r, f);
    put_property(r->out, "title", title.text);
    fputs("::", r->out);
    put_data(r->out, headline.text);
    put_data(r->out, "\n\n");
    put_data(r->out, screen);
    fputc('\n', r->out);
    free(screen);
}

static void put_fixed(struct report *r)
{
    for (uint32_t i = 0; r->judge && i < r->judge->n_fixed; i++) {
        const struct fixed_finding *f = &r->judge->fixed[i];
        struct text_line title = {0}, what = {0};
        if (!begin_command(r, NOTICE))
            continue;
        text_add(&title, "fixed: %s %.8s", f->kind, f->id);
        text_add_safe(&what, f->what);
        put_property(r->out, "title", title.text);
        fputs("::no longer found, and still in the baseline: ", r->out);
        put_data(r->out, what.text);
        fputc('\n', r->out);
    }
}

static void put_left_out(const struct report *r)
{
    const struct state *s = r->state;
    for (int c = 0; c < N_COMMANDS; c++)
        if (s->n[c] > MOST_OF_A_KIND)
            fprintf(r->out,
                    "ouro: %" PRIu32 " more of kind %s are not annotated "
                    "(GitHub shows %d); the summary tells them\n",
                    s->n[c] - MOST_OF_A_KIND, words[c], MOST_OF_A_KIND);
}

static void put_summary(struct report *r)
{
    struct state *s = r->state;
    fputc('\n',
          s->summary_to); /* HTML that stands there ends at an empty line */
    markdown_write(s->summary, r, s->summary_to);
    if (fflush(s->summary_to) != 0)
        err_note("GITHUB_STEP_SUMMARY: %s: %s; there is no summary",
                 getenv("GITHUB_STEP_SUMMARY"), strerror(errno));
    fclose(s->summary_to);
    markdown_end(s->summary);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    put_fixed(r);
    put_left_out(r);
    if (!r->judge)
        fprintf(r->out, "ouro: verdict: %s\n", verdict_word(r->totals.verdict));
    if (s->summary)
        put_summary(r);
    free(s);
}

const struct report_format report_github = {
    .name = "github",
    .begin = begin,
    .image = image,
    .finding = finding,
    .end = end,
};
