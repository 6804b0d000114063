/* SPDX-License-Identifier: MIT */
#include "commands/man_page.h"

#include "commands/version.h"

#include <ctype.h>
#include <string.h>

#define EXIT_CODES "Exit codes: "
#define EXIT_OTHER "The exit status "

enum { FULL = 56 };

/* What may stand in a line of text; a dash that begins an option is a minus. */
static void put_byte(char c, char before, FILE *to)
{
    static const char special[] = "\\'`^~";
    static const char *const as[] = {"\\e", "\\(aq", "\\(ga", "\\(ha", "\\(ti"};
    const char *found = c ? strchr(special, c) : NULL;
    if (found)
        fputs(as[found - special], to);
    else if (c == '-' && !isalnum((unsigned char)before))
        fputs("\\-", to);
    else
        fputc(c, to);
}

/* A line of an example. */
static void put_exact(const char *text, size_t len, FILE *to)
{
    for (size_t i = 0; i < len; i++)
        put_byte(text[i], i > 0 ? text[i - 1] : ' ', to);
}

/* Running text, broken so that what is escaped fits in 80 columns too. */
static void put_text(const char *text, size_t len, FILE *to)
{
    size_t column = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' || (text[i] == ' ' && column > FULL)) {
            fputc('\n', to);
            column = 0;
            continue;
        }
        if (column++ == 0 && text[i] == '.')
            fputs("\\&", to);
        put_byte(text[i], i > 0 ? text[i - 1] : ' ', to);
    }
}

/* Lines that run on. */
static void put_lines(const char *text, FILE *to)
{
    while (*text) {
        const size_t len = strcspn(text, "\n");
        put_text(text, len, to);
        fputc('\n', to);
        text += len + (text[len] == '\n');
    }
}

/* Words in capitals are to be filled in. */
static void put_args(const char *args, FILE *to)
{
    bool italic = false;
    for (const char *p = args; *p; p++) {
        const bool name = isupper((unsigned char)*p) || (italic && *p == '-');
        if (name != italic)
            fputs(name ? "\\fI" : "\\fR", to);
        italic = name;
        put_byte(*p, p > args ? p[-1] : ' ', to);
    }
    fputs(italic ? "\\fR\n" : "\n", to);
}

static void put_option(const struct cmd_option *o, FILE *to)
{
    const bool optional = o->value && o->value[0] == '[';
    fputs(".TP\n", to);
    if (o->id < CMD_LONG)
        fprintf(to, "\\fB\\-%c\\fR, ", o->id);
    fputs("\\fB\\-\\-", to);
    for (const char *p = o->name; *p; p++)
        fputs(*p == '-' ? "\\-" : (char[]){*p, '\0'}, to);
    fputs("\\fR", to);
    if (o->value && !optional)
        fprintf(to, "=\\fI%s\\fR", o->value);
    else if (o->value)
        fprintf(to, "[=\\fI%.*s\\fR]", (int)strlen(o->value) - 2, o->value + 1);
    fputc('\n', to);
    put_lines(o->help, to);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The next code of a list: a digit behind "; ". */
static const char *next_code(const char *list)
{
    for (const char *p = list; (p = strchr(p, ';')); p++)
        if (isspace((unsigned char)p[1]) && isdigit((unsigned char)p[2]))
            return p;
    return NULL;
}

/* "0 said; 2 usage; ...": an entry for each. */
static void put_codes(const char *list, FILE *to)
{
    while (list) {
        const char *end = next_code(list);
        const size_t digits = strspn(list, "0123456789");
        const char *text = list + digits + strspn(list + digits, " \n");
        fprintf(to, ".TP\n.B %.*s\n", (int)digits, list);
        put_text(text, end ? (size_t)(end - text) : strlen(text), to);
        if (end)
            fputc('\n', to);
        list = end ? end + 2 : NULL;
    }
}

/* "KIND: cycle, leak": a line of its own. */
static bool is_definition(const char *line)
{
    const size_t capitals = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return capitals > 1 && line[capitals] == ':';
}

/* Where in running text or in an example we are. */
struct flow {
    bool example;
    bool goes_on; /* a line stands before this one in its paragraph */
};

static void put_blank(struct flow *f, bool example_next, FILE *to)
{
    if (f->example && example_next)
        fputc('\n', to);
    else if (!f->example && !example_next)
        fputs(".PP\n", to);
    f->goes_on = false;
}

/* One line of either; what stands behind it. */
static const char *put_line(const char *line, struct flow *f, FILE *to)
{
    const size_t len = strcspn(line, "\n");
    const bool indented = line[0] == ' ';
    const char *next = line + len + (line[len] == '\n');
    if (len == 0) {
        put_blank(f, next[0] == ' ', to);
        return next;
    }
    if (indented != f->example) {
        fputs(indented ? ".PP\n.EX\n" : ".EE\n.PP\n", to);
        *f = (struct flow){.example = indented};
    }
    if (f->goes_on && is_definition(line))
        fputs(".br\n", to);
    (indented ? put_exact : put_text)(line, len, to);
    fputc('\n', to);
    f->goes_on = true;
    return next;
}

/* Up to where the exit codes begin, which is what comes back. */
static const char *put_details(const char *details, FILE *to)
{
    struct flow flow = {false, false};
    while (*details && !begins(details, EXIT_CODES) &&
           !begins(details, EXIT_OTHER))
        details = put_line(details, &flow, to);
    if (flow.example)
        fputs(".EE\n", to);
    return details;
}

static void put_exit_status(const char *text, FILE *to)
{
    struct flow flow = {false, false};
    if (!*text)
        return;
    fputs(".SH EXIT STATUS\n", to);
    if (begins(text, EXIT_CODES)) {
        put_codes(text + strlen(EXIT_CODES), to);
        return;
    }
    while (*text)
        text = put_line(text, &flow, to);
}

static void put_title(const char *name, FILE *to)
{
    fputs(".\\\" from the tool's own option tables\n.TH OURO", to);
    if (name)
        fputc('-', to);
    for (; name && *name; name++)
        fputc(toupper((unsigned char)*name), to);
    fputs(" 1 " OURO_RELEASE_DATE " \"Ouro " OURO_RELEASE "\" Ouro\n", to);
}

void man_page_command(const struct cmd *cmd, FILE *to)
{
    static const struct cmd_option help = {'h', "help", NULL,
                                           "print a summary of this"};
    put_title(cmd->name, to);
    fprintf(to, ".SH NAME\nouro\\-%s \\- ", cmd->name);
    put_lines(cmd->summary, to);
    fprintf(to, ".SH SYNOPSIS\n\\fBouro %s\\fR ", cmd->name);
    put_args(cmd->args, to);
    if (cmd->details && !begins(cmd->details, EXIT_OTHER))
        fputs(".SH DESCRIPTION\n", to);
    const char *codes = put_details(cmd->details ? cmd->details : "", to);
    fputs(".SH OPTIONS\n", to);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++)
        put_option(o, to);
    put_option(&help, to);
    put_exit_status(codes, to);
    fputs(".SH SEE ALSO\n.BR ouro (1)\n", to);
}

