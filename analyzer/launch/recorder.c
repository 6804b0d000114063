/* SPDX-License-Identifier: MIT */
#include "launch/recorder.h"

#include "commands/version.h"
#include "launch/folder.h"
#include "launch/guest.h"
#include "launch/launch.h"
#include "launch/manifest.h"
#include "launch/preflight.h"
#include "launch/recording_name.h"
#include "launch/signal_name.h"
#include "launch/ticker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The header and one chunk: a granule each, as the guest takes them. */
static uint64_t least_size(void)
{
    enum { GRANULE = 16 * 1024 };
    const long page = sysconf(_SC_PAGESIZE);
    return 2 * (uint64_t)(page > GRANULE ? page : GRANULE);
}

static int check_max_size(const struct cmd *cmd, const char *value)
{
    uint64_t bytes;
    if (!cmd_bytes(value, &bytes) || bytes == 0)
        return cmd_usage(
            cmd,
            "--max-size=%s: not a size: a whole number, with K, M or G "
            "behind it, such as 8M",
            value);
    if (bytes < least_size())
        return cmd_usage(cmd,
                         "--max-size=%s: too little to record anything; the "
                         "least is %lluK",
                         value, (unsigned long long)least_size() / 1024);
    return 0;
}

static int take_name(struct recorder *r, const struct cmd *cmd,
                     const char *pattern)
{
    struct err e;
    if (recording_name(pattern, r->name, &e) != 0)
        return cmd_usage(cmd, "%s", e.text);
    r->dir = r->name;
    return 0;
}

static bool take_word(const char **to, const char *value,
                      const char *const *words, int n)
{
    *to = value;
    return cmd_word(value, words, n) >= 0;
}

bool recorder_option(struct recorder *r, const struct cmd *cmd, int id,
                     const char *value, int *status)
{
    static const char *const stacks[] = {"all", "alloc", "none"};
    static const char *const clocks[] = {"tsc", "counter"};
    static const char *const snapshots[] = {"pointers", "image", "none"};
    *status = 0;
    switch (id) {
    case 'o':
        *status = take_name(r, cmd, value);
        break;
    case RECORDER_NO_CHILDREN:
        r->no_children = true;
        return true;
    case RECORDER_ONLY:
        r->only = value;
        return true;
    case RECORDER_MAX_SIZE:
        r->max_size = value;
        *status = check_max_size(cmd, value);
        break;
    case RECORDER_STACKS:
        if (!take_word(&r->stacks, value, stacks, 3))
            *status = cmd_usage(cmd, "--stacks=%s: all, alloc or none", value);
        break;
    case RECORDER_CLOCK:
        if (!take_word(&r->clock, value, clocks, 2))
            *status = cmd_usage(cmd, "--clock=%s: tsc or counter", value);
        break;
    case RECORDER_SNAPSHOT:
        if (!take_word(&r->snapshot, value, snapshots, 3))
            *status =
                cmd_usage(cmd, "--snapshot=%s: pointers, image or none", value);
        break;
    case RECORDER_SIGNAL:
        r->signal = value ? signal_number(value) : SIGUSR2;
        if (r->signal == 0)
            *status = cmd_usage(cmd, "--signal=%s: no signal to handle", value);
        break;
    default:
        return false;
    }
    return *status == 0;
}

static void set_if(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
}

/* Variables that the user set himself stay, unless an option says otherwise. */
static void set_environment(const struct recorder *r, const struct guest *g)
{
    char number[32];
    uint64_t bytes = 0;
    if (r->max_size && cmd_bytes(r->max_size, &bytes)) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)bytes);
        setenv("OURO_MAX_SIZE", number, 1);
    }
    if (r->signal > 0) {
        snprintf(number, sizeof number, "%d", r->signal);
        setenv("OURO_SIGNAL", number, 1);
    }
    setenv("OURO_DIR", r->recording.path, 1);
    set_if("OURO_CHILDREN", r->no_children ? "0" : NULL);
    set_if("OURO_ONLY", r->only);
    set_if("OURO_STACKS", r->stacks);
    set_if("OURO_CLOCK", r->clock);
    set_if("OURO_SNAPSHOT", r->snapshot);
    guest_preload(g);
}

