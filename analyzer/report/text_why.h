/* SPDX-License-Identifier: MIT */
/*
 * text_why.h - one object, one block, or one that is dead, as a person reads it
 */
#ifndef ANALYZER_REPORT_TEXT_WHY_H
#define ANALYZER_REPORT_TEXT_WHY_H

#include "explain/deaths.h"
#include "explain/why.h"
#include "explain/why_memory.h"
#include "report/text_out.h"

void text_why(const struct text_out *o, const struct why *w);

/* Its parts: "person "ada" at 0x5581aa02, 24 bytes" (`noun`: instead of a type)
   and `more`; when and where it was born; "Session.window -> Window", where
   `round` leads back to the first. */
void text_why_heading(const struct text_out *o, const struct why_object *is,
                      const char *noun, uint64_t bytes, const char *more);
void text_why_born(const struct text_out *o, double born, struct places at);
void text_way(const struct text_out *o, const char *caption,
              const struct why_way *y, bool round);

/* A block in which no object lives; or what died. */
struct why_block {
    uint64_t addr, bytes;
    const char *allocator;
    double born;
    struct places born_at;
    bool owned;
    struct why_object owner;
    bool inherited, ignored, pool;
    bool seen;        /* in memory: */
    enum reach reach; /* unknown: it came later */
};

void text_why_block(const struct text_out *o, const struct why_block *b);

/* What memory says of it, and of an object's. */
void text_why_memory(const struct text_out *o, const struct why_memory *w);

struct why_death {
    bool is_block;
    struct why_object is; /* of a block only addr */
    uint64_t bytes;
    int64_t rc;
    double born, died;
    struct places born_at, died_at;
    uint64_t others;          /* that died and were meant, too */
    const char *word;         /* that meant them; NULL: an address */
    uint64_t n_holders;       /* of references to it that were never undone: */
    struct why_object holder; /* the first */
};

void text_why_death(const struct text_out *o, const struct why_death *d);

#endif
