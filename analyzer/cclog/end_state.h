/* SPDX-License-Identifier: MIT */
/*
 * end_state.h - one image's objects at the end, and which of them are
 * unreachable, without anything said about them
 *
 * Leaves are looked at too: where what holds them is unreachable, so are they.
 */
#ifndef ANALYZER_CCLOG_END_STATE_H
#define ANALYZER_CCLOG_END_STATE_H

#include "explain/object_graph.h"

struct end_state {
    struct trace trace, parent;
    struct shadow shadow;
    struct arena arena;
    struct object_graph graph;
    const unsigned char *judged; /* by object */
    struct unreachable garbage;
    bool has_parent;
};

/* Paths are kept by reference; parent_path NULL: there is none. 0, or -1 with e
   filled and nothing to release. */
int end_state_read(struct end_state *s, const char *path,
                   const char *parent_path, struct err *e);
void end_state_release(struct end_state *s);

#endif
