/* SPDX-License-Identifier: MIT */
/*
 * man_page.h - manual pages, from the tables that --help is printed from
 *
 * `ouro help --man[=COMMAND]` prints them and `make install` keeps them. The
 * macros are those of man(7). Of a command's details a line that begins with a
 * blank is an example and kept as it is; what follows "Exit codes:" is a list.
 */
#ifndef ANALYZER_COMMANDS_MAN_PAGE_H
#define ANALYZER_COMMANDS_MAN_PAGE_H

#include "commands/cmd.h"

/* ouro-COMMAND(1) */
void man_page_command(const struct cmd *cmd, FILE *to);

/* ouro(1): all n commands; `details` are the tool's. */
void man_page_tool(const struct cmd *const *commands, int n,
                   const char *details, FILE *to);

#endif
