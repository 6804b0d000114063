/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - return addresses become functions, files and lines
 *
 * libdwfl and the demangler read files that a trace names, so they run in a
 * child process with limits on memory, processor time and wall time; what kills
 * it stays unnamed and `note` says so. One symbolizer (symbolizer.h) serves any
 * number of traces.
 *
 * A file is opened only if it is a regular file (O_NONBLOCK, O_NOCTTY, fstat)
 * and used only if its build-id is the recorded one; debug information may
 * stand in a separate file (/usr/lib/debug/.build-id, .gnu_debuglink).
 * The address looked up is ip - 1, the call; ip itself just behind a signal
 * frame.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOLS_H
#define ANALYZER_EXPLAIN_SYMBOLS_H

#include "trace/trace.h"

/* One line of a stack as shown. Texts are never NULL, "" where unknown. */
struct place {
    const char *function; /* demangled */
    const char *file;     /* as the compiler was given it, "" without -g */
    uint32_t line;
    const char *module; /* path */
    uint64_t offset;    /* ip - bias: in the module's file */
    bool inlined;       /* into the next place */
};

/* Stands for the outer frames that are not shown. */
extern const struct place symbols_cut_off;

/* Are they the same, as far as a reader can see? Two calls in one line are. */
bool place_looks_like(const struct place *a, const struct place *b);

/* The places of one frame, innermost (most inlined) first; at least one. */
struct places {
    uint32_t n;
    const struct place *at;
};

struct symbols {
    const struct trace *trace;
    struct places *of;  /* by frame id of trace->stacks; n 0: not asked for */
    bool lines_missing; /* some module not the system's had none */
    bool names_missing; /* some frame has no function name */
    const char *note;   /* "" or why names are missing, a clause */
    struct arena *arena;
};

struct elf_source;
struct symbolizer;

/* The file on a disk that a module was loaded from; false: there is none. */
bool symbols_source(struct arena *a, const struct trace *t,
                    const struct module *m, struct elf_source *source);

/*
 * Names the frames of the given stacks (ids in t->stacks). Nothing that it
 * fills is the symbolizer's.
 * `progress` may be NULL; it is called now and then with done and total.
 */
void symbols_find(struct symbols *s, struct symbolizer *z, struct arena *a,
                  const struct trace *t, const uint32_t *stacks, uint32_t n,
                  void (*progress)(uint64_t done, uint64_t total));

/* The same, but of the system's files no debug information is read: there are
   no lines, and nothing that was inlined. That is quick. */
void symbols_find_plain(struct symbols *s, struct symbolizer *z,
                        struct arena *a, const struct trace *t,
                        const uint32_t *stacks, uint32_t n);

/* The places of a stack, innermost first, all frames of it in a row. Frames
   that were not asked for show as module and offset. */
struct places symbols_stack(const struct symbols *s, struct arena *a,
                            uint32_t stack);

/* The same of its innermost `most` frames; where there are more, a last place
   says so. */
struct places symbols_innermost(const struct symbols *s, struct arena *a,
                                uint32_t stack, uint32_t most);

#endif
