/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "commands/output_file.h"
#include "err.h"
#include "report/report.h"

#include <sys/stat.h>

enum { SHOW_SUPPRESSED = CMD_LONG, ALL, SHOW, SOURCE_ROOT };

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

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_report, .argc = argc, .argv = argv, .out = out};
    struct report_options o = {0};
    const char *path = NULL;
    char names[256];
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        o.show_suppressed |= id == SHOW_SUPPRESSED;
        o.all |= id == ALL;
        if (id == SHOW_SUPPRESSED || id == ALL)
            continue;
        if (id == 'o') {
            path = l.value;
            continue;
        }
        if (id == SOURCE_ROOT) {
            o.source_root = l.value;
            if (!is_directory(l.value))
                return cmd_usage(&cmd_report,
                                 "--source-root=%s: no such directory",
                                 l.value);
            continue;
        }
        if (id == SHOW && !reach_shown_parse(l.value, &o.shown))
            return cmd_usage(&cmd_report, REACH_SHOWN_WRONG, l.value);
        if (id == SHOW)
            continue;
        o.format = report_format_named(l.value);
        if (!o.format)
            return cmd_usage(&cmd_report, "--format=%s: %s", l.value,
                             report_format_names(names));
    }
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    if (path)
        return report_to_file(recording, path, &o);
    return found_is_fine(report_recording(recording, &o, out));
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
     "also what libc, libstdc++ and the loader keep on purpose"},
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
