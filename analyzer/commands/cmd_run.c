/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "commands/suppression_option.h"
#include "err.h"
#include "launch/recorder.h"
#include "report/report.h"

enum { ERROR_EXITCODE = RECORDER_NEXT_ID, SHOW, SHOW_SUPPRESSED, SUPPRESSIONS };

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

struct asked {
    struct recorder recorder;
    struct report_options o;
    struct suppressions suppressions;
    long error_exitcode;
};

/* False: the line is wrong, which was said, and *status is what to return. */
static bool take(struct asked *a, int id, const char *value, int *status)
{
    switch (id) {
    case SHOW_SUPPRESSED:
        a->o.show_suppressed = true;
        return true;
    case SHOW:
        if (reach_shown_parse(value, &a->o.shown))
            return true;
        *status = cmd_usage(&cmd_run, REACH_SHOWN_WRONG, value);
        return false;
    case 'q':
        a->o.quiet = true;
        return true;
    case SUPPRESSIONS:
        *status = suppression_option_take(&a->suppressions, value);
        return *status == RC_CLEAN;
    case ERROR_EXITCODE:
        if (cmd_number(value, 0, 255, &a->error_exitcode))
            return true;
        *status = cmd_usage(&cmd_run, "--error-exitcode=%s: 0 to 255", value);
        return false;
    default:
        return recorder_option(&a->recorder, &cmd_run, id, value, status);
    }
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_run, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.error_exitcode = -1};
    int status = RC_CLEAN;
    bool good = true;
    a.o.suppressions = &a.suppressions;
    for (int id; good && (id = cmd_next(&l)) != CMD_DONE;) {
        good = id != CMD_STOP && take(&a, id, l.value, &status);
        if (id == CMD_STOP)
            status = l.status;
    }
    if (good)
        status =
            run_and_report(&a.recorder, argv + l.first, a.error_exitcode, a.o);
    suppressions_release(&a.suppressions);
    return status;
}

static const struct cmd_option options[] = {
    RECORDER_OPTIONS,
    {ERROR_EXITCODE, "error-exitcode", "N",
     "exit with N where something was found"},
    {'q', "quiet", NULL, "report nothing where the verdict is clean"},
    {SHOW, "show", "REACHES", REACH_SHOWN_HELP},
    {SHOW_SUPPRESSED, "show-suppressed", NULL,
     "report also what libc, libstdc++ and the loader keep\n"
     "on purpose, and what is suppressed"},
    {SUPPRESSIONS, "suppressions", "FILE", SUPPRESSIONS_HELP},
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
