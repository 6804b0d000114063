/* SPDX-License-Identifier: MIT */
#include "launch/running.h"

#include "launch/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TRACE_NAME_END ".trace"

/* Opened read-write; false: it is no trace, or not of this process as it is
   now (a child that was forked has its parent's). */
static bool take(struct running *r, const char *by)
{
    struct ouro_trace_header h;
    const int fd = open(by, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    if (pread(fd, &h, sizeof h, 0) != (ssize_t)sizeof h ||
        memcmp(h.magic, OURO_TRACE_MAGIC, sizeof h.magic) != 0 ||
        h.version > OURO_TRACE_VERSION || h.process_start != r->process_start) {
        close(fd);
        return false;
    }
    if (r->fd >= 0)
        close(r->fd);
    r->fd = fd;
    r->buffered = h.flags & OURO_HEADER_BUFFERED;
    return true;
}

static bool is_trace_name(const char *path)
{
    const size_t n = strlen(path), end = strlen(TRACE_NAME_END);
    return n > end && strcmp(path + n - end, TRACE_NAME_END) == 0;
}

/* Of several, the one that it opened last is the one that it writes: an image
   closes its own before it goes on with another. */
static void look_at_descriptor(struct running *r, const char *name)
{
    static const char gone[] = " (deleted)";
    char by[64 + NAME_MAX], path[PATH_MAX];
    snprintf(by, sizeof by, "/proc/%" PRIu32 "/fd/%s", r->pid, name);
    const ssize_t n = readlink(by, path, sizeof path - 1);
    if (n <= 0)
        return;
    path[n] = '\0';
    char *at = strstr(path, gone);
    if (at && at[sizeof gone - 1] == '\0')
        *at = '\0';
    if (is_trace_name(path) && take(r, by))
        memcpy(r->path, path, (size_t)n + 1);
}

/* 0, or the errno with which it failed. */
static int look_at_descriptors(struct running *r)
{
    char directory[64];
    snprintf(directory, sizeof directory, "/proc/%" PRIu32 "/fd", r->pid);
    DIR *d = opendir(directory);
    if (!d)
        return errno;
    for (const struct dirent *i; (i = readdir(d)) != NULL;)
        look_at_descriptor(r, i->d_name);
    closedir(d);
    return 0;
}

/* A line of /proc/PID/maps: START-END rw-s OFFSET DEVICE INODE PATH. */
static void look_at_mapping(struct running *r, char *line)
{
    char by[PATH_MAX + 64];
    line[strcspn(line, "\n")] = '\0';
    const char *path = strchr(line, '/');
    if (!path || !strstr(line, " rw-s 00000000 ") || !is_trace_name(path))
        return;
    snprintf(by, sizeof by, "/proc/%" PRIu32 "/root%s", r->pid, path);
    if (take(r, by))
        snprintf(r->path, sizeof r->path, "%s", path);
}

static void look_at_mappings(struct running *r)
{
    char file[64];
    char *line = NULL;
    size_t room = 0;
    snprintf(file, sizeof file, "/proc/%" PRIu32 "/maps", r->pid);
    FILE *maps = fopen(file, "re");
    if (!maps)
        return;
    while (r->fd < 0 && getline(&line, &room, maps) >= 0)
        look_at_mapping(r, line);
    free(line);
    fclose(maps);
}

static int find(struct running *r, struct err *e)
{
    const int error = look_at_descriptors(r);
    if (error == ENOENT || error == ESRCH)
        return err_set(e, "process %" PRIu32 ": there is none", r->pid);
    if (error == EACCES || error == EPERM)
        return err_set(e,
                       "process %" PRIu32 ": is another user's; ask as that "
                       "user, or as root",
                       r->pid);
    if (error != 0)
        return err_set(e, "process %" PRIu32 ": /proc: %s", r->pid,
                       strerror(error));
    if (r->fd < 0)
        look_at_mappings(r);
    if (r->fd < 0)
        return err_set(e,
                       "process %" PRIu32 ": is not being recorded; start it "
                       "with 'ouro record' or 'ouro run', and name the "
                       "program's own process",
                       r->pid);
    return 0;
}

int running_open(struct running *r, uint32_t pid, struct err *e)
{
    *r = (struct running){.pid = pid, .fd = -1};
    r->process_start = manifest_process_start(pid);
    if (r->process_start == 0)
        err_set(e, "process %" PRIu32 ": there is none", pid);
    if (r->process_start == 0 || find(r, e) != 0) {
        e->code = RC_USAGE;
        return -1;
    }
    void *at = mmap(NULL, sizeof *r->header, PROT_READ | PROT_WRITE, MAP_SHARED,
                    r->fd, 0);
    if (at != MAP_FAILED) {
        r->header = at;
        return 0;
    }
    err_set(e, "%s: cannot be mapped: %s", r->path, strerror(errno));
    e->code = RC_USAGE;
    close(r->fd);
    return -1;
}

void running_release(struct running *r)
{
    munmap(r->header, sizeof *r->header);
    close(r->fd);
}

/* A line of /proc/PID/status. */
static bool status_line(uint32_t pid, const char *name, char *value,
                        size_t room)
{
    char line[256];
    snprintf(line, sizeof line, "/proc/%" PRIu32 "/status", pid);
    FILE *status = fopen(line, "re");
    bool found = false;
    while (status && !found && fgets(line, sizeof line, status)) {
        found = strncmp(line, name, strlen(name)) == 0;
        if (found)
            snprintf(value, room, "%s", line + strlen(name));
    }
    if (status)
        fclose(status);
    return found;
}

bool running_is_there(const struct running *r)
{
    char state[32] = "";
    return manifest_process_start(r->pid) == r->process_start &&
           status_line(r->pid, "State:\t", state, sizeof state) &&
           state[0] != 'Z' && state[0] != 'X';
}

bool running_handles(const struct running *r, uint32_t signal)
{
    char mask[32];
    return status_line(r->pid, "SigCgt:\t", mask, sizeof mask) &&
           strtoull(mask, NULL, 16) >> (signal - 1) & 1;
}

uint32_t running_ask(struct running *r)
{
    return __atomic_add_fetch(&r->header->snapshot, 1, __ATOMIC_RELEASE);
}

/* Numbers may have gone around. */
static bool has_come(const uint32_t *to, uint32_t request)
{
    return (int32_t)(__atomic_load_n(to, __ATOMIC_ACQUIRE) - request) >= 0;
}

bool running_took_up(const struct running *r, uint32_t request)
{
    return has_come(&r->header->taken_up, request) ||
           has_come(&r->header->answered, request);
}

bool running_answered(const struct running *r, uint32_t request)
{
    return has_come(&r->header->answered, request);
}
