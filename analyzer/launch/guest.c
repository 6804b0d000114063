/* SPDX-License-Identifier: MIT */
#include "launch/guest.h"

#include "arena.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GUEST_NAME "libouro.so"

static const char *const places[] = {
    "", /* beside us */
    "/../lib/ouro",
    "/../lib",
};

static int no_link(const char *file, struct err *e)
{
    err_set(e,
            "%.200s: the loader splits that path, and no link to it can be "
            "made in /tmp: %s; install Ouro under a path without blanks, "
            "colons and dollars",
            file, strerror(errno));
    e->code = RC_USAGE;
    return -1;
}

static int make_link(struct guest *g, const char *file, struct err *e)
{
    snprintf(g->link_dir, sizeof g->link_dir, "/tmp/ouro.XXXXXX");
    if (!mkdtemp(g->link_dir)) {
        g->link_dir[0] = '\0';
        return no_link(file, e);
    }
    snprintf(g->path, sizeof g->path, "%s/" GUEST_NAME, g->link_dir);
    if (symlink(file, g->path) == 0)
        return 0;
    no_link(file, e);
    guest_release(g);
    return -1;
}

int guest_use(struct guest *g, const char *file, struct err *e)
{
    *g = (struct guest){.path = ""};
    if (strpbrk(file, " :$"))
        return make_link(g, file, e);
    snprintf(g->path, sizeof g->path, "%s", file);
    return 0;
}

int guest_find(struct guest *g, struct err *e)
{
    char self[PATH_MAX], at[2 * PATH_MAX], file[PATH_MAX];
    *g = (struct guest){.path = ""};
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    for (size_t i = 0; slash && i < sizeof places / sizeof places[0]; i++) {
        snprintf(at, sizeof at, "%s%s/" GUEST_NAME, self, places[i]);
        if (realpath(at, file) && access(file, R_OK) == 0)
            return guest_use(g, file, e);
    }
    err_set(e,
            "%s/" GUEST_NAME ": not found, nor in ../lib/ouro or ../lib; "
            "build or install Ouro again",
            self);
    e->code = RC_USAGE;
    return -1;
}

void guest_release(struct guest *g)
{
    if (!g->link_dir[0])
        return;
    unlink(g->path);
    rmdir(g->link_dir);
    g->link_dir[0] = '\0';
}

void guest_preload(const struct guest *g)
{
    const char *theirs = getenv("LD_PRELOAD");
    setenv("OURO_GUEST", g->path, 1);
    if (!theirs || !*theirs) {
        setenv("LD_PRELOAD", g->path, 1);
        return;
    }
    const size_t len = strlen(g->path);
    if (strncmp(theirs, g->path, len) == 0 && strchr(" :", theirs[len]))
        return; /* a run inside a run */
    const size_t room = len + strlen(theirs) + 2;
    char *both = must_calloc(room, 1);
    snprintf(both, room, "%s:%s", g->path, theirs);
    setenv("LD_PRELOAD", both, 1);
    free(both);
}
