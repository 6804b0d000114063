/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "launch/recorder.h"
#include "report/report.h"

enum { ERROR_EXITCODE = RECORDER_NEXT_ID, SHOW, SHOW_SUPPRESSED };

static int run_and_report(struct recorder *r, char **argv, long error_exitcode,
                          struct report_options o)
{
    const int status = recorder_run(r, &cmd_run, argv);
    bool found = false;
    o.found = &found;
    if (r->started && r->n_traces > 0)
        report_recording(r->recording.path, &o, stderr);
    recording_release(&r->recording);
    return found && error_exitcode >= 0 ? (int)error_exitcode : status;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_run, .argc = argc, .argv = argv, .out = out};
    struct recorder r = {.dir = NULL};
    long error_exitcode = -1;
    struct report_options o = {0};
    for (int id, status; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (id == SHOW_SUPPRESSED) {
            o.show_suppressed = true;
        } else if (id == SHOW) {
            if (!reach_shown_parse(l.value, &o.shown))
                return cmd_usage(&cmd_run, REACH_SHOWN_WRONG, l.value);
        } else if (id == 'q') {
            o.quiet = true;
        } else if (id == ERROR_EXITCODE) {
            if (!cmd_number(l.value, 0, 255, &error_exitcode))
                return cmd_usage(&cmd_run, "--error-exitcode=%s: 0 to 255",
                                 l.value);
        } else if (!recorder_option(&r, &cmd_run, id, l.value, &status)) {
            return status;
        }
    }
    return run_and_report(&r, argv + l.first, error_exitcode, o);
}

static const struct cmd_option options[] = {
    RECORDER_OPTIONS,
    {ERROR_EXITCODE, "error-exitcode", "N",
     "exit with N where something was found"},
    {'q', "quiet", NULL, "report nothing where the verdict is clean"},
    {SHOW, "show", "REACHES", REACH_SHOWN_HELP},
    {SHOW_SUPPRESSED, "show-suppressed", NULL,
     "report also what libc, libstdc++ and the loader keep\non purpose"},
    {0},
};

const struct cmd cmd_run = {
    .name = "run",
    .args = "[options] [--] COMMAND [ARGS]",
    .summary = "record a command, then report what it leaked to stderr",
    .options = options,
    .details = RECORDER_EXIT_CODES,
    .first_operand_ends_options = true,
    .run = run,
};
