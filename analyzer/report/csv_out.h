/* SPDX-License-Identifier: MIT */
/*
 * csv_out.h - writes a table as comma-separated values, as RFC 4180 has them
 *
 * A row ends in CR LF, texts stand in quotes, numbers do not, and what is not
 * known is empty. Texts are plain (plain_text.h). One that a spreadsheet would
 * take for a formula, because it begins with =, +, - or @, has a ' in front.
 */
#ifndef ANALYZER_REPORT_CSV_OUT_H
#define ANALYZER_REPORT_CSV_OUT_H

#include "explain/symbols.h"
#include "report/plain_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct csv_out {
    FILE *to;
    bool in_row;  /* something stands in it already */
    bool in_list; /* something stands in it already */
    char between;
    struct plain_text plain;
};

void csv_release(struct csv_out *c);

/* The name of a column, or several with commas between them. */
void csv_heading(struct csv_out *c, const char *columns);

void csv_text(struct csv_out *c, const char *text);
void csv_count(struct csv_out *c, uint64_t n);
void csv_real(struct csv_out *c, double x);
void csv_flag(struct csv_out *c, bool b); /* true or false */
void csv_hex(struct csv_out *c, uint64_t n);
void csv_empty(struct csv_out *c);
void csv_end_row(struct csv_out *c);

/* A list as one text. Where a ';' stands between, one in the texts is ':'. */
void csv_open_list(struct csv_out *c, char between);
void csv_add(struct csv_out *c, const char *text);
void csv_close_list(struct csv_out *c);

/* function, file, line, module, offset; of no place where p is NULL. */
#define CSV_PLACE "function,file,line,module,offset"
void csv_place(struct csv_out *c, const struct place *p);

/* A call stack as a list, outermost frame first, as in folded stacks. */
void csv_stack(struct csv_out *c, struct places stack);

#endif
