/* SPDX-License-Identifier: MIT */
#include "gate/outcome.h"

#include "report/suppressed.h"

struct outcome outcome_of(const struct gathering *g, const struct verdicts *v,
                          const struct limits *l)
{
    struct outcome o = {
        .verdict = VERDICT_CLEAN,
        .code = RC_CLEAN,
        .too_many = g->found.n > l->max_findings,
        .too_large = g->bytes > l->max_bytes,
    };
    const bool found = v->count[STANDS_NEW] > 0 || v->count[STANDS_GROWN] > 0 ||
                       (l->strict && (v->count[STANDS_FIXED] > 0 ||
                                      suppressed_unused(g->suppressions) > 0));
    if (found || o.too_many || o.too_large) {
        o.verdict = VERDICT_FINDINGS;
        o.code = RC_FOUND;
    } else if (g->n_damaged > 0) {
        o.verdict = VERDICT_INDETERMINATE;
        o.code = RC_TRACE;
    } else if (g->n_doubtful > 0 && !l->allow_incomplete) {
        o.verdict = VERDICT_INDETERMINATE;
        o.code = RC_INDETERMINATE;
    }
    return o;
}
