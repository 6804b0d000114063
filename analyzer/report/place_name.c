/* SPDX-License-Identifier: MIT */
#include "report/place_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

void place_in_module(char to[PLACE_NAME], const struct place *p)
{
    if (*p->module)
        snprintf(to, PLACE_NAME, "%.200s+0x%" PRIx64, path_base(p->module),
                 p->offset);
    else if (p->offset)
        snprintf(to, PLACE_NAME, "0x%" PRIx64, p->offset);
    else
        *to = 0;
}

const char *place_name(const struct place *p, char room[PLACE_NAME])
{
    if (*p->function)
        return p->function;
    place_in_module(room, p);
    return *room ? room : "?";
}
