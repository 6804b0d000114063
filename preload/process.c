/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "chunk.h"
#include "file.h"
#include "program.h"
#include "raw.h"
#include "record.h"

#include <stdbool.h>
#include <string.h>

enum { N_ARGUMENTS = 1024 };

/* Static: the first event may come on a small stack. Written only while a
   process begins, which one thread does. */
static struct {
    char cwd[OURO_MAX_STRING];
    struct record_field fields[4 + N_ARGUMENTS];
} shim_process;

/* Whole arguments only. */
static int list_arguments(struct record_field *to)
{
    int n = 0;
    const char *at = program()->arguments;
    const char *end = at + program()->arguments_len;
    while (n < N_ARGUMENTS) {
        const char *zero = memchr(at, '\0', (size_t)(end - at));
        if (!zero)
            break;
        size_t n_bytes = (size_t)(zero - at);
        if (n_bytes > OURO_MAX_STRING)
            n_bytes = OURO_MAX_STRING;
        to[n++] = (struct record_field){RECORD_TEXT, n_bytes, at};
        at = zero + 1;
    }
    return n;
}

static struct record_field text(const char *s, size_t len)
{
    return (struct record_field){RECORD_TEXT, len, s};
}

static struct record_field number(uint64_t n)
{
    return (struct record_field){RECORD_UNSIGNED, n, NULL};
}

static void say(int kind, const struct record_field *fields, int n)
{
    struct scope s;
    const struct stack_here here = {.sp =
                                        (uintptr_t)__builtin_frame_address(0)};
    if (!scope_enter(&s, &here, NULL))
        return;
    record_fields(s.thread, kind, fields, n, NULL);
    if (s.thread->chunk)
        chunk_flush(s.thread);
    scope_leave(&s);
}

void process_tell(void)
{
    struct record_field *fields = shim_process.fields;
    const struct program *p = program();
    const long cwd =
        RAW_CALL2(SYS_getcwd, shim_process.cwd, sizeof shim_process.cwd);
    const int n = list_arguments(fields + 4);
    fields[0] = text(p->path, strlen(p->path));
    fields[1] = text(shim_process.cwd, cwd > 0 ? (size_t)cwd - 1 : 0);
    fields[2] = number(p->n_arguments);
    fields[3] = number((uint64_t)n);
    say(OURO_PROCESS, fields, 4 + n);
}

void process_gap(int what, const char *name)
{
    const struct record_field fields[] = {
        {RECORD_BYTE, (uint64_t)what, NULL},
        text(name, strnlen(name, OURO_MAX_STRING)),
    };
    say(OURO_GAP, fields, 2);
}

void process_asked(const char *name)
{
    const struct record_field field = text(name, strlen(name));
    file_moment_begins();
    say(OURO_REC_SNAPSHOT, &field, 1);
    file_moment_told();
}

void process_suppressions(const char *piece, size_t len)
{
    const struct record_field field = text(piece, len);
    say(OURO_SUPPRESSIONS, &field, 1);
}

void process_exiting(void)
{
    const struct record_field unknown = {RECORD_SIGNED, (uint64_t)-1, NULL};
    say(OURO_EXITING, &unknown, 1);
}

void process_forks(void)
{
    if (file_is_folded())
        say(OURO_FORKED, NULL, 0);
}

void process_end(int how, int status)
{
    const struct record_field fields[] = {
        {RECORD_BYTE, (uint64_t)how, NULL},
        {RECORD_SIGNED, (uint64_t)(int64_t)status, NULL},
    };
    say(OURO_END, fields, 2);
}
