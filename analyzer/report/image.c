/* SPDX-License-Identifier: MIT */
#include "report/image.h"

#include "explain/system_path.h"
#include "report/progress_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* Is the recorded process alive? Its number may have gone to another one, but
   not together with its start time. */
static bool still_runs(uint32_t pid, uint64_t process_start)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%" PRIu32 "/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    const size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    const char *at = strrchr(text, ')'); /* the name may hold anything */
    char state = 0;
    unsigned long long start = 0;
    if (!at || sscanf(at + 1,
                      " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                      "%*s %*s %*s %*s %*s %llu",
                      &state, &start) != 2)
        return false;
    return state != 'Z' && state != 'X' && start == process_start;
}

static void decide_ending(struct image *i)
{
    const struct trace *t = &i->trace;
    i->status = 0;
    if (i->execed || t->end_how == OURO_END_EXEC) {
        i->ending = ENDING_EXEC;
    } else if (i->wait_status_known && WIFSIGNALED(i->wait_status)) {
        i->ending = ENDING_SIGNAL;
        i->status = WTERMSIG(i->wait_status);
    } else if (i->wait_status_known && WIFEXITED(i->wait_status)) {
        i->ending = ENDING_EXIT;
        i->status = WEXITSTATUS(i->wait_status);
    } else if (still_runs(i->pid, i->process_start)) {
        i->ending = ENDING_NOT;
    } else if (t->end_how != 0 || t->exiting) {
        i->ending = ENDING_EXIT;
        i->status = t->end_status < 0 ? -1 : (int)(t->end_status & 255);
    } else {
        i->ending = ENDING_UNKNOWN;
    }
}

uint64_t image_lost_events(const struct image *i)
{
    const uint64_t told = i->shadow.totals.lost_events;
    return told > i->trace.n_lost ? told : i->trace.n_lost;
}

bool image_is_cut(const struct image *i)
{
    return i->trace.cut && i->ending != ENDING_NOT;
}

/* The first of all records says what the process is. */
bool image_lacks_beginning(const struct image *i)
{
    return i->shadow_is_built && !i->trace.cut && i->ending != ENDING_NOT &&
           !*i->trace.exe && i->trace.argc == 0;
}

static bool has_stopped(const struct image *i)
{
    return image_is_cut(i) || i->trace.header.stopped != OURO_STOPPED_NOT;
}

bool image_lacks_data(const struct image *i)
{
    return has_stopped(i) || image_lost_events(i) > 0 ||
           image_lacks_beginning(i);
}

static bool is_complete(const struct image *i)
{
    return (i->ending == ENDING_EXIT || i->ending == ENDING_EXEC) &&
           !i->damaged && !image_lacks_data(i);
}

const char *image_moment(const struct image *i)
{
    if (has_stopped(i))
        return "when recording stopped";
    return i->ending == ENDING_NOT ? "now" : "at the end";
}

const char *image_alive(const struct image *i)
{
    return has_stopped(i) ? "alive when recording stopped"
                          : "perhaps freed unseen";
}

const char *image_doubt(const struct image *i, char text[64])
{
    if (i->damaged)
        return "left a damaged trace";
    if (i->ending == ENDING_SIGNAL) {
        snprintf(text, 64, "was killed by signal %d", i->status);
        return text;
    }
    if (i->ending == ENDING_NOT)
        return "still runs";
    if (image_is_cut(i))
        return "left a trace that is cut off";
    if (has_stopped(i))
        return "was not recorded to its end";
    if (image_lacks_beginning(i))
        return "left a trace without its beginning";
    return image_lost_events(i) > 0 ? "had events that were lost"
                                    : "ended unseen";
}

const char *const *image_command(const struct image *i, uint32_t *n)
{
    *n = i->trace.n_argv > 0 ? i->trace.n_argv : i->n_command;
    return i->trace.n_argv > 0 ? i->trace.argv : i->command;
}

static void show_naming(uint64_t done, uint64_t total)
{
    progress_line_say("naming functions, %" PRIu64 " of %" PRIu64, done, total);
}

