/* SPDX-License-Identifier: MIT */
/*
 * bypass.h - libraries whose allocations go past us
 *
 * One opened with dlmopen has a libc of its own; one opened with RTLD_DEEPBIND
 * calls the allocator behind us. The loader's list of namespaces, which it
 * keeps for debuggers, shows the first; a module's own table of the functions
 * that it calls the second, once it has called one or where it is bound at
 * once. dlopen is not wrapped. Both are looked at under the loader's lock:
 * before a library goes, as that takes it too, and when the process ends, if no
 * other thread is there, or was there before a fork, that might have it.
 */
#ifndef PRELOAD_BYPASS_H
#define PRELOAD_BYPASS_H

/* Once, before main. */
void bypass_start(void);

/* Records the first of each kind, as OURO_GAP. */
void bypass_look(void);
void bypass_look_at_exit(void);

/* In a forked child: its file does not know of any. */
void bypass_forked(void);

#endif
