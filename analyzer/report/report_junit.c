/* SPDX-License-Identifier: MIT */
/*
 * report_junit.c - JUnit XML, as Jenkins and GitLab show it
 *
 * An image is a suite. Its first case is its recording: an error where that
 * cannot be called complete. Each finding is a case of its own, named so that
 * it has the same name in the next run: a failure, or skipped where it does not
 * count. What is fixed is a case that passes.
 */
#include "report/report.h"

#include "arena.h"
#include "report/finding_brief.h"
#include "report/finding_stacks.h"
#include "report/finding_words.h"
#include "report/source_path.h"
#include "report/text_parts.h"
#include "report/xml_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct state {
    struct source_root root;
    uint32_t n_bystanders; /* clean, and left out */
};

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    r->state = s;
    source_root_find(&s->root, r->source_root);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", r->out);
    fputs("<testsuites name=\"ouro\">\n", r->out);
}

static bool is_left_out(const struct image *i)
{
    return i->bystander && image_verdict(i) == VERDICT_CLEAN;
}

static bool is_error(const struct image *i)
{
    return i->damaged || image_verdict(i) == VERDICT_INDETERMINATE ||
           !i->complete;
}

static const char *program_of(const struct image *i)
{
    const char *exe = i->trace.exe && *i->trace.exe ? i->trace.exe : i->path;
    const char *slash = strrchr(exe, '/');
    return slash && slash[1] ? slash + 1 : exe;
}

static void put_property(FILE *to, const char *name, const char *value)
{
    fputs("      <property", to);
    xml_attribute(to, "name", name);
    xml_attribute(to, "value", value);
    fputs("/>\n", to);
}

static void add_word(struct text_line *l, const struct source_root *root,
                     const char *word)
{
    char path[SOURCE_PATH];
    const bool below = *word == '/' && source_path(root, word, path);
    text_add_safe(l, below ? path : word);
}

static void put_properties(FILE *to, const struct source_root *root,
                           const struct image *i)
{
    char pid[16], ended[64];
    struct text_line command = {0};
    uint32_t n;
    const char *const *words = image_command(i, &n);
    for (uint32_t k = 0; k < n; k++) {
        text_add(&command, "%s", k > 0 ? " " : "");
        add_word(&command, root, words[k]);
    }
    snprintf(pid, sizeof pid, "%" PRIu32, i->pid);
    fputs("    <properties>\n", to);
    put_property(to, "pid", pid);
    put_property(to, "command", command.text);
    put_property(to, "ended", image_ended_words(i, ended));
    fputs("    </properties>\n", to);
}

static void put_note(void *to, const char *clause)
{
    struct text_line l = {0};
    text_add_safe(&l, clause);
    fputs("note: ", to);
    xml_put(to, l.text);
    fputc('\n', to);
}

/* The recording itself. */
static void put_recording(FILE *to, const struct image *i)
{
    char doubt[64];
    fputs("    <testcase", to);
    xml_attribute(to, "classname", program_of(i));
    xml_attribute(to, "name", "the recording is complete");
    fputs(">\n", to);
    if (is_error(i)) {
        fputs("      <error", to);
        xml_attribute(to, "type", i->damaged ? "damaged" : "incomplete");
        xml_attribute(to, "message",
                      i->damaged ? i->damage.text : image_doubt(i, doubt));
        fputs("/>\n", to);
    }
    fputs("      <system-out>", to);
    image_notes(i, put_note, to);
    fputs("</system-out>\n    </testcase>\n", to);
}

static void image(struct report *r, const struct image *i)
{
    struct state *s = r->state;
    uint32_t told = 0, fail = 0;
    if (is_left_out(i)) {
        s->n_bystanders++;
        return;
    }
    for (uint32_t k = 0; k < i->findings.n; k++) {
        const struct finding *f = &i->findings.at[k];
        if (!report_tells(r, i, f))
            continue;
        told++;
        fail += report_judged(r, i, f).fails;
    }
    fputs("  <testsuite", r->out);
    xml_attribute(r->out, "name", program_of(i));
    fprintf(r->out,
            " tests=\"%" PRIu32 "\" failures=\"%" PRIu32
            "\" errors=\"%d\" skipped=\"%" PRIu32 "\">\n",
            told + 1, fail, is_error(i), told - fail);
    put_properties(r->out, &s->root, i);
    put_recording(r->out, i);
}

