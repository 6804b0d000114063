/* SPDX-License-Identifier: MIT */
/*
 * fingerprint.h - what makes a finding the same one in another run
 *
 * The kind's family and a sorted set of parts; for a cycle one part for each
 * (owner type, owner site, field, target type, target site) of its edges. Not
 * in it: addresses, order, how many of each, and whatever an index says: fields
 * lose the numbers in their brackets.
 */
#ifndef ANALYZER_EXPLAIN_FINGERPRINT_H
#define ANALYZER_EXPLAIN_FINGERPRINT_H

#include <stdint.h>

/* An object, as far as it survives a rebuild: its type, and where such objects
   are made (site.h). */
uint64_t fingerprint_object(const char *type, const char *site);

/* A field, whatever the numbers in its brackets. */
uint64_t fingerprint_field(const char *field);

/* One that points at another through a field. */
uint64_t fingerprint_edge(uint64_t owner, const char *field, uint64_t target);

/* 16 hex digits. Sorts parts[]; a repeat counts once. */
void fingerprint_set(char id[17], const char *family, uint64_t *parts,
                     uint32_t n);

#endif
