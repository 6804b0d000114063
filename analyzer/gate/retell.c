/* SPDX-License-Identifier: MIT */
#include "gate/retell.h"

#include "report/each_image.h"

#include <stdlib.h>
#include <string.h>

struct retelling {
    const struct gate_view *w;
    const struct report_format *format;
    struct report r;
    uint32_t n; /* of those that were found, by id */
    struct gated *by_id;
};

static int by_id(const void *a, const void *b)
{
    const struct gated *x = a;
    const struct gated *y = b;
    return strcmp(x->now->id, y->now->id);
}

static int id_to_gated(const void *id, const void *member)
{
    const struct gated *g = member;
    return strcmp(id, g->now->id);
}

static void index_found(struct retelling *t)
{
    const struct verdicts *v = t->w->v;
    t->by_id = must_calloc(v->n, sizeof *t->by_id);
    for (uint32_t i = 0; i < v->n; i++)
        if (v->at[i].now)
            t->by_id[t->n++] = v->at[i];
    if (t->n > 0)
        qsort(t->by_id, t->n, sizeof *t->by_id, by_id);
}

static struct judged judge(void *to, const struct image *i,
                           const struct finding *f)
{
    const struct retelling *t = to;
    const struct gated *found =
        t->n == 0
            ? NULL
            : bsearch(f->id, t->by_id, t->n, sizeof *t->by_id, id_to_gated);
    (void)i;
    if (!found)
        return (struct judged){JUDGED_NOT, false};
    switch (found->is) {
    case STANDS_NEW:
        return (struct judged){JUDGED_NEW, true};
    case STANDS_GROWN:
        return (struct judged){JUDGED_GROWN, true};
    case STANDS_KNOWN:
        return (struct judged){JUDGED_KNOWN, false};
    case STANDS_FIXED:
    case STANDS_UNSEEN:
    case STANDS_APART:
        break;
    }
    return (struct judged){JUDGED_NOT, false};
}

static struct fixed_finding *list_fixed(const struct verdicts *v, uint32_t *n)
{
    struct fixed_finding *fixed =
        must_calloc(v->count[STANDS_FIXED], sizeof *fixed);
    *n = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        const struct entry *k = v->at[i].before;
        if (v->at[i].is != STANDS_FIXED)
            continue;
        fixed[(*n)++] = (struct fixed_finding){
            .id = k->id,
            .kind = finding_kind_word(k->kind),
            .what = k->n_stack > 0   ? k->stack[0]
                    : k->n_types > 0 ? k->types[0]
                                     : "",
        };
    }
    return fixed;
}

/* What a root reaches was looked at for the policy: of that, nothing else. */
static void drop_reachable(const struct policy *policy, struct findings *f)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->n; k++)
        if (f->at[k].reach != REACH_REACHABLE ||
            policy_covers(policy, f->at[k].kind, REACH_REACHABLE))
            f->at[n++] = f->at[k];
    f->n = n;
}

static int visit(void *to, struct image *i)
{
    struct retelling *t = to;
    drop_reachable(t->w->g->policy, &i->findings);
    report_image(&t->r, t->format, i);
    return RC_CLEAN;
}

static int tell_recordings(struct retelling *t)
{
    const struct gathering *g = t->w->g;
    const struct image_query q = {.symbolizer = g->symbolizer,
                                  .prepare = gather_prepare(g),
                                  .visit = visit,
                                  .suppressions = g->suppressions,
                                  .to = t};
    for (uint32_t k = 0; k < g->n_recordings; k++) {
        if (g->recordings[k].damaged && g->recordings[k].n_images == 0)
            continue;
        const int code = each_image(g->recordings[k].path, &q);
        if (code != RC_CLEAN && code != RC_TRACE)
            return code;
    }
    return RC_CLEAN;
}

int retell(const struct gate_view *w, const struct report_format *format)
{
    struct retelling t = {.w = w, .format = format};
    struct judge j = {.of = judge, .to = &t};
    struct fixed_finding *fixed = list_fixed(w->v, &j.n_fixed);
    j.fixed = fixed;
    const bool unexplained =
        policy_covers(w->g->policy, FINDING_UNBALANCED, REACH_UNKNOWN);
    t.r = (struct report){.out = w->out->to,
                          .colour = w->out->colour,
                          .all = w->all || unexplained,
                          .source_root = w->source_root,
                          .suppressions = w->g->suppressions,
                          .judge = &j};
    index_found(&t);
    format->begin(&t.r);
    int code = tell_recordings(&t);
    format->end(&t.r);
    free(t.by_id);
    free(fixed);
    if (code == RC_CLEAN && t.r.failed) {
        struct err e;
        err_set(&e, "the report cannot be held while it is made: no room in "
                    "the directory for temporary files");
        code = err_say(&e);
    }
    return code;
}
