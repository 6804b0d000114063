/* SPDX-License-Identifier: MIT */
/*
 * json_out.h - writes JSON as it goes, however long it gets
 *
 * Commas, newlines and indentation are put in; the caller keeps keys and
 * values, opening and closing in step. Texts may be any bytes: what is no
 * UTF-8 becomes U+FFFD, and control characters are escaped.
 */
#ifndef ANALYZER_REPORT_JSON_OUT_H
#define ANALYZER_REPORT_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_OUT_DEPTH = 32 };

struct json_out {
    FILE *to;
    int depth;
    int flat_from; /* values this deep and deeper share one line; 0: none do */
    bool after_key;
    bool filled[JSON_OUT_DEPTH]; /* by depth: something stands in it already */
    char closer[JSON_OUT_DEPTH];
};

void json_out_begin(struct json_out *j, FILE *to);
void json_out_end(struct json_out *j); /* the last newline */

/* The key of the value that comes next. */
void json_out_key(struct json_out *j, const char *key);

void json_out_open_object(struct json_out *j);
void json_out_open_array(struct json_out *j);
void json_out_close(struct json_out *j);

/* What is opened from here on stands on one line, up to its end. */
void json_out_open_flat_object(struct json_out *j);
void json_out_open_flat_array(struct json_out *j);

void json_out_text(struct json_out *j, const char *text);
void json_out_number(struct json_out *j, uint64_t n);
void json_out_signed(struct json_out *j, int64_t n);
void json_out_seconds(struct json_out *j, double s);
void json_out_hex(struct json_out *j, uint64_t n); /* a string: "0x1f" */
void json_out_bool(struct json_out *j, bool b);
void json_out_null(struct json_out *j);

/* Where the caller writes one value, or has written it before. */
FILE *json_out_elsewhere(struct json_out *j);

#endif
