/* SPDX-License-Identifier: MIT */
/*
 * suppressions.h - what somebody does not want to be told, and how often it
 * would have been
 *
 * A file holds entries of three forms, in any order; blank lines and lines that
 * begin with '#' say nothing:
 *
 *   leak:PATTERN         LeakSanitizer's: a piece (glob.h) of the function, the
 *                        file or the module of any frame of a leak's stack; or
 *                        the leak's id
 *   { ... }              Valgrind's: a name, Memcheck:Leak, perhaps
 *                        match-leak-kinds:, and frames, innermost first, the
 *                        entry point (malloc, _Znwm) before all others. Blocks
 *                        of other kinds are passed over, and counted
 *   KIND:PATTERN         our own, for cycle, unbalanced, over-release,
 *                        ghost-edge and misuse. The whole (glob.h) of a type,
 *                        of a reference, "Type.field", of what is said of it,
 *                        or its id, the first 8 digits or all 16
 *
 * A leak of several call stacks is suppressed where one entry fits all of them.
 * The first entry that fits counts it. What memory does not say the reach of is
 * of every leak kind.
 */
#ifndef ANALYZER_SUPPRESS_SUPPRESSIONS_H
#define ANALYZER_SUPPRESS_SUPPRESSIONS_H

#include "arena.h"
#include "err.h"
#include "explain/finding.h"
#include "shadow/table.h"

enum suppression_form { FORM_PIECE, FORM_BLOCK, FORM_OWN };

enum frame_form { FRAME_FUN, FRAME_OBJ, FRAME_SRC, FRAME_ANY /* "..." */ };

struct frame_pattern {
    enum frame_form is;
    const char *pattern;
    const char *demangled; /* of a mangled name; NULL */
    uint32_t line;         /* src: 0: any */
};

struct suppression {
    enum suppression_form form;
    enum finding_kind kind;
    const char *rule; /* as it stands there; of a block its name */
    const char *file;
    uint32_t line;
    const char *program; /* of __lsan_default_suppressions: for its images
                            alone; NULL: for all */
    const char *pattern;
    unsigned reaches; /* block: a set of 1 << enum reach */
    uint32_t n_frames;
    const struct frame_pattern *frames;

    uint64_t findings, instances, blocks, bytes; /* that it fitted */
};

struct suppressions {
    uint32_t n, room;
    struct suppression *at;
    uint32_t n_other;   /* blocks of other kinds than leaks */
    bool counted;       /* what fits from here on was counted before */
    struct table taken; /* ids of what was taken out, as numbers */
    struct arena arena;
};

/* What a program says of itself has this for its file. */
#define SUPPRESSIONS_OF_PROGRAM "the program's own"

/* Adds a file's. 0, or -1 with e filled: file, line, what was expected;
   e->code is RC_USAGE. */
int suppressions_read(struct suppressions *s, const char *path, struct err *e);
/* The same of text; `program` (its file; NULL: somebody else) says it of
   itself, and what it has said before is not added again. */
int suppressions_parse(struct suppressions *s, const char *name,
                       const char *text, size_t len, const char *program,
                       struct err *e);
void suppressions_release(struct suppressions *s);

bool suppression_matches(const struct suppression *s, const struct finding *f);

/* Counts what is suppressed in an image of `program` (may be NULL) and takes it
   out of f, unless it is to stay; the order of the others stays. */
void suppressions_apply(struct suppressions *s, struct findings *f,
                        const char *program, bool stay);
/* Was a finding with that id taken out? NULL: nothing was. */
bool suppressions_took(const struct suppressions *s, const char *id);

#endif
