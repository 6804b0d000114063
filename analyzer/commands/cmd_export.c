/* SPDX-License-Identifier: MIT */
#include "cclog/cclog.h"
#include "cclog/end_state.h"
#include "commands/cmd.h"
#include "commands/output_file.h"
#include "err.h"
#include "report/trace_files.h"

#include <inttypes.h>

enum { TO = CMD_LONG, PID };

struct request {
    bool to_cclog;
    const char *path; /* NULL: standard output */
    long pid;         /* 0: any */
};

static int refuse(struct err *e)
{
    e->code = RC_USAGE;
    return -1;
}

/* One image makes one log. */
static int pick(const struct trace_files *files, const struct request *r,
                const char *recording, const struct image **image,
                struct err *e)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < files->n; i++) {
        if (r->pid != 0 && files->images[i].pid != r->pid)
            continue;
        *image = &files->images[i];
        n++;
    }
    if (n == 1)
        return 0;
    if (n == 0)
        err_set(e,
                "%s: holds no process %ld; 'ouro report' names those that "
                "it holds",
                recording, r->pid);
    else if (r->pid == 0)
        err_set(e,
                "%s: holds %" PRIu32 " traces, and a log is of one; pick "
                "one with --pid=N, or name its file",
                recording, n);
    else
        err_set(e,
                "%s: holds %" PRIu32 " traces of process %ld, and a log is "
                "of one; name its file",
                recording, n, r->pid);
    return refuse(e);
}

static int write_log(const struct end_state *s, const struct request *r,
                     FILE *out, struct err *e)
{
    struct output_file file;
    if (!r->path) {
        cclog_write(s, out);
        return 0;
    }
    if (output_file_open(&file, r->path, e) != 0)
        return -1;
    cclog_write(s, file.to);
    return output_file_close(&file, e);
}

static int export(const char *recording, const struct request *r, FILE *out,
                  struct err *e)
{
    struct trace_files files;
    struct end_state s;
    const struct image *image = NULL;
    int rc = -1;
    if (trace_files_find(&files, recording, e) == 0 &&
        pick(&files, r, recording, &image, e) == 0 &&
        end_state_read(&s, image->path, image->parent_path, e) == 0) {
        rc = write_log(&s, r, out, e);
        end_state_release(&s);
    }
    trace_files_release(&files);
    return rc;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_export, .argc = argc, .argv = argv, .out = out};
    static const char *const formats[] = {"cclog"};
    struct request r = {0};
    struct err e;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (id == 'o')
            r.path = l.value;
        if (id == TO && cmd_word(l.value, formats, 1) < 0)
            return cmd_usage(&cmd_export, "--to=%s: only cclog", l.value);
        r.to_cclog |= id == TO;
        if (id == PID && !cmd_number(l.value, 1, INT32_MAX, &r.pid))
            return cmd_usage(&cmd_export, "--pid=%s: no process number",
                             l.value);
    }
    if (!r.to_cclog)
        return cmd_usage(&cmd_export, "into what? --to=cclog");
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    return export(recording, &r, out, &e) == 0 ? RC_CLEAN : err_say(&e);
}

static const struct cmd_option options[] = {
    {TO, "to", "FORMAT", "cclog: as Firefox logs a cycle collection"},
    {'o', "output", "FILE", "write there instead of to standard output"},
    {PID, "pid", "N", "of this process; needed where there are several"},
    {0},
};

const struct cmd cmd_export = {
    .name = "export",
    .args = "--to=FORMAT [options] [RECORDING]",
    .summary = "write the objects at the end of a recording in another format",
    .options = options,
    .details =
        "A cclog has a line for each object, '0xADDRESS [rc=COUNT] TYPE', "
        "below\n"
        "it one for each count that it holds, '> 0xADDRESS FIELD', and at the "
        "end\n"
        "what is [garbage] and what has counts that no edge explains. Objects "
        "that\n"
        "the collector may not judge are [gc.marked]. 'ouro import' reads it.\n"
        "Exit codes: 0 written; 2 usage, or the output cannot be written; 3\n"
        "missing or damaged; 4 out of memory.\n",
    .run = run,
};
