/* SPDX-License-Identifier: MIT */
/*
 * build_id.h - a mapped module's build-id, from its notes
 */
#ifndef PRELOAD_BUILD_ID_H
#define PRELOAD_BUILD_ID_H

#include <stdint.h>

enum { BUILD_ID_MAX = 64 }; /* bytes; a longer one is none */

/* Of the module that is mapped at [start, end), `bias` bytes above the
   addresses in its file. How many bytes; 0: it has none. */
uint32_t build_id_read(unsigned char id[BUILD_ID_MAX], uintptr_t start,
                       uintptr_t end, uintptr_t bias);

#endif
