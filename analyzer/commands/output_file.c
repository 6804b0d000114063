/* SPDX-License-Identifier: MIT */
#include "commands/output_file.h"

#include "commands/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(struct err *e, const char *path, int why)
{
    err_set(e, "%s: cannot be written: %s; name another file", path,
            strerror(why));
    e->code = RC_USAGE;
    return -1;
}

static int open_in_place(struct output_file *o, const char *path, struct err *e)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    o->to = fd < 0 ? NULL : fdopen(fd, "w");
    if (o->to)
        return 0;
    const int why = errno;
    if (fd >= 0)
        close(fd);
    return refuse(e, path, why);
}

static void throw_away(const struct output_file *o)
{
    unlink(o->fresh);
    unfinished_end();
}

static int open_beside(struct output_file *o, const char *path, struct err *e)
{
    const mode_t mask = umask(0);
    umask(mask);
    if (snprintf(o->path, sizeof o->path, "%s", path) >= PATH_MAX ||
        snprintf(o->fresh, sizeof o->fresh, "%s.XXXXXX", o->path) >= PATH_MAX)
        return refuse(e, path, ENAMETOOLONG);
    const int fd = unfinished_make(o->fresh);
    if (fd < 0)
        return refuse(e, path, errno);
    o->to = fdopen(fd, "w");
    if (o->to && fchmod(fd, 0666 & ~mask) == 0)
        return 0;
    const int why = errno;
    close(fd);
    throw_away(o);
    return refuse(e, path, why);
}

int output_file_open(struct output_file *o, const char *path, struct err *e)
{
    struct stat s;
    char real[PATH_MAX];
    *o = (struct output_file){0};
    snprintf(o->path, sizeof o->path, "%s", path);
    if (stat(path, &s) != 0)
        return *path ? open_beside(o, path, e) : refuse(e, "''", ENOENT);
    if (S_ISDIR(s.st_mode))
        return refuse(e, path, EISDIR);
    if (!S_ISREG(s.st_mode))
        return open_in_place(o, path, e);
    if (access(path, W_OK) != 0 || !realpath(path, real))
        return refuse(e, path, errno);
    return open_beside(o, real, e);
}

int output_file_close(struct output_file *o, struct err *e)
{
    struct stat s;
    const bool in_place = !o->fresh[0];
    const bool written = fflush(o->to) == 0 && !ferror(o->to);
    const bool empty = !in_place && !o->may_be_empty &&
                       fstat(fileno(o->to), &s) == 0 && s.st_size == 0;
    const bool closed = fclose(o->to) == 0 && written;
    if (closed && (in_place || (!empty && rename(o->fresh, o->path) == 0))) {
        unfinished_end();
        return 0;
    }
    const int why = errno;
    if (!in_place)
        throw_away(o);
    return closed && empty ? 0 : refuse(e, o->path, why);
}

void output_file_drop(struct output_file *o)
{
    fclose(o->to);
    if (o->fresh[0])
        throw_away(o);
}
