/* SPDX-License-Identifier: MIT */
#include "report/hints.h"

#include "explain/system_path.h"
#include "report/text_stack.h"

static void add_stack(struct hints *h, struct places stack)
{
    const uint32_t n = text_stack_shown(stack);
    for (uint32_t i = 0; i < n; i++) {
        const struct place *p = &stack.at[i];
        h->nameless |= !*p->function;
        h->lineless |=
            !*p->file && p->module[0] == '/' && !path_is_system(p->module);
    }
}

void hints_add(struct hints *h, const struct finding *f)
{
    add_stack(h, f->stack);
    add_stack(h, f->birth_stack);
    add_stack(h, f->death_stack);
    add_stack(h, f->orphaned_stack);
    add_stack(h, f->last_release_stack);
    for (uint32_t i = 0; i < f->n_members; i++)
        add_stack(h, f->members[i].stack);
    for (uint32_t i = 0; i < f->n_edges; i++)
        add_stack(h, f->edges[i].stack);
}

void hints_say(const struct hints *h, const struct findings *all,
               void (*say)(void *to, const char *clause), void *to)
{
    if (h->nameless && all->fingerprints_fragile)
        say(to, "some ids rest on addresses and will change with the next "
                "build: functions without names");
    if (h->lineless && all->lines_missing)
        say(to, "compile with -g to see files and lines");
}
