/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "commands/inside.h"
#include "commands/output_file.h"
#include "err.h"
#include "pack/packed.h"
#include "packing/pack_recording.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NO_DEBUG = CMD_LONG, TIME };

enum { LEVEL = 12, TICK_NS = 100 * 1000 };

/* "." and "..", and what ends so. */
static bool has_no_name(const char *recording)
{
    size_t len = strlen(recording);
    while (len > 1 && recording[len - 1] == '/')
        len--;
    size_t from = len;
    while (from > 0 && recording[from - 1] != '/')
        from--;
    const size_t n = len - from;
    return n > 0 && n <= 2 && strncmp(recording + from, "..", n) == 0;
}

/* "run.ouro/" becomes "run.ouropack", any other name gets that ending; "." is
   the directory's real name. False: too long. */
static bool name_after(const char *recording, char path[PATH_MAX])
{
    static const char ending[] = ".ouro";
    char real[PATH_MAX];
    if (has_no_name(recording) && realpath(recording, real))
        recording = real;
    size_t len = strlen(recording);
    while (len > 1 && recording[len - 1] == '/')
        len--;
    const size_t n = sizeof ending - 1;
    if (len > n && strncmp(recording + len - n, ending, n) == 0)
        len -= n;
    return snprintf(path, PATH_MAX, "%.*s" PACKED_SUFFIX, (int)len, recording) <
           PATH_MAX;
}

/* Nobody named it: what is there already is not ours to replace. */
static int choose_name(const char *recording, char path[PATH_MAX],
                       struct err *e)
{
    struct stat st;
    if (!name_after(recording, path))
        err_set(e, "%s: too long a path; name the output with -o", recording);
    else if (lstat(path, &st) == 0)
        err_set(e, "%s: is there already; remove it, or name it with -o", path);
    else
        return 0;
    e->code = RC_USAGE;
    return -1;
}

static int check_recording(const char *recording, struct err *e)
{
    struct stat st;
    if (stat(recording, &st) != 0)
        return err_set(e,
                       "%s: no such recording; make one with 'ouro record -- "
                       "COMMAND'",
                       recording);
    if (S_ISDIR(st.st_mode))
        return 0;
    if (!packed_is(recording))
        return err_set(e,
                       "%s: no recording; name the directory that 'ouro "
                       "record' made",
                       recording);
    err_set(e,
            "%s: is packed already; take it as it is, or name the directory "
            "that 'ouro record' made",
            recording);
    e->code = RC_USAGE;
    return -1;
}

/* A file in there may be the recording's own. */
static int check_output(const char *recording, const char *path, struct err *e)
{
    if (!inside(recording, path))
        return 0;
    err_set(e,
            "%s: lies in the recording that is to be packed; name a file "
            "outside of it with -o",
            path);
    e->code = RC_USAGE;
    return -1;
}

static void say(FILE *out, const char *path, const struct pack_result *r)
{
    fprintf(out,
            "%s: %" PRIu64 " bytes from %" PRIu64 ", %" PRIu32 " trace%s\n"
            "    events %" PRIu64 ", machine code %" PRIu64
            ", snapshots and the rest %" PRIu64 "\n",
            path, r->packed, r->bytes, r->n_traces, r->n_traces == 1 ? "" : "s",
            r->packed_events, r->packed_modules,
            r->packed - r->packed_events - r->packed_modules);
    if (r->n_missing > 0)
        err_note("%" PRIu32 " file%s of machine code %s no longer there, or "
                 "%s: frames in %s will have no names elsewhere",
                 r->n_missing, r->n_missing == 1 ? "" : "s",
                 r->n_missing == 1 ? "is" : "are",
                 r->n_missing == 1 ? "has changed" : "have changed",
                 r->n_missing == 1 ? "it" : "them");
}

