/* SPDX-License-Identifier: MIT */
#include "commands/export.h"

#include "commands/cmd.h"
#include "commands/output_file.h"
#include "report/each_image.h"
#include "report/moment.h"
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct exporting {
    const struct export_request *r;
    const struct profile_format *format;
    struct profile_out out;
    bool begun;
    bool at_is_known; /* in some image */
};

/* Nothing is written before there is something to tell. */
static void begin(struct exporting *x)
{
    if (!x->begun)
        x->format->begin(&x->out);
    x->begun = true;
}

static enum moment find_moment(struct exporting *x, struct image *i)
{
    i->gc.none = true;
    if (!x->r->at)
        return MOMENT_FOUND;
    const enum moment m =
        moment_find(&i->trace, x->r->at, &i->gc.until, &i->damage);
    i->gc.ends = m == MOMENT_FOUND;
    x->at_is_known |= i->gc.ends;
    return m;
}

static uint64_t last_stamp(const struct image *i)
{
    return i->gc.ends && i->gc.until < i->trace.last_stamp
               ? i->gc.until
               : i->trace.last_stamp;
}

static int find_usage(struct image *i, struct usage *u, struct timeline *l,
                      bool with_timeline)
{
    const struct usage_watch watch = timeline_watch(l);
    timeline_init(l, i->trace.header.start_stamp, last_stamp(i),
                  i->shadow.totals.peak_bytes);
    const int rc = usage_find(u, &i->shadow, &i->trace,
                              i->parent_is_open ? &i->parent : NULL, &i->gc,
                              with_timeline ? &watch : NULL, &i->damage);
    if (rc == 0 && with_timeline)
        timeline_finish(l, u);
    return rc;
}

static int visit(void *to, struct image *i)
{
    struct exporting *x = to;
    struct profile p = {0};
    struct timeline line;
    struct arena names = {0};
    const enum moment m = find_moment(x, i);
    i->counts_only = true;
    if (m == MOMENT_UNKNOWN)
        return RC_CLEAN;
    if (m == MOMENT_DAMAGED || image_replay(i) != 0)
        return RC_TRACE;
    const int rc = find_usage(i, &p.usage, &line, x->format->with_timeline);
    if (rc == 0) {
        begin(x);
        profile_name(&p, i->symbolizer, &names, &i->trace, NULL);
        x->out.timeline = &line;
        x->format->image(&x->out, i, &p);
    }
    timeline_release(&line);
    usage_release(&p.usage);
    arena_release(&names);
    return rc == 0 ? RC_CLEAN : RC_TRACE;
}

static int write_to(struct exporting *x, const char *recording, FILE *to)
{
    const struct image_query q = {
        .pid = (uint32_t)x->r->pid,
        .prepare = image_open,
        .visit = visit,
        .to = x,
    };
    x->out.to = to;
    const int code = each_image(recording, &q);
    if (code == RC_CLEAN && x->r->at && !x->at_is_known)
        return cmd_usage(&cmd_export,
                         "--at=%s: no checkpoint of that name, and no time in "
                         "seconds",
                         x->r->at);
    if (code == RC_CLEAN || x->begun) {
        begin(x);
        x->format->end(&x->out);
    }
    return code;
}

static int write_out(struct exporting *x, const char *recording)
{
    struct output_file file;
    struct err e;
    if (!x->r->path && x->format->is_binary && isatty(STDOUT_FILENO))
        return cmd_usage(&cmd_export,
                         "--format=%s: is not for a terminal; name a file with "
                         "-o FILE",
                         x->format->name);
    if (!x->r->path)
        return write_to(x, recording, x->r->out);
    if (output_file_open(&file, x->r->path, &e) != 0)
        return err_say(&e);
    const int code = write_to(x, recording, file.to);
    file.may_be_empty = code == RC_CLEAN;
    if (output_file_close(&file, &e) != 0)
        return err_say(&e);
    return code;
}

/* What the profile is called. */
static char *title_of(const char *recording)
{
    size_t len = strlen(recording);
    while (len > 1 && recording[len - 1] == '/')
        len--;
    size_t start = len;
    while (start > 0 && recording[start - 1] != '/')
        start--;
    return strndup(recording + start, len - start);
}

int export_profile(const struct export_request *r,
                   const struct profile_format *format)
{
    struct trace_files files;
    struct err e;
    const char *recording = r->recording;
    const struct image *only = NULL;
    if (trace_files_find(&files, recording, &e) != 0 ||
        ((format->of_one_image || export_count(&files, r) == 0) &&
         !(only = export_pick(&files, r, &e)))) {
        trace_files_release(&files);
        return err_say(&e);
    }
    char *title = title_of(recording);
    struct exporting x = {
        .r = r,
        .format = format,
        .out = {.recording = title ? title : "",
                .value = r->value,
                .several = export_count(&files, r) > 1},
    };
    const int code = write_out(&x, only ? only->path : recording);
    trace_files_release(&files);
    free(title);
    return code;
}
