/* SPDX-License-Identifier: MIT */
/*
 * own.h - memory that the guest mapped for good, so that no snapshot shows it
 */
#ifndef PRELOAD_OWN_H
#define PRELOAD_OWN_H

#include "ranges.h"

#include <stddef.h>
#include <stdint.h>

/* Where there are too many, the rest is taken for the host's. */
void own_note(const void *at, size_t len);

const struct range *own_noted(uint32_t *n);

#endif
