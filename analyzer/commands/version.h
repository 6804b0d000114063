/* SPDX-License-Identifier: MIT */
/*
 * version.h - the number of this release: `ouro --version` and every recording
 */
#ifndef ANALYZER_COMMANDS_VERSION_H
#define ANALYZER_COMMANDS_VERSION_H

#define OURO_RELEASE "0.1.0"

#endif
