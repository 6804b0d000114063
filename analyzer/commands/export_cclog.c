/* SPDX-License-Identifier: MIT */
#include "commands/export.h"

#include "cclog/cclog.h"
#include "cclog/end_state.h"
#include "commands/output_file.h"

#include <inttypes.h>

uint32_t export_count(const struct trace_files *files,
                      const struct export_request *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < files->n; i++)
        n += r->pid == 0 || files->images[i].pid == r->pid;
    return n;
}

const struct image *export_pick(const struct trace_files *files,
                                const struct export_request *r, struct err *e)
{
    const uint32_t n = export_count(files, r);
    e->code = RC_USAGE;
    for (uint32_t i = 0; n == 1 && i < files->n; i++)
        if (r->pid == 0 || files->images[i].pid == r->pid)
            return &files->images[i];
    if (n == 0)
        err_set(e,
                "%s: holds no process %ld; 'ouro report' names those that "
                "it holds",
                r->recording, r->pid);
    else if (r->pid == 0)
        err_set(e,
                "%s: holds %" PRIu32 " traces, and this format is of one; pick "
                "one with --pid=N, or name its file",
                r->recording, n);
    else
        err_set(e,
                "%s: holds %" PRIu32
                " traces of process %ld, and this format is of one; name its "
                "file",
                r->recording, n, r->pid);
    e->code = RC_USAGE;
    return NULL;
}

static int write_log(const struct end_state *s, const struct export_request *r,
                     struct err *e)
{
    struct output_file file;
    if (!r->path) {
        cclog_write(s, r->out);
        return 0;
    }
    if (output_file_open(&file, r->path, e) != 0)
        return -1;
    cclog_write(s, file.to);
    return output_file_close(&file, e);
}

int export_cclog(const struct export_request *r)
{
    struct trace_files files;
    struct end_state s;
    struct err e;
    const struct image *image = NULL;
    int rc = -1;
    if (trace_files_find(&files, r->recording, &e) == 0 &&
        (image = export_pick(&files, r, &e)) != NULL &&
        end_state_read(&s, image->path, image->parent_path, &e) == 0) {
        rc = write_log(&s, r, &e);
        end_state_release(&s);
    }
    trace_files_release(&files);
    return rc == 0 ? RC_CLEAN : err_say(&e);
}
