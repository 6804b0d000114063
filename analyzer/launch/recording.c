/* SPDX-License-Identifier: MIT */
#include "launch/recording.h"

#include "launch/manifest.h"
#include "ouro_trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".trace"
#define REMEDY "name another place with -o DIR"

enum { MOST_NAMES = 1000 };

static int refuse(struct err *e)
{
    e->code = RC_USAGE;
    return -1;
}

static bool ends(const char *text, const char *with)
{
    const size_t n = strlen(text), m = strlen(with);
    return n >= m && strcmp(text + n - m, with) == 0;
}

static bool is_file_of_ours(const char *name)
{
    return ends(name, SUFFIX) || strcmp(name, MANIFEST_NAME) == 0 ||
           strcmp(name, OURO_TICK_NAME) == 0 ||
           strcmp(name, MANIFEST_NAME ".new") == 0;
}

/* What a directory holds. */
struct contents {
    int traces, ours, foreign; /* ours: manifests and traces */
};

/* False: it is no directory that can be read. */
static bool look_into(const char *path, struct contents *c)
{
    *c = (struct contents){0};
    DIR *d = opendir(path);
    if (!d)
        return false;
    for (const struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        c->traces += ends(e->d_name, SUFFIX);
        if (is_file_of_ours(e->d_name))
            c->ours++;
        else
            c->foreign++;
    }
    closedir(d);
    return true;
}

int recording_count(const char *path)
{
    struct contents c;
    return look_into(path, &c) ? c.traces : 0;
}

/* The directory's descriptor with the lock on it; -1: someone else's. */
static int lock_directory(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Has the directory that we hold still that name? */
static bool is_named(int fd, const char *path)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* Removes a directory that holds files of ours alone. */
static void remove_recording(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));)
        if (is_file_of_ours(e->d_name))
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(path);
}

static bool process_is_there(const char *path)
{
    struct arena a = {0};
    struct manifest m;
    struct err e;
    const bool running =
        manifest_read(path, &m, &a, &e) == 0 && manifest_is_running(&m);
    arena_release(&a);
    return running;
}

/*
 * Moves a finished recording from `path` to .old. False: what stands there is
 * no recording, or is being written, or .old is something else.
 */
static bool move_away(const char *path)
{
    char old[PATH_MAX], dead[PATH_MAX];
    struct contents c;
    if (snprintf(old, sizeof old, "%s.old", path) >= PATH_MAX ||
        snprintf(dead, sizeof dead, "%s.XXXXXX", path) >= PATH_MAX)
        return false;
    const int fd = lock_directory(path);
    if (fd < 0)
        return false;
    bool moved = false;
    if (!look_into(path, &c) || c.ours == 0 || process_is_there(path) ||
        !is_named(fd, path))
        goto out;
    struct stat st;
    if (lstat(old, &st) == 0) {
        if (!look_into(old, &c) || c.foreign > 0 || !mkdtemp(dead) ||
            rename(old, dead) != 0)
            goto out;
        remove_recording(dead);
    }
    moved = rename(path, old) == 0;
out:
    close(fd);
    return moved;
}

static int failed(struct err *e, const char *name, int why)
{
    err_set(e, "cannot make %s: %s; " REMEDY, name, strerror(why));
    return refuse(e);
}

/* Empty, until there is something to say: a directory with a file in it cannot
   be replaced by a rename. */
static bool make_manifest(int dir)
{
    const int fd = openat(dir, MANIFEST_NAME,
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0;
}

/* A fresh locked directory with a name of its own beside the default's. */
static int make_fresh(char fresh[PATH_MAX], struct err *e)
{
    snprintf(fresh, PATH_MAX, "%s", "ouro.out.ouro.XXXXXX");
    if (!mkdtemp(fresh))
        return failed(e, "ouro.out.ouro", errno);
    const int fd = lock_directory(fresh);
    if (fd >= 0 && make_manifest(fd))
        return fd;
    const int why = errno;
    if (fd >= 0)
        close(fd);
    rmdir(fresh);
    return failed(e, fresh, why);
}

static void name_of(char *name, int n)
{
    if (n == 1)
        snprintf(name, PATH_MAX, "ouro.out.ouro");
    else
        snprintf(name, PATH_MAX, "ouro.out.%d.ouro", n);
}

/* Gives the fresh directory its name, if nothing stands there. (Where the file
   system cannot do that in one step: an empty directory would be replaced.) */
static bool give_name(const char *fresh, const char *name)
{
    struct stat st;
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return lstat(name, &st) != 0 && errno == ENOENT && rename(fresh, name) == 0;
}

static int take_default(struct recording *r, struct err *e)
{
    char fresh[PATH_MAX];
    r->lock = make_fresh(fresh, e);
    if (r->lock < 0)
        return -1;
    for (int n = 1; n < MOST_NAMES; n++) {
        name_of(r->name, n);
        if (!give_name(fresh, r->name) &&
            !(move_away(r->name) && give_name(fresh, r->name)))
            continue;
        if (n > 1)
            err_note("ouro.out.ouro is in use or not ours; recording into %s",
                     r->name);
        r->made = true;
        return 0;
    }
    remove_recording(fresh);
    recording_release(r);
    err_set(e, "ouro.out.ouro and %d more names are in use; " REMEDY,
            MOST_NAMES - 2);
    return refuse(e);
}

static int exists(struct err *e, const char *name, const struct contents *c)
{
    if (c && c->ours > 0)
        err_set(e,
                "%s: holds a recording already, which was left alone; remove "
                "it, or " REMEDY,
                name);
    else
        err_set(e, "%s: exists and is no empty directory; " REMEDY, name);
    return refuse(e);
}

static int take_named(struct recording *r, const char *name, struct err *e)
{
    struct contents c;
    struct stat st;
    if (!*name || strlen(name) >= sizeof r->name)
        return failed(e, "the recording", *name ? ENAMETOOLONG : ENOENT);
    snprintf(r->name, sizeof r->name, "%s", name);
    r->made = mkdir(name, 0700) == 0;
    if (!r->made && errno != EEXIST)
        return failed(e, name, errno);
    if (stat(name, &st) != 0 || !S_ISDIR(st.st_mode))
        return exists(e, name, NULL);
    if (st.st_uid != geteuid()) {
        err_set(e, "%s: belongs to someone else; " REMEDY, name);
        return refuse(e);
    }
    r->lock = lock_directory(name);
    if (r->lock < 0) {
        err_set(e, "%s: another run records into it; " REMEDY, name);
        return refuse(e);
    }
    if (!look_into(name, &c) || c.ours > 0 || c.foreign > 0) {
        recording_release(r);
        return exists(e, name, &c);
    }
    return 0;
}

int recording_take(struct recording *r, const char *name, struct err *e)
{
    *r = (struct recording){.lock = -1};
    const int rc = name ? take_named(r, name, e) : take_default(r, e);
    if (rc != 0)
        return rc;
    if (access(r->name, W_OK | X_OK) == 0 && realpath(r->name, r->path))
        return 0;
    failed(e, r->name, errno);
    recording_abandon(r);
    return -1;
}

void recording_release(struct recording *r)
{
    if (r->lock >= 0)
        close(r->lock);
    r->lock = -1;
}

void recording_abandon(struct recording *r)
{
    if (r->made)
        remove_recording(r->name);
    recording_release(r);
}
