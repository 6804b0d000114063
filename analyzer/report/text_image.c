/* SPDX-License-Identifier: MIT */
#include "report/text_image.h"

#include <inttypes.h>
#include <string.h>

struct text text_image_command(const struct image *i, int max)
{
    uint32_t n;
    struct text_line l = {0};
    const char *const *command = image_command(i, &n);
    for (uint32_t k = 0; k < n; k++)
        text_add(&l, "%s%s", k > 0 ? " " : "", command[k]);
    if (l.len > 0)
        return text_head(l.text, max);
    if (i->trace.exe && *i->trace.exe)
        return text_head(i->trace.exe, max);
    const char *slash = strrchr(i->path, '/');
    return text_head(slash ? slash + 1 : i->path, max);
}

void text_image(const struct text_out *o, const struct image *i)
{
    enum { INDENT = 4 };
    char ended[64], about[128];
    const char *words = i->damaged ? "damaged" : image_ended_words(i, ended);
    const int n = i->pid ? snprintf(about, sizeof about,
                                    "(process %" PRIu32 ", %s)", i->pid, words)
                         : snprintf(about, sizeof about, "(%s)", words);
    const struct text command = text_image_command(i, TEXT_WIDTH);
    text_put(o, TEXT_BOLD, command.bytes);
    if (command.columns + 2 + n > TEXT_WIDTH)
        fprintf(o->to, "\n%*s%s\n", INDENT, "", about);
    else
        fprintf(o->to, "  %s\n", about);
}
