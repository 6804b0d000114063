/* SPDX-License-Identifier: MIT */
/*
 * site.h - a call stack as it is shown, and as it is recognised in another run
 *
 * Shown are all places but the guest's own: the first is the caller of the
 * entry point that was recorded.
 *
 * Recognised is the chain of function names, inlined ones included, innermost
 * first, one a line: without lines and offsets, without allocator wrappers,
 * thread start and the loader (by name, and where libc has none as what is
 * outermost and libc's), the clones of a compiler under their function's name.
 * A function stands in it once, where it is innermost, so that recursion of any
 * depth and through any number of functions makes no other site. Of that the
 * innermost 8. What has no name is its build-id and offset, and then `fragile`
 * says that the site will not survive a rebuild.
 */
#ifndef ANALYZER_EXPLAIN_SITE_H
#define ANALYZER_EXPLAIN_SITE_H

#include "arena.h"
#include "explain/symbols.h"

enum { SITE_NAMES = 8 };

/* Names, innermost first: ids in sites.names. */
struct site {
    uint32_t n;
    uint32_t name[SITE_NAMES];
};

/*
 * A stack's site is its innermost frame's names put before its parent's site:
 * so a recursion that leaves something behind at each of thousands of depths
 * costs one step a depth, and stacks are spelled out only to be shown.
 */
struct sites {
    const struct trace *trace;
    const struct symbols *symbols;
    struct arena *arena;     /* of what is shown */
    struct strings names;    /* of functions, or of places without one */
    unsigned char *nameless; /* by name */
    uint32_t n_nameless, nameless_room;
    uint32_t *number; /* by stack: index in at[] + 1; 0: not made yet */
    uint32_t n, room;
    struct site *at;
    uint32_t *trail; /* stacks to be made, innermost first */
    uint32_t n_trail, trail_room;
    char *text;
    size_t text_len, text_room;
    struct strings paths; /* of modules that have a build-id */
    uint32_t *of_path;    /* the first module with that path, + 1; or 0 */
    uint32_t n_of_path, of_path_room;
    struct places *shown; /* by stack; at is NULL: not made yet */
    uint64_t n_shown;     /* places in them all */
    bool fragile;         /* some text is */
};

void sites_init(struct sites *s, struct arena *a, const struct trace *t,
                const struct symbols *symbols);
void sites_release(struct sites *s);

/* Is it the guest's own code? */
bool site_is_guest(const struct place *p);

/* The places of a stack, without the guest's. Where millions are shown already,
   only the innermost: a small file can hold thousands of deep stacks that
   differ in one frame. */
struct places sites_shown(struct sites *s, uint32_t stack);

/* Good until the next call. */
const char *sites_text(struct sites *s, uint32_t stack);

#endif
