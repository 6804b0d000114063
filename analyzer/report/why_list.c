/* SPDX-License-Identifier: MIT */
#include "report/why_list.h"

#include "report/text_caption.h"
#include "report/text_finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 40 };

void why_list_add(struct why_list *l, const struct why_row *row)
{
    l->n++;
    if (l->n_rows > 0) {
        l->many_pids |= l->rows[0].pid != row->pid;
        l->many_traces |= strcmp(l->rows[0].trace, row->trace) != 0;
    }
    if (l->n_rows >= l->most)
        return;
    GROW(l->rows, l->n_rows, l->room);
    l->rows[l->n_rows] = *row;
    l->rows[l->n_rows].trace =
        arena_text(&l->arena, row->trace, strlen(row->trace));
    l->rows[l->n_rows++].name =
        arena_text(&l->arena, row->name, strlen(row->name));
}

void why_list_release(struct why_list *l)
{
    arena_release(&l->arena);
    free(l->rows);
    *l = (struct why_list){0};
}

/* How wide the columns are. */
struct widths {
    int number, address, bytes, pid;
};

static int digits(uint64_t n, bool hex)
{
    char text[32];
    return snprintf(text, sizeof text, hex ? "0x%" PRIx64 : "%" PRIu64, n);
}

static void widen(int *width, int to)
{
    if (to > *width)
        *width = to;
}

static struct widths measure(const struct why_list *l)
{
    struct widths w = {.number = digits(l->n_rows, false)};
    for (uint32_t k = 0; k < l->n_rows; k++) {
        widen(&w.address, digits(l->rows[k].addr, true));
        widen(&w.bytes, text_count(l->rows[k].bytes, "byte").columns);
        widen(&w.pid, digits(l->rows[k].pid, false));
    }
    return w;
}

static void put_row(const struct text_out *o, const struct why_list *list,
                    uint32_t number, const struct widths *w)
{
    const struct why_row *r = &list->rows[number];
    struct text_line born = {0}, l = {0};
    char address[32];
    snprintf(address, sizeof address, "0x%" PRIx64, r->addr);
    text_seconds(&born, r->born);
    text_add(&l, "  %*" PRIu32 "  %-*s", w->number, number + 1, w->address,
             address);
    text_add(&l, "  %*s", w->bytes, text_count(r->bytes, "byte").bytes);
    text_add(&l, "  %10s", born.text);
    if (list->many_pids)
        text_add(&l, "  process %*" PRIu32, w->pid, r->pid);
    const int room = TEXT_WIDTH - (int)l.len - 2;
    fprintf(o->to, "%s  %s\n", l.text, text_head(r->name, room).bytes);
}

static void put_next(const struct text_out *o, const struct why_list *l,
                     const char *recording)
{
    struct text_line path = {0};
    const bool by_trace = l->many_traces && !l->many_pids;
    text_add_safe(&path, by_trace ? l->rows[0].trace : recording);
    fputs("\nTo have one explained, name its address; for the first:\n"
          "    ouro why ",
          o->to);
    if (l->many_pids)
        fprintf(o->to, "--pid=%" PRIu32 " ", l->rows[0].pid);
    fprintf(o->to, "%s 0x%" PRIx64 "\n", path.text, l->rows[0].addr);
}

void why_list_put(const struct text_out *o, const struct why_list *l,
                  const char *recording, const struct meant *m)
{
    const struct widths w = measure(l);
    struct text_line head = {0};
    text_add(&head, "%s %s meant by \"%s\":", text_number(l->n).bytes,
             m->is_address ? "things are" : "objects are",
             text_head(m->text, WORD).bytes);
    text_wrap(o, 0, CAPTION_INDENT, head.text);
    fputc('\n', o->to);
    for (uint32_t k = 0; k < l->n_rows; k++)
        put_row(o, l, k, &w);
    if (l->n > l->n_rows)
        fprintf(o->to, "  ... and %s more; --all lists them\n",
                text_number(l->n - l->n_rows).bytes);
    put_next(o, l, recording);
}
