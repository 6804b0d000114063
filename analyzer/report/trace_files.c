/* SPDX-License-Identifier: MIT */
#include "report/trace_files.h"

#include "explain/system_path.h"
#include "launch/manifest.h"
#include "pack/packed.h"
#include "trace/source.h"
#include "trace/trace_names.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *join(struct arena *a, const char *dir, const char *name)
{
    const size_t room = strlen(dir) + strlen(name) + 2;
    char *path = arena_alloc(a, room);
    snprintf(path, room, "%s/%s", dir, name);
    return path;
}

/* What is no trace keeps zeros: opening it later says what is wrong with it. */
static void read_header(struct image *i)
{
    struct ouro_trace_header h;
    struct source from;
    struct err e;
    if (source_open(&from, i->path, &e) < 0)
        return;
    const bool whole =
        from.len >= sizeof h && source_read(&from, &h, sizeof h, 0);
    source_close(&from);
    if (!whole || memcmp(h.magic, OURO_TRACE_MAGIC, sizeof h.magic) != 0)
        return;
    i->pid = h.pid;
    i->serial = h.serial;
    i->parent_pid = h.parent_pid;
    i->parent_serial = h.parent_serial;
    i->process_start = h.process_start;
    i->start_ns = h.start_ns;
}

static int compare(const void *a, const void *b)
{
    const struct image *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->serial != y->serial)
        return x->serial < y->serial ? -1 : 1;
    return strcmp(x->path, y->path);
}

static int find_all(struct trace_files *f, const char *dir, struct err *e)
{
    struct trace_names names;
    if (trace_names_read(&names, dir, e) < 0)
        return -1;
    f->images = must_calloc(names.n + 1, sizeof *f->images);
    f->n = names.n;
    for (uint32_t i = 0; i < f->n; i++) {
        f->images[i].path = join(&f->arena, dir, names.at[i]);
        read_header(&f->images[i]);
    }
    trace_names_release(&names);
    if (f->n > 1)
        qsort(f->images, f->n, sizeof *f->images, compare);
    return 0;
}

static int compare_identity(const struct image *x, const struct image *y)
{
    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    return (x->serial > y->serial) - (x->serial < y->serial);
}

struct image_ref {
    struct image *is;
};

static int compare_refs(const void *a, const void *b)
{
    const struct image_ref *x = a, *y = b;
    return compare_identity(x->is, y->is);
}

