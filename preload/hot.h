/* SPDX-License-Identifier: MIT */
/*
 * hot.h - the variables that every event looks at, side by side
 *
 * An event comes when the host has just used the caches for its own purposes:
 * what it needs of ours is fetched again each time, so it stands in as few
 * lines and pages as it can. Nothing here is written per event.
 *
 *     extern HOT _Atomic uint32_t shim_request;       in the header
 *     HOT _Atomic uint32_t shim_request;              in the file
 */
#ifndef PRELOAD_HOT_H
#define PRELOAD_HOT_H

/* Known to be in the library itself: no table of addresses is asked. */
#define HOT __attribute__((section("ouro_hot"), visibility("hidden")))

#endif
