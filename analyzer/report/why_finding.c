/* SPDX-License-Identifier: MIT */
#include "report/why_finding.h"

#include "err.h"
#include "report/each_image.h"

#include <string.h>

struct search {
    const char *word;
    size_t len;
    struct why_finding *found;
};

/* What is damaged was said when it was looked for by name. */
static int analyse_quietly(struct image *i)
{
    i->shown = REACH_SHOWN_ALL;
    i->show_suppressed = true;
    image_analyse(i);
    return 0;
}

static int look(void *to, struct image *i)
{
    const struct search *s = to;
    if (!i->findings_are_made)
        return RC_CLEAN;
    for (uint32_t k = 0; k < i->findings.n; k++) {
        const struct finding *f = &i->findings.at[k];
        if (f->address == 0 || strncasecmp(f->id, s->word, s->len) != 0)
            continue;
        *s->found = (struct why_finding){i->pid, f->address};
        return RC_FOUND;
    }
    return RC_CLEAN;
}

bool why_finding(const char *recording, const char *word, uint32_t pid,
                 struct why_finding *found)
{
    struct search s = {word, strlen(word), found};
    if (s.len < WHY_FINDING_DIGITS || s.len > 16 ||
        strspn(word, "0123456789abcdefABCDEF") != s.len)
        return false;
    const struct image_query q = {
        .pid = pid, .prepare = analyse_quietly, .visit = look, .to = &s};
    return each_image(recording, &q) == RC_FOUND;
}
