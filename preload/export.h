/* SPDX-License-Identifier: MIT */
/*
 * export.h - the mark of what the host may call; exports.map lists all of it
 */
#ifndef PRELOAD_EXPORT_H
#define PRELOAD_EXPORT_H

#define EXPORT __attribute__((visibility("default")))

#endif