static void put_failure(FILE *to, const struct finding *f, struct judged judged,
                        const char *headline, const char *screen)
{
    struct text_line message = {0};
    if (judged.as != JUDGED_NOT)
        text_add(&message, "%s: ", judgement_word(judged.as));
    text_add(&message, "%s", headline);
    fputs(judged.fails ? "      <failure" : "      <skipped", to);
    if (judged.fails)
        xml_attribute(to, "type", finding_kind_word(f->kind));
    xml_attribute(to, "message", message.text);
    fputs(judged.fails ? ">\n" : "/>\n      <system-out>\n", to);
    xml_put(to, screen);
    fputs(judged.fails ? "</failure>\n" : "</system-out>\n", to);
}

/* "leak 3bdb7710 add_line": nothing in it changes while the finding is there.
 */
static void put_name(const struct report *r, const struct image *i,
                     const struct finding *f)
{
    char path[SOURCE_PATH];
    struct text_line name = {0};
    const struct state *s = r->state;
    const struct place *spot = finding_spot(f);
    finding_add_title(&name, f);
    if (spot)
        text_add(&name, " %s", text_function(spot->function, TEXT_NAME).bytes);
    xml_attribute(r->out, "classname", program_of(i));
    xml_attribute(r->out, "name", name.text);
    if (spot) {
        source_path(&s->root, spot->file, path);
        xml_attribute(r->out, "file", path);
    }
}

static void finding(struct report *r, const struct image *i,
                    const struct finding *f)
{
    struct text_line headline = {0};
    const struct state *s = r->state;
    char *screen = finding_screen(&s->root, i, f);
    finding_add_headline(&headline, f);
    fputs("    <testcase", r->out);
    put_name(r, i, f);
    fputs(">\n", r->out);
    put_failure(r->out, f, report_judged(r, i, f), headline.text, screen);
    fputs("    </testcase>\n", r->out);
    free(screen);
}

static void image_end(struct report *r, const struct image *i)
{
    if (!is_left_out(i))
        fputs("  </testsuite>\n", r->out);
}

static void put_case(FILE *to, const char *name)
{
    fputs("    <testcase", to);
    xml_attribute(to, "classname", "ouro");
    xml_attribute(to, "name", name);
    fputs("/>\n", to);
}

static void put_fixed(FILE *to, const struct judge *judge)
{
    if (!judge || judge->n_fixed == 0)
        return;
    fprintf(to,
            "  <testsuite name=\"fixed\" tests=\"%" PRIu32
            "\" failures=\"0\" errors=\"0\" skipped=\"0\">\n",
            judge->n_fixed);
    for (uint32_t i = 0; i < judge->n_fixed; i++) {
        const struct fixed_finding *f = &judge->fixed[i];
        struct text_line name = {0};
        text_add(&name, "%s %.8s, fixed: ", f->kind, f->id);
        text_add_safe(&name, f->what);
        put_case(to, name.text);
    }
    fputs("  </testsuite>\n", to);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    put_fixed(r->out, r->judge);
    if (s->n_bystanders > 0) {
        char name[80];
        snprintf(name, sizeof name,
                 "%" PRIu32 " process image%s of the system: nothing found",
                 s->n_bystanders, s->n_bystanders == 1 ? "" : "s");
        fputs("  <testsuite name=\"bystanders\" tests=\"1\" failures=\"0\" "
              "errors=\"0\" skipped=\"0\">\n",
              r->out);
        put_case(r->out, name);
        fputs("  </testsuite>\n", r->out);
    }
    fputs("</testsuites>\n", r->out);
    free(s);
}

const struct report_format report_junit = {
    .name = "junit",
    .begin = begin,
    .image = image,
    .finding = finding,
    .image_end = image_end,
    .end = end,
};
