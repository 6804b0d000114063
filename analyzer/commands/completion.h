/* SPDX-License-Identifier: MIT */
/*
 * completion.h - what completes command lines of ouro in bash, zsh and fish,
 * from the tables that --help is printed from
 *
 * What an option's value may be is taken from its name there: FILE and DIR are
 * paths; of FORMAT, WHICH and SHELL the words are those that its help lists
 * ("text (the default) or json"). Behind `run` and `record` stands a command
 * line of its own, elsewhere a recording.
 */
#ifndef ANALYZER_COMMANDS_COMPLETION_H
#define ANALYZER_COMMANDS_COMPLETION_H

#include "commands/cmd.h"

/* False: no shell that we know. */
bool completion_write(const char *shell, const struct cmd *const *commands,
                      int n, FILE *to);

enum completion_kind {
    COMPLETION_NONE, /* no value */
    COMPLETION_FILE,
    COMPLETION_DIR,
    COMPLETION_WORDS,
    COMPLETION_OTHER, /* nothing can be proposed */
};

struct completion_value {
    enum completion_kind kind;
    char words[256]; /* with blanks between them */
};

struct completion_value completion_value(const struct cmd_option *o);

void completion_bash(const struct cmd *const *commands, int n, FILE *to);
void completion_zsh(const struct cmd *const *commands, int n, FILE *to);
void completion_fish(const struct cmd *const *commands, int n, FILE *to);

#endif
