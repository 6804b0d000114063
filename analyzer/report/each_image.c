/* SPDX-License-Identifier: MIT */
#include "report/each_image.h"

#include "explain/symbolizer.h"
#include "report/progress_line.h"
#include "report/trace_files.h"

#include <inttypes.h>

static int visit_one(const struct image_query *q, struct image *i)
{
    const bool whole = q->prepare(i) == 0;
    progress_line_hide();
    const int code = whole ? q->visit(q->to, i) : RC_TRACE;
    if (code == RC_TRACE)
        err_say(&i->damage);
    return code;
}

static int visit_all(const struct image_query *q, struct trace_files *files,
                     struct symbolizer *symbolizer, uint32_t *n)
{
    int worst = RC_CLEAN;
    for (uint32_t k = 0; k < files->n; k++) {
        struct image *i = &files->images[k];
        if (q->pid != 0 && i->pid != q->pid)
            continue;
        ++*n;
        progress_line_say("reading image %" PRIu32 " of %" PRIu32
                          ", process %" PRIu32,
                          k + 1, files->n, i->pid);
        i->symbolizer = symbolizer;
        i->suppressions = q->suppressions;
        const int code = visit_one(q, i);
        image_release(i);
        if (code != RC_CLEAN && code != RC_TRACE)
            return code;
        if (code == RC_TRACE)
            worst = RC_TRACE;
    }
    return worst;
}

static int no_such_pid(const char *recording, uint32_t pid)
{
    struct err e;
    err_set(&e,
            "%s: holds no process %" PRIu32 "; 'ouro report' names those that "
            "it holds",
            recording, pid);
    e.code = RC_USAGE;
    return err_say(&e);
}

int each_image(const char *recording, const struct image_query *q)
{
    struct trace_files files;
    struct err e;
    int code;
    uint32_t n = 0;
    progress_line_begin();
    if (trace_files_find(&files, recording, &e) != 0) {
        code = err_say(&e);
    } else {
        struct symbolizer *own = q->symbolizer ? NULL : symbolizer_begin();
        code = visit_all(q, &files, own ? own : q->symbolizer, &n);
        symbolizer_end(own);
        if (n == 0)
            code = no_such_pid(recording, q->pid);
    }
    trace_files_release(&files);
    progress_line_end();
    return code;
}
