/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "commands/output_file.h"
#include "commands/suppression_option.h"
#include "err.h"
#include "report/report.h"
#include "report/report_suppressions.h"

#include <sys/stat.h>

enum {
    SHOW_SUPPRESSED = CMD_LONG,
    ALL,
    SHOW,
    SOURCE_ROOT,
    SUPPRESSIONS,
    GEN_SUPPRESSIONS
};

static int found_is_fine(int code)
{
    return code == RC_FOUND ? RC_CLEAN : code;
}

static int report_to_file(const char *recording, const char *path,
                          const struct report_options *o)
{
    struct output_file file;
    struct err e;
    if (output_file_open(&file, path, &e) != 0)
        return err_say(&e);
    const int code = found_is_fine(report_recording(recording, o, file.to));
    if (output_file_close(&file, &e) != 0)
        return err_say(&e);
    return code;
}

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

struct asked {
    struct report_options o;
    struct suppressions suppressions;
    const char *path;
};

static int take_format(struct asked *a, const char *name)
{
    char names[256];
    a->o.format = report_format_named(name);
    return a->o.format ? RC_CLEAN
                       : cmd_usage(&cmd_report, "--format=%s: %s", name,
                                   report_format_names(names));
}

static int take(struct asked *a, int id, const char *value)
{
    switch (id) {
    case 'f':
        return take_format(a, value);
    case 'o':
        a->path = value;
        return RC_CLEAN;
    case SOURCE_ROOT:
        a->o.source_root = value;
        return is_directory(value)
                   ? RC_CLEAN
                   : cmd_usage(&cmd_report,
                               "--source-root=%s: no such directory", value);
    case SHOW:
        return reach_shown_parse(value, &a->o.shown)
                   ? RC_CLEAN
                   : cmd_usage(&cmd_report, REACH_SHOWN_WRONG, value);
    case SUPPRESSIONS:
        return suppression_option_take(&a->suppressions, value);
    case GEN_SUPPRESSIONS:
        a->o.format = &report_suppressions;
        return RC_CLEAN;
    default:
        a->o.show_suppressed |= id == SHOW_SUPPRESSED;
        a->o.all |= id == ALL;
        return RC_CLEAN;
    }
}

static int report(struct asked *a, struct cmd_line *l, FILE *out)
{
    const char *recording = cmd_recording(l);
    if (!recording)
        return l->status;
    a->o.suppressions = &a->suppressions;
    if (a->path)
        return report_to_file(recording, a->path, &a->o);
    return found_is_fine(report_recording(recording, &a->o, out));
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_report, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.path = NULL};
    int code = RC_CLEAN;
    for (int id; code == RC_CLEAN && (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP) {
            suppressions_release(&a.suppressions);
            return l.status;
        }
        code = take(&a, id, l.value);
    }
    if (code == RC_CLEAN)
        code = report(&a, &l, out);
    suppressions_release(&a.suppressions);
    return code;
}

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", REPORT_FORMATS_HELP},
    {'o', "output", "FILE", "write there instead of to standard output"},
    {ALL, "all", NULL, "as text: all, not only the first ten of a kind"},
    {SOURCE_ROOT, "source-root", "DIR",
     "tell files relative to DIR where the format is for\nothers to read "
     "(default: the working directory)"},
    {SHOW, "show", "REACHES", REACH_SHOWN_HELP},
    {SHOW_SUPPRESSED, "show-suppressed", NULL,
     "also what libc, libstdc++ and the loader keep on\n"
     "purpose, and what is suppressed"},
    {SUPPRESSIONS, "suppressions", "FILE", SUPPRESSIONS_HELP},
    {GEN_SUPPRESSIONS, "gen-suppressions", NULL, GEN_SUPPRESSIONS_HELP},
    {0},
};

const struct cmd cmd_report = {
    .name = "report",
    .args = "[options] [RECORDING]",
    .summary = "say everything that was found in a recording",
    .options = options,
    .details = "RECORDING is a directory, or one trace file in it; the default "
               "is ouro.out.ouro.\n"
               "Exit codes: 0 reported, whatever was found; 2 usage, or the "
               "output cannot be\n"
               "written; 3 missing or damaged, in whole or in part; 4 out of "
               "memory.\n",
    .run = run,
};
