/* SPDX-License-Identifier: MIT */
/* gate_checkpoints.c - after which checkpoints, as people read it */
#include "gate/by_checkpoint.h"
#include "gate/gate_view.h"
#include "report/finding_words.h"
#include "report/text_caption.h"

#include <inttypes.h>

enum { MOST_OF_A_FINDING = 6, MOST_OF_A_CHECKPOINT = 6, MOST = 20, INDENT = 4 };

static void add_name(struct text_line *l, const struct finding_checkpoint *c)
{
    if (c->number == 0) {
        text_add(l, "(before the first checkpoint)");
        return;
    }
    text_add(l, "\"");
    text_add_safe(l, c->name);
    text_add(l, "\"");
}

static void add_times(struct text_line *l, uint64_t instances)
{
    if (instances > 1)
        text_add(l, ", %s times", text_number(instances).bytes);
}

void gate_checkpoints_of(const struct gate_view *w, const struct entry *k,
                         const struct gathering *g)
{
    struct text_line l = {0};
    uint64_t n = 0;
    for (uint32_t s = 0; s < k->n_sources; s++) {
        const struct source *from = &k->sources[s];
        for (uint32_t i = 0; i < from->n_checkpoints; i++) {
            if (n++ >= MOST_OF_A_FINDING && !w->all)
                continue;
            text_add(&l, "%s", n > 1 ? "; " : "");
            add_name(&l, &from->checkpoints[i]);
            if (k->n_sources > 1) {
                text_add(&l, " in ");
                text_add_safe(&l, g->recordings[from->recording].path);
            }
            add_times(&l, from->checkpoints[i].instances);
        }
    }
    if (n > MOST_OF_A_FINDING && !w->all)
        text_add(&l, "; and %" PRIu64 " more", n - MOST_OF_A_FINDING);
    if (n > 0)
        text_caption(w->out, "after", l.text);
}

/* From `first` to the last of its checkpoint; returns the one behind. */
static const struct at_checkpoint *put_one(const struct gate_view *w,
                                           const struct at_checkpoint *first,
                                           const struct at_checkpoint *end)
{
    struct text_line l = {0};
    uint32_t n = 0;
    const struct at_checkpoint *at = first;
    add_name(&l, first->checkpoint);
    if (w->g->n_images > 1) {
        text_add(&l, " in ");
        text_add_safe(&l, w->g->recordings[first->source->recording].path);
    }
    for (; at < end && at_same_checkpoint(first, at); at++) {
        if (n++ >= MOST_OF_A_CHECKPOINT && !w->all)
            continue;
        text_add(&l, "%s %s %s %.8s", n > 1 ? ";" : ":",
                 standing_word(at->gated->is),
                 finding_kind_word(at->gated->now->kind), at->gated->now->id);
        add_times(&l, at->checkpoint->instances);
    }
    if (n > MOST_OF_A_CHECKPOINT && !w->all)
        text_add(&l, "; and %" PRIu32 " more", n - MOST_OF_A_CHECKPOINT);
    fprintf(w->out->to, "%*s", INDENT, "");
    text_wrap(w->out, INDENT, 2 * INDENT, l.text);
    return at;
}

static uint32_t count(const struct by_checkpoint *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n; i++)
        n += i == 0 || !at_same_checkpoint(&b->at[i - 1], &b->at[i]);
    return n;
}

void gate_checkpoints(const struct gate_view *w)
{
    struct arena arena = {0};
    const struct by_checkpoint b = by_checkpoint_find(&arena, w->v);
    const struct at_checkpoint *at = b.at;
    const uint32_t all = count(&b);
    if (all > 0) {
        fputc('\n', w->out->to);
        text_put(w->out, TEXT_BOLD, "by checkpoint");
        fputc('\n', w->out->to);
    }
    for (uint32_t n = 0; n < all && (n < MOST || w->all); n++)
        at = put_one(w, at, b.at + b.n);
    if (all > MOST && !w->all)
        fprintf(w->out->to,
                "%*s... and %" PRIu32 " more checkpoints; '--all' tells them\n",
                INDENT, "", all - MOST);
    arena_release(&arena);
}
