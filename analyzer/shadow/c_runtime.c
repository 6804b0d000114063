/* SPDX-License-Identifier: MIT */
#include "shadow/c_runtime.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

/* glibc's, as it is installed since 2.34 and before; musl's is both. */
bool path_is_c_runtime(const char *path)
{
    static const char *const names[] = {
        "libc.so.6",          "libc-2.*.so",         "libpthread.so.0",
        "libpthread-2.*.so",  "libdl.so.2",          "libdl-2.*.so",
        "ld-linux*.so.[0-9]", "ld-2.*.so",           "ld64.so.[0-9]",
        "ld-musl-*.so.[0-9]", "libc.musl-*.so.[0-9]"};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (fnmatch(names[i], name, 0) == 0)
            return true;
    return false;
}
