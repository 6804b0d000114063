/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "report/each_image.h"
#include "verify/verify.h"

#include <inttypes.h>
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

struct asked {
    FILE *out;
    bool refuted;
};

/* The others are verified all the same. */
static int visit(void *to, struct image *i)
{
    struct asked *a = to;
    struct verified n;
    char why[VERIFY_SENTENCE];
    /* memory explains counts, and changes none */
    i->counts_only = true;
    if (image_analyse(i) != 0)
        return RC_TRACE;
    const bool holds =
        verify_image(&i->shadow, &i->trace, &i->findings, &n, why);
    put_image(i, a->out);
    put_count(n.objects, "object", "objects", a->out);
    put_count(n.edges, "edge", "edges", a->out);
    if (holds) {
        fprintf(a->out, "%" PRIu32 " unreachable, ", n.unreachable);
        put_count(n.findings, "finding", "findings", a->out);
        fputs("holds\n", a->out);
        return RC_CLEAN;
    }
    a->refuted = true;
    fputs("does not hold: ", a->out);
    put_text(why, a->out);
    fputc('\n', a->out);
    return RC_CLEAN;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_verify, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.out = out};
    long pid = 0;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        if (!cmd_number(l.value, 1, INT32_MAX, &pid))
            return cmd_usage(&cmd_verify, "--pid=%s: no process number",
                             l.value);
    }
    const char *recording = cmd_recording(&l);
    if (!recording)
        return l.status;
    const struct image_query q = {
        .pid = (uint32_t)pid, .prepare = image_open, .visit = visit, .to = &a};
    const int code = each_image(recording, &q);
    return a.refuted ? RC_FOUND : code;
}

static const struct cmd_option options[] = {
    {PID, "pid", "N", "of this process only"},
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
