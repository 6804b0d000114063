/* SPDX-License-Identifier: MIT */
#include "trace/kinds.h"

#include "ouro_trace.h"

/* A row: its name and its shape. A realloc counts once, by its BEGIN. */
#define COUNTED(text, form)                                                    \
    {                                                                          \
        .name = (text), .shape = (form), .told = true, .counted = true         \
    }
#define TOLD(text, form)                                                       \
    {                                                                          \
        .name = (text), .shape = (form), .told = true                          \
    }
#define INNER(text, form)                                                      \
    {                                                                          \
        .name = (text), .shape = (form)                                        \
    }
#define ALLOC(entry, text) [OURO_ALLOC + (entry)] = COUNTED(text, SHAPE_A_SIZE)

const struct kind kinds[N_KINDS] = {
    [OURO_STACK] = INNER("STACK", SHAPE_STACK),
    [OURO_CUT] = INNER("CUT", SHAPE_CUT),
    [OURO_THREAD] = INNER("THREAD", SHAPE_THREAD),
    [OURO_EPOCH] = INNER("EPOCH", SHAPE_EPOCH),

    [OURO_FREE] = COUNTED("FREE", SHAPE_A),
    [OURO_REALLOC_BEGIN] = COUNTED("REALLOC_BEGIN", SHAPE_A),
    [OURO_REALLOC_END] = TOLD("REALLOC_END", SHAPE_A_SIZE),
    [OURO_REALLOC_END_ARRAY] = TOLD("REALLOC_END_ARRAY", SHAPE_A_SIZE),
    [OURO_REALLOC_FAILED] = TOLD("REALLOC_FAILED", SHAPE_NONE),
    [OURO_REALLOC_FREED] = TOLD("REALLOC_FREED", SHAPE_NONE),

    [OURO_REC_NEW] = COUNTED("NEW", SHAPE_A_TEXT),
    [OURO_REC_NEW_AT] = COUNTED("NEW_AT", SHAPE_NEW_AT),
    [OURO_REC_TYPE] = COUNTED("TYPE", SHAPE_A_TEXT),
    [OURO_REC_DEAD] = COUNTED("DEAD", SHAPE_A),
    [OURO_REC_INCREF] = COUNTED("INCREF", SHAPE_A),
    [OURO_REC_DECREF] = COUNTED("DECREF", SHAPE_A),
    [OURO_REC_ADD] = COUNTED("ADD", SHAPE_A_N),
    [OURO_REC_ACQUIRE] = COUNTED("ACQUIRE", SHAPE_A_SIZE),
    [OURO_REC_RELEASE] = COUNTED("RELEASE", SHAPE_A_SIZE),
    [OURO_REC_COUNT] = COUNTED("COUNT", SHAPE_A_N),
    [OURO_REC_LINK] = COUNTED("LINK", SHAPE_A_TEXT_B),
    [OURO_REC_LINK_AT] = COUNTED("LINK_AT", SHAPE_LINK_AT),
    [OURO_REC_UNLINK] = COUNTED("UNLINK", SHAPE_A_TEXT_B),
    [OURO_REC_UNLINK_ALL] = COUNTED("UNLINK_ALL", SHAPE_A),
    [OURO_REC_WEAK] = COUNTED("WEAK", SHAPE_A_TEXT_B),
    [OURO_REC_OWN] = COUNTED("OWN", SHAPE_A_B),
    [OURO_REC_ROOT] = COUNTED("ROOT", SHAPE_TEXT_B),
    [OURO_REC_UNROOT] = COUNTED("UNROOT", SHAPE_TEXT_B),
    [OURO_REC_MOVE] = COUNTED("MOVE", SHAPE_A_B),

    ALLOC(OURO_ENTRY_MALLOC, "malloc"),
    ALLOC(OURO_ENTRY_CALLOC, "calloc"),
    ALLOC(OURO_ENTRY_REALLOC, "realloc"),
    ALLOC(OURO_ENTRY_REALLOCARRAY, "reallocarray"),
    ALLOC(OURO_ENTRY_POSIX_MEMALIGN, "posix_memalign"),
    ALLOC(OURO_ENTRY_ALIGNED_ALLOC, "aligned_alloc"),
    ALLOC(OURO_ENTRY_MEMALIGN, "memalign"),
    ALLOC(OURO_ENTRY_VALLOC, "valloc"),
    ALLOC(OURO_ENTRY_PVALLOC, "pvalloc"),
    ALLOC(OURO_ENTRY_NEW, "operator-new"),
    ALLOC(OURO_ENTRY_NEW_ARRAY, "operator-new[]"),
    ALLOC(OURO_ENTRY_NEW_NOTHROW, "operator-new(nothrow)"),
    ALLOC(OURO_ENTRY_NEW_ARRAY_NOTHROW, "operator-new[](nothrow)"),
    ALLOC(OURO_ENTRY_NEW_ALIGNED, "operator-new(align)"),
    ALLOC(OURO_ENTRY_NEW_ARRAY_ALIGNED, "operator-new[](align)"),
    ALLOC(OURO_ENTRY_NEW_ALIGNED_NOTHROW, "operator-new(align,nothrow)"),
    ALLOC(OURO_ENTRY_NEW_ARRAY_ALIGNED_NOTHROW,
          "operator-new[](align,nothrow)"),

    [OURO_PROCESS] = INNER("PROCESS", SHAPE_PROCESS),
    [OURO_MODULE] = INNER("MODULE", SHAPE_MODULE),
    [OURO_UNMODULE] = INNER("UNMODULE", SHAPE_UNMODULE),
    [OURO_EXITING] = TOLD("EXITING", SHAPE_LONG_N),
    [OURO_END] = TOLD("END", SHAPE_END),
    [OURO_THREAD_NAME] = TOLD("THREAD_NAME", SHAPE_LONG_TEXT),
    [OURO_LOST] = TOLD("LOST", SHAPE_LONG_U),
    [OURO_GAP] = TOLD("GAP", SHAPE_GAP),
    [OURO_REC_LABEL] = COUNTED("LABEL", SHAPE_LONG_A_TEXT),
    [OURO_REC_TRACK] = COUNTED("TRACK", SHAPE_LONG_A),
    [OURO_REC_UNTRACK] = COUNTED("UNTRACK", SHAPE_LONG_A),
    [OURO_REC_IMMORTAL] = COUNTED("IMMORTAL", SHAPE_LONG_A),
    [OURO_REC_FINALIZER] = COUNTED("FINALIZER", SHAPE_LONG_A),
    [OURO_REC_IGNORE] = COUNTED("IGNORE", SHAPE_LONG_A),
    [OURO_REC_CHECKPOINT] = COUNTED("CHECKPOINT", SHAPE_LONG_TEXT),
    [OURO_REC_SNAPSHOT] = COUNTED("SNAPSHOT", SHAPE_LONG_TEXT),
    [OURO_REC_COLLECT] = COUNTED("COLLECT", SHAPE_LONG_U),
    [OURO_REC_THRESHOLD] = COUNTED("THRESHOLD", SHAPE_THRESHOLD),
    [OURO_REC_GC_ENABLE] = COUNTED("GC_ENABLE", SHAPE_LONG_NONE),
    [OURO_REC_GC_DISABLE] = COUNTED("GC_DISABLE", SHAPE_LONG_NONE),
    [OURO_REC_GC_FREEZE] = COUNTED("GC_FREEZE", SHAPE_LONG_NONE),
    [OURO_REC_GC_UNFREEZE] = COUNTED("GC_UNFREEZE", SHAPE_LONG_NONE),
    [OURO_REC_POOL_CREATE] = COUNTED("POOL_CREATE", SHAPE_LONG_A_B_SIZE),
    [OURO_REC_POOL_ALLOC] = COUNTED("POOL_ALLOC", SHAPE_LONG_A_B_SIZE),
    [OURO_REC_POOL_FREE] = COUNTED("POOL_FREE", SHAPE_LONG_A_B),
    [OURO_REC_POOL_RESET] = COUNTED("POOL_RESET", SHAPE_LONG_A),
    [OURO_REC_POOL_DESTROY] = COUNTED("POOL_DESTROY", SHAPE_LONG_A),
};
