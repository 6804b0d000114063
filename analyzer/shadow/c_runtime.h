/* SPDX-License-Identifier: MIT */
/*
 * c_runtime.h - is a module the C library, a part of it, or the loader?
 *
 * By the name of its file. Their data holds the free lists of malloc and the
 * cache of thread stacks, which are no references.
 */
#ifndef ANALYZER_SHADOW_C_RUNTIME_H
#define ANALYZER_SHADOW_C_RUNTIME_H

#include <stdbool.h>

bool path_is_c_runtime(const char *path);

#endif
