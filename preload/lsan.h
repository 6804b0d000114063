/* SPDX-License-Identifier: MIT */
/*
 * lsan.h - what a program says to LeakSanitizer, and means us too
 *
 * __lsan_default_suppressions, where a module exports it, is the host's code,
 * and called as LeakSanitizer calls it: once, before main and before the host's
 * own constructors. What it does is recorded as the host's.
 */
#ifndef PRELOAD_LSAN_H
#define PRELOAD_LSAN_H

/* Not on a visit. */
void lsan_start(void);

#endif