static int open_traces(struct image *i)
{
    struct err ignored;
    if (i->trace_is_open)
        return 0;
    if (trace_open(&i->trace, i->path, &i->damage) != 0)
        return -1;
    i->trace_is_open = true;
    if (i->parent_path)
        i->parent_is_open =
            trace_open(&i->parent, i->parent_path, &ignored) == 0;
    return 0;
}

static struct trace *parent_of(struct image *i)
{
    return i->parent_is_open ? &i->parent : NULL;
}

static int read_snapshots(struct image *i)
{
    if (i->snapshots_are_read)
        return 0;
    if (open_traces(i) != 0 ||
        snapshots_read(&i->snapshots, &i->trace, &i->damage) != 0)
        return -1;
    i->snapshots_are_read = true;
    return 0;
}

static const struct snapshot *last_snapshot(const struct image *i)
{
    if (i->counts_only)
        return NULL;
    return snapshots_until(&i->snapshots,
                           i->gc.ends ? i->gc.until : UINT64_MAX);
}

static int replay(struct image *i)
{
    if (i->shadow_is_built)
        return 0;
    if (open_traces(i) != 0 || (!i->counts_only && read_snapshots(i) != 0))
        return -1;
    struct gc_options o = i->gc;
    const struct snapshot *last = last_snapshot(i);
    o.catches = last != NULL;
    o.catch_at = last ? last->stamp : 0;
    if (shadow_build(&i->shadow, &i->trace, parent_of(i), &o, &i->damage) != 0)
        return -1;
    i->shadow_is_built = true;
    decide_ending(i);
    return 0;
}

static int remember(struct image *i)
{
    if (i->memory_is_made)
        return 0;
    if (replay(i) != 0)
        return -1;
    const struct snapshot *last = last_snapshot(i);
    if (!last)
        return 0;
    if (memory_make(&i->memory, &i->shadow, &i->trace, parent_of(i), last,
                    &i->damage) != 0)
        return -1;
    i->memory_is_made = true;
    return 0;
}

static int survey(struct image *i)
{
    if (i->survivors_are_found)
        return 0;
    if (replay(i) != 0 ||
        survivors_find(&i->survivors, i->symbolizer, &i->shadow, &i->trace,
                       i->show_suppressed, show_naming, &i->damage) != 0)
        return -1;
    i->survivors_are_found = true;
    return 0;
}

/* What the program says itself is no reason to give up. */
static void suppress(struct image *i)
{
    const struct trace *t = &i->trace;
    struct err e;
    if (!i->suppressions)
        return;
    if (suppressions_parse(i->suppressions, SUPPRESSIONS_OF_PROGRAM,
                           t->suppressions, t->suppressions_len, t->exe,
                           &e) != 0 &&
        !i->suppressions->counted)
        err_note("%s: %s; what follows is not read", i->path, e.text);
    suppressions_apply(i->suppressions, &i->findings, t->exe,
                       i->show_suppressed);
}

static int analyse(struct image *i)
{
    if (remember(i) != 0 ||
        findings_make(&i->findings, i->symbolizer, &i->shadow, &i->trace,
                      parent_of(i), i->memory_is_made ? &i->memory : NULL,
                      i->ending == ENDING_EXEC, !i->show_suppressed,
                      show_naming, &i->damage) != 0)
        return -1;
    i->findings_are_made = true;
    if (!i->show_suppressed)
        i->kept = kept_set_aside(&i->findings);
    suppress(i);
    i->hidden =
        reach_hide(&i->findings, i->shown ? i->shown : REACH_SHOWN_USUALLY);
    if (!i->with_survivors && i->shadow.checkpoints.n_all < SURVIVORS_RISE)
        return 0;
    return survey(i);
}

/* What a step came to. */
static int done(struct image *i, int result)
{
    if (result != 0) {
        i->damaged = true;
        decide_ending(i);
        return -1;
    }
    i->complete = i->shadow_is_built && is_complete(i);
    return 0;
}

int image_open(struct image *i)
{
    return done(i, open_traces(i));
}

int image_replay(struct image *i)
{
    return done(i, replay(i));
}

int image_remember(struct image *i)
{
    return done(i, remember(i));
}

int image_analyse(struct image *i)
{
    return done(i, analyse(i));
}

int image_survey(struct image *i)
{
    return done(i, survey(i));
}

