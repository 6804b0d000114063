/* SPDX-License-Identifier: MIT */
/* dot_calls.c - from main down to the blocks that a leak left behind */
#include "report/dot_out.h"
#include "report/text_finding.h"
#include "report/text_stack.h"

#include <inttypes.h>

enum { MOST_CALLS = 12 };

static void put_call(const struct dot_out *o, uint32_t i, const char *text)
{
    fprintf(o->to, "    c%" PRIu32 " [shape=box, style=rounded, label=\"", i);
    dot_line(o->to, text);
    fputs("\"];\n", o->to);
}

/* The outermost that is shown first, each with an arrow to what it calls. */
void dot_calls(struct dot_out *o)
{
    const struct places p = o->f->stack;
    const uint32_t n = text_stack_shown(p);
    const uint32_t shown = n > MOST_CALLS ? MOST_CALLS : n;
    if (n > shown) {
        struct text_line l = {0};
        text_add(&l, "%s more", text_count(n - shown, "caller").bytes);
        put_call(o, shown, l.text);
        fprintf(o->to, "    c%" PRIu32 " -> c%" PRIu32 ";\n", shown, shown - 1);
    }
    for (uint32_t i = shown; i-- > 0;) {
        put_call(o, i, text_place(&p.at[i], DOT_WIDE).bytes);
        if (i > 0)
            fprintf(o->to, "    c%" PRIu32 " -> c%" PRIu32 ";\n", i, i - 1);
    }
    if (shown == 0)
        put_call(o, 0, "(no call stack was recorded)");
    fputs("    c0 -> thing [label=\"", o->to);
    dot_line(o->to, o->f->allocator);
    fputs("\"];\n", o->to);
}
