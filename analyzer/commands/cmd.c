/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"

#include "err.h"

#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_OPTIONS = 48, HELP_COLUMN = 26, HELP = 'h' };

#define DEFAULT_RECORDING "ouro.out.ouro"

/* The table as getopt_long wants it. */
struct tables {
    struct option longs[MOST_OPTIONS + 2];
    char shorts[3 * MOST_OPTIONS + 8];
    const char *names[MOST_OPTIONS + 1];
    int n;
};

static bool has_letter(const struct cmd_option *o)
{
    return o->id < CMD_LONG;
}

static int takes_value(const struct cmd_option *o)
{
    if (!o->value)
        return no_argument;
    return o->value[0] == '[' ? optional_argument : required_argument;
}

static struct tables tables_of(const struct cmd *cmd)
{
    struct tables t = {.n = 0};
    char *s = t.shorts;
    if (cmd->first_operand_ends_options)
        *s++ = '+';
    *s++ = ':';
    *s++ = HELP;
    const struct cmd_option *o = cmd->options;
    for (; o && o->name && t.n < MOST_OPTIONS; o++) {
        const int takes = takes_value(o);
        t.longs[t.n] = (struct option){o->name, takes, NULL, o->id};
        t.names[t.n++] = o->name;
        if (!has_letter(o))
            continue;
        *s++ = (char)o->id;
        for (int i = no_argument; i < takes; i++)
            *s++ = ':';
    }
    t.longs[t.n] = (struct option){"help", no_argument, NULL, HELP};
    t.names[t.n++] = "help";
    return t;
}

int cmd_usage(const struct cmd *cmd, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "ouro: %s: ", cmd->name);
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "; see 'ouro %s --help'\n", cmd->name);
    va_end(ap);
    return RC_USAGE;
}

static int stop(struct cmd_line *l, int status)
{
    l->status = status;
    return CMD_STOP;
}

/* What the user typed that getopt_long did not know: a long option stands
   behind, a letter is in optopt. */
static int refuse(struct cmd_line *l, const struct tables *t)
{
    const char *typed = l->argv[optind - 1];
    /* among letters in a row, `typed` may still be what stands before them */
    if (optopt > 0 && optopt < CMD_LONG &&
        (strncmp(typed, "--", 2) != 0 || !strchr(t->shorts, optopt)))
        return stop(l, cmd_usage(l->cmd, "unknown option '-%c'", optopt));
    if (optopt != 0)
        return stop(l, cmd_usage(l->cmd, "option '%s' takes no value", typed));
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(typed + 2, "="),
             typed + 2);
    const char *meant = cmd_nearest(name, t->names, t->n);
    if (!meant)
        return stop(l, cmd_usage(l->cmd, "unknown option '%s'", typed));
    return stop(l,
                cmd_usage(l->cmd, "unknown option '%s' (did you mean '--%s'?)",
                          typed, meant));
}

int cmd_next(struct cmd_line *l)
{
    const struct tables t = tables_of(l->cmd);
    if (!l->begun) {
        l->begun = true;
        optind = 0; /* glibc: begin anew, and read the leading '+' again */
        opterr = 0;
    }
    const int id = getopt_long(l->argc, l->argv, t.shorts, t.longs, NULL);
    l->value = optarg;
    if (id == -1) {
        l->first = optind;
        return CMD_DONE;
    }
    if (id == ':')
        return stop(l, cmd_usage(l->cmd, "option '%s' needs a value",
                                 l->argv[optind - 1]));
    if (id == '?')
        return refuse(l, &t);
    if (id == HELP) {
        cmd_help(l->cmd, l->out);
        return stop(l, RC_CLEAN);
    }
    return id;
}

