/* SPDX-License-Identifier: MIT */
#include "report/text_survivors.h"

#include "report/text_image.h"
#include "report/text_stack.h"

#include <inttypes.h>

enum { INDENT = 4, DEEPER = 8, TOLD = 20, IN_FULL = 3, NAME = 40 };

/* "+1,000", "-0.5", "0" */
static struct text growth_text(double growth)
{
    enum { WHOLE = 100 };
    const double size = growth < 0 ? -growth : growth;
    struct text t = text_head(growth > 0 ? "+" : growth < 0 ? "-" : "", 1);
    char words[32];
    if (size >= 1e17) {
        snprintf(words, sizeof words, "%.2e", size);
        text_append(&t, words);
        return t;
    }
    const uint64_t tenths = (uint64_t)(size * 10 + 0.5);
    if (size < WHOLE && tenths % 10 != 0) {
        snprintf(words, sizeof words, "%" PRIu64 ".%u", tenths / 10,
                 (unsigned)(tenths % 10));
        text_append(&t, words);
    } else {
        text_append(&t, text_number((uint64_t)(size + 0.5)).bytes);
    }
    return t;
}

static void put_figures(const struct text_out *o, const char *gen0,
                        const char *gen1, const char *gen2, const char *bytes,
                        const char *ages, const char *growth,
                        const char *rising)
{
    fprintf(o->to, "%*s %9s %9s %15s %6s %12s%s%s\n", DEEPER + 6, gen0, gen1,
            gen2, bytes, ages, growth, *rising ? " " : "", rising);
}

static void put_who(const struct text_out *o, const struct survivor *s)
{
    struct text_line l = {0};
    if (*s->allocator)
        text_add(&l, "blocks by %s", s->allocator);
    else
        text_add(&l, "%s",
                 *s->type ? text_head(s->type, NAME).bytes
                          : "objects without type");
    fprintf(o->to, "%*s", INDENT, "");
    text_put(o, TEXT_BOLD, l.text);
    fputc('\n', o->to);
}

/* "at checkpoints  0, 1,000, 2,000": the last ones. */
static void put_recent(const struct text_out *o, const struct survivor *s)
{
    enum { BEHIND = DEEPER + 16 };
    struct text_line l = {0};
    for (uint32_t i = 0; i < s->n_recent; i++)
        text_add(&l, "%s%s%s", i > 0 ? ", " : "", s->recent[i] < 0 ? "-" : "",
                 text_number((uint64_t)(s->recent[i] < 0 ? -s->recent[i]
                                                         : s->recent[i]))
                     .bytes);
    if (s->n_recent == 0)
        return;
    fprintf(o->to, "%*sat checkpoints  ", DEEPER, "");
    text_wrap(o, BEHIND, BEHIND, l.text);
}

static void put_row(const struct text_out *o, const struct survivor *s,
                    bool growth_known, bool in_full)
{
    const struct places first = {s->stack.n > 0, s->stack.at};
    put_who(o, s);
    put_figures(o, text_number(s->in[0]).bytes, text_number(s->in[1]).bytes,
                text_number(s->in[2]).bytes, text_number(s->bytes).bytes,
                text_number(s->ages).bytes,
                growth_known ? growth_text(s->growth).bytes : "-",
                s->grows ? "rising" : "");
    if (in_full)
        put_recent(o, s);
    text_stack(o, DEEPER, in_full ? s->stack : first);
}

/* How the ages are counted, and what is known of growth. */
static void put_measure(const struct text_out *o, const struct image *i)
{
    const struct survivors *v = &i->survivors;
    struct text_line l = {0};
    switch (v->by) {
    case AGES_BY_COLLECTIONS:
        text_add(&l, "Ages in collections, of which there were %s",
                 text_number(i->shadow.gc.n_collections).bytes);
        break;
    case AGES_BY_CHECKPOINTS:
        text_add(&l, "Ages in checkpoints, since there was no collection "
                     "(without one, objects stay in generation 0)");
        break;
    case AGES_BY_TIME:
        text_add(&l,
                 "Ages in %dnds of the run's time, since there was no "
                 "collection and no checkpoint",
                 AGES_PARTS);
    }
    if (v->n_checkpoints > 1)
        text_add(&l, "; growth a checkpoint, over %s of them.",
                 text_number(v->n_checkpoints).bytes);
    else
        text_add(&l, "; growth is not known with fewer than two checkpoints "
                     "(OURO_CHECKPOINT in ouro.h).");
    fprintf(o->to, "%*s", INDENT, "");
    text_wrap(o, INDENT, INDENT, l.text);
}

void text_survivors(const struct text_out *o, const struct image *i, bool all)
{
    const struct survivors *v = &i->survivors;
    text_image(o, i);
    fputc('\n', o->to);
    if (v->n == 0) {
        fprintf(o->to, "%*sNothing lives on.\n", INDENT, "");
        return;
    }
    put_measure(o, i);
    fputc('\n', o->to);
    put_figures(o, "gen 0", "gen 1", "gen 2", "bytes", "ages", "growth", "");
    const uint32_t told = all || v->n < TOLD ? v->n : TOLD;
    for (uint32_t k = 0; k < told; k++)
        put_row(o, &v->at[k], v->n_checkpoints > 1, k < IN_FULL);
    if (told < v->n)
        fprintf(o->to, "%*s%s more (--all)\n", INDENT, "",
                text_number(v->n - told).bytes);
}

static uint32_t count_rising(const struct survivors *v, uint32_t *first)
{
    uint32_t n = 0;
    for (uint32_t k = v->n; k-- > 0;)
        if (v->at[k].grows) {
            n++;
            *first = k;
        }
    return n;
}

bool text_survivors_rising(const struct image *i, struct text_line *l)
{
    const struct survivors *v = &i->survivors;
    uint32_t first = 0;
    const uint32_t n = count_rising(v, &first);
    if (n == 0 || image_lacks_data(i))
        return false;
    const struct survivor *s = &v->at[first];
    text_add(l, "more at each checkpoint: %s",
             text_count(s->n, *s->allocator ? "block" : "object").bytes);
    if (*s->type)
        text_add(l, " (%s)", text_head(s->type, NAME).bytes);
    if (s->stack.n > 0 && *s->stack.at[0].function)
        text_add(l, " made in %s",
                 text_function(s->stack.at[0].function, NAME).bytes);
    text_add(l, ", %s a checkpoint", growth_text(s->growth).bytes);
    if (n > 1)
        text_add(l, ", and %s more such", text_number(n - 1).bytes);
    text_add(l, "; 'ouro survivors' tells who lives on");
    return true;
}

void text_survivors_legend(const struct text_out *o)
{
    text_wrap(
        o, 0, 0,
        "Many ages and growth: a leak that something still holds looks so "
        "(a cache that nothing leaves, a list that is only added to). One "
        "age: made once. Many ages and no growth: what comes and goes. "
        "\"rising\": more at each of the last checkpoints than at the one "
        "before.");
}
