/* SPDX-License-Identifier: MIT */
#include "commands/cmd.h"
#include "err.h"
#include "launch/running.h"
#include "launch/signal_name.h"
#include "trace/snapshot.h"
#include "trace/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { NO_ANSWER = RC_TRACE };
enum { TRY = 2000, NAP = 2 }; /* ms */

static int refuse(const struct running *r, const char *why)
{
    fprintf(stderr, "ouro: process %" PRIu32 ": %s\n", r->pid, why);
    return RC_USAGE;
}

/* 0, or why it makes no sense to ask, which was said. */
static int check(const struct running *r, bool by_signal)
{
    const struct ouro_trace_header *h = r->header;
    if (h->flags & OURO_HEADER_NO_SNAPSHOTS)
        return refuse(r, "is recorded with --snapshot=none");
    if (h->stopped != OURO_STOPPED_NOT)
        return refuse(r, "its recording has stopped before; see 'ouro report'");
    if (!by_signal && r->buffered)
        return refuse(r, "writes its recording through buffers, where only "
                         "--signal reaches it");
    if (!by_signal)
        return 0;
    if (h->signal == 0 || h->signal >= NSIG)
        return refuse(r, "has no signal to be woken by: record it with "
                         "--signal=SIG, where SIG is one that the program "
                         "does not handle");
    if (!running_handles(r, h->signal))
        return refuse(r, "does not handle the signal it was recorded with any "
                         "more, which would end it");
    return 0;
}

static int no_answer(const struct running *r, bool by_signal)
{
    if (!running_is_there(r))
        fprintf(stderr, "ouro: process %" PRIu32 ": ended before it answered\n",
                r->pid);
    else if (by_signal)
        fprintf(stderr,
                "ouro: process %" PRIu32 ": no answer in 2 s, though it was "
                "woken: it is stopped, blocks the signal, or handles it "
                "itself\n",
                r->pid);
    else
        fprintf(stderr,
                "ouro: process %" PRIu32 ": no answer in 2 s: it allocates "
                "and announces nothing now; it will take the snapshot when it "
                "does. Recorded with --signal, 'ouro snapshot --signal' wakes "
                "it\n",
                r->pid);
    return NO_ANSWER;
}

static int await(const struct running *r, uint32_t request, bool by_signal)
{
    const struct timespec nap = {.tv_nsec = NAP * 1000000};
    for (int ms = 0; !running_answered(r, request); ms += NAP) {
        const bool is_slow = ms >= TRY && !running_took_up(r, request);
        if (is_slow || (ms % 100 == 0 && !running_is_there(r)))
            return no_answer(r, by_signal);
        nanosleep(&nap, NULL);
    }
    return 0;
}

static int tell(const struct running *r, const struct snapshots *all, FILE *out)
{
    const struct snapshot *s = NULL;
    for (uint32_t i = 0; i < all->n; i++)
        if (all->at[i].why == OURO_SNAP_ASKED)
            s = &all->at[i];
    if (!s || !s->whole) {
        fprintf(stderr,
                "ouro: %s: the snapshot is not whole: there is no room for it, "
                "or the process may not copy itself\n",
                r->path);
        return NO_ANSWER;
    }
    fprintf(out,
            "snapshot %" PRIu32 " of process %" PRIu32 ": threads %" PRIu32
            ", words %" PRIu64 ", bytes %" PRIu64 ", stood still %.1f ms\n",
            s->number, r->pid, s->n_threads, s->words_told, s->bytes,
            (double)s->pause_ns / 1e6);
    return RC_CLEAN;
}

/* As the file has it. */
static int look(const struct running *r, FILE *out)
{
    char by[64];
    struct trace t;
    struct snapshots all;
    struct err e;
    snprintf(by, sizeof by, "/proc/self/fd/%d", r->fd);
    if (trace_open(&t, by, &e) != 0)
        return err_say(&e);
    int rc;
    if (snapshots_read(&all, &t, &e) != 0) {
        rc = err_say(&e);
    } else {
        rc = tell(r, &all, out);
        snapshots_release(&all);
    }
    trace_close(&t);
    return rc;
}

static int ask(struct running *r, bool by_signal, FILE *out)
{
    int rc = check(r, by_signal);
    if (rc != 0)
        return rc;
    const uint32_t request = running_ask(r);
    if (by_signal && kill((pid_t)r->pid, (int)r->header->signal) != 0)
        return refuse(r, strerror(errno));
    rc = await(r, request, by_signal);
    return rc == 0 ? look(r, out) : rc;
}

static int run(int argc, char **argv, FILE *out)
{
    struct cmd_line l = {
        .cmd = &cmd_snapshot, .argc = argc, .argv = argv, .out = out};
    struct running r;
    struct err e;
    long pid;
    bool by_signal = false;
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        by_signal = true;
    }
    if (l.argc - l.first != 1)
        return cmd_usage(&cmd_snapshot, "names one process");
    if (!cmd_number(l.argv[l.first], 1, INT32_MAX, &pid))
        return cmd_usage(&cmd_snapshot, "'%s' is no process id",
                         l.argv[l.first]);
    if (running_open(&r, (uint32_t)pid, &e) != 0)
        return err_say(&e);
    const int rc = ask(&r, by_signal, out);
    running_release(&r);
    return rc;
}

static const struct cmd_option options[] = {
    {'s', "signal", NULL,
     "wake the process with the signal that it was recorded\n"
     "with (ouro record --signal)"},
    {0},
};

const struct cmd cmd_snapshot = {
    .name = "snapshot",
    .args = "[options] PID",
    .summary = "have a process that is being recorded take a snapshot",
    .options = options,
    .details = "The process takes it itself, at its next allocation, free or\n"
               "announcement: nothing is traced or stopped from outside. It is "
               "also a\n"
               "checkpoint, \"request 1\" for the first.\n"
               "\n"
               "Exit status: 0 it is in the recording, 2 there is no such "
               "process, it\n"
               "is another user's or not being recorded, 3 no answer in 2 "
               "seconds (an\n"
               "idle process: --signal), or it ended, or has no room.\n",
    .run = run,
};
