/* SPDX-License-Identifier: MIT */
#include "trace/trace_names.h"

#include "arena.h"
#include "pack/packed.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".trace"

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool trace_names_are_in(const char *path)
{
    return is_directory(path) || packed_is(path);
}

static bool is_trace_name(const char *name)
{
    const size_t len = strlen(name), suffix = strlen(SUFFIX);
    return len > suffix && strcmp(name + len - suffix, SUFFIX) == 0;
}

static void add(struct trace_names *n, const char *name)
{
    if (!is_trace_name(name))
        return;
    GROW(n->at, n->n, n->room);
    if (!(n->at[n->n++] = strdup(name)))
        out_of_memory();
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static int read_packed(struct trace_names *n, const char *path, struct err *e)
{
    struct packed *p = packed_open(path, e);
    if (!p)
        return -1;
    for (uint32_t i = 0; i < packed_n(p); i++)
        if (packed_at(p, i)->kind == PACKED_TRACE)
            add(n, packed_at(p, i)->name);
    packed_close(p);
    return 0;
}

static int read_directory(struct trace_names *n, const char *path,
                          struct err *e)
{
    DIR *d = opendir(path);
    if (!d)
        return err_set(e, "%s: cannot be listed: %s", path, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(d));)
        add(n, entry->d_name);
    closedir(d);
    return 0;
}

int trace_names_read(struct trace_names *n, const char *recording,
                     struct err *e)
{
    *n = (struct trace_names){0};
    if ((is_directory(recording) ? read_directory(n, recording, e)
                                 : read_packed(n, recording, e)) < 0)
        return -1;
    if (n->n > 1)
        qsort(n->at, n->n, sizeof *n->at, compare);
    return 0;
}

void trace_names_release(struct trace_names *n)
{
    for (uint32_t i = 0; i < n->n; i++)
        free(n->at[i]);
    free(n->at);
    *n = (struct trace_names){0};
}
