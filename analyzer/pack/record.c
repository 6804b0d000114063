/* SPDX-License-Identifier: MIT */
#include "pack/record.h"

#include <stddef.h>

const char *record_fields(unsigned kind)
{
    static const char *const fields[] = {
        [OURO_CUT] = "n",
        [OURO_THREAD] = "nn",
        [OURO_EPOCH] = "n",
        [OURO_FREE] = "a",
        [OURO_REALLOC_BEGIN] = "a",
        [OURO_REALLOC_END] = "an",
        [OURO_REALLOC_END_ARRAY] = "an",
        [OURO_REALLOC_FAILED] = "",
        [OURO_REALLOC_FREED] = "",
        [OURO_REC_NEW] = "at",
        [OURO_REC_NEW_AT] = "atbnn",
        [OURO_REC_TYPE] = "at",
        [OURO_REC_DEAD] = "a",
        [OURO_REC_INCREF] = "a",
        [OURO_REC_DECREF] = "a",
        [OURO_REC_ADD] = "an",
        [OURO_REC_ACQUIRE] = "ac",
        [OURO_REC_RELEASE] = "ac",
        [OURO_REC_COUNT] = "an",
        [OURO_REC_LINK] = "ata",
        [OURO_REC_LINK_AT] = "atnaa",
        [OURO_REC_UNLINK] = "ata",
        [OURO_REC_UNLINK_ALL] = "a",
        [OURO_REC_WEAK] = "ata",
        [OURO_REC_OWN] = "aa",
        [OURO_REC_ROOT] = "ta",
        [OURO_REC_UNROOT] = "ta",
        [OURO_REC_MOVE] = "aa",
    };
    kind &= ~(unsigned)OURO_HAS_STACK;
    if (kind >= OURO_ALLOC && kind < OURO_ALLOC + OURO_N_ENTRIES)
        return "an";
    return kind < sizeof fields / sizeof fields[0] ? fields[kind] : NULL;
}
