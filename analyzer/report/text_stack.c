/* SPDX-License-Identifier: MIT */
#include "report/text_stack.h"

#include "report/place_name.h"

#include <inttypes.h>
#include <string.h>

enum { GAP = 2, INLINED = 10 };

/* Of a long stack the first and the last frames are shown. */
struct shown {
    uint32_t n, first, last;
};

static struct text left_of(const struct place *p, int max)
{
    char where[PLACE_NAME];
    if (*p->function)
        return text_function(p->function, max);
    place_in_module(where, p);
    return text_tail(where, max);
}

static struct text right_of(const struct place *p, int max)
{
    char where[4200];
    const int mark = p->inlined ? INLINED : 0;
    if (!*p->function && !*p->file)
        return text_head("", max);
    if (*p->file && p->line)
        snprintf(where, sizeof where, "%s:%" PRIu32, p->file, p->line);
    else if (*p->file)
        snprintf(where, sizeof where, "%s", p->file);
    else
        place_in_module(where, p);
    struct text t = text_tail(where, max - mark);
    if (p->inlined)
        text_append(&t, " (inlined)");
    return t;
}

struct text text_place(const struct place *p, int max)
{
    struct text t = left_of(p, (max - GAP) / 2);
    const struct text right = right_of(p, max - GAP - t.columns);
    if (right.columns > 0) {
        text_append(&t, "  ");
        text_append(&t, right.bytes);
    }
    return t;
}

/* What calls a program's or a thread's first function says nothing. */
static bool is_start(const char *function)
{
    static const char *const starts[] = {
        "__libc_start_call_main", "__libc_start_main", "__libc_start_main_impl",
        "start_thread", "_start"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (strcmp(function, starts[i]) == 0)
            return true;
    return false;
}

uint32_t text_stack_shown(struct places p)
{
    for (uint32_t i = 0; i < p.n; i++) {
        if (strcmp(p.at[i].function, "main") == 0)
            return i + 1;
        if (i > 0 && is_start(p.at[i].function))
            return i;
    }
    return p.n;
}

static struct shown shown_of(const struct text_out *o, struct places p)
{
    static const struct shown most[TEXT_BRIEFEST + 1] = {
        {13, 9, 3}, {8, 5, 2}, {7, 5, 1}, {6, 4, 1}, {5, 3, 1}, {3, 1, 1}};
    struct shown s = most[o->brief];
    s.n = text_stack_shown(p);
    if (s.n <= most[o->brief].n)
        s.first = s.n;
    return s;
}

static bool is_left_out(uint32_t i, const struct shown *s)
{
    return i >= s->first && i < s->n - s->last;
}

/* The widest of what is shown, where none may be wider than `max`. */
static void measure(struct places p, const struct shown *s, int max, int *left,
                    int *right)
{
    *left = *right = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (is_left_out(i, s))
            continue;
        const struct text l = left_of(&p.at[i], max);
        const struct text r = right_of(&p.at[i], max);
        if (r.columns > 0 && l.columns > *left)
            *left = l.columns;
        if (r.columns > *right)
            *right = r.columns;
    }
}

/* How wide functions may be so that the places beside them fit. */
static int left_width(struct places p, const struct shown *s, int room)
{
    int left, right;
    measure(p, s, room, &left, &right);
    if (left + GAP + right <= room)
        return left;
    const int half = (room - GAP) / 2;
    const int rest = room - GAP - right;
    measure(p, s, rest > half ? rest : half, &left, &right);
    return left;
}

static void put_row(const struct text_out *o, int indent, const struct place *p,
                    int width)
{
    const int room = TEXT_WIDTH - indent;
    const struct text right = right_of(p, room - width - GAP);
    const struct text left = left_of(p, right.columns > 0 ? width : room);
    fprintf(o->to, "%*s", indent, "");
    text_put(o, TEXT_PLAIN, left.bytes);
    if (right.columns > 0) {
        fprintf(o->to, "%*s", width - left.columns + GAP, "");
        text_put(o, TEXT_DIM, right.bytes);
    }
    fputc('\n', o->to);
}

void text_stack(const struct text_out *o, int indent, struct places p)
{
    const struct shown s = shown_of(o, p);
    const int width = left_width(p, &s, TEXT_WIDTH - indent);
    for (uint32_t i = 0; i < s.n; i++) {
        if (!is_left_out(i, &s))
            put_row(o, indent, &p.at[i], width);
        else if (i == s.first)
            fprintf(o->to, "%*s... %" PRIu32 " more frames\n", indent, "",
                    s.n - s.first - s.last);
    }
    if (s.n == 0)
        fprintf(o->to, "%*s(no call stack was recorded)\n", indent, "");
}
