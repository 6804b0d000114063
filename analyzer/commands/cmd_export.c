/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "commands/export.h"
#include "report/csv_tables.h"

enum { TO = CMD_LONG, PID, VALUE, AT, TABLE };

static const struct profile_format *const profiles[] = {
    &profile_folded, &profile_speedscope, &profile_pprof, &profile_massif,
    &profile_csv_sites};
enum { N_PROFILES = sizeof profiles / sizeof profiles[0] };

static const struct csv_table *const tables[] = {
    &csv_findings, &csv_types, &csv_survivors, &csv_generations, &csv_runs};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

#define FORMATS "folded, speedscope, pprof, massif, csv or cclog"
#define TABLES  "findings, sites, types, survivors, generations or runs"

struct asked {
    struct export_request r;
    bool as_cclog;
    const struct profile_format *profile;
    const struct csv_table *table; /* NULL: of sites, which is a profile */
    bool value_given, table_given;
};

static bool take_format(struct asked *a, const char *name)
{
    static const char *const cclog[] = {"cclog"};
    a->as_cclog = cmd_word(name, cclog, 1) == 0;
    a->profile = NULL;
    for (int i = 0; i < N_PROFILES; i++)
        if (cmd_word(name, &profiles[i]->name, 1) == 0)
            a->profile = profiles[i];
    return a->as_cclog || a->profile;
}

static bool take_value(struct asked *a, const char *name)
{
    const int v = cmd_word(name, usage_names, N_USAGE_VALUES);
    a->value_given = true;
    a->r.value = v < 0 ? INUSE_SPACE : (enum usage_value)v;
    return v >= 0;
}

static bool take_table(struct asked *a, const char *name)
{
    static const char *const sites[] = {"sites"};
    a->table_given = true;
    a->table = NULL;
    for (int i = 0; i < N_TABLES; i++)
        if (cmd_word(name, &tables[i]->name, 1) == 0)
            a->table = tables[i];
    return a->table || cmd_word(name, sites, 1) == 0;
}

static int take(struct asked *a, int id, const char *value)
{
    switch (id) {
    case 'f':
    case TO:
        return take_format(a, value)
                   ? 0
                   : cmd_usage(&cmd_export, "--format=%s: none of " FORMATS,
                               value);
    case 'o':
        a->r.path = value;
        return 0;
    case AT:
        a->r.at = value;
        return 0;
    case VALUE:
        return take_value(a, value)
                   ? 0
                   : cmd_usage(&cmd_export,
                               "--value=%s: none of inuse_space, "
                               "inuse_objects, alloc_space, alloc_objects",
                               value);
    case TABLE:
        return take_table(a, value)
                   ? 0
                   : cmd_usage(&cmd_export, "--table=%s: none of " TABLES,
                               value);
    default:
        return cmd_number(value, 1, INT32_MAX, &a->r.pid)
                   ? 0
                   : cmd_usage(&cmd_export, "--pid=%s: no process number",
                               value);
    }
}

/* An option that the format has no use for is a mistake. */
static int check(const struct asked *a)
{
    const bool is_csv = a->profile == &profile_csv_sites;
    if (!a->as_cclog && !a->profile)
        return cmd_usage(&cmd_export, "into what? --format=" FORMATS);
    if (a->as_cclog && (a->r.at || a->value_given))
        return cmd_usage(&cmd_export, "a cclog has no --%s",
                         a->r.at ? "at" : "value");
    if ((a->profile == &profile_massif || is_csv) && a->value_given)
        return cmd_usage(&cmd_export, "%s has no --value", a->profile->name);
    if (is_csv != a->table_given)
        return cmd_usage(&cmd_export, is_csv ? "which table? --table=" TABLES
                                             : "--table is for --format=csv");
    if (a->table && a->r.at)
        return cmd_usage(&cmd_export,
                         "--table=%s has no --at: it is of the end",
                         a->table->name);
    return RC_CLEAN;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_export, .argc = argc, .argv = argv, .out = out};
    struct asked a = {.r = {.out = out, .value = INUSE_SPACE}};
    int code = RC_CLEAN;
    for (int id; code == RC_CLEAN && (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        code = take(&a, id, l.value);
    }
    if (code == RC_CLEAN)
        code = check(&a);
    if (code != RC_CLEAN)
        return code;
    a.r.recording = cmd_recording(&l);
    if (!a.r.recording)
        return l.status;
    if (a.as_cclog)
        return export_cclog(&a.r);
    return a.table ? export_csv(&a.r, a.table)
                   : export_profile(&a.r, a.profile);
}

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", FORMATS},
    {TO, "to", "FORMAT", "the same"},
    {'o', "output", "FILE", "write there instead of to standard output"},
    {PID, "pid", "N", "of this process only"},
    {VALUE, "value", "NAME",
     "inuse_space (the default), inuse_objects, alloc_space\n"
     "or alloc_objects: what folded counts, and what\n"
     "speedscope and pprof show first"},
    {AT, "at", "WHEN",
     "profiles: up to a checkpoint, by its name, or a time\n"
     "in seconds; without it, to the end"},
    {TABLE, "table", "NAME",
     "csv: findings, sites, types, survivors, generations\n"
     "or runs"},
    {0},
};

const struct cmd cmd_export = {
    .name = "export",
    .args = "--format=FORMAT [options] [RECORDING]",
    .summary = "write a recording in another tool's format",
    .options = options,
    .details =
        "Profiles of what each call stack allocated, and what of it is still "
        "in use:\n"
        "  folded      for flamegraph.pl and inferno: 'main;load;read 4096'\n"
        "  speedscope  for https://www.speedscope.app\n"
        "  pprof       for pprof, Pyroscope, Parca: gzip'd profile.proto\n"
        "  massif      for ms_print and massif-visualizer: the heap over "
        "time;\n"
        "              of one process\n"
        "Where several processes were recorded, each is the outermost frame of "
        "its\n"
        "stacks, or, in pprof, the labels 'process' and 'pid'.\n"
        "\n"
        "Tables for a database, RFC 4180, a row for each of these in each "
        "process:\n"
        "  csv         findings; sites, which are the call stacks of a "
        "profile; "
        "types\n"
        "              of objects; survivors; generations; runs, the "
        "processes\n"
        "              themselves. A text that a spreadsheet would take for a\n"
        "              formula (=, +, -, @) has a ' in front.\n"
        "\n"
        "The objects at the end, of one process:\n"
        "  cclog       a line for each object, '0xADDRESS [rc=COUNT] TYPE', "
        "below it\n"
        "              one for each count that it holds, '> 0xADDRESS FIELD', "
        "and at\n"
        "              the end what is [garbage] and what has counts that no "
        "edge\n"
        "              explains. Objects that the collector may not judge are\n"
        "              [gc.marked]. 'ouro import' reads it.\n"
        "Exit codes: 0 written; 2 usage, or the output cannot be written; 3\n"
        "missing or damaged; 4 out of memory.\n",
    .run = run,
};
