/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "commands/cmd.h"
#include "commands/output_file.h"
#include "report/dot_finding.h"
#include "report/dot_svg.h"
#include "report/each_image.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_NODES = CMD_LONG, PID, TIMEOUT };
enum { DOT, SVG, BY_NAME };
enum { MOST_NAMED = 3, ID_LEN = 16 };

struct graph_ask {
    const char *recording;
    const char *id; /* the beginning of one; NULL: the first cycle's */
    const char *path;
    int format;
    long max_nodes, pid, timeout;

    char *dot; /* of the first that is meant */
    size_t len;
    uint32_t n_meant; /* different ones */
    char meant[MOST_NAMED][ID_LEN + 1];
    uint32_t n_elsewhere;    /* images besides that have it too */
    char holder[ID_LEN + 1]; /* a finding that retains a ring of such an id */
    uint64_t n_told;         /* findings, whatever their kind */
};

/* What can still be reached is drawn, too, where it is asked for. */
static int analyse_all(struct image *i)
{
    i->shown = REACH_SHOWN_ALL;
    return image_analyse(i);
}

static bool is_meant(const struct graph_ask *a, const struct image *i,
                     const struct finding *f)
{
    if (a->id)
        return strncasecmp(f->id, a->id, strlen(a->id)) == 0;
    return f->kind == FINDING_CYCLE && a->n_meant == 0 &&
           image_finding_is_told(i, f);
}

static bool is_known(const struct graph_ask *a, const char *id)
{
    for (uint32_t i = 0; i < a->n_meant && i < MOST_NAMED; i++)
        if (strcmp(a->meant[i], id) == 0)
            return true;
    return false;
}

static void draw(struct graph_ask *a, struct image *i, const struct finding *f)
{
    FILE *to = open_memstream(&a->dot, &a->len);
    if (to)
        dot_finding(to, i, f, (uint32_t)a->max_nodes);
    if (!to || fclose(to) != 0)
        out_of_memory();
}

static void take(struct graph_ask *a, struct image *i, const struct finding *f)
{
    if (is_known(a, f->id)) {
        a->n_elsewhere++;
        return;
    }
    if (a->n_meant == 0)
        draw(a, i, f);
    if (a->n_meant < MOST_NAMED)
        memcpy(a->meant[a->n_meant], f->id, sizeof f->id);
    a->n_meant++;
}

static void look_among_held(struct graph_ask *a, const struct finding *f)
{
    for (uint32_t i = 0; a->id && i < f->n_held; i++)
        if (strncasecmp(f->held[i].id, a->id, strlen(a->id)) == 0)
            memcpy(a->holder, f->id, sizeof f->id);
}

/* The first cycle needs no look at the images behind it. */
static int visit(void *to, struct image *i)
{
    struct graph_ask *a = to;
    for (uint32_t k = 0; k < i->findings.n; k++) {
        const struct finding *f = &i->findings.at[k];
        a->n_told += image_finding_is_told(i, f);
        look_among_held(a, f);
        if (is_meant(a, i, f))
            take(a, i, f);
    }
    return !a->id && a->n_meant > 0 ? RC_FOUND : RC_CLEAN;
}

static int write_picture(const struct graph_ask *a, FILE *to, struct err *e)
{
    if (a->format == SVG)
        return dot_svg(to, a->dot, a->len, (uint32_t)a->timeout, e);
    fwrite(a->dot, 1, a->len, to);
    return 0;
}

static int write_file(const struct graph_ask *a, struct err *e)
{
    struct output_file file;
    struct err ignored;
    if (output_file_open(&file, a->path, e) != 0)
        return -1;
    const int rc = write_picture(a, file.to, e);
    return output_file_close(&file, rc == 0 ? e : &ignored) == 0 ? rc : -1;
}

static int write_out(const struct graph_ask *a, FILE *out)
{
    struct err e;
    const int rc = a->path ? write_file(a, &e) : write_picture(a, out, &e);
    if (rc != 0)
        return err_say(&e);
    if (a->n_elsewhere > 0)
        err_note("%s is in %" PRIu32 " more image%s; --pid=N picks another",
                 a->meant[0], a->n_elsewhere, a->n_elsewhere > 1 ? "s" : "");
    return RC_CLEAN;
}

static int usage_error(struct err *e)
{
    e->code = RC_USAGE;
    return err_say(e);
}

static int several(const struct graph_ask *a)
{
    struct err e;
    err_set(&e,
            "%s: several ids begin with '%s': %s, %s%s%s%s; give more digits",
            a->recording, a->id, a->meant[0], a->meant[1],
            a->n_meant > 2 ? ", " : "", a->n_meant > 2 ? a->meant[2] : "",
            a->n_meant > MOST_NAMED ? " and more" : "");
    return usage_error(&e);
}

/* Nothing is drawn. That there is no cycle is no mistake. */
static int none(const struct graph_ask *a)
{
    struct err e;
    if (!a->id && a->n_told == 0)
        err_note("%s: nothing was found, so there is nothing to draw",
                 a->recording);
    else if (!a->id)
        err_note("%s: no cycle to draw; any other finding is drawn by its id, "
                 "which 'ouro report' shows",
                 a->recording);
    if (!a->id)
        return RC_CLEAN;
    if (*a->holder)
        err_set(&e,
                "%s: '%s' is a ring that %.8s retains, and no finding of its "
                "own; draw %.8s",
                a->recording, a->id, a->holder, a->holder);
    else
        err_set(&e,
                "%s: no finding has an id that begins with '%s'; 'ouro report "
                "--all' shows those that there are",
                a->recording, a->id);
    return usage_error(&e);
}

