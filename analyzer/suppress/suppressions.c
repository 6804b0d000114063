/* SPDX-License-Identifier: MIT */
#include "suppress/suppressions.h"

#include <stdlib.h>
#include <string.h>

void suppressions_release(struct suppressions *s)
{
    free(s->at);
    table_release(&s->taken);
    arena_release(&s->arena);
    *s = (struct suppressions){0};
}

static bool is_for(const struct suppression *s, const char *program)
{
    return !s->program || (program && strcmp(s->program, program) == 0);
}

static struct suppression *find(const struct suppressions *s,
                                const struct finding *f, const char *program)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (is_for(&s->at[i], program) && suppression_matches(&s->at[i], f))
            return &s->at[i];
    return NULL;
}

static void count(struct suppression *by, const struct finding *f)
{
    by->findings++;
    by->instances += f->instances;
    by->blocks += f->blocks;
    by->bytes += f->bytes;
}

/* 16 hexadecimal digits. */
static uint64_t number_of(const char *id)
{
    return strtoull(id, NULL, 16);
}

bool suppressions_took(const struct suppressions *s, const char *id)
{
    return s && table_get(&s->taken, number_of(id)) != 0;
}

void suppressions_apply(struct suppressions *s, struct findings *f,
                        const char *program, bool stay)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        struct suppression *by = find(s, &f->at[i], program);
        if (by && !s->counted)
            count(by, &f->at[i]);
        if (!by || stay)
            f->at[n++] = f->at[i];
        else
            table_set(&s->taken, number_of(f->at[i].id), 1);
    }
    f->n = n;
}
