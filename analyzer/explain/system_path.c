/* SPDX-License-Identifier: MIT */
#include "explain/system_path.h"

#include <stddef.h>
#include <string.h>

bool path_is_system(const char *path)
{
    static const char *const places[] = {"/bin/", "/sbin/", "/lib"};
    if (strncmp(path, "/usr/", 5) == 0)
        path += 4;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}
