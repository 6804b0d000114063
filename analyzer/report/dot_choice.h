/* SPDX-License-Identifier: MIT */
/*
 * dot_choice.h - which members of a finding are drawn, where not all can be
 *
 * The shortest way round the cycle first, turned so that its closing edge comes
 * last; where it alone is too long, its beginning and its end. Then what is
 * next to that, and what is next to these, by index.
 *
 * Invariants: each member is drawn at most once; n_drawn + n_on_way + n_beside
 * is the number of members; n_on_way is 0 or the way alone fills the picture.
 */
#ifndef ANALYZER_REPORT_DOT_CHOICE_H
#define ANALYZER_REPORT_DOT_CHOICE_H

#include "explain/finding.h"

#include <stdbool.h>

struct dot_choice {
    uint32_t n_drawn;
    uint32_t *drawn; /* members, those on the way first and in its order */
    bool *is_drawn;  /* by member */
    bool *is_on_way; /* by member: on the way, and left out */
    uint32_t n_way;  /* edges of the way, the closing edge last */
    uint32_t *way;
    uint32_t n_head;   /* of `drawn`, before what is left out of the way */
    uint32_t n_on_way; /* members of the way that are left out */
    uint32_t n_beside; /* other members that are left out */
};

/* At most `most` members, at least one. */
struct dot_choice dot_choice_make(struct arena *a, const struct finding *f,
                                  uint32_t most);

#endif