/* Of the recordings in this directory the newest; false: there is none. */
static bool find_other(char path[PATH_MAX])
{
    glob_t found;
    struct stat st;
    time_t newest = 0;
    *path = '\0';
    if (glob("ouro.*.ouro", GLOB_ONLYDIR, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (stat(found.gl_pathv[i], &st) != 0 || !S_ISDIR(st.st_mode) ||
                (*path && st.st_mtime <= newest))
                continue;
            newest = st.st_mtime;
            snprintf(path, PATH_MAX, "%s", found.gl_pathv[i]);
        }
        globfree(&found);
    }
    return *path != '\0';
}

static const char *default_recording(struct cmd_line *l)
{
    char other[PATH_MAX];
    struct stat st;
    if (stat(DEFAULT_RECORDING, &st) == 0 || !find_other(other))
        return DEFAULT_RECORDING;
    fprintf(stderr,
            "ouro: " DEFAULT_RECORDING ": no such recording; there is %s: "
            "'ouro %s %s'\n",
            other, l->cmd->name, other);
    l->status = RC_TRACE;
    return NULL;
}

const char *cmd_recording(struct cmd_line *l)
{
    if (l->argc - l->first > 1) {
        l->status = cmd_usage(l->cmd, "one recording, not %d (the second: %s)",
                              l->argc - l->first, l->argv[l->first + 1]);
        return NULL;
    }
    return l->first < l->argc ? l->argv[l->first] : default_recording(l);
}

bool cmd_number(const char *text, long low, long high, long *number)
{
    char *end;
    errno = 0;
    const long v = strtol(text, &end, 10);
    if (errno || end == text || *end || v < low || v > high)
        return false;
    *number = v;
    return true;
}

bool cmd_thresholds(const char *text, uint64_t threshold[3])
{
    for (int i = 0; i < 3; i++) {
        char *end;
        errno = 0;
        if (*text < '0' || *text > '9')
            return false;
        threshold[i] = strtoull(text, &end, 10);
        if (errno || *end != (i < 2 ? ',' : 0))
            return false;
        text = end + 1;
    }
    return true;
}

bool cmd_bytes(const char *text, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    const unsigned long long v = strtoull(text, &end, 10);
    if (errno || end == text || text[0] < '0' || text[0] > '9')
        return false;
    unsigned shift = 0;
    if (*end) {
        const char *unit = strchr(units, *end);
        if (!unit || end[1])
            return false;
        shift = 10 * (unsigned)(unit - units + 1);
    }
    if (v > UINT64_MAX >> shift)
        return false;
    *bytes = (uint64_t)v << shift;
    return true;
}

int cmd_word(const char *text, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}

/* Help text goes on below itself where it has several lines. */
static void print_option(const struct cmd_option *o, FILE *to)
{
    char left[80];
    char letter[8] = "    ";
    if (has_letter(o))
        snprintf(letter, sizeof letter, "-%c, ", o->id);
    const char *value = o->value ? o->value : "";
    const bool optional = value[0] == '[';
    const char *before = !o->value ? "" : (optional ? "[=" : "=");
    const int n = snprintf(left, sizeof left, "  %s--%s%s%s", letter, o->name,
                           before, value + optional);
    fprintf(to, "%-*s", HELP_COLUMN, left);
    if (n >= HELP_COLUMN)
        fprintf(to, "\n%*s", HELP_COLUMN, "");
    for (const char *line = o->help; line;) {
        const size_t len = strcspn(line, "\n");
        fprintf(to, "%.*s\n", (int)len, line);
        line = line[len] ? line + len + 1 : NULL;
        if (line)
            fprintf(to, "%*s", HELP_COLUMN, "");
    }
}

void cmd_help(const struct cmd *cmd, FILE *to)
{
    static const struct cmd_option help = {HELP, "help", NULL, "print this"};
    fprintf(to, "usage: ouro %s %s\n\n%s\n\n", cmd->name, cmd->args,
            cmd->summary);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++)
        print_option(o, to);
    print_option(&help, to);
    if (cmd->details)
        fprintf(to, "\n%s", cmd->details);
}
