/* SPDX-License-Identifier: MIT */
#include "report/csv_out.h"

#include "report/place_name.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void csv_release(struct csv_out *c)
{
    plain_text_release(&c->plain);
}

static void next_cell(struct csv_out *c)
{
    if (c->in_row)
        fputc(',', c->to);
    c->in_row = true;
}

void csv_end_row(struct csv_out *c)
{
    fputs("\r\n", c->to);
    c->in_row = false;
}

void csv_heading(struct csv_out *c, const char *columns)
{
    next_cell(c);
    fputs(columns, c->to);
}

/* Within quotes. */
static void put(struct csv_out *c, const char *plain)
{
    for (; *plain; plain++) {
        if (*plain == '"')
            fputc('"', c->to);
        fputc(*plain, c->to);
    }
}

static void put_first(struct csv_out *c, const char *plain)
{
    if (*plain && strchr("=+-@", *plain))
        fputc('\'', c->to);
    put(c, plain);
}

void csv_text(struct csv_out *c, const char *text)
{
    next_cell(c);
    fputc('"', c->to);
    put_first(c, plain_text(&c->plain, text, 0, 0));
    fputc('"', c->to);
}

void csv_count(struct csv_out *c, uint64_t n)
{
    next_cell(c);
    fprintf(c->to, "%" PRIu64, n);
}

void csv_real(struct csv_out *c, double x)
{
    next_cell(c);
    if (isfinite(x))
        fprintf(c->to, "%.6f", x);
}

void csv_flag(struct csv_out *c, bool b)
{
    next_cell(c);
    fputs(b ? "true" : "false", c->to);
}

void csv_hex(struct csv_out *c, uint64_t n)
{
    next_cell(c);
    fprintf(c->to, "0x%" PRIx64, n);
}

void csv_empty(struct csv_out *c)
{
    next_cell(c);
}

void csv_open_list(struct csv_out *c, char between)
{
    next_cell(c);
    fputc('"', c->to);
    c->in_list = false;
    c->between = between;
}

void csv_add(struct csv_out *c, const char *text)
{
    const char *plain =
        plain_text(&c->plain, text, c->between == ';' ? ';' : 0, ':');
    if (c->in_list) {
        fputc(c->between, c->to);
        put(c, plain);
    } else {
        put_first(c, plain);
    }
    c->in_list = true;
}

void csv_close_list(struct csv_out *c)
{
    fputc('"', c->to);
}

void csv_place(struct csv_out *c, const struct place *p)
{
    csv_text(c, p ? p->function : "");
    csv_text(c, p ? p->file : "");
    if (p && p->line)
        csv_count(c, p->line);
    else
        csv_empty(c);
    csv_text(c, p ? p->module : "");
    if (p)
        csv_hex(c, p->offset);
    else
        csv_empty(c);
}

void csv_stack(struct csv_out *c, struct places stack)
{
    char room[PLACE_NAME];
    csv_open_list(c, ';');
    for (uint32_t i = stack.n; i-- > 0;)
        csv_add(c, place_name(&stack.at[i], room));
    csv_close_list(c);
}
