/* SPDX-License-Identifier: MIT */
/* gate_notes.c - what stands below the gate's findings */
#include "gate/gate_view.h"

#include "report/finding_words.h"
#include "report/text_caption.h"

struct notes {
    const struct gate_view *w;
    bool below; /* something that they must be told from */
};

static void put(struct notes *to, const char *clause)
{
    if (to->below)
        fputc('\n', to->w->out->to);
    to->below = false;
    text_note((void *)to->w->out, clause);
}

static void add_apart(struct text_line *l, const struct gate_view *w,
                      enum finding_kind kind, enum reach reach)
{
    uint64_t n = 0, bytes = 0;
    for (uint32_t i = 0; i < w->v->n; i++) {
        const struct gated *g = &w->v->at[i];
        if (g->is != STANDS_APART || !g->now || g->now->kind != kind ||
            g->now->reach != reach)
            continue;
        n++;
        bytes += g->now->bytes;
    }
    if (n == 0)
        return;
    text_add(l, "%s%s %s%s", l->len > 0 ? ", " : "", text_number(n).bytes,
             finding_kind_word(kind), n == 1 ? "" : "s");
    if (kind == FINDING_LEAK || kind == FINDING_UNBALANCED ||
        kind == FINDING_GHOST_EDGE)
        text_add(l, " of %s reach", finding_reach_word(reach));
    text_add(l, " (%s)", text_count(bytes, "byte").bytes);
}

/* What the policy does not speak of, and how it would. */
static void put_apart(struct notes *to)
{
    const struct gate_view *w = to->w;
    struct text_line l = {0}, n = {0};
    for (int k = 0; k < POLICY_KINDS; k++)
        for (int r = 0; r < POLICY_REACHES; r++)
            add_apart(&l, w, (enum finding_kind)k, (enum reach)r);
    if (l.len == 0)
        return;
    text_add(&n, "not judged: %s", l.text);
    if (w->g->no_snapshot)
        text_add(&n, "; no snapshot shows whether blocks of unknown reach are "
                     "lost: --fail-on=default,leak:unknown judges them");
    put(to, n.text);
}

void gate_notes(const struct gate_view *w)
{
    const struct verdicts *v = w->v;
    struct notes to = {w, v->n > v->count[STANDS_APART]};
    if (w->outcome)
        put_apart(&to);
    if (w->outcome && v->count[STANDS_FIXED] > 0)
        put(&to, "what is fixed can go from the baseline: --write-baseline "
                 "takes it out");
    if (v->count[STANDS_UNSEEN] > 0)
        put(&to, "what is unseen may be fixed, or may only not have been "
                 "reached: the recordings are not complete");
    if (w->old && w->old->n_doubtful > 0)
        put(&to, "what is new may have been there before: the old recording is "
                 "not complete");
    if (w->g->fragile)
        put(&to, "some ids rest on addresses and will change with the next "
                 "build: functions without names");
    if (w->outcome && !w->baseline && v->count[STANDS_NEW] > 0)
        put(&to, "without a baseline all is new; --baseline=FILE "
                 "--write-baseline makes one of what is there");
}
