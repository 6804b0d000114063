/* SPDX-License-Identifier: MIT */
/* main.c - picks a command and runs it; start reading here */
#include "commands/cmd.h"
#include "commands/completion.h"
#include "commands/man_page.h"
#include "commands/version.h"
#include "err.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */ /* one a line */
static const struct cmd *const commands[] = {
    &cmd_run,
    &cmd_record,
    &cmd_snapshot,
    &cmd_report,
    &cmd_gate,
    &cmd_diff,
    &cmd_gc,
    &cmd_survivors,
    &cmd_top,
    &cmd_why,
    &cmd_graph,
    &cmd_coverage,
    &cmd_delta,
    &cmd_verify,
    &cmd_export,
    &cmd_import,
    &cmd_dump,
    &cmd_pack,
};
/* clang-format on */
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static const char exit_codes[] =
    "Exit codes: 0 fine, whatever was found; 1 'gate' found something, or\n"
    "'verify' or 'import' does not agree; 2 usage, or a program that cannot\n"
    "be recorded, or output that cannot be written; 3 a recording is missing\n"
    "or damaged; 4 no memory; 5 'gate' found nothing, but the recording is\n"
    "not complete. 'run' and 'record' pass on the status of the command that\n"
    "they start.\n";

static int usage(FILE *to, int code)
{
    fputs("usage: ouro COMMAND [options] [ARGS]\n\n", to);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "\n'ouro COMMAND --help' says more about each.\n%s",
            exit_codes);
    return code;
}

/* Somebody forgot 'run --', or 'report'. */
static const char *forgotten(const char *name)
{
    struct stat file;
    if (!strchr(name, '/') || stat(name, &file) != 0)
        return NULL;
    if (S_ISDIR(file.st_mode))
        return "report";
    return access(name, X_OK) == 0 ? "run --" : NULL;
}

static int unknown(const char *name)
{
    const char *names[N_COMMANDS];
    const char *before = forgotten(name);
    if (before) {
        fprintf(stderr,
                "ouro: no command '%s' (did you mean 'ouro %s %s'?); see "
                "'ouro --help'\n",
                name, before, name);
        return RC_USAGE;
    }
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

static int help_with(const char *name, FILE *out)
{
    const struct cmd *cmd = find(name);
    if (!cmd)
        return unknown(name);
    cmd_help(cmd, out);
    return RC_CLEAN;
}

static int man_page(const char *name, FILE *out)
{
    const struct cmd *cmd = name ? find(name) : NULL;
    if (name && !cmd)
        return unknown(name);
    if (cmd)
        man_page_command(cmd, out);
    else
        man_page_tool(commands, N_COMMANDS, exit_codes, out);
    return RC_CLEAN;
}

static int completion(const struct cmd_line *l)
{
    if (completion_write(l->value, commands, N_COMMANDS, l->out))
        return RC_CLEAN;
    return cmd_usage(l->cmd, "--completion=%s: bash, zsh or fish", l->value);
}

enum { MAN = CMD_LONG, COMPLETION };

static const struct cmd_option help_options[] = {
    {MAN, "man", "[COMMAND]", "print a manual page: ouro(1), or the command's"},
    {COMPLETION, "completion", "SHELL",
     "print what completes command lines in: bash, zsh, fish"},
    {0},
};

static const struct cmd cmd_of_help = {
    .name = "help",
    .args = "[options] [COMMAND]",
    .summary = "say which commands there are, or what one of them takes",
    .options = help_options,
};

static int help(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_of_help, .argc = argc, .argv = argv, .out = out};
    switch (cmd_next(&l)) {
    case MAN:
        return man_page(l.value, out);
    case COMPLETION:
        return completion(&l);
    case CMD_STOP:
        return l.status;
    default:
        return l.first < argc ? help_with(argv[l.first], out)
                              : usage(out, RC_CLEAN);
    }
}

static int pick(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr, RC_USAGE);
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return usage(stdout, RC_CLEAN);
    if (strcmp(name, "help") == 0)
        return help(argc - 1, argv + 1, stdout);
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
