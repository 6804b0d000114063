/* SPDX-License-Identifier: MIT */
/*
 * module.h - what is loaded, and when
 *
 * The loader is asked without its lock (_dl_find_object, glibc 2.35 and
 * later): a thread that holds a host's lock inside our hook must never wait
 * for one that holds the loader's. Modules are noticed when an address in them
 * is first seen, at the start, and after dlclose. The table only grows, in
 * memory that follows the number of modules (store.h): an entry is written
 * first and published after, whole; only `gone` is set later, once. Where it is
 * full (MODULE_MAX, or no memory) addresses in further modules have no module,
 * and the trace's header says so.
 *
 * The epoch goes up whenever a module came or went. Unwind rules and frame
 * numbers belong to the epoch in which they were made.
 */
#ifndef PRELOAD_MODULE_H
#define PRELOAD_MODULE_H

#include "hot.h"
#include "module_file.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { MODULE_MAX = 16384 };

struct module {
    uint32_t id;
    uint32_t epoch;        /* the first in which it is there */
    _Atomic uint32_t gone; /* the first in which it is not; 0: still there */
    uintptr_t bias, start, end;
    const void *eh_frame_hdr; /* NULL: none */
    const void *link_map;     /* the loader's name for it; NULL: not known */
    const struct module_file *file;
};

/* Finds the loader's functions and notes what is there. May allocate (dlsym).
 */
void module_start(void);

/* The epoch; read it with module_epoch(). */
extern HOT _Atomic uint32_t module_now;

static inline uint32_t module_epoch(void)
{
    return atomic_load_explicit(&module_now, memory_order_relaxed);
}

/* The module that holds ip now, noting it first if it is new (which raises the
   epoch); NULL: none (JIT code, or the table is full). Lock-free. */
const struct module *module_find(uintptr_t ip);

/* After dlclose: notices what went. It takes the loader's lock, as dlclose
   does. With a glibc before 2.35 it is also what notices what came. */
void module_refresh(void);

/* Around both. Between them another thread may load a module where one has just
   gone, in the same place to the last byte: module_is_closing() is true, and
   module_find() looks at names too. */
void module_close_begin(void);
void module_close_end(void);

extern HOT _Atomic uint32_t module_n_closing;

static inline bool module_is_closing(void)
{
    return atomic_load_explicit(&module_n_closing, memory_order_relaxed) > 0;
}

/* In a forked child: who was inside dlclose is not here. */
void module_forked(void);

/* Entry i, in order of id (i == id); NULL: there are only i so far. It went
   where module_gone() is not 0, from that epoch on. */
const struct module *module_at(uint32_t i);
uint32_t module_gone(const struct module *m);

/* Were there modules that found no place in the table? */
bool module_is_full(void);

/* Is ip inside our own library? */
bool module_is_ours(uintptr_t ip);

#endif
