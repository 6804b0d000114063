/* SPDX-License-Identifier: MIT */
#include "commands/completion.h"

static const char head[] =
    "# bash completion for ouro                        -*- shell-script -*-\n"
    "\n"
    "# _ouro_propose KIND...: compgen's proposals, one an element\n"
    "_ouro_propose()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$_ouro_word\")\n"
    "}\n"
    "\n"
    "# where the first operand stands, which is another command's line\n"
    "_ouro_first_operand()\n"
    "{\n"
    "    local i word\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        --) echo $((i + 1)) && return ;;\n"
    "        =) ((i++)) ;;\n"
    "        -*) [[ ${COMP_WORDS[i + 1]} != = &&\n"
    "            \" $_ouro_valued \" == *\" $word \"* ]] && ((i++)) ;;\n"
    "        *) echo \"$i\" && return ;;\n"
    "        esac\n"
    "    done\n"
    "    echo \"$COMP_CWORD\"\n"
    "}\n"
    "\n"
    "_ouro_command_line()\n"
    "{\n"
    "    if declare -F _command_offset >/dev/null; then\n"
    "        _command_offset \"$1\"\n"
    "    else\n"
    "        compopt -o filenames\n"
    "        _ouro_propose -f\n"
    "    fi\n"
    "}\n"
    "\n"
    "_ouro()\n"
    "{\n"
    "    local _ouro_word=${COMP_WORDS[COMP_CWORD]} _ouro_options= "
    "_ouro_valued=\n"
    "    local before=${COMP_WORDS[COMP_CWORD - 1]} first operand=-f\n"
    "    COMPREPLY=()\n"
    "    # an equals sign is a word of its own here\n"
    "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    if [[ $_ouro_word == = ]]; then\n"
    "        _ouro_word=\n"
    "    fi\n";

static const char tail[] =
    "    if [[ $_ouro_word == -* ]]; then\n"
    "        _ouro_propose -W \"$_ouro_options\"\n"
    "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
    "    else\n"
    "        compopt -o filenames\n"
    "        _ouro_propose $operand\n"
    "    fi\n"
    "} && complete -F _ouro ouro\n";

/* Both spellings of an option as a pattern of `case`. */
static void put_pattern(const struct cmd *cmd, const struct cmd_option *o,
                        FILE *to)
{
    fprintf(to, "    %s:--%s", cmd->name, o->name);
    if (o->id < CMD_LONG)
        fprintf(to, " | %s:-%c", cmd->name, o->id);
    fputs(")\n", to);
}

static void put_value(const struct cmd *cmd, const struct cmd_option *o,
                      FILE *to)
{
    const struct completion_value v = completion_value(o);
    if (v.kind == COMPLETION_NONE)
        return;
    put_pattern(cmd, o, to);
    if (v.kind == COMPLETION_WORDS)
        fprintf(to, "        _ouro_propose -W '%s'\n", v.words);
    else if (v.kind != COMPLETION_OTHER)
        fprintf(to, "        compopt -o filenames\n        _ouro_propose %s\n",
                v.kind == COMPLETION_DIR ? "-d" : "-f");
    fputs("        return\n        ;;\n", to);
}

static void put_options(const struct cmd *cmd, FILE *to)
{
    const char *value = "";
    fprintf(to, "    %s)\n        _ouro_options='", cmd->name);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++)
        fprintf(to, "--%s%s ", o->name, o->value ? "=" : "");
    fputs("--help'\n        _ouro_valued='", to);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++) {
        if (!o->value)
            continue;
        fprintf(to, "%s--%s", value, o->name);
        if (o->id < CMD_LONG)
            fprintf(to, " -%c", o->id);
        value = " ";
    }
    fputs("'\n", to);
    if (cmd->first_operand_ends_options)
        fputs("        operand=-c\n"
              "        first=$(_ouro_first_operand)\n"
              "        if ((first < COMP_CWORD)); then\n"
              "            _ouro_command_line \"$first\"\n"
              "            return\n"
              "        fi\n",
              to);
    fputs("        ;;\n", to);
}

void completion_bash(const struct cmd *const *commands, int n, FILE *to)
{
    fputs(head, to);
    fputs("    local commands='", to);
    for (int i = 0; i < n; i++)
        fprintf(to, "%s ", commands[i]->name);
    fputs("help'\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        _ouro_propose -W \"$commands --help --version\"\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[1]} in\n"
          "    help) ((COMP_CWORD == 2)) && _ouro_propose -W \"$commands\"\n"
          "        return\n"
          "        ;;\n",
          to);
    for (int i = 0; i < n; i++)
        put_options(commands[i], to);
    fputs("    esac\n    case ${COMP_WORDS[1]}:$before in\n", to);
    for (int i = 0; i < n; i++)
        for (const struct cmd_option *o = commands[i]->options; o && o->name;
             o++)
            put_value(commands[i], o, to);
    fputs("    esac\n", to);
    fputs(tail, to);
}
