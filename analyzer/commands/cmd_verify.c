/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "explain/symbolizer.h"
#include "report/trace_files.h"
#include "verify/verify.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum { PID = CMD_LONG };

static void put_count(uint64_t n, const char *one, const char *many, FILE *out)
{
    fprintf(out, "%" PRIu64 " %s, ", n, n == 1 ? one : many);
}

/* Names may hold anything. */
static void put_text(const char *text, FILE *out)
{
    for (const char *c = text; *c; c++) {
        const unsigned byte = (unsigned char)*c;
        if (byte < ' ' || byte == 0x7f)
            fprintf(out, "\\x%02x", byte);
        else
            fputc(*c, out);
    }
}

static void put_image(const struct image *i, FILE *out)
{
    const char *slash = strrchr(i->trace.exe, '/');
    put_text(slash ? slash + 1 : i->trace.exe, out);
    fprintf(out, "%s(process %" PRIu32 "): ", *i->trace.exe ? "  " : "",
            i->pid);
}

static int say_verdict(const struct image *i, FILE *out)
{
    struct verified n;
    char why[VERIFY_SENTENCE];
    const bool holds =
        verify_image(&i->shadow, &i->trace, &i->findings, &n, why);
    put_image(i, out);
    put_count(n.objects, "object", "objects", out);
    put_count(n.edges, "edge", "edges", out);
    if (!holds) {
        fputs("does not hold: ", out);
        put_text(why, out);
        fputc('\n', out);
        return RC_FOUND;
    }
    fprintf(out, "%" PRIu32 " unreachable, ", n.unreachable);
    put_count(n.findings, "finding", "findings", out);
    fputs("holds\n", out);
    return RC_CLEAN;
}

static int verify_one(struct image *i, struct symbolizer *z, FILE *out)
{
    i->symbolizer = z;
    i->show_suppressed = true;
    const int code =
        image_analyse(i) == 0 ? say_verdict(i, out) : err_say(&i->damage);
    image_release(i);
    return code;
}

/* What does not hold is worse than what cannot be read. */
static int worse(int a, int b)
{
    if (a == RC_FOUND || b == RC_FOUND)
        return RC_FOUND;
    return a == RC_CLEAN ? b : a;
}

static int verify_files(struct trace_files *files, long pid, FILE *out,
                        struct err *e)
{
    struct symbolizer *z = symbolizer_begin();
    int code = RC_CLEAN;
    bool any = false;
    for (uint32_t i = 0; i < files->n; i++) {
        if (pid != 0 && files->images[i].pid != pid)
            continue;
        any = true;
        code = worse(code, verify_one(&files->images[i], z, out));
    }
    symbolizer_end(z);
    if (any)
        return code;
    err_set(e,
            "--pid=%ld: no such process in the recording; 'ouro report' "
            "lists those that there are",
            pid);
    e->code = RC_USAGE;
    return err_say(e);
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_verify, .argc = argc, .argv = argv, .out = out};
    long pid = 0;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (!cmd_number(l.value, 1, INT_MAX, &pid))
            return cmd_usage(&cmd_verify, "--pid=%s: a process's number",
                             l.value);
    }
    struct trace_files files;
    struct err e;
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    const int code = trace_files_find(&files, recording, &e) == 0
                         ? verify_files(&files, pid, out, &e)
                         : err_say(&e);
    trace_files_release(&files);
    return code;
}

static const struct cmd_option options[] = {
    {PID, "pid", "PID", "only this process"},
    {0},
};

const struct cmd cmd_verify = {
    .name = "verify",
    .args = "[options] [RECORDING]",
    .summary = "check what was found by counting everything again",
    .options = options,
    .details =
        "For each process: that every object called unreachable has as many\n"
        "counts as references from objects that are judged, that nothing "
        "which\n"
        "lives holds one, and that everything which lives is reached from a\n"
        "count of its own; that each finding's members, edges, way round and\n"
        "retained objects are so; and that none is left out. Shares no code "
        "with\n"
        "what found them.\n"
        "Exit codes: 0 all of it holds; 1 something does not: that is a fault "
        "of\n"
        "ours, please report it and keep the recording; 2 usage; 3 missing or\n"
        "damaged; 4 out of memory.\n",
    .run = run,
};
