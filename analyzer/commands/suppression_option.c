/* SPDX-License-Identifier: MIT */
#include "commands/suppression_option.h"

#include <inttypes.h>

int suppression_option_take(struct suppressions *s, const char *path)
{
    struct err e;
    const uint32_t before = s->n_other;
    if (suppressions_read(s, path, &e) != 0)
        return err_say(&e);
    if (s->n_other > before)
        err_note("%s: %" PRIu32 " of its blocks, of other kinds than "
                 "Memcheck:Leak, say nothing to us",
                 path, s->n_other - before);
    return RC_CLEAN;
}
