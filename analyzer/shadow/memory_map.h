/* SPDX-License-Identifier: MIT */
/*
 * memory_map.h - what each word of a snapshot is, and what it points at
 *
 * The parts of memory.c: memory.h says what they mean together.
 */
#ifndef ANALYZER_SHADOW_MEMORY_MAP_H
#define ANALYZER_SHADOW_MEMORY_MAP_H

#include "shadow/aims.h"
#include "shadow/layouts.h"
#include "shadow/memory.h"

struct memory_map {
    const struct snapshot *snapshot;
    const struct caught *caught;
    struct caught own; /* where the shadow had not caught this moment */
    struct block_index index;
    struct zones zones;
    struct layouts layouts;
    struct aims aims; /* of blocks and pages: all that memory_aim gives */
    uint32_t dtv; /* bytes from a thread pointer to the word that leads to its
                     dynamic thread-local storage */
};

/* What an address points at. */
struct aim {
    uint32_t node; /* or OURO_NONE */
    bool unsure;
    bool at_start; /* of a block, or of an object in it */
};

struct aim memory_aim(const struct memory *m, uint64_t addr);

/* What a word is, by where it stands. */
struct origin {
    enum memory_place place;
    uint32_t from, thread; /* or OURO_NONE */
    unsigned char root;    /* enum reached: what it may make of its target */
    bool starts_only;      /* only pointers to starts of blocks count */
    bool is_dtv;
};

/* For words that ascend. All zero is the beginning. */
struct word_cursor {
    uint32_t block, hidden, thread, base;
};

struct origin memory_origin(const struct memory *m, struct word_cursor *c,
                            uint64_t at);

/* A word, as far as it says something about a node. */
struct sight {
    struct origin origin;
    uint32_t to; /* or OURO_NONE: it points at nothing, or at its own node */
    bool unsure;
    bool counts; /* as an edge, or a root */
};

struct sight memory_sight(const struct memory *m, struct word_cursor *c,
                          const struct snapshot_word *word);

/*
 * unseen_blocks.c: of each thread that ran, or was in a system call, the last
 * blocks that it asked for and that are alive: fills by block 1 + its place in
 * snapshot.threads, or 0. Walks the trace where there are such threads.
 */
enum { UNSEEN_BLOCKS = 16 };
bool memory_has_unseen(const struct snapshot *s);
int memory_find_unseen(const struct memory *m, struct trace *t,
                       uint32_t *unseen, struct err *e);

#endif
