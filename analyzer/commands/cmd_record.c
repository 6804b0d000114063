/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "launch/recorder.h"

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_record, .argc = argc, .argv = argv, .out = out};
    struct recorder r = {.dir = NULL};
    for (int id, status; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (!recorder_option(&r, &cmd_record, id, l.value, &status))
            return status;
    }
    const int status = recorder_run(&r, &cmd_record, argv + l.first);
    recording_release(&r.recording);
    return status;
}

static const struct cmd_option options[] = {RECORDER_OPTIONS, {0}};

const struct cmd cmd_record = {
    .name = "record",
    .args = "[options] [--] COMMAND [ARGS]",
    .summary = "run a command and record what it allocates and references",
    .options = options,
    .details = RECORDER_EXIT_CODES,
    .first_operand_ends_options = true,
    .run = run,
};
