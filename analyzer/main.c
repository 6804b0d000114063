/* SPDX-License-Identifier: MIT */
/* main.c - picks a command and runs it; start reading here */
#include "commands/cmd.h"
#include "commands/version.h"
#include "err.h"

#include <errno.h>
#include <string.h>

/* clang-format off */ /* one a line */
static const struct cmd *const commands[] = {
    &cmd_run,
    &cmd_record,
    &cmd_report,
    &cmd_gc,
    &cmd_survivors,
    &cmd_why,
    &cmd_graph,
    &cmd_coverage,
    &cmd_verify,
    &cmd_export,
    &cmd_import,
    &cmd_dump,
};
/* clang-format on */
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static int usage(FILE *to, int code)
{
    fputs("usage: ouro COMMAND [options] [ARGS]\n\n", to);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs(
        "\n'ouro COMMAND --help' says more about each.\n"
        "Exit codes: 0 fine, whatever was found; 1 'verify' or 'import' does\n"
        "not agree; 2 usage, or a program that cannot be recorded, or output\n"
        "that cannot be written; 3 a recording is missing or damaged; 4 no\n"
        "memory. 'run' and 'record' pass on the status of the command that\n"
        "they start.\n",
        to);
    return code;
}

static int unknown(const char *name)
{
    const char *names[N_COMMANDS];
    for (int i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *meant = cmd_nearest(name, names, N_COMMANDS);
    const char *what = name[0] == '-' ? "option" : "command";
    if (meant)
        fprintf(stderr,
                "ouro: no %s '%s' (did you mean '%s'?); see 'ouro --help'\n",
                what, name, meant);
    else
        fprintf(stderr, "ouro: no %s '%s'; see 'ouro --help'\n", what, name);
    return RC_USAGE;
}

static const struct cmd *find(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

/* "help", "help COMMAND" */
static int help(const char *name)
{
    if (!name)
        return usage(stdout, RC_CLEAN);
    const struct cmd *cmd = find(name);
    if (!cmd)
        return unknown(name);
    cmd_help(cmd, stdout);
    return RC_CLEAN;
}

static int pick(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr, RC_USAGE);
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(NULL);
    if (strcmp(name, "help") == 0)
        return help(argv[2]);
    if (strcmp(name, "--version") == 0) {
        puts("ouro " OURO_RELEASE);
        return RC_CLEAN;
    }
    const struct cmd *cmd = find(name);
    return cmd ? cmd->run(argc - 1, argv + 1, stdout) : unknown(name);
}

/* A report that did not reach its file must not look like a clean one. */
int main(int argc, char **argv)
{
    const int code = pick(argc, argv);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE)
        return code;
    fprintf(stderr, "ouro: standard output: cannot be written: %s\n",
            strerror(errno));
    return RC_USAGE;
}