static const struct image *find_image(const struct image_ref *sorted,
                                      uint32_t n, uint32_t pid, uint32_t serial)
{
    const struct image wanted = {.pid = pid, .serial = serial};
    uint32_t low = 0, high = n;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        const int order = compare_identity(sorted[mid].is, &wanted);
        if (order == 0)
            return sorted[mid].is;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* Parents by number; and an image whose process has a later file has become
   another program, unless that one was forked: then the pid was used again. */
static void link_images(struct trace_files *f)
{
    struct image_ref *sorted = ARENA_ARRAY(&f->arena, f->n, struct image_ref);
    for (uint32_t i = 0; i < f->n; i++)
        sorted[i].is = &f->images[i];
    if (f->n > 1)
        qsort(sorted, f->n, sizeof *sorted, compare_refs);
    for (uint32_t i = 0; i < f->n; i++) {
        struct image *at = sorted[i].is;
        if (at->parent_pid != 0) {
            const struct image *parent =
                find_image(sorted, f->n, at->parent_pid, at->parent_serial);
            at->parent_path = parent ? parent->path : NULL;
        }
        if (i == 0 || at->pid == 0 || at->parent_pid != 0)
            continue;
        struct image *before = sorted[i - 1].is;
        before->execed = before->pid == at->pid &&
                         before->process_start == at->process_start;
    }
}

static bool parse_status(const char *text, int *wait_status)
{
    int n;
    if (sscanf(text, "exit:%d", &n) == 1)
        *wait_status = (n & 255) << 8;
    else if (sscanf(text, "signal:%d", &n) == 1)
        *wait_status = n & 127;
    else
        return false;
    return true;
}

/* Is it an image of the process that the launcher started? */
static bool is_of_command(const struct image *i, const struct manifest *m)
{
    return i->pid == m->pid &&
           (m->process_start == 0 || i->process_start == m->process_start);
}

/* The launcher waited for one process: its first image is what was typed, its
   last one ended that way. */
static void take_manifest(struct trace_files *f, const char *dir)
{
    struct manifest m;
    struct err e;
    int status;
    const int rc = manifest_read(dir, &m, &f->arena, &e);
    if (rc < 0)
        err_note("%s", e.text);
    if (rc != 0)
        return;
    f->main_pid = m.pid;
    struct image *first = NULL, *last = NULL;
    for (uint32_t i = 0; i < f->n; i++) {
        struct image *at = &f->images[i];
        if (!is_of_command(at, &m))
            continue;
        if (at->parent_pid == 0 && (!first || at->serial < first->serial))
            first = at;
        if (!at->execed && (!last || last->serial < at->serial))
            last = at;
    }
    if (first) {
        first->command = m.arguments;
        first->n_command = m.n_arguments;
    }
    if (!last || !m.status || !parse_status(m.status, &status))
        return;
    last->wait_status_known = true;
    last->wait_status = status;
}

static int stop_at_once(void *to, const struct event *e)
{
    (void)to, (void)e;
    return 1;
}

/* This tool, run by what was recorded: a suite that has the gate in it. */
static bool is_ours(const char *exe)
{
    char own[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    if (n <= 0)
        return false;
    own[n] = 0;
    return strcmp(own, exe) == 0;
}

/* The program stands in the first record. */
static bool is_of_the_system(const char *path)
{
    struct trace t;
    struct err e;
    if (trace_open(&t, path, &e) != 0)
        return false;
    trace_walk(&t, stop_at_once, NULL, &e);
    const bool is = path_is_system(t.exe) || is_ours(t.exe);
    trace_close(&t);
    return is;
}

/* Programs of the system are bystanders, unless there is nothing else: then
   what was started is meant. */
static void find_bystanders(struct trace_files *f)
{
    bool only_system = true;
    const uint32_t main_pid = f->main_pid ? f->main_pid : f->images[0].pid;
    if (f->n < 2)
        return;
    for (uint32_t i = 0; i < f->n; i++) {
        f->images[i].bystander = is_of_the_system(f->images[i].path);
        only_system &= f->images[i].bystander;
    }
    for (uint32_t i = 0; only_system && i < f->n; i++)
        if (f->images[i].pid == main_pid)
            f->images[i].bystander = false;
}

/* Leaves the one image that was asked for. */
static void keep_only(struct trace_files *f, const char *path)
{
    struct stat wanted, s;
    const bool is_file = stat(path, &wanted) == 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (is_file ? stat(f->images[i].path, &s) == 0 &&
                          s.st_dev == wanted.st_dev && s.st_ino == wanted.st_ino
                    : strcmp(f->images[i].path, path) == 0) {
            f->images[0] = f->images[i];
            f->images[0].path = path;
            f->n = 1;
            return;
        }
    free(f->images);
    f->images = must_calloc(1, sizeof *f->images);
    f->images[0].path = path;
    read_header(&f->images[0]);
    f->n = 1;
}

static const char *dir_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return arena_text(a, path, slash == path ? 1 : (size_t)(slash - path));
}

/* Or in a packed one; "run.ouropack/" is nothing that stat knows. */
static bool is_packed(const char *path)
{
    char pack[PATH_MAX];
    const int why = errno;
    const bool is =
        packed_is(path) || packed_split(path, pack, sizeof pack) != NULL;
    errno = why;
    return is;
}

int trace_files_find(struct trace_files *f, const char *path, struct err *e)
{
    struct stat s;
    *f = (struct trace_files){0};
    if (stat(path, &s) != 0 && !is_packed(path))
        return err_set(e,
                       errno == ENOENT
                           ? "%s: no such recording; make one with 'ouro "
                             "record -- COMMAND'"
                           : "%s: cannot be read",
                       path);
    const bool is_dir = trace_names_are_in(path);
    const char *dir = is_dir ? path : dir_of(&f->arena, path);
    if (find_all(f, dir, e) != 0)
        return -1;
    link_images(f);
    take_manifest(f, dir);
    if (!is_dir) {
        keep_only(f, path);
        return 0;
    }
    if (f->n == 0)
        return err_set(e, "%s: holds no trace; nothing was recorded", path);
    find_bystanders(f);
    return 0;
}

void trace_files_release(struct trace_files *f)
{
    free(f->images);
    arena_release(&f->arena);
    *f = (struct trace_files){0};
}