void image_release(struct image *i)
{
    if (i->findings_are_made)
        findings_release(&i->findings);
    if (i->memory_is_made)
        memory_release(&i->memory);
    if (i->snapshots_are_read)
        snapshots_release(&i->snapshots);
    if (i->shadow_is_built)
        shadow_release(&i->shadow);
    if (i->parent_is_open)
        trace_close(&i->parent);
    if (i->trace_is_open)
        trace_close(&i->trace);
    if (i->survivors_are_found)
        survivors_release(&i->survivors);
    i->findings_are_made = i->shadow_is_built = i->survivors_are_found = false;
    i->memory_is_made = i->snapshots_are_read = false;
    i->parent_is_open = i->trace_is_open = false;
}

/* Is everything on the stack the system's own? */
static bool is_of_system(const struct places *stack)
{
    for (uint32_t k = 0; k < stack->n; k++)
        if (stack->at[k].module[0] == '/' &&
            !path_is_system(stack->at[k].module))
            return false;
    return true;
}

bool image_finding_is_told(const struct image *i, const struct finding *f)
{
    if (f->reach == REACH_REACHABLE && !(i->shown & 1u << REACH_REACHABLE))
        return false;
    if (f->kind == FINDING_UNBALANCED)
        return f->reach != REACH_UNKNOWN;
    return f->kind != FINDING_LEAK || !i->bystander || !is_of_system(&f->stack);
}

/* A zombie may have been on its way to its end. */
static bool is_of_the_moment(const struct finding *f)
{
    return (f->kind == FINDING_LEAK && f->reach == REACH_UNKNOWN) ||
           (f->kind == FINDING_MISUSE && strcmp(f->what, "zombie") == 0);
}

bool image_finding_counts(const struct image *i, const struct finding *f)
{
    return image_finding_is_told(i, f) && f->reach != REACH_REACHABLE &&
           !(image_lacks_data(i) && is_of_the_moment(f));
}

const char *image_finding_doubt(const struct image *i, const struct finding *f)
{
    return f->reach == REACH_REACHABLE || image_finding_counts(i, f)
               ? NULL
               : image_alive(i);
}

bool image_has_findings(const struct image *i)
{
    for (uint32_t k = 0; k < i->findings.n; k++)
        if (image_finding_counts(i, &i->findings.at[k]))
            return true;
    return false;
}

enum verdict image_verdict(const struct image *i)
{
    if (i->damaged || image_is_cut(i) ||
        (i->ending != ENDING_EXIT && i->ending != ENDING_EXEC))
        return VERDICT_INDETERMINATE;
    if (image_has_findings(i))
        return VERDICT_FINDINGS;
    return i->complete ? VERDICT_CLEAN : VERDICT_INDETERMINATE;
}

const char *image_ended(const struct image *i, char text[32])
{
    switch (i->ending) {
    case ENDING_EXIT:
        if (i->status < 0)
            return "exit:unknown";
        snprintf(text, 32, "exit:%d", i->status);
        return text;
    case ENDING_SIGNAL:
        snprintf(text, 32, "signal:%d", i->status);
        return text;
    case ENDING_EXEC:
        return "exec";
    case ENDING_UNKNOWN:
    case ENDING_NOT:
        break;
    }
    return "unknown";
}

const char *image_ended_words(const struct image *i, char text[64])
{
    switch (i->ending) {
    case ENDING_EXIT:
        if (i->status < 0)
            return "exited";
        snprintf(text, 64, "exit status %d", i->status);
        return text;
    case ENDING_SIGNAL:
        snprintf(text, 64, "killed by signal %d (SIG%s)", i->status,
                 sigabbrev_np(i->status) ? sigabbrev_np(i->status) : "?");
        return text;
    case ENDING_EXEC:
        return "became another program";
    case ENDING_NOT:
        return "still running: up to now";
    case ENDING_UNKNOWN:
        break;
    }
    return "its end was not seen";
}

const char *verdict_word(enum verdict v)
{
    switch (v) {
    case VERDICT_CLEAN:
        return "clean";
    case VERDICT_FINDINGS:
        return "findings";
    case VERDICT_INDETERMINATE:
        break;
    }
    return "indeterminate";
}
