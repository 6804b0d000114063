/* SPDX-License-Identifier: MIT */
/* memory_notes.c - what was seen of memory, and of each thread, in words */
#include "report/image.h"
#include "report/text_out.h"

#include "collect/reach.h"

#include <inttypes.h>
#include <stdio.h>

enum { SEEN_KINDS = OURO_SNAP_ENDED + 1 };

static void add_moment(struct text_line *l, const struct image *i,
                       const struct snapshot *s)
{
    if (s->why == OURO_SNAP_SAID)
        text_add(l, "memory was seen last at OURO_SNAPSHOT(\"%s\")",
                 text_head(s->name, 40).bytes);
    else if (s->why == OURO_SNAP_ASKED)
        text_add(l, "memory was seen last when 'ouro snapshot' asked");
    else
        text_add(l, "memory was seen at %s", snapshot_why(s));
    if (!snapshot_is_last(s))
        text_add(l, ", at %.3f s: what came later has unknown reach",
                 trace_seconds(&i->trace, s->stamp));
}

static void add_seen(struct text_line *l, bool *any, uint32_t n,
                     const char *words)
{
    if (n == 0)
        return;
    text_add(l, "%s%s %s", *any ? ", " : "", text_number(n).bytes, words);
    *any = true;
}

static void add_threads(struct text_line *l, const struct snapshot *s)
{
    uint32_t n[SEEN_KINDS] = {0};
    bool any = false;
    for (uint32_t k = 0; k < s->n_threads; k++)
        if (s->threads[k].seen < SEEN_KINDS)
            n[s->threads[k].seen]++;
    const uint32_t n_threads = s->n_threads - n[OURO_SNAP_ENDED];
    if (n_threads == 1 && n[OURO_SNAP_TAKER] == 1) {
        text_add(l, "; there was one thread, and all of it was seen");
    } else {
        text_add(l, "; of %s ", text_count(n_threads, "thread").bytes);
        add_seen(l, &any, n[OURO_SNAP_TAKER] + n[OURO_SNAP_WAITED],
                 "stood still and showed all registers");
        add_seen(l, &any, n[OURO_SNAP_BLOCKED],
                 "slept in the system, some registers unseen");
        add_seen(l, &any, n[OURO_SNAP_LAST],
                 "ran, and is known as of its last event");
        add_seen(l, &any, n[OURO_SNAP_UNSEEN], "ran, and showed nothing");
    }
    if (s->flags & OURO_SNAP_UNSURE)
        text_add(l, "; there may be threads that are not listed");
}

static void say_rests(const struct memory *m,
                      void (*say)(void *to, const char *clause), void *to)
{
    struct text_line l = {0};
    uint64_t n = 0;
    for (uint32_t k = 0; k < m->n_blocks; k++)
        n += m->unseen[k] != 0 && m->reached[k] != REACHED_SURELY;
    if (n == 0)
        return;
    text_add(&l, "%s among the last that such a thread asked for: ",
             text_count(n, "block").bytes);
    text_add(&l, "possibly lost, as a register may hold %s",
             n == 1 ? "it" : "them");
    say(to, l.text);
}

/* Other threads go on until the last instruction. */
static void say_later(const struct image *i,
                      void (*say)(void *to, const char *clause), void *to)
{
    struct text_line l = {0};
    uint64_t n = 0;
    for (uint32_t k = 0; k < i->shadow.n_blocks; k++)
        n += i->memory.then[k] == OURO_NONE;
    if (n == 0 || !snapshot_is_last(i->memory.snapshot))
        return;
    text_add(&l, "%s came after that, and %s not judged",
             text_count(n, "block").bytes, n == 1 ? "is" : "are");
    say(to, l.text);
}

/* Why nothing tells what is lost from what is not. */
static const char *why_not(const struct image *i)
{
    if (i->snapshots.n > 0)
        return "the snapshot of memory was cut short";
    if (i->ending == ENDING_SIGNAL || i->ending == ENDING_UNKNOWN)
        return "it ended before memory could be seen";
    return "no snapshot of memory was taken";
}

static void say_nothing_seen(const struct image *i,
                             void (*say)(void *to, const char *clause),
                             void *to)
{
    struct text_line l = {0};
    bool matters = false;
    for (uint32_t k = 0; k < i->findings.n; k++)
        matters |= i->findings.at[k].kind == FINDING_LEAK &&
                   i->findings.at[k].reach == REACH_UNKNOWN;
    if (!matters)
        return;
    text_add(&l, "%s: what is lost is not told from what is still reachable",
             why_not(i));
    say(to, l.text);
}

void image_memory_notes(const struct image *i,
                        void (*say)(void *to, const char *clause), void *to)
{
    if (!i->memory_is_made) {
        say_nothing_seen(i, say, to);
        return;
    }
    struct text_line l = {0};
    const struct snapshot *s = i->memory.snapshot;
    add_moment(&l, i, s);
    add_threads(&l, s);
    say(to, l.text);
    say_rests(&i->memory, say, to);
    say_later(i, say, to);
    if (s->unreadable > 0) {
        l = (struct text_line){0};
        text_add(&l,
                 "%s of memory could not be read: what only they point at "
                 "looks lost",
                 text_count(s->unreadable, "byte").bytes);
        say(to, l.text);
    }
}
