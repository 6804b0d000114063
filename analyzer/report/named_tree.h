/* SPDX-License-Identifier: MIT */
/*
 * named_tree.h - the call stacks of all processes as one tree of functions
 *
 * Stacks begin with the outermost frame, and equal ones are one, whichever line
 * or module they came from: what a flame graph shows. Memory follows the
 * different stacks of the whole recording.
 */
#ifndef ANALYZER_REPORT_NAMED_TREE_H
#define ANALYZER_REPORT_NAMED_TREE_H

#include "report/call_tree.h"
#include "report/profile_format.h"
#include "trace/strings.h"

/* A function. */
struct named_frame {
    uint32_t name, file; /* texts; file: 0 where it is not known or not asked */
};

struct named_tree {
    struct call_tree tree; /* node.frame: index in frames */
    struct strings texts;
    bool with_files; /* functions of one name in two files are two */
    uint32_t n_frames, frames_room;
    struct named_frame *frames;
    struct table of; /* name, file -> index in frames + 1 */
};

void named_tree_init(struct named_tree *t, bool with_files);
void named_tree_release(struct named_tree *t);

/* `under_process`: the process's name is its stacks' outermost frame. */
void named_tree_add(struct named_tree *t, const struct image *i,
                    const struct profile *p, bool under_process);

/* Nothing is added any more: children in the order of their names. */
void named_tree_finish(struct named_tree *t);

const char *named_tree_name(const struct named_tree *t, uint32_t node);

#endif
