/* SPDX-License-Identifier: MIT */
#include "report/source_path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static size_t drop_last(const char *path, size_t len)
{
    while (len > 0 && path[--len] != '/')
        continue;
    return len;
}

/* Without "", "." and ".."; begins with a slash where it begins with one. */
static void tidy(const char *path, char to[SOURCE_PATH])
{
    size_t n = 0;
    const bool absolute = *path == '/';
    while (*path) {
        const size_t len = strcspn(path, "/");
        if (len == 2 && memcmp(path, "..", 2) == 0) {
            n = drop_last(to, n);
        } else if (len > 0 && !(len == 1 && *path == '.') &&
                   n + len + 2 < SOURCE_PATH) {
            if (n > 0 || absolute)
                to[n++] = '/';
            memcpy(to + n, path, len);
            n += len;
        }
        path += len + strspn(path + len, "/");
    }
    to[n] = 0;
}

void source_root_find(struct source_root *r, const char *dir)
{
    char *full = realpath(dir ? dir : ".", NULL);
    tidy(full ? full : dir ? dir : "/", r->path);
    free(full);
}

bool source_path(const struct source_root *r, const char *file,
                 char to[SOURCE_PATH])
{
    const size_t len = strlen(r->path);
    tidy(file, to);
    if (!*to)
        memcpy(to, "unknown", sizeof "unknown");
    if (*file != '/')
        return true;
    if (strncmp(to, r->path, len) != 0 || to[len] != '/')
        return false;
    memmove(to, to + len + 1, strlen(to + len + 1) + 1);
    return true;
}

void source_uri(const struct source_root *r, const char *file,
                char to[3 * SOURCE_PATH + 8])
{
    char path[SOURCE_PATH];
    const bool relative = source_path(r, file, path);
    char *at = to + sprintf(to, "%s", relative ? "" : "file://");
    for (const char *from = path; *from; from++) {
        if (isalnum((unsigned char)*from) || strchr("/-._~+", *from))
            *at++ = *from;
        else
            at += sprintf(at, "%%%02X", (unsigned)(unsigned char)*from);
    }
    *at = 0;
}
