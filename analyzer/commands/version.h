/* SPDX-License-Identifier: MIT */
/*
 * version.h - the number of this release: `ouro --version` and every recording;
 * and its day, for manual pages
 */
#ifndef ANALYZER_COMMANDS_VERSION_H
#define ANALYZER_COMMANDS_VERSION_H

#define OURO_RELEASE      "0.1.0"
#define OURO_RELEASE_DATE "2026-11-23"

#endif
