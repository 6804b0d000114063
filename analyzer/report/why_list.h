/* SPDX-License-Identifier: MIT */
/*
 * why_list.h - the things that a word means, numbered, and what to type next
 */
#ifndef ANALYZER_REPORT_WHY_LIST_H
#define ANALYZER_REPORT_WHY_LIST_H

#include "arena.h"
#include "explain/meant.h"
#include "report/text_out.h"

struct why_row {
    uint32_t pid;
    uint64_t addr, bytes;
    double born;
    const char *trace; /* the file of its image */
    const char *name;  /* safe to print */
};

/* All zero but for `most` is an empty one. */
struct why_list {
    uint32_t most; /* rows that are kept */
    uint64_t n;    /* that were added */
    uint32_t n_rows, room;
    struct why_row *rows;
    bool many_pids, many_traces;
    struct arena arena;
};

/* Copies texts. */
void why_list_add(struct why_list *l, const struct why_row *row);
void why_list_release(struct why_list *l);

void why_list_put(const struct text_out *o, const struct why_list *l,
                  const char *recording, const struct meant *m);

#endif
