/* SPDX-License-Identifier: MIT */
#include "commands/inside.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The directory that the file is in, or would be; false: there is none. */
static bool directory_of(const char *path, char real[PATH_MAX])
{
    char copy[PATH_MAX];
    if (realpath(path, real)) {
        dirname(real);
        return true;
    }
    return snprintf(copy, sizeof copy, "%s", path) < PATH_MAX &&
           realpath(dirname(copy), real);
}

/* To the directory above; false: there is none. */
static bool go_up(char *real)
{
    if (strcmp(real, "/") == 0)
        return false;
    dirname(real);
    return true;
}

bool inside(const char *directory, const char *path)
{
    struct stat wanted, st;
    char real[PATH_MAX];
    if (stat(directory, &wanted) != 0 || !directory_of(path, real))
        return false;
    do {
        if (stat(real, &st) == 0 && st.st_dev == wanted.st_dev &&
            st.st_ino == wanted.st_ino)
            return true;
    } while (go_up(real));
    return false;
}
