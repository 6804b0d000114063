/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include "explain/symbolizer.h"
#include "report/progress_line.h"
#include "report/text_out.h"
#include "report/trace_files.h"
#include "report/unexplained.h"

#include <stdlib.h>
#include <string.h>

static enum verdict worse(enum verdict a, enum verdict b)
{
    if (a == VERDICT_FINDINGS || b == VERDICT_FINDINGS)
        return VERDICT_FINDINGS;
    return a == VERDICT_CLEAN ? b : a;
}

/* What bystanders kept to their end. */
static void count_left_behind(struct report_totals *t, const struct image *i)
{
    uint64_t blocks = 0;
    for (uint32_t k = 0; k < i->findings.n; k++) {
        const struct finding *f = &i->findings.at[k];
        if (f->kind != FINDING_LEAK)
            continue;
        blocks += f->blocks;
        t->left_bytes += f->bytes;
    }
    t->n_left_behind += blocks > 0;
    t->left_blocks += blocks;
}

static void note_doubt(struct report_totals *t, const struct image *i)
{
    char text[64];
    if (*t->doubt)
        return;
    t->doubtful_pid = i->pid;
    snprintf(t->doubt, sizeof t->doubt, "%s", image_doubt(i, text));
}

const enum finding_kind report_kinds[N_FINDING_KINDS] = {
    FINDING_CYCLE,  FINDING_OVER_RELEASE, FINDING_GHOST_EDGE,
    FINDING_MISUSE, FINDING_UNBALANCED,   FINDING_LEAK,
};

bool report_tells(const struct report *r, const struct image *i,
                  const struct finding *f)
{
    return image_finding_is_told(i, f) || (r->all && unexplained_is(f));
}

struct judged report_judged(const struct report *r, const struct image *i,
                            const struct finding *f)
{
    if (r->judge)
        return r->judge->of(r->judge->to, i, f);
    return (struct judged){JUDGED_NOT, image_finding_counts(i, f)};
}

const char *judgement_word(enum judgement j)
{
    static const char *const words[] = {
        [JUDGED_NOT] = "",
        [JUDGED_NEW] = "new",
        [JUDGED_GROWN] = "grown",
        [JUDGED_KNOWN] = "known",
    };
    return words[j];
}

static void tell_findings(struct report *r, const struct report_format *format,
                          const struct image *i)
{
    for (int kind = 0; kind < N_FINDING_KINDS; kind++)
        for (uint32_t k = 0; k < i->findings.n; k++) {
            const struct finding *f = &i->findings.at[k];
            if (f->kind == report_kinds[kind] && report_tells(r, i, f))
                format->finding(r, i, f);
        }
}

void report_image(struct report *r, const struct report_format *format,
                  const struct image *i)
{
    const enum verdict v = image_verdict(i);
    r->totals.n_images++;
    r->totals.n_clean += v == VERDICT_CLEAN;
    r->totals.n_damaged += i->damaged;
    r->totals.verdict = worse(r->totals.verdict, v);
    if (v == VERDICT_INDETERMINATE)
        note_doubt(&r->totals, i);
    if (v == VERDICT_CLEAN)
        r->totals.unexplained += unexplained_objects(&i->findings);
    r->totals.found |= image_has_findings(i);
    if (v == VERDICT_CLEAN && i->bystander)
        count_left_behind(&r->totals, i);
    format->image(r, i);
    if (format->finding)
        tell_findings(r, format, i);
    if (format->image_end)
        format->image_end(r, i);
}

static int report_files(struct report *r, const struct report_format *format,
                        const struct report_options *o,
                        struct trace_files *files)
{
    struct symbolizer *symbolizer = symbolizer_begin();
    int code = RC_CLEAN;
    format->begin(r);
    for (uint32_t i = 0; i < files->n; i++) {
        struct image *image = &files->images[i];
        progress_line_say("reading image %u of %u, process %u", i + 1, files->n,
                          image->pid);
        image->symbolizer = symbolizer;
        image->suppressions = o ? o->suppressions : NULL;
        image->show_suppressed = o && o->show_suppressed;
        image->shown = o ? o->shown : 0;
        image->with_survivors = format->with_survivors;
        const bool whole = image_analyse(image) == 0;
        progress_line_hide();
        if (!whole)
            code = err_say(&image->damage);
        report_image(r, format, image);
        image_release(image);
    }
    progress_line_hide();
    symbolizer_end(symbolizer);
    format->end(r);
    if (r->failed) {
        struct err e;
        err_set(&e, "the report cannot be held while it is made: no room in "
                    "the directory for temporary files");
        return err_say(&e);
    }
    return code != RC_CLEAN ? code : r->totals.found ? RC_FOUND : RC_CLEAN;
}

int report_recording(const char *path, const struct report_options *o,
                     FILE *out)
{
    const struct report_format *format =
        o && o->format ? o->format : &report_text;
    struct report r = {
        .out = out,
        .colour = text_wants_colour(out),
        .all = o && o->all,
        .quiet = o && o->quiet,
        .judge = o ? o->judge : NULL,
        .suppressions = o ? o->suppressions : NULL,
        .source_root = o ? o->source_root : NULL,
    };
    struct trace_files files;
    struct err e;
    int code;
    progress_line_begin();
    if (trace_files_find(&files, path, &e) == 0)
        code = report_files(&r, format, o, &files);
    else
        code = err_say(&e);
    trace_files_release(&files);
    progress_line_end();
    if (o && o->found)
        *o->found = r.totals.found;
    return code;
}
