/* SPDX-License-Identifier: MIT */
/*
 * json_place.h - on which line of a JSON text a value stands
 *
 * A parser that keeps no places says where text is no JSON, but not where a
 * value is that makes no sense.
 */
#ifndef ANALYZER_GATE_JSON_PLACE_H
#define ANALYZER_GATE_JSON_PLACE_H

#include <stddef.h>
#include <stdint.h>

struct json_step {
    const char *key; /* into an object: of that name; NULL: into an array: */
    size_t index;
};

/* The line, from 1, of the value (of its key, where it has one) that n steps
   lead to from the outermost value of `text`, which is JSON; where it has no
   such place, of the last that it has. */
uint32_t json_place(const char *text, size_t len, const struct json_step *path,
                    uint32_t n);

#endif