static void put_commands(const struct cmd *const *commands, int n, FILE *to)
{
    fputs(".SH COMMANDS\n", to);
    for (int i = 0; i < n; i++) {
        fprintf(to, ".TP\n.BR ouro\\-%s (1)\n", commands[i]->name);
        put_lines(commands[i]->summary, to);
    }
}

static const char description[] =
    "Ouro tells what a C or C++ program leaked, which reference cycles keep\n"
    "themselves alive, and who took the reference that nobody gave back.\n"
    "It records a command under a preloaded library, which needs no\n"
    "recompiling, and explains the recording afterwards.\n"
    ".PP\n"
    ".EX\n"
    "ouro run \\-\\- ./my_test\n"
    ".EE\n"
    ".PP\n"
    "A program that counts references announces them with the macros of\n"
    "\\fIouro.h\\fR, which is its own manual;\n"
    "\\fBpkg\\-config \\-\\-cflags ouro\\fR says where it is.\n";

/* What the recorded program reads; ouro run and ouro record set these. */
static const struct {
    const char *name, *meaning;
} environment[] = {
    {"OURO_DIR", "the directory of the recording; without it ouro.PID.ouro"},
    {"OURO_STACKS", "call stacks of: all, alloc (of allocations only), none"},
    {"OURO_CLOCK", "what orders events: tsc, counter"},
    {"OURO_IO", "how a trace is written: mmap, buffered"},
    {"OURO_CHILDREN", "0: the command itself, not what it starts"},
    {"OURO_ONLY", "a pattern: only programs whose path or name matches"},
    {"OURO_MAX_SIZE", "how many bytes a trace may have"},
    {"OURO_FOLDS", "1: somebody folds the traces, so that they can go on"},
    {"OURO_SNAPSHOT", "what snapshots keep of memory: pointers, image, none"},
    {"OURO_SIGNAL", "the number of the signal of ouro snapshot --signal"},
    {"NO_COLOR", "reports have no colour, on a terminal neither"},
};

static void put_environment(FILE *to)
{
    fputs(".SH ENVIRONMENT\n"
          "A program that is started with \\fBlibouro.so\\fR in\n"
          "\\fBLD_PRELOAD\\fR is recorded, with these variables,\n"
          "which the options of \\fBouro run\\fR and\n"
          "\\fBouro record\\fR set.\n",
          to);
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++) {
        fprintf(to, ".TP\n.B %s\n", environment[i].name);
        put_lines(environment[i].meaning, to);
    }
}

void man_page_tool(const struct cmd *const *commands, int n,
                   const char *details, FILE *to)
{
    put_title(NULL, to);
    fputs(".SH NAME\nouro \\- explain leaks and reference cycles of a "
          "program\n"
          ".SH SYNOPSIS\n\\fBouro\\fR \\fICOMMAND\\fR [options] "
          "[\\fIARGS\\fR]\n"
          ".br\n\\fBouro help\\fR [\\fICOMMAND\\fR]\n"
          ".br\n\\fBouro \\-\\-version\\fR\n"
          ".SH DESCRIPTION\n",
          to);
    fputs(description, to);
    put_commands(commands, n, to);
    const char *codes = put_details(details, to);
    put_exit_status(codes, to);
    put_environment(to);
    fputs(".SH SEE ALSO\n.BR valgrind (1),\n.BR gdb (1)\n", to);
}