static int answer(struct graph_ask *a, FILE *out)
{
    const struct image_query q = {.pid = (uint32_t)a->pid,
                                  .prepare =
                                      a->id ? analyse_all : image_analyse,
                                  .visit = visit,
                                  .to = a};
    int code = each_image(a->recording, &q);
    if (code == RC_FOUND)
        code = RC_CLEAN;
    if (code != RC_CLEAN && (code != RC_TRACE || a->n_meant == 0))
        return code;
    const int rc = a->n_meant == 0  ? none(a)
                   : a->n_meant > 1 ? several(a)
                                    : write_out(a, out);
    return rc != RC_CLEAN ? rc : code;
}

/* Digits of an id, and no file's name. */
static bool is_id(const char *text)
{
    struct stat s;
    const size_t len = strlen(text);
    return len > 0 && len <= ID_LEN &&
           strspn(text, "0123456789abcdefABCDEF") == len && stat(text, &s) != 0;
}

/* RECORDING, FINDING, both or none. False: l->status says what to return. */
static bool read_operands(struct graph_ask *a, struct cmd_line *l)
{
    const int n = l->argc - l->first;
    if (n > 2) {
        l->status = cmd_usage(l->cmd,
                              "one recording and one finding, not %d "
                              "operands",
                              n);
        return false;
    }
    if (n == 2 || (n == 1 && is_id(l->argv[l->first])))
        a->id = l->argv[--l->argc];
    a->recording = cmd_recording(l);
    return a->recording != NULL;
}

static bool read_number(struct cmd_line *l, const char *name, long most,
                        long *number)
{
    if (cmd_number(l->value, 1, most, number))
        return true;
    l->status = cmd_usage(l->cmd, "--%s=%s: a number from 1 to %ld", name,
                          l->value, most);
    return false;
}

static bool read_format(struct graph_ask *a, struct cmd_line *l)
{
    static const char *const words[] = {"dot", "svg"};
    a->format = cmd_word(l->value, words, 2);
    if (a->format >= 0)
        return true;
    l->status = cmd_usage(l->cmd, "--format=%s: dot or svg", l->value);
    return false;
}

static bool read_option(struct graph_ask *a, struct cmd_line *l, int id)
{
    enum { MOST_NODES = 100000, MOST_SECONDS = 86400 };
    switch (id) {
    case 'f':
        return read_format(a, l);
    case 'o':
        a->path = l->value;
        return true;
    case MAX_NODES:
        return read_number(l, "max-nodes", MOST_NODES, &a->max_nodes);
    case PID:
        return read_number(l, "pid", INT32_MAX, &a->pid);
    case TIMEOUT:
        return read_number(l, "timeout", MOST_SECONDS, &a->timeout);
    default:
        return false;
    }
}

static bool ends_in(const char *path, const char *ending)
{
    const size_t len = path ? strlen(path) : 0;
    const size_t n = strlen(ending);
    return len > n && strcasecmp(path + len - n, ending) == 0;
}

/* What others would take for a picture, and we cannot draw. */
static bool is_other_picture(const char *path)
{
    static const char *const endings[] = {".png", ".pdf", ".jpg", ".jpeg",
                                          ".gif", ".ps",  ".webp"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (ends_in(path, endings[i]))
            return true;
    return false;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_graph, .argc = argc, .argv = argv, .out = out};
    struct graph_ask a = {.format = BY_NAME,
                          .max_nodes = DOT_MOST_NODES,
                          .timeout = DOT_SVG_SECONDS};
    for (int id; (id = cmd_next(&l)) != CMD_DONE;)
        if (!read_option(&a, &l, id))
            return l.status;
    if (!read_operands(&a, &l))
        return l.status;
    if (a.format == BY_NAME && is_other_picture(a.path))
        return cmd_usage(&cmd_graph,
                         "%s: DOT and SVG can be written, no other picture; "
                         "name a .svg, or give DOT to 'dot'",
                         a.path);
    if (a.format == BY_NAME)
        a.format = ends_in(a.path, ".svg") ? SVG : DOT;
    const int code = answer(&a, out);
    free(a.dot);
    return code;
}

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", "dot (the default) or svg"},
    {'o', "output", "FILE",
     "write there instead of to standard output; as SVG\n"
     "where its name ends in .svg"},
    {MAX_NODES, "max-nodes", "N",
     "draw at most N objects, and one for all others\n"
     "(default: 100)"},
    {PID, "pid", "N", "of this process only"},
    {TIMEOUT, "timeout", "SECONDS",
     "how long dot may take over SVG (default: 20)"},
    {0},
};

const struct cmd cmd_graph = {
    .name = "graph",
    .args = "[options] [RECORDING] [FINDING]",
    .summary = "draw the object graph of a finding, as DOT or SVG",
    .options = options,
    .details =
        "FINDING is an id, or the beginning of one; the default is the first "
        "cycle in\n"
        "the report. The default RECORDING is ouro.out.ouro.\n"
        "SVG is made by 'dot' (Debian package graphviz); DOT needs nothing.\n"
        "Exit codes: 0 drawn, or no cycle to draw (which is said on stderr); 2 "
        "usage, no\n"
        "such finding or several, no dot or no time, or the output cannot be "
        "written;\n"
        "3 missing or damaged, in whole or in part; 4 out of memory.\n",
    .run = run,
};
