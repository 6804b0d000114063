/* SPDX-License-Identifier: MIT */
#include "commands/completion.h"

#include <string.h>

/* Inside '...': a quote ends them, is written, and they go on; what is special
   to zsh's own specifications gets a backslash. */
static void put_quoted(const char *text, const char *special, FILE *to)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", to);
        else if (*text == '\n')
            fputc(' ', to);
        else
            fprintf(to, "%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

static void put_action(const struct cmd_option *o, FILE *to)
{
    const struct completion_value v = completion_value(o);
    if (!o->value)
        return;
    fputc(':', to);
    put_quoted(o->value, ":[]", to);
    fputc(':', to);
    if (v.kind == COMPLETION_WORDS)
        fprintf(to, "(%s)", v.words);
    else if (v.kind != COMPLETION_OTHER)
        fputs(v.kind == COMPLETION_DIR ? "_files -/" : "_files", to);
}

static void put_option(const struct cmd_option *o, FILE *to)
{
    const bool optional = o->value && o->value[0] == '[';
    const char *takes = !o->value ? "" : (optional ? "=-" : "=");
    fputs(" \\\n            '", to);
    if (o->id < CMD_LONG)
        fprintf(to, "(-%c --%s)'{-%c%s,--%s%s}'", o->id, o->name, o->id,
                o->value ? "+" : "", o->name, takes);
    else
        fprintf(to, "--%s%s", o->name, takes);
    fputc('[', to);
    put_quoted(o->help, "[]", to);
    fputc(']', to);
    put_action(o, to);
    fputc('\'', to);
}

static void put_command(const struct cmd *cmd, FILE *to)
{
    fprintf(to, "    %s)\n        _arguments -S", cmd->name);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++)
        put_option(o, to);
    fputs(" \\\n            '(- *)'{-h,--help}'[print this]'", to);
    fputs(cmd->first_operand_ends_options
              ? " \\\n            '(-)1:command: _command_names -e'"
                " \\\n            '*::arguments: _normal'\n"
              : " \\\n            '*:recording:_files'\n",
          to);
    fputs("        ;;\n", to);
}

void completion_zsh(const struct cmd *const *commands, int n, FILE *to)
{
    fputs("#compdef ouro\n"
          "\n"
          "local context state state_descr line curcontext=$curcontext\n"
          "typeset -A opt_args\n"
          "local -a ouro_commands=(\n",
          to);
    for (int i = 0; i < n; i++) {
        fprintf(to, "    '%s:", commands[i]->name);
        put_quoted(commands[i]->summary, "", to);
        fputs("'\n", to);
    }
    fputs("    'help:say which commands there are, or what one takes'\n"
          ")\n"
          "_arguments -C \\\n"
          "    '(- *)'{-h,--help}'[say which commands there are]' \\\n"
          "    '(- *)--version[print the release]' \\\n"
          "    '1:command:->command' \\\n"
          "    '*::argument:->argument' && return\n"
          "if [[ $state == command ]]; then\n"
          "    _describe command ouro_commands\n"
          "    return\n"
          "fi\n"
          "case $words[1] in\n"
          "    help)\n"
          "        _describe command ouro_commands\n"
          "        ;;\n",
          to);
    for (int i = 0; i < n; i++)
        put_command(commands[i], to);
    fputs("esac\n", to);
}
