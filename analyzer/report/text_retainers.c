/* SPDX-License-Identifier: MIT */
#include "report/text_retainers.h"

#include "report/text_caption.h"
#include "report/text_image.h"
#include "report/text_pointers.h"
#include "report/text_stack.h"

#include <inttypes.h>

enum { INDENT = 4, DEEPER = 8, NAME = 40 };

/* "12,310 bytes in 41 blocks" */
static void add_held(struct text_line *l, const struct held *h)
{
    text_add(l, "%s in ", text_count(h->bytes, "byte").bytes);
    text_add(l, "%s", text_count(h->blocks, "block").bytes);
}

/* Session "main", 24 bytes; a block of 24 bytes by malloc */
static void add_who(struct text_line *l, const struct retainer_step *s)
{
    if (s->is_pages) {
        text_add(l, "memory of the program, %s",
                 text_count(s->bytes, "byte").bytes);
        return;
    }
    if (*s->type || *s->label) {
        text_add_named(l, s->type, s->label);
        text_add(l, ", %s", text_count(s->bytes, "byte").bytes);
    } else {
        text_add(l, "a block of %s", text_count(s->bytes, "byte").bytes);
        if (*s->allocator)
            text_add(l, " by %s", s->allocator);
    }
}

static void add_made(struct text_line *l, const struct retainer_step *s)
{
    if (s->stack.n > 0)
        text_add(l, ", made in %s", text_place(&s->stack.at[0], NAME).bytes);
    if (s->run > 1)
        text_add(l, ", and %s more such below it",
                 text_number(s->run - 1).bytes);
}

static void put_line(const struct text_out *o, int indent, const char *words)
{
    fprintf(o->to, "%*s", indent, "");
    text_wrap(o, indent, indent == INDENT ? indent : indent + 2, words);
}

static void put_roots(const struct text_out *o, const struct retainer *at)
{
    struct text_line l = {0};
    if (at->n_roots == 0)
        put_line(o, DEEPER,
                 at->kept ? "kept on purpose, or from before a fork"
                          : "held in several ways, none of which leads alone");
    for (uint32_t i = 0; i < at->n_roots; i++) {
        l = (struct text_line){0};
        text_add(&l, i == 0 ? "held by " : "and by ");
        text_pointer(&l, &at->roots[i]);
        put_line(o, DEEPER, l.text);
    }
}

static void put_retainer(const struct text_out *o, const struct retainer *at)
{
    struct text_line l = {0};
    add_held(&l, &at->is.retained);
    fprintf(o->to, "%*s", INDENT, "");
    text_put(o, TEXT_BOLD, l.text);
    fputc('\n', o->to);
    l = (struct text_line){0};
    add_who(&l, &at->is);
    text_add(&l, " at 0x%" PRIx64, at->is.address);
    add_made(&l, &at->is);
    put_line(o, DEEPER, l.text);
    put_roots(o, at);
    for (uint32_t i = 0; i < at->n_chain; i++) {
        l = (struct text_line){0};
        text_add(&l, "-> ");
        add_held(&l, &at->chain[i].retained);
        text_add(&l, ": ");
        add_who(&l, &at->chain[i]);
        add_made(&l, &at->chain[i]);
        put_line(o, DEEPER + 2 * (int)i, l.text);
    }
    if (at->deeper)
        put_line(o, DEEPER + 2 * RETAINER_CHAIN, "-> ... and deeper");
}

static void put_sites(const struct text_out *o, const struct retainers *r)
{
    if (r->n_sites == 0 || r->n_sites == r->n)
        return;
    fprintf(o->to, "\n%*sby where they were made\n", INDENT, "");
    for (uint32_t i = 0; i < r->n_sites_told; i++) {
        const struct retainer_site *s = &r->sites[i];
        struct text_line l = {0};
        add_held(&l, &s->retained);
        text_add(&l, ": %s ", text_number(s->n).bytes);
        text_add(&l, "%s",
                 *s->type    ? text_head(s->type, NAME).bytes
                 : s->n == 1 ? "block"
                             : "blocks");
        if (!*s->type && *s->allocator)
            text_add(&l, " by %s", s->allocator);
        if (s->stack.n > 0)
            text_add(&l, ", made in %s",
                     text_place(&s->stack.at[0], NAME).bytes);
        put_line(o, DEEPER, l.text);
    }
    if (r->n_sites_told < r->n_sites)
        fprintf(o->to, "%*s%s more (--all)\n", DEEPER, "",
                text_number(r->n_sites - r->n_sites_told).bytes);
}

static void put_unseen(const struct text_out *o, const struct image *i)
{
    const bool alive = i->ending == ENDING_NOT;
    put_line(o, INDENT,
             alive ? "What memory holds was not looked at yet: 'ouro snapshot' "
                     "has it looked at now."
                   : "What memory held was not looked at, so nothing tells who "
                     "keeps what. It is at exit, at OURO_SNAPSHOT(name), and "
                     "when 'ouro snapshot PID' asks; not with "
                     "--snapshot=none, and not when a signal kills.");
}

void text_retainers(const struct text_out *o, const struct image *i,
                    const struct retainers *r)
{
    struct text_line l = {0};
    text_image(o, i);
    fputc('\n', o->to);
    if (!r) {
        put_unseen(o, i);
        return;
    }
    text_add(&l, "Reachable: ");
    add_held(&l, &r->reachable);
    if (r->lost.blocks > 0) {
        text_add(&l, "; not counted, as nothing leads there: ");
        add_held(&l, &r->lost);
    }
    text_add(&l, ". What would go with each:");
    put_line(o, INDENT, l.text);
    for (uint32_t k = 0; k < r->n_told; k++) {
        fputc('\n', o->to);
        put_retainer(o, &r->at[k]);
    }
    if (r->n_told < r->n)
        fprintf(o->to, "\n%*s%s more (--all)\n", INDENT, "",
                text_number(r->n - r->n_told).bytes);
    put_sites(o, r);
    fputc('\n', o->to);
    image_memory_notes(i, text_note, (void *)o);
    if (*r->symbols_note)
        text_note((void *)o, r->symbols_note);
}
