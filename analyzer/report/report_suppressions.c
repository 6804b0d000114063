/* SPDX-License-Identifier: MIT */
/*
 * report_suppressions.c - an entry for each finding, ready to be read again
 *
 * Suppressed by the entries is what they were written for and nothing else. A
 * leak gets a block in Valgrind's form where its call stack can be written so
 * and says it all; what else there is goes by its id, which says neither lines
 * nor addresses, under a comment for people.
 */
#include "report/report_suppressions.h"

#include "report/finding_brief.h"
#include "shadow/table.h"
#include "suppress/entry_names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MOST_FRAMES = 64 }; /* in a block */

struct state {
    struct table told; /* ids */
    struct table fits; /* of an image: calls */
    uint64_t seed;
};

static void begin(struct report *r)
{
    struct state *s = must_calloc(1, sizeof *s);
    s->seed = hash_seed();
    r->state = s;
}

/* Can it stand on a line, and be read from it again? */
static bool is_plain(const char *name)
{
    if (!*name || *name == ' ' || name[strlen(name) - 1] == ' ')
        return false;
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == 0x7f)
            return false;
    return true;
}

static bool is_writable(const struct places *p)
{
    for (uint32_t k = 0; k < p->n; k++)
        if (!is_plain(*p->at[k].function ? p->at[k].function
                                         : p->at[k].module) ||
            p->at[k].function == symbols_cut_off.function)
            return false;
    return p->n > 0;
}

static bool same_calls(const struct places *a, const struct places *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t k = 0; k < a->n; k++)
        if (strcmp(a->at[k].function, b->at[k].function) != 0 ||
            strcmp(a->at[k].module, b->at[k].module) != 0)
            return false;
    return true;
}

/* A named function that is not the system's: without one the block would fit
   much else. */
static bool says_where(const struct places *p)
{
    for (uint32_t k = 0; k < p->n; k++)
        if (*p->at[k].function && strcmp(p->at[k].function, "main") != 0)
            return true;
    return false;
}

/* Its id is the same at any depth, and a block is not. */
static bool is_recursion(const struct places *p)
{
    if (p->n > MOST_FRAMES)
        return true;
    for (uint32_t k = 1; k < p->n; k++)
        for (uint32_t m = 0; m < k; m++)
            if (*p->at[k].function &&
                strcmp(p->at[k].function, p->at[m].function) == 0)
                return true;
    return false;
}

static bool is_of_one_stack(const struct finding *f)
{
    if (strcmp(f->shape, "single") != 0 || !is_writable(&f->stack) ||
        !says_where(&f->stack) || is_recursion(&f->stack))
        return false;
    for (uint32_t k = 0; k < f->n_places; k++)
        if (!same_calls(&f->places[k].stack, &f->stack))
            return false;
    return true;
}

static bool is_of_one_entry(const struct finding *f)
{
    for (uint32_t k = 0; k < f->n_places; k++)
        if (strcmp(f->places[k].allocator, f->allocator) != 0)
            return false;
    return *f->allocator;
}

static void put_comment(FILE *to, const struct finding *f)
{
    struct text_line l = {0};
    finding_add_title(&l, f);
    text_add(&l, ": ");
    finding_add_headline(&l, f);
    fprintf(to, "# %s\n", l.text);
}

/* What is outside of main() is the C library's, and another one's tomorrow. */
static struct places up_to_main(const struct places *p)
{
    for (uint32_t k = 0; k < p->n; k++)
        if (strcmp(p->at[k].function, "main") == 0)
            return (struct places){k + 1, p->at};
    return *p;
}

static uint64_t hash_call(uint64_t outer, const struct place *p)
{
    outer = XXH64(p->function, strlen(p->function) + 1, outer);
    return XXH64(p->module, strlen(p->module) + 1, outer);
}

/* By the calls of each block that may be written: 1 + how many leaks it fits.
 */
static void image(struct report *r, const struct image *i)
{
    struct state *s = r->state;
    table_release(&s->fits);
    for (int counts = 0; counts < 2; counts++)
        for (uint32_t k = 0; k < i->findings.n; k++) {
            const struct finding *f = &i->findings.at[k];
            if (f->kind != FINDING_LEAK)
                continue;
            const uint32_t n = counts ? f->stack.n : up_to_main(&f->stack).n;
            uint64_t calls = s->seed;
            for (uint32_t at = 0; at < n; at++) {
                calls = hash_call(calls, &f->stack.at[at]);
                const uint64_t known = table_get(&s->fits, calls);
                if (counts ? known > 0 : at + 1 == n)
                    table_set(&s->fits, calls, counts ? known + 1 : 1);
            }
        }
}

static void put_block(FILE *to, const struct finding *f)
{
    fprintf(to, "{\n   leak %.8s\n   Memcheck:Leak\n", f->id);
    fprintf(to, "   fun:%s\n",
            is_of_one_entry(f) ? entry_name(f->allocator, 0) : "*");
    const struct places p = up_to_main(&f->stack);
    for (uint32_t k = 0; k < p.n; k++)
        fprintf(to, "   %s:%s\n", *p.at[k].function ? "fun" : "obj",
                *p.at[k].function ? p.at[k].function : p.at[k].module);
    fputs("}\n", to);
}

/* Is there another finding that the block would fit? */
static bool fits_others(const struct state *s, const struct finding *f)
{
    const struct places p = up_to_main(&f->stack);
    uint64_t calls = s->seed;
    for (uint32_t k = 0; k < p.n; k++)
        calls = hash_call(calls, &p.at[k]);
    return table_get(&s->fits, calls) > 2;
}

static void finding(struct report *r, const struct image *i,
                    const struct finding *f)
{
    struct state *s = r->state;
    const uint64_t key = strtoull(f->id, NULL, 16);
    const struct judged j = report_judged(r, i, f);
    if (table_get(&s->told, key) || (r->judge && !j.fails))
        return;
    table_set(&s->told, key, 1);
    put_comment(r->out, f);
    if (f->kind == FINDING_LEAK && is_of_one_stack(f) && !fits_others(s, f))
        put_block(r->out, f);
    else if (f->kind == FINDING_LEAK)
        fprintf(r->out, "leak:^%s$\n", f->id);
    else
        fprintf(r->out, "%s:%s\n", finding_kind_word(f->kind), f->id);
}

static void end(struct report *r)
{
    struct state *s = r->state;
    table_release(&s->told);
    table_release(&s->fits);
    free(s);
}

const struct report_format report_suppressions = {
    .name = "suppressions",
    .begin = begin,
    .image = image,
    .finding = finding,
    .end = end,
};
