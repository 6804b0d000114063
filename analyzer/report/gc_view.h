/* SPDX-License-Identifier: MIT */
/*
 * gc_view.h - what Python's gc module would say of a process image, at its end
 * or at a moment of its run
 */
#ifndef ANALYZER_REPORT_GC_VIEW_H
#define ANALYZER_REPORT_GC_VIEW_H

#include "explain/gc_end.h"
#include "report/image.h"

struct gc_view {
    const struct image *image;
    const char *at;    /* the moment as it was asked for; NULL: the end */
    struct gc_end end; /* the full collection after the last event; with `at`
                          only what lives in the generations, garbage that no
                          collection has found yet included */
    const struct places *revived; /* of each of gc.revivals: where */
    struct arena arena;
};

/* Of an image that was replayed. 0, or -1 with i->damage filled. */
int gc_view_make(struct gc_view *v, struct image *i, const char *at);
void gc_view_release(struct gc_view *v);

/* From found to freed, on average and at most, in seconds; false: the clock of
   the recording does not say. */
bool gc_view_delays(const struct gc_view *v, double *mean, double *most);

/* The text for people, and one object of a JSON array. */
struct text_out;
struct json_out;
void gc_text(const struct text_out *o, const struct gc_view *v);
void gc_json(struct json_out *j, const struct gc_view *v);

#endif
