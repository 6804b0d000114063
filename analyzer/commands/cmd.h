/* SPDX-License-Identifier: MIT */
/*
 * cmd.h - how the tool finds its commands, and how a command reads its options
 *
 * One command is one file, cmd_<name>.c, that defines one `const struct cmd`.
 * The list in main.c is the only other place that names it. Parsing, help and
 * usage errors all come from this struct: an option that is not in the table
 * does not exist, and one that is there is in the help.
 *
 *     static int run(int argc, char **argv, FILE *out)
 *     {
 *         struct cmd_line l = {
 *             .cmd = &cmd_report, .argc = argc, .argv = argv, .out = out};
 *         for (int id; (id = cmd_next(&l)) != CMD_DONE;)
 *             switch (id) {
 *             case 'o':
 *                 path = l.value;
 *                 break;
 *             default:
 *                 return l.status;
 *             }
 *         ... operands: l.argv[l.first] .. l.argv[l.argc - 1]
 *     }
 *
 * `--help` (and -h) is every command's, and needs no row in its table.
 */
#ifndef ANALYZER_COMMANDS_CMD_H
#define ANALYZER_COMMANDS_CMD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cmd_option {
    int id;            /* what cmd_next gives; a letter is its short form too;
                          CMD_LONG and up: long form only */
    const char *name;  /* without the dashes; NULL ends the table */
    const char *value; /* its name in the help, "FILE"; "[NAME]" where it may be
                          left out; NULL: takes none */
    const char *help;  /* one line or more, lower case, no full stop */
};

enum { CMD_LONG = 256, CMD_DONE = -1, CMD_STOP = -2 };

struct cmd {
    const char *name;
    const char *args;    /* "[options] [RECORDING]" */
    const char *summary; /* one line, starts with a verb, no full stop */
    const struct cmd_option *options;
    const char *details; /* whole lines, shown below the options; may be NULL */
    bool first_operand_ends_options; /* what follows is another command's */
    /* argv[0] is the command's name. Returns an exit code. */
    int (*run)(int argc, char **argv, FILE *out);
};

/* One reading of a command line. Set the first four, leave the rest zero. */
struct cmd_line {
    const struct cmd *cmd;
    int argc;
    char **argv;
    FILE *out;         /* where --help goes */
    const char *value; /* of the option just read; NULL: none given */
    int first;         /* after CMD_DONE: argv's first operand */
    int status;        /* after CMD_STOP: what to return */
    bool begun;
};

/* The next option's id; CMD_DONE after the last one; CMD_STOP when there is
   nothing more to do: help was asked for and printed, or the line is wrong,
   which was said on stderr. Options may stand between operands (which are moved
   to the end) unless first_operand_ends_options. */
int cmd_next(struct cmd_line *l);

/* Prints "ouro: NAME: " and the text as one line that points at the help;
   returns RC_USAGE. */
__attribute__((format(printf, 2, 3))) int cmd_usage(const struct cmd *cmd,
                                                    const char *fmt, ...);

/* The only operand, or the default recording where there is none; NULL: more
   than one, or no default but another one, which was said; l->status is what
   to return. */
const char *cmd_recording(struct cmd_line *l);

/* A decimal number of bytes, with K, M, G or T for powers of 1,024. */
bool cmd_bytes(const char *text, uint64_t *bytes);

/* A decimal number in [low, high], nothing behind it. */
bool cmd_number(const char *text, long low, long high, long *number);

/* Three numbers with commas between them: "700,10,10". */
bool cmd_thresholds(const char *text, uint64_t threshold[3]);

/* Which of the n words `text` is; -1: none. */
int cmd_word(const char *text, const char *const *words, int n);

void cmd_help(const struct cmd *cmd, FILE *to);

/* The one of n names that `word` was probably meant to be; NULL: none is near.
 */
const char *cmd_nearest(const char *word, const char *const *names, int n);

extern const struct cmd cmd_delta;
extern const struct cmd cmd_diff;
extern const struct cmd cmd_dump;
extern const struct cmd cmd_export;
extern const struct cmd cmd_gate;
extern const struct cmd cmd_gc;
extern const struct cmd cmd_coverage;
extern const struct cmd cmd_graph;
extern const struct cmd cmd_import;
extern const struct cmd cmd_pack;
extern const struct cmd cmd_record;
extern const struct cmd cmd_report;
extern const struct cmd cmd_run;
extern const struct cmd cmd_snapshot;
extern const struct cmd cmd_survivors;
extern const struct cmd cmd_top;
extern const struct cmd cmd_verify;
extern const struct cmd cmd_why;

#endif
