/* SPDX-License-Identifier: MIT */
/*
 * exec_env.h - the environment that a started program gets
 *
 * EXEC_FOLLOW makes sure that our entry is the first of LD_PRELOAD and that the
 * OURO_ variables of this recording are there, whatever environment the host
 * chose, an empty one too; entries of others stay, in their order; relative
 * paths of ours become absolute. An
 * environment that names another recording (OURO_DIR) is left alone: a tool is
 * being run under the tool. EXEC_DROP takes our entry out of LD_PRELOAD and
 * leaves the others exactly as they are; EXEC_FORGET takes the OURO_ variables
 * too.
 *
 * The caller provides the memory, as much as exec_env_size says. Strings that
 * stay are pointed at, not copied. Nothing here changes or remembers anything:
 * safe in a vfork child.
 */
#ifndef PRELOAD_EXEC_ENV_H
#define PRELOAD_EXEC_ENV_H

#include <stdbool.h>
#include <stddef.h>

/* Every variable of ours. */
#define OURO_VARIABLES                                                         \
    "OURO_DIR=", "OURO_STACKS=", "OURO_CLOCK=", "OURO_IO=", "OURO_CHILDREN=",  \
        "OURO_ONLY=", "OURO_MAX_SIZE=", "OURO_SNAPSHOT=", "OURO_SIGNAL=",      \
        "OURO_FOLDS=", "OURO_GUEST="

enum exec_want { EXEC_FOLLOW, EXEC_DROP, EXEC_FORGET };

/* What goes along: filled once, at the start. */
struct exec_ours {
    const char *guest;            /* our LD_PRELOAD entry */
    const char *const *variables; /* "OURO_DIR=..." ..., NULL at the end */
};

bool exec_env_is_ours(const char *variable);

/* Bytes of room that exec_env_make needs; 0: envp is right as it is. */
size_t exec_env_size(const struct exec_ours *ours, char *const *envp,
                     enum exec_want want);

/* `room` is aligned for pointers. */
char *const *exec_env_make(void *room, const struct exec_ours *ours,
                           char *const *envp, enum exec_want want);

/* Takes all that is ours out of the host's own environment, where it stands:
   what libc starts without asking (system, popen) does not get it either. */
void exec_env_forget(const struct exec_ours *ours, char **envp);

#endif
