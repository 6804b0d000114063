/* SPDX-License-Identifier: MIT */
/* A block in which no object lives, and what is dead at the end. */
#include "report/text_caption.h"
#include "report/text_finding.h"
#include "report/text_stack.h"
#include "report/text_why.h"

#include <inttypes.h>

enum { NAME = 48 };

static const char *state_of(const struct why_block *b)
{
    static const char *const seen[] = {
        [REACH_DEFINITE] = "lost: nothing that is alive leads to it",
        [REACH_POSSIBLE] = "possibly lost: what leads to it may be no pointer",
        [REACH_REACHABLE] = "alive, and can still be reached",
        [REACH_UNKNOWN] = "alive: it came after memory was looked at",
    };
    if (b->inherited)
        return "alive, from before the fork";
    if (b->ignored)
        return "alive, kept on purpose (OURO_IGNORE)";
    if (b->owned)
        return "alive: storage of its owner; explain that";
    if (b->seen)
        return seen[b->reach];
    return "alive, and no object was announced in it: memory was not looked "
           "at, so who points at it is not known";
}

void text_why_block(const struct text_out *o, const struct why_block *b)
{
    const struct why_object is = {"", "", b->addr};
    struct text_line more = {0}, owner = {0};
    if (*b->allocator)
        text_add(&more, " by %s", b->allocator);
    text_why_heading(o, &is, "block", b->bytes, more.text);
    text_why_born(o, b->born, b->born_at);
    if (b->owned) {
        text_add_named(&owner, b->owner.type, b->owner.label);
        text_add(&owner, " at 0x%" PRIx64, b->owner.addr);
        text_caption(o, "owned by", owner.text);
    }
    text_caption(o, "state", state_of(b));
}

static void put_others(const struct text_out *o, const struct why_death *d)
{
    struct text_line l = {0};
    if (d->others == 0)
        return;
    text_add(&l, "%s more ", text_number(d->others).bytes);
    if (d->word)
        text_add(&l, "that \"%s\" means died before it",
                 text_head(d->word, NAME).bytes);
    else
        text_add(&l, "lived and died there before it");
    text_caption(o, "others", l.text);
}

/* Who did not notice. */
static void put_holder(const struct text_out *o, const struct why_death *d)
{
    struct text_line l = {0};
    if (d->n_holders == 0)
        return;
    text_add_named(&l, d->holder.type, d->holder.label);
    text_add(&l, " at 0x%" PRIx64, d->holder.addr);
    if (d->n_holders > 1)
        text_add(&l, " and %s more", text_number(d->n_holders - 1).bytes);
    text_add(&l, ": not undone to the end");
    text_caption(o, "held by", l.text);
}

void text_why_death(const struct text_out *o, const struct why_death *d)
{
    struct text_line l = {0};
    text_why_heading(o, &d->is, d->is_block ? "block" : NULL, d->bytes,
                     ": dead at the end");
    text_why_born(o, d->born, d->born_at);
    text_seconds(&l, d->died);
    if (d->is_block && d->died_at.n == 0)
        text_add(&l, "; where is not known: a free records no stack");
    if (!d->is_block && d->rc > 0)
        text_add(&l, ", with a count of %" PRId64, d->rc);
    text_caption(o, "died", l.text);
    if (d->died_at.n > 0)
        text_stack(o, CAPTION_DEEPER, d->died_at);
    put_holder(o, d);
    put_others(o, d);
}
