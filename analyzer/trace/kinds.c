/* SPDX-License-Identifier: MIT */
#include "trace/kinds.h"

#include "ouro_trace.h"

/* A row: its name, its shape, its fields' names. A realloc counts once, by its
   BEGIN. */
#define INNER(text, form, words)                                               \
    {                                                                          \
        .name = (text), .fields = (words), .shape = (form)                     \
    }
#define TOLD(text, form, words)                                                \
    {                                                                          \
        .name = (text), .fields = (words), .shape = (form), .told = true       \
    }
#define COUNTED(text, form, words)                                             \
    {                                                                          \
        .name = (text), .fields = (words), .shape = (form), .told = true,      \
        .counted = true                                                        \
    }
#define ALLOC(entry, text)                                                     \
    [OURO_ALLOC + (entry)] = COUNTED(text, SHAPE_A_SIZE, "block size")

const struct kind kinds[N_KINDS] = {
    [OURO_STACK] = INNER("STACK", SHAPE_STACK, ""),
    [OURO_CUT] = INNER("CUT", SHAPE_CUT, ""),
    [OURO_THREAD] = INNER("THREAD", SHAPE_THREAD, ""),
    [OURO_EPOCH] = INNER("EPOCH", SHAPE_EPOCH, ""),

    [OURO_FREE] = COUNTED("FREE", SHAPE_A, "block"),
    [OURO_REALLOC_BEGIN] = COUNTED("REALLOC_BEGIN", SHAPE_A, "block"),
    [OURO_REALLOC_END] = TOLD("REALLOC_END", SHAPE_A_SIZE, "block size"),
    [OURO_REALLOC_END_ARRAY] =
        TOLD("REALLOC_END_ARRAY", SHAPE_A_SIZE, "block size"),
    [OURO_REALLOC_FAILED] = TOLD("REALLOC_FAILED", SHAPE_NONE, ""),
    [OURO_REALLOC_FREED] = TOLD("REALLOC_FREED", SHAPE_NONE, ""),

    [OURO_REC_NEW] = COUNTED("NEW", SHAPE_A_TEXT, "object type"),
    [OURO_REC_NEW_AT] =
        COUNTED("NEW_AT", SHAPE_NEW_AT, "object type flags count bytes"),
    [OURO_REC_TYPE] = COUNTED("TYPE", SHAPE_A_TEXT, "object type"),
    [OURO_REC_DEAD] = COUNTED("DEAD", SHAPE_A, "object"),
    [OURO_REC_INCREF] = COUNTED("INCREF", SHAPE_A, "object"),
    [OURO_REC_DECREF] = COUNTED("DECREF", SHAPE_A, "object"),
    [OURO_REC_ADD] = COUNTED("ADD", SHAPE_A_N, "object n"),
    [OURO_REC_ACQUIRE] = COUNTED("ACQUIRE", SHAPE_A_COOKIE, "object cookie"),
    [OURO_REC_RELEASE] = COUNTED("RELEASE", SHAPE_A_COOKIE, "object cookie"),
    [OURO_REC_COUNT] = COUNTED("COUNT", SHAPE_A_N, "object n"),
    [OURO_REC_LINK] = COUNTED("LINK", SHAPE_A_TEXT_B, "owner field target"),
    [OURO_REC_LINK_AT] =
        COUNTED("LINK_AT", SHAPE_LINK_AT, "owner field index slot target"),
    [OURO_REC_UNLINK] = COUNTED("UNLINK", SHAPE_A_TEXT_B, "owner field target"),
    [OURO_REC_UNLINK_ALL] = COUNTED("UNLINK_ALL", SHAPE_A, "owner"),
    [OURO_REC_WEAK] = COUNTED("WEAK", SHAPE_A_TEXT_B, "owner field target"),
    [OURO_REC_OWN] = COUNTED("OWN", SHAPE_A_B, "object block"),
    [OURO_REC_ROOT] = COUNTED("ROOT", SHAPE_TEXT_B, "name target"),
    [OURO_REC_UNROOT] = COUNTED("UNROOT", SHAPE_TEXT_B, "name target"),
    [OURO_REC_MOVE] = COUNTED("MOVE", SHAPE_A_B, "from to"),

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

    [OURO_PROCESS] = INNER("PROCESS", SHAPE_PROCESS, ""),
    [OURO_MODULE] = INNER("MODULE", SHAPE_MODULE, ""),
    [OURO_UNMODULE] = INNER("UNMODULE", SHAPE_UNMODULE, ""),
    [OURO_EXITING] = TOLD("EXITING", SHAPE_LONG_N, "status"),
    [OURO_END] = TOLD("END", SHAPE_END, "how status"),
    [OURO_THREAD_NAME] = TOLD("THREAD_NAME", SHAPE_LONG_TEXT, "name"),
    [OURO_LOST] = TOLD("LOST", SHAPE_LONG_U, "events"),
    [OURO_GAP] = TOLD("GAP", SHAPE_GAP, "what where"),
    [OURO_REC_LABEL] = COUNTED("LABEL", SHAPE_LONG_A_TEXT, "object label"),
    [OURO_REC_TRACK] = COUNTED("TRACK", SHAPE_LONG_A, "object"),
    [OURO_REC_UNTRACK] = COUNTED("UNTRACK", SHAPE_LONG_A, "object"),
    [OURO_REC_IMMORTAL] = COUNTED("IMMORTAL", SHAPE_LONG_A, "object"),
    [OURO_REC_FINALIZER] = COUNTED("FINALIZER", SHAPE_LONG_A, "object"),
    [OURO_REC_IGNORE] = COUNTED("IGNORE", SHAPE_LONG_A, "block"),
    [OURO_REC_CHECKPOINT] = COUNTED("CHECKPOINT", SHAPE_LONG_TEXT, "name"),
    [OURO_REC_SNAPSHOT] = COUNTED("SNAPSHOT", SHAPE_LONG_TEXT, "name"),
    [OURO_REC_COLLECT] = COUNTED("COLLECT", SHAPE_LONG_U, "generation"),
    [OURO_REC_THRESHOLD] =
        COUNTED("THRESHOLD", SHAPE_THRESHOLD, "young middle old"),
    [OURO_REC_GC_ENABLE] = COUNTED("GC_ENABLE", SHAPE_LONG_NONE, ""),
    [OURO_REC_GC_DISABLE] = COUNTED("GC_DISABLE", SHAPE_LONG_NONE, ""),
    [OURO_REC_GC_FREEZE] = COUNTED("GC_FREEZE", SHAPE_LONG_NONE, ""),
    [OURO_REC_GC_UNFREEZE] = COUNTED("GC_UNFREEZE", SHAPE_LONG_NONE, ""),
    [OURO_REC_POOL_CREATE] =
        COUNTED("POOL_CREATE", SHAPE_LONG_A_B_SIZE, "pool memory size"),
    [OURO_REC_POOL_ALLOC] =
        COUNTED("POOL_ALLOC", SHAPE_LONG_A_B_SIZE, "pool block size"),
    [OURO_REC_POOL_FREE] = COUNTED("POOL_FREE", SHAPE_LONG_A_B, "pool block"),
    [OURO_REC_POOL_RESET] = COUNTED("POOL_RESET", SHAPE_LONG_A, "pool"),
    [OURO_REC_POOL_DESTROY] = COUNTED("POOL_DESTROY", SHAPE_LONG_A, "pool"),
    [OURO_SUPPRESSIONS] = TOLD("SUPPRESSIONS", SHAPE_LONG_TEXT, "text"),
    [OURO_AS] = INNER("AS", SHAPE_AS, ""),
    [OURO_FOLDED] =
        TOLD("FOLDED", SHAPE_FOLDED, "events allocations frees bytes peak"),
    [OURO_FOLDED_SITE] =
        TOLD("FOLDED_SITE", SHAPE_FOLDED_SITE, "allocations bytes"),
    [OURO_FOLDED_PAGES] = TOLD("FOLDED_PAGES", SHAPE_LONG_A_B, "first mask"),
    [OURO_FORKED] = TOLD("FORKED", SHAPE_LONG_NONE, ""),
};

const char *const shape_fields[N_SHAPES] = {
    [SHAPE_NONE] = "",
    [SHAPE_A] = "a",
    [SHAPE_A_SIZE] = "as",
    [SHAPE_A_COOKIE] = "ak",
    [SHAPE_A_N] = "an",
    [SHAPE_A_TEXT] = "at",
    [SHAPE_A_B] = "ab",
    [SHAPE_A_TEXT_B] = "atb",
    [SHAPE_TEXT_B] = "tb",
    [SHAPE_NEW_AT] = "atfns",
    [SHAPE_LINK_AT] = "atncb",
    [SHAPE_LONG_NONE] = "",
    [SHAPE_LONG_N] = "n",
    [SHAPE_LONG_U] = "u",
    [SHAPE_LONG_TEXT] = "t",
    [SHAPE_LONG_A] = "a",
    [SHAPE_LONG_A_TEXT] = "at",
    [SHAPE_LONG_A_B] = "ab",
    [SHAPE_LONG_A_B_SIZE] = "abs",
    [SHAPE_END] = "fn",
    [SHAPE_GAP] = "ft",
    [SHAPE_THRESHOLD] = "012",
    [SHAPE_FOLDED] = "012su",
    [SHAPE_FOLDED_SITE] = "1s",
};
