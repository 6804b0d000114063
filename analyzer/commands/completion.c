/* SPDX-License-Identifier: MIT */
#include "commands/completion.h"

#include <string.h>

bool completion_write(const char *shell, const struct cmd *const *commands,
                      int n, FILE *to)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    static void (*const write[])(const struct cmd *const *, int, FILE *) = {
        completion_bash, completion_zsh, completion_fish};
    const int shell_is = cmd_word(shell, shells, 3);
    if (shell_is >= 0)
        write[shell_is](commands, n, to);
    return shell_is >= 0;
}

static bool is_word(const char *text, size_t len)
{
    return len > 0 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= len;
}

/* The help on one line, without what is in parentheses. */
static void flatten(const char *help, char text[512])
{
    size_t len = 0;
    int depth = 0;
    for (; *help && len < 511; help++) {
        depth += *help == '(';
        if (depth == 0)
            text[len++] = *help == '\n' ? ' ' : *help;
        depth -= *help == ')';
    }
    text[len] = '\0';
}

/* Of "a , b or c" the length of the first, and in *skip what is between it and
   the next. */
static size_t first_of_list(const char *list, size_t *skip)
{
    const char *comma = strchr(list, ','), * or = strstr(list, " or ");
    const char *end = comma && (! or || comma < or) ? comma : or ;
    size_t len = end ? (size_t)(end - list) : strlen(list);
    *skip = len + (end ? (end == comma ? 1 : 4) : 0);
    while (len > 0 && list[len - 1] == ' ')
        len--;
    return len;
}

/* The words that the help lists; "" where something else is among them. */
static void words_of(const char *help, char words[256])
{
    char text[512];
    size_t used = 0;
    flatten(help, text);
    const char *list = text, *colon = strchr(text, ':');
    if (colon && is_word(text, (size_t)(colon - text)))
        text[colon - text] = '\0'; /* "cclog: as Firefox logs" */
    else if (colon)
        list = colon + 1;
    while (*list) {
        size_t skip;
        list += strspn(list, " ");
        const size_t len = first_of_list(list, &skip);
        if (!is_word(list, len) || used + len + 2 > 256) {
            words[0] = '\0';
            return;
        }
        used += (size_t)snprintf(words + used, 256 - used, "%s%.*s",
                                 used > 0 ? " " : "", (int)len, list);
        list += skip;
    }
}

struct completion_value completion_value(const struct cmd_option *o)
{
    static const char *const listed[] = {"FORMAT", "WHICH", "SHELL"};
    struct completion_value v = {.kind = COMPLETION_OTHER};
    if (!o->value)
        v.kind = COMPLETION_NONE;
    else if (strcmp(o->value, "FILE") == 0)
        v.kind = COMPLETION_FILE;
    else if (strcmp(o->value, "DIR") == 0)
        v.kind = COMPLETION_DIR;
    else if (cmd_word(o->value, listed, 3) >= 0)
        words_of(o->help, v.words);
    if (v.words[0])
        v.kind = COMPLETION_WORDS;
    return v;
}
