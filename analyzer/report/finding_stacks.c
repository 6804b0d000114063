/* SPDX-License-Identifier: MIT */
#include "report/finding_stacks.h"

#include "explain/system_path.h"
#include "report/finding_words.h"
#include "report/text_stack.h"

#include <string.h>

uint32_t finding_frames(struct places stack)
{
    const uint32_t n = text_stack_shown(stack);
    return n < FINDING_FRAMES ? n : FINDING_FRAMES;
}

static bool is_same(struct places a, struct places b)
{
    const uint32_t n = finding_frames(a);
    uint32_t i = 0;
    if (n != finding_frames(b))
        return false;
    while (i < n && place_looks_like(&a.at[i], &b.at[i]))
        i++;
    return i == n;
}

static void add(struct finding_stacks *s, const char *caption,
                struct places stack)
{
    if (stack.n == 0)
        return;
    for (uint32_t i = 0; i < s->n; i++)
        if (is_same(s->at[i].stack, stack))
            return;
    if (s->n == FINDING_STACKS)
        s->left_out++;
    else
        s->at[s->n++] = (struct finding_stack){caption, stack};
}

static void add_links(struct finding_stacks *s, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_edges; i++)
        if (i != f->closing_edge)
            add(s, "linked by", f->edges[i].stack);
    for (uint32_t i = 0; i < f->n_roots; i++)
        add(s, "linked by", f->roots[i].stack);
}

static void add_births(struct finding_stacks *s, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_members; i++)
        add(s, "made by", f->members[i].stack);
}

static void add_cycle(struct finding_stacks *s, const struct finding *f)
{
    if (f->closing_edge < f->n_edges)
        add(s, "closed by", f->edges[f->closing_edge].stack);
    if (f->has_orphaned)
        add(s, "orphaned by", f->orphaned_stack);
    if (f->has_last_release)
        add(s, "last released by", f->last_release_stack);
    add_births(s, f);
    add_links(s, f);
}

static void add_leak(struct finding_stacks *s, const struct finding *f)
{
    add(s, "allocated by", f->stack);
    for (uint32_t i = 0; i < f->n_places && i < FINDING_PLACES; i++)
        if (f->places[i].stack.at != f->stack.at)
            add(s, "also allocated by", f->places[i].stack);
}

static void add_misuse(struct finding_stacks *s, const struct finding *f)
{
    add(s, finding_doer_words(f->what ? f->what : ""), f->stack);
    add(s, "made by", f->birth_stack);
    add(s, "died in", f->death_stack);
}

static void add_unbalanced(struct finding_stacks *s, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_unreleased; i++)
        add(s, "taken by", f->unreleased[i].stack);
    add(s, "made by", f->stack);
}

/* Of what lives, or of what is dead already. */
static void add_over_release(struct finding_stacks *s, const struct finding *f)
{
    if (f->n_members == 0) {
        add(s, f->has_death ? "linked by" : "last released by", f->stack);
        add(s, "died in", f->death_stack);
        add(s, "made by", f->birth_stack);
        return;
    }
    add_links(s, f);
    add(s, "made by", f->stack);
    if (f->stack.n == 0)
        add_births(s, f);
}

void finding_stacks_find(struct finding_stacks *s, const struct finding *f)
{
    s->n = s->left_out = 0;
    switch (f->kind) {
    case FINDING_CYCLE:
        add_cycle(s, f);
        return;
    case FINDING_LEAK:
        add_leak(s, f);
        return;
    case FINDING_MISUSE:
        add_misuse(s, f);
        return;
    case FINDING_UNBALANCED:
        add_unbalanced(s, f);
        return;
    case FINDING_OVER_RELEASE:
    case FINDING_GHOST_EDGE:
        add_over_release(s, f);
        return;
    }
}

bool finding_place_is_system(const struct place *p)
{
    return path_is_system(p->module) || strncmp(p->file, "/usr/", 5) == 0;
}

const struct place *finding_spot_of(struct places stack)
{
    const struct place *end = stack.at + stack.n;
    for (const struct place *p = stack.at; p < end; p++)
        if (*p->file && p->line > 0 && !finding_place_is_system(p))
            return p;
    return NULL;
}

const struct place *finding_spot(const struct finding *f)
{
    struct finding_stacks s;
    const struct place *spot = NULL;
    finding_stacks_find(&s, f);
    for (uint32_t i = 0; i < s.n && !spot; i++)
        spot = finding_spot_of(s.at[i].stack);
    return spot;
}

const struct place *finding_any_place(const struct finding *f)
{
    struct finding_stacks s;
    finding_stacks_find(&s, f);
    for (uint32_t i = 0; i < s.n; i++)
        for (uint32_t k = 0; k < s.at[i].stack.n; k++)
            if (*s.at[i].stack.at[k].module &&
                !finding_place_is_system(&s.at[i].stack.at[k]))
                return &s.at[i].stack.at[k];
    return s.n > 0 ? &s.at[0].stack.at[0] : NULL;
}
