/* SPDX-License-Identifier: MIT */
/*
 * suppression_option.h - what the commands share that suppress findings
 */
#ifndef ANALYZER_COMMANDS_SUPPRESSION_OPTION_H
#define ANALYZER_COMMANDS_SUPPRESSION_OPTION_H

#include "commands/cmd.h"
#include "suppress/suppressions.h"

#define SUPPRESSIONS_HELP                                                      \
    "do not tell what FILE names (may be repeated): lines\n"                   \
    "leak:PATTERN as LeakSanitizer has them, { } blocks as\n"                  \
    "Valgrind has them, and KIND:PATTERN of a type, of\n"                      \
    "Type.field or of an id, as in cycle:Window.children"

#define GEN_SUPPRESSIONS_HELP                                                  \
    "write, instead, an entry for such a FILE for each\nfinding"

/* Adds a file's. RC_CLEAN, or the code of what was said. */
int suppression_option_take(struct suppressions *s, const char *path);

#endif