/* What the guests of this run will be told, by us or by the user. */
static uint64_t size_limit(void)
{
    const char *value = getenv("OURO_MAX_SIZE");
    uint64_t bytes;
    return value && cmd_bytes(value, &bytes) ? bytes : UINT64_MAX;
}

static void write_manifest(const char *dir, const struct manifest *m)
{
    struct err e;
    if (manifest_write(dir, m, &e) != 0)
        err_note("%s", e.text);
}

/* Until the end, with what is known written down before and after. */
static void see_it_through(const struct recorder *r, struct launch *l,
                           struct manifest *m)
{
    char status[32];
    m->pid = (uint32_t)l->pid;
    m->process_start = manifest_process_start(m->pid);
    write_manifest(r->recording.path, m);
    launch_wait(l);
    clock_gettime(CLOCK_REALTIME, &m->finished);
    const bool killed = WIFSIGNALED(l->wait_status);
    snprintf(status, sizeof status, "%s:%d", killed ? "signal" : "exit",
             killed ? WTERMSIG(l->wait_status) : WEXITSTATUS(l->wait_status));
    m->status = status;
    if (access(r->recording.path, F_OK) == 0)
        write_manifest(r->recording.path, m);
    m->status = NULL;
}

static void say_why_nothing(const struct recorder *r, const struct launch *l)
{
    const char *program = l->path;
    if (access(r->recording.path, F_OK) != 0)
        err_note("nothing was recorded: %s was removed while %s ran",
                 r->recording.name, program);
    else if (r->only)
        err_note("nothing was recorded: no program that ran matches --only=%s, "
                 "by its whole path or by its name; %s ran",
                 r->only, program);
    else if (WIFSIGNALED(l->wait_status))
        err_note("nothing was recorded: %s was killed (%s) before it began",
                 program, strsignal(WTERMSIG(l->wait_status)));
    else
        err_note("nothing was recorded: the loader did not take libouro.so "
                 "along into %s, or the program cannot write into %s",
                 program, r->recording.name);
}

static int run_it(struct recorder *r, struct launch *l, struct err *e)
{
    struct manifest m = {.release = OURO_RELEASE,
                         .arguments = (const char **)l->argv};
    while (l->argv[m.n_arguments])
        m.n_arguments++;
    clock_gettime(CLOCK_REALTIME, &m.started);
    struct folder folder;
    folder_start(&folder, r->recording.path, size_limit());
    setenv("OURO_FOLDS", folder.pid ? "1" : "0", 1);
    ticker_make(r->recording.path);
    const int rc = launch_start(l, e);
    if (rc != 0) {
        ticker_end();
        folder_end(&folder);
        recording_abandon(&r->recording);
        return rc;
    }
    ticker_start();
    see_it_through(r, l, &m);
    ticker_end();
    folder_end(&folder);
    r->started = true;
    r->n_traces = recording_count(r->recording.path);
    if (r->n_traces == 0)
        say_why_nothing(r, l);
    return launch_status(l);
}

int recorder_run(struct recorder *r, const struct cmd *cmd, char **argv)
{
    struct program p;
    struct guest g;
    struct err e;
    r->recording.lock = -1;
    if (!argv[0])
        return cmd_usage(cmd, "no command to run");
    int rc = preflight(argv[0], &p, &e);
    if (rc != 0) {
        err_say(&e);
        return rc;
    }
    if (p.note[0])
        err_note("%s", p.note);
    if (guest_find(&g, &e) != 0)
        return err_say(&e);
    if (recording_take(&r->recording, r->dir, &e) != 0) {
        guest_release(&g);
        return err_say(&e);
    }
    set_environment(r, &g);
    struct launch l = {.path = p.path, .argv = argv};
    rc = run_it(r, &l, &e);
    if (!r->started)
        err_say(&e);
    guest_release(&g);
    return rc;
}