static int pack(const char *recording, const char *path,
                const struct pack_options *asked, FILE *out)
{
    struct err e;
    struct output_file file;
    struct pack_options o = *asked;
    struct pack_result r;
    char chosen[PATH_MAX];
    if (check_recording(recording, &e) < 0)
        return err_say(&e);
    if (!path && choose_name(recording, chosen, &e) < 0)
        return err_say(&e);
    path = path ? path : chosen;
    o.name = path;
    if (check_output(recording, path, &e) < 0)
        return err_say(&e);
    if (output_file_open(&file, path, &e) < 0)
        return err_say(&e);
    if (!file.fresh[0]) {
        output_file_drop(&file);
        return cmd_usage(&cmd_pack, "%s: no regular file", path);
    }
    fchmod(fileno(file.to), S_IRUSR | S_IWUSR); /* as traces are */
    if (pack_recording(file.to, file.fresh, recording, &o, &r, &e) < 0) {
        output_file_drop(&file);
        return err_say(&e);
    }
    if (output_file_close(&file, &e) < 0)
        return err_say(&e);
    say(out, path, &r);
    return RC_CLEAN;
}

static int take_time(const char *value, uint64_t *tick)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } times[] = {{"exact", 0},
                 {"10us", 10 * 1000},
                 {"100us", 100 * 1000},
                 {"1ms", 1000 * 1000},
                 {"10ms", 10 * 1000 * 1000}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (strcmp(value, times[i].name) == 0) {
            *tick = times[i].ns;
            return RC_CLEAN;
        }
    return cmd_usage(&cmd_pack, "--time=%s: exact, 10us, 100us, 1ms or 10ms",
                     value);
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_pack, .argc = argc, .argv = argv, .out = out};
    struct pack_options o = {.tick_ns = TICK_NS, .level = LEVEL};
    const char *path = NULL;
    int code = RC_CLEAN;
    for (int id; code == RC_CLEAN && (id = cmd_next(&l)) != CMD_DONE;)
        switch (id) {
        case 'o':
            path = l.value;
            break;
        case NO_DEBUG:
            o.no_debug = true;
            break;
        case TIME:
            code = take_time(l.value, &o.tick_ns);
            break;
        default:
            return l.status;
        }
    if (code != RC_CLEAN)
        return code;
    const char *recording = cmd_recording(&l);
    return recording ? pack(recording, path, &o, out) : l.status;
}

static const struct cmd_option options[] = {
    {'o', "output", "FILE",
     "write there, and replace what is there; without it,\n"
     "RECORDING with the ending " PACKED_SUFFIX},
    {NO_DEBUG, "no-debug", NULL,
     "without the program's files: frames have names only\n"
     "where those files are"},
    {TIME, "time", "STEP",
     "tell when allocations and frees were to exact, 10us,\n"
     "100us (the default), 1ms or 10ms"},
    {0},
};

const struct cmd cmd_pack = {
    .name = "pack",
    .args = "[options] [RECORDING]",
    .summary = "make one compressed file of a recording, to take along",
    .options = options,
    .details =
        "Every command that takes a RECORDING takes the packed file as well, "
        "and says\n"
        "the same. It holds the traces, the manifest, and, of the programs "
        "and\n"
        "libraries that the recording names, what is needed to tell functions "
        "and\n"
        "lines on a machine that does not have them (checked by build-id).\n"
        "\n"
        "The times of allocations and frees may be up to a STEP early, where\n"
        "nothing depends on them: the order of all events stays, and what the\n"
        "program announced itself is exact. With --time=exact everything is,\n"
        "and 'ouro dump' prints the same.\n"
        "\n"
        "Only its owner may read it: it holds addresses, paths and the command "
        "line, as\n"
        "the traces do. What was written is read again and compared before the "
        "file gets its\n"
        "name. It is made of zstd frames of at most 1 MiB with a seek table, "
        "so\n"
        "'zstd -d' reads it: what it gives is described in "
        "analyzer/pack/packed.h.\n"
        "Exit codes: 0 written; 2 usage, or the output cannot be written; 3\n"
        "missing or damaged; 4 out of memory.\n",
    .run = run,
};
