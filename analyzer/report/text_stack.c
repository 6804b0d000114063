/* SPDX-License-Identifier: MIT */
#include "report/text_stack.h"

#include <inttypes.h>
#include <string.h>

enum { MOST = 13, FIRST = 9, LAST = 3, GAP = 2, INLINED = 10 };

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* "libz.so.1+0x2a0"; the address alone where there is no file. */
static void module_place(char *to, size_t room, const struct place *p)
{
    if (*p->module)
        snprintf(to, room, "%.200s+0x%" PRIx64, base_name(p->module),
                 p->offset);
    else if (p->offset)
        snprintf(to, room, "0x%" PRIx64, p->offset);
    else
        *to = 0;
}

static struct text left_of(const struct place *p, int max)
{
    char where[256];
    if (*p->function)
        return text_function(p->function, max);
    module_place(where, sizeof where, p);
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
        module_place(where, sizeof where, p);
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

static bool is_left_out(uint32_t i, uint32_t n)
{
    return n > MOST && i >= FIRST && i < n - LAST;
}

/* The widest of what is shown, where none may be wider than `max`. */
static void measure(struct places p, uint32_t n, int max, int *left, int *right)
{
    *left = *right = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (is_left_out(i, n))
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
static int left_width(struct places p, uint32_t n, int room)
{
    int left, right;
    measure(p, n, room, &left, &right);
    if (left + GAP + right <= room)
        return left;
    const int half = (room - GAP) / 2;
    const int rest = room - GAP - right;
    measure(p, n, rest > half ? rest : half, &left, &right);
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
    const uint32_t n = text_stack_shown(p);
    const int width = left_width(p, n, TEXT_WIDTH - indent);
    for (uint32_t i = 0; i < n; i++) {
        if (!is_left_out(i, n))
            put_row(o, indent, &p.at[i], width);
        else if (i == FIRST)
            fprintf(o->to, "%*s... %" PRIu32 " more frames\n", indent, "",
                    n - FIRST - LAST);
    }
    if (n == 0)
        fprintf(o->to, "%*s(no call stack was recorded)\n", indent, "");
}
