/* SPDX-License-Identifier: MIT */
#include "report/finding_brief.h"

#include "arena.h"
#include "report/finding_stacks.h"
#include "report/finding_words.h"
#include "report/text_finding.h"
#include "report/text_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TYPES = 3 };

void finding_add_title(struct text_line *l, const struct finding *f)
{
    text_add(l, "%s %.8s", finding_kind_word(f->kind), f->id);
}

static void add_types(struct text_line *l, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_types && i < MOST_TYPES; i++)
        text_add(l, "%s%s", i > 0 ? ", " : "",
                 *f->types[i].type
                     ? text_head(f->types[i].type, TEXT_NAME).bytes
                     : "object");
    if (f->n_types > MOST_TYPES)
        text_add(l, " and %" PRIu32 " more types", f->n_types - MOST_TYPES);
    if (f->n_types == 0)
        text_add(l, "object");
}

/* ", from add_line" */
static void add_spot(struct text_line *l, const char *before,
                     const struct finding *f)
{
    const struct place *p = finding_spot(f);
    if (!p)
        p = finding_any_place(f);
    if (p && *p->function)
        text_add(l, "%s%s", before,
                 text_function(p->function, TEXT_NAME).bytes);
}

static void add_times(struct text_line *l, const struct finding *f)
{
    if (f->instances > 1)
        text_add(l, ", %s", text_count(f->instances, "time").bytes);
}

static void add_cycle(struct text_line *l, const struct finding *f)
{
    text_add(l, "reference cycle through ");
    add_types(l, f);
    text_add(l, ": ");
    finding_add_size(l, f);
    add_times(l, f);
}

static void add_own(struct text_line *l, const struct finding *f)
{
    text_add(l, "%s", text_count(f->bytes, "byte").bytes);
    text_add(l, " in %s", text_count(f->blocks, "block").bytes);
}

static void add_retained(struct text_line *l, const struct finding *f)
{
    if (f->retained_blocks <= f->blocks)
        return;
    text_add(l, ", retaining %s", text_count(f->retained_bytes, "byte").bytes);
    text_add(l, " in %s", text_number(f->retained_blocks).bytes);
}

void finding_add_size(struct text_line *l, const struct finding *f)
{
    if (f->kind != FINDING_LEAK) {
        text_objects(l, f);
        return;
    }
    add_own(l, f);
    add_retained(l, f);
}

static void add_leak(struct text_line *l, const struct finding *f)
{
    text_add(l, "leak of ");
    add_own(l, f);
    if (*f->allocator)
        text_add(l, " by %s", text_head(f->allocator, TEXT_NAME).bytes);
    add_retained(l, f);
    text_add(l, ", %s", finding_lost_words(f->reach));
    add_spot(l, ", from ", f);
}

static void add_misuse(struct text_line *l, const struct finding *f)
{
    text_add(l, "%s", text_head(f->what, TEXT_WIDTH).bytes);
    if (f->n_types > 0) {
        text_add(l, " of ");
        add_types(l, f);
    }
    add_spot(l, " in ", f);
    add_times(l, f);
}

/* Counts too many, or too few. */
static void add_counts(struct text_line *l, const struct finding *f)
{
    text_add(l, "%s of ", finding_kind_word(f->kind));
    add_types(l, f);
    text_add(l, ": %s; ", text_head(f->what, TEXT_WIDTH).bytes);
    finding_add_size(l, f);
    add_times(l, f);
}

static void add_kind(struct text_line *l, const struct finding *f)
{
    switch (f->kind) {
    case FINDING_CYCLE:
        add_cycle(l, f);
        return;
    case FINDING_LEAK:
        add_leak(l, f);
        return;
    case FINDING_MISUSE:
        add_misuse(l, f);
        return;
    case FINDING_UNBALANCED:
    case FINDING_OVER_RELEASE:
    case FINDING_GHOST_EDGE:
        add_counts(l, f);
        return;
    }
}

/* Where its instances came about: which test of several, say. */
static void add_checkpoints(struct text_line *l, const struct finding *f)
{
    if (f->n_checkpoints == 0)
        return;
    if (f->checkpoints->number == 0)
        text_add(l, ", before the first checkpoint");
    else
        text_add(l, ", at checkpoint \"%s\"",
                 text_head(f->checkpoints->name, TEXT_NAME).bytes);
    if (f->n_checkpoints > 1)
        text_add(l, " and %" PRIu32 " more", f->n_checkpoints - 1);
}

void finding_add_headline(struct text_line *l, const struct finding *f)
{
    add_kind(l, f);
    add_checkpoints(l, f);
}

/* Takes "<root>/" out of the text. */
static void take_out(char *text, const char *root)
{
    const size_t len = strlen(root);
    char *to = text;
    while (*text) {
        if (len > 0 && strncmp(text, root, len) == 0 && text[len] == '/')
            text += len + 1;
        else
            *to++ = *text++;
    }
    *to = 0;
}

char *finding_screen(const struct source_root *root, const struct image *i,
                     const struct finding *f)
{
    char *text;
    size_t len;
    const struct text_out o = {.to = open_memstream(&text, &len)};
    if (!o.to)
        out_of_memory();
    text_finding(&o, f, image_finding_doubt(i, f));
    if (fclose(o.to) != 0)
        out_of_memory();
    take_out(text, root->path);
    return text;
}
