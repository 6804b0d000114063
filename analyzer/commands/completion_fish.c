/* SPDX-License-Identifier: MIT */
#include "commands/completion.h"

#include <string.h>

static void put_quoted(const char *text, FILE *to)
{
    fputc('\'', to);
    for (; *text; text++)
        if (*text == '\n')
            fputc(' ', to);
        else
            fprintf(to, "%s%c", strchr("'\\", *text) ? "\\" : "", *text);
    fputc('\'', to);
}

static void put_value(const struct completion_value *v, FILE *to)
{
    switch (v->kind) {
    case COMPLETION_NONE:
        break;
    case COMPLETION_FILE:
        fputs(" -r -F", to);
        break;
    case COMPLETION_DIR:
        fputs(" -x -a '(__fish_complete_directories)'", to);
        break;
    case COMPLETION_WORDS:
        fprintf(to, " -x -a '%s'", v->words);
        break;
    case COMPLETION_OTHER:
        fputs(" -x", to);
        break;
    }
}

static void put_option(const struct cmd *cmd, const struct cmd_option *o,
                       FILE *to)
{
    const struct completion_value v = completion_value(o);
    fprintf(to, "complete -c ouro -n '__ouro_is_in %s' -l %s", cmd->name,
            o->name);
    if (o->id < CMD_LONG)
        fprintf(to, " -s %c", o->id);
    put_value(&v, to);
    fputs(" -d ", to);
    put_quoted(o->help, to);
    fputc('\n', to);
}

static void put_command(const struct cmd *cmd, FILE *to)
{
    static const struct cmd_option help = {'h', "help", NULL, "print this"};
    fprintf(to, "\ncomplete -c ouro -n __fish_use_subcommand -a %s -d ",
            cmd->name);
    put_quoted(cmd->summary, to);
    fputc('\n', to);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++)
        put_option(cmd, o, to);
    put_option(cmd, &help, to);
    fprintf(to, "complete -c ouro -n '__ouro_is_in %s' %s\n", cmd->name,
            cmd->first_operand_ends_options
                ? "-a '(__fish_complete_subcommand --fcs-skip=2)'"
                : "-F");
}

void completion_fish(const struct cmd *const *commands, int n, FILE *to)
{
    fputs("# fish completion for ouro\n"
          "\n"
          "# the command of ouro, which is its first argument\n"
          "function __ouro_is_in\n"
          "    set -l words (commandline -opc)\n"
          "    test \"$words[2]\" = $argv[1]\n"
          "end\n"
          "\n"
          "complete -c ouro -f\n"
          "complete -c ouro -n __fish_use_subcommand -l version -d 'print the "
          "release'\n"
          "complete -c ouro -n __fish_use_subcommand -s h -l help -d 'say "
          "which commands there are'\n"
          "complete -c ouro -n __fish_use_subcommand -a help -d 'say which "
          "commands there are, or what one takes'\n"
          "complete -c ouro -n '__ouro_is_in help' -a '",
          to);
    for (int i = 0; i < n; i++)
        fprintf(to, "%s%s", i > 0 ? " " : "", commands[i]->name);
    fputs("'\n", to);
    for (int i = 0; i < n; i++)
        put_command(commands[i], to);
}
