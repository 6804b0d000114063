/* SPDX-License-Identifier: MIT */
/*
 * memory.h - a snapshot as a graph: which block points at which, and what the
 * roots point at
 *
 * Made of a snapshot's words and of the blocks that were alive at its moment
 * (a replay up to its stamp). Edges found so explain, they never subtract
 * counts (ALGORITHMS 4).
 *
 * NODES are the blocks, by (address, birth), and behind them the program's own
 * *pages*: memory in no block, of anonymous, shared or file mappings that are
 * no module's or stack, page by page without those pages that ever held
 * a block (those are an allocator's: its bookkeeping and free memory are no
 * root); each run of such pages is one node. Pages are reached by pointers like
 * blocks; they are not found as leaks.
 *
 * A mapping that is told in pieces, or that the guest cut its own memory out
 * of, is one. Blocks of 64 KiB and more are left out of what pages ever held
 * (caught.h).
 *
 * A word belongs to the innermost block that it lies in with all its bytes
 * (elements of pools are blocks). It points at the innermost block that it
 * points into: sure    at its start, or at the start of an object in it; or as
 * a well-known layout has it (heuristics, below) perhaps elsewhere in it Into
 * pages it always points surely: where a mapping began is not known. A word
 * that points into its own block is no edge. A pool's block that an element
 * lies in is held by the element, surely.
 *
 * ROOTS are
 *   - data of modules (.data, .bss). Of libc's and the loader's, words that
 *     point at the start of a block only, and none into pages: free lists and
 *     the cache of thread stacks are there. Of the module that malloc is in,
 *     none, where that is not libc; nor its thread-local storage
 *   - stacks: [sure, end) of each thread; [sp, sure) perhaps; of a thread that
 *     shows no sp, all of it, perhaps; what a thread's registers held. Below sp
 *     nothing counts. A stack that lies in a block ends with it, and its words
 *     are the stack's; on x86-64 it ends with the page of the struct pthread
 *   - not the stack of a thread that has ended, nor what lies around its tp
 *   - thread-local storage: what lies around each tp (the main thread's in the
 *     whole run of pages that its tp is in). The word that leads to the dynamic
 *     ones (dtv) points at the start of its block, though it does not
 *   - blocks that are kept on purpose (OURO_IGNORE) or inherited by a fork, and
 *     what is alive by itself for other reasons that the caller knows
 *   - where blocks may be missing (events lost, allocations not seen, a fork
 *     whose parent's trace is not there): memory in no block, perhaps
 *
 * HEURISTICS, as Memcheck's: std::string's old layout, an array behind its
 * length of 8 bytes, new[] behind its number of elements, multiple inheritance
 * (both the word at the start and the word pointed at are addresses in a
 * module).
 *
 * Memory and time are linear in blocks, edges, and words of the snapshot.
 */
#ifndef ANALYZER_SHADOW_MEMORY_H
#define ANALYZER_SHADOW_MEMORY_H

#include "collect/graph.h"
#include "shadow/shadow.h"
#include "trace/snapshot.h"

/* Memory of the program that is no block. */
struct memory_pages {
    uint64_t start, len;
    uint32_t region; /* in snapshot.regions */
};

struct memory_map;

struct memory {
    const struct snapshot *snapshot;
    uint32_t n_blocks, n_pages;
    struct block *blocks; /* by (address, birth), then; object and owner:
                             OURO_NONE. `stack` as of then */
    struct memory_pages *pages;
    uint32_t *now;  /* by block: its place in shadow.blocks at the end, or
                       OURO_NONE: it was freed since */
    uint32_t *then; /* by block of the shadow: its place here, or OURO_NONE: it
                       came after the snapshot */
    struct graph g; /* n_blocks + n_pages nodes; edge i is once for each pair
                       of nodes, the surest */
    unsigned char *unsure;  /* by entry of g.to */
    unsigned char *root;    /* by node, enum reached */
    unsigned char *reached; /* by node, enum reached */
    uint32_t *unseen;  /* by block: 1 + index in snapshot.threads of a thread
                    whose registers nobody saw, and which may hold it: it is
                    among the last blocks that the thread asked for; or 0.
                    Such a block is root PERHAPS */
    uint32_t n_unseen; /* such threads */
    struct memory_map *map; /* memory_map.h: what its words are */
    struct arena arena;
};

/*
 * Reads the snapshot's words twice. `s` is the shadow of the same trace at its
 * end, and must outlive m; where it did not catch the blocks of this moment
 * (gc_options.catch_at), the events are replayed once more. 0, or -1 with e
 * filled and nothing to release.
 */
int memory_make(struct memory *m, const struct shadow *s, struct trace *t,
                struct trace *parent, const struct snapshot *snapshot,
                struct err *e);
void memory_release(struct memory *m);
bool memory_is_valid(const struct memory *m);

/* The innermost block that holds the address, or OURO_NONE. */
uint32_t memory_block(const struct memory *m, uint64_t addr);
/* The node: block, or n_blocks + index of the pages; or OURO_NONE. */
uint32_t memory_node(const struct memory *m, uint64_t addr);

/* Where a word stood that points at a node that was asked for. */
enum memory_place {
    MEMORY_IN_BLOCK, /* `from` is its node */
    MEMORY_IN_PAGES,
    MEMORY_IN_MODULE,   /* data of a module */
    MEMORY_IN_STACK,    /* of `thread` */
    MEMORY_IN_TLS,      /* of `thread` */
    MEMORY_IN_REGISTER, /* of `thread` */
    MEMORY_IN_FREE,     /* memory that an allocator has back: no root, but shown
                           where nothing else points there; a snapshot leaves
                           much of it out (ouro_trace.h) */
};

struct memory_word {
    enum memory_place place;
    uint32_t from;   /* node, or OURO_NONE */
    uint32_t to;     /* the node asked for */
    uint32_t thread; /* index in snapshot.threads, or OURO_NONE */
    uint64_t at;     /* where it stands; of a register: its number */
    uint64_t value;
    bool unsure; /* it is only perhaps a pointer */
    bool counts; /* it is an edge or a root of the graph */
};

/*
 * The words that point at nodes with wanted[node] != 0, `most` for each at most
 * (those that count first, then by address): reads the snapshot's words once
 * more. 0, or -1 with e filled. *words is in `a`, by (to, counts first,
 * address).
 */
int memory_words(const struct memory *m, struct trace *t,
                 const unsigned char *wanted, uint32_t most, struct arena *a,
                 struct memory_word **words, uint32_t *n, struct err *e);

/* What the words of one block hold: told for the slots that are asked for. */
struct memory_slot {
    uint64_t at, value; /* value 0 where the snapshot tells no word */
};

/* Fills `value` of each, which are sorted by `at`. 0, or -1 with e filled. */
int memory_slots(const struct memory *m, struct trace *t,
                 struct memory_slot *slots, uint32_t n, struct err *e);

#endif
