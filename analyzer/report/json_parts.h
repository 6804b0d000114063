/* SPDX-License-Identifier: MIT */
/*
 * json_parts.h - what every part of a JSON report is made of: keys with values
 */
#ifndef ANALYZER_REPORT_JSON_PARTS_H
#define ANALYZER_REPORT_JSON_PARTS_H

#include "explain/gc_end.h"
#include "explain/symbols.h"
#include "report/json_out.h"

struct finding;
struct pointer;
struct survivors;

void json_count(struct json_out *j, const char *key, uint64_t n);
void json_signed(struct json_out *j, const char *key, int64_t n);
void json_seconds(struct json_out *j, const char *key, double s);
void json_text(struct json_out *j, const char *key, const char *text);
void json_places(struct json_out *j, const char *key, struct places p);
void json_indices(struct json_out *j, const char *key, const uint32_t *index,
                  uint32_t n);
/* A number for each generation. */
void json_counts(struct json_out *j, const char *key,
                 const uint64_t n[GC_GENERATIONS]);
void json_empty(struct json_out *j, const char *key);

/* json_finding.c, json_collector.c: one whole value each; the latter with its
   key, and with the collection after the last event or without. */
void json_finding(struct json_out *j, const struct finding *f);
void json_collector(struct json_out *j, const struct gc *gc,
                    const struct gc_end *end, bool with_last);
/* json_pointers.c */
void json_pointers(struct json_out *j, const char *key,
                   const struct pointer *at, uint32_t n);
/* json_survivors.c: "survivors", and the keys that say how they are counted. */
void json_survivors(struct json_out *j, const struct survivors *v);

#endif
