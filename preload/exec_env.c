/* SPDX-License-Identifier: MIT */
#include "exec_env.h"

#include <string.h>

#define PRELOAD   "LD_PRELOAD="
#define DIRECTORY "OURO_DIR="

static const char *const our_names[] = {OURO_VARIABLES};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static const char *last_part(const char *path, size_t *len)
{
    for (size_t i = *len; i > 0; i--)
        if (path[i - 1] == '/') {
            *len -= i;
            return path + i;
        }
    return path;
}

/* An entry that ends in our file's name is ours, by whatever path. */
static bool is_ours(const struct exec_ours *ours, const char *entry, size_t len)
{
    size_t guest_len = strlen(ours->guest);
    const char *guest = last_part(ours->guest, &guest_len);
    entry = last_part(entry, &len);
    return len == guest_len && memcmp(entry, guest, len) == 0;
}

/* The loader takes the last LD_PRELOAD, and splits it at blanks and colons. */
static const char *preload_of(char *const *envp)
{
    const char *value = NULL;
    for (; envp && *envp; envp++)
        if (begins(*envp, PRELOAD))
            value = *envp + strlen(PRELOAD);
    return value;
}

/* Copies value without our entries, in place too. */
static void copy_theirs(const struct exec_ours *ours, const char *value,
                        char *to)
{
    char *const start = to;
    for (const char *at = value; at && *at;) {
        const size_t len = strcspn(at, " :");
        if (!is_ours(ours, at, len)) {
            if (to != start)
                *to++ = at[-1];
            memmove(to, at, len);
            to += len;
        }
        at += len;
        at += *at ? 1 : 0;
    }
    *to = '\0';
}

static unsigned count_ours(const struct exec_ours *ours, const char *value)
{
    unsigned n = 0;
    for (const char *at = value; at && *at;) {
        const size_t len = strcspn(at, " :");
        n += is_ours(ours, at, len);
        at += len;
        at += *at ? 1 : 0;
    }
    return n;
}

/* A relative path would mean something else after a chdir(). */
static bool is_first(const struct exec_ours *ours, const char *value)
{
    return value && *value == '/' && is_ours(ours, value, strcspn(value, " :"));
}

/* "NAME=" of the two are the same. */
static bool same_name(const char *a, const char *b)
{
    const size_t len = strcspn(a, "=") + 1;
    return strncmp(a, b, len) == 0;
}

static const char *find(char *const *envp, const char *like)
{
    for (; envp && *envp; envp++)
        if (same_name(like, *envp))
            return *envp;
    return NULL;
}

static unsigned count(char *const *envp)
{
    unsigned n = 0;
    while (envp && envp[n])
        n++;
    return n;
}

static bool names_another_recording(const struct exec_ours *ours,
                                    char *const *envp)
{
    const char *theirs = find(envp, DIRECTORY);
    if (!theirs || theirs[strlen(DIRECTORY)] != '/')
        return false;
    for (const char *const *v = ours->variables; *v; v++)
        if (same_name(*v, theirs))
            return strcmp(*v, theirs) != 0;
    return false;
}

/* The directory must be ours as we name it: absolute. Of the others, what the
   host chose stays. */
static bool has(char *const *envp, const char *variable)
{
    const char *theirs = find(envp, variable);
    return theirs &&
           (!begins(variable, DIRECTORY) || strcmp(theirs, variable) == 0);
}

static bool has_all(const struct exec_ours *ours, char *const *envp)
{
    for (const char *const *v = ours->variables; *v; v++)
        if (!has(envp, *v))
            return false;
    return true;
}

bool exec_env_is_ours(const char *variable)
{
    for (size_t i = 0; i < sizeof our_names / sizeof our_names[0]; i++)
        if (begins(variable, our_names[i]))
            return true;
    return false;
}

static bool has_any(char *const *envp)
{
    for (; envp && *envp; envp++)
        if (exec_env_is_ours(*envp))
            return true;
    return false;
}

static bool is_right(const struct exec_ours *ours, char *const *envp,
                     enum exec_want want)
{
    const char *value = preload_of(envp);
    const unsigned n = count_ours(ours, value);
    if (want == EXEC_FOLLOW)
        return names_another_recording(ours, envp) ||
               (n == 1 && is_first(ours, value) && has_all(ours, envp));
    return n == 0 && (want == EXEC_DROP || !has_any(envp));
}

size_t exec_env_size(const struct exec_ours *ours, char *const *envp,
                     enum exec_want want)
{
    if (is_right(ours, envp, want))
        return 0;
    size_t slots = count(envp) + 2; /* LD_PRELOAD and the NULL */
    for (const char *const *v = ours->variables; *v; v++)
        slots++;
    const char *value = preload_of(envp);
    return slots * sizeof(char *) + sizeof PRELOAD + strlen(ours->guest) + 1 +
           (value ? strlen(value) : 0);
}

/* LD_PRELOAD as it should be, at `to`; NULL: nothing is left of it. */
static char *make_preload(char *to, const struct exec_ours *ours,
                          const char *value, enum exec_want want)
{
    char *at = to;
    memcpy(at, PRELOAD, strlen(PRELOAD));
    at += strlen(PRELOAD);
    if (want == EXEC_FOLLOW) {
        const size_t len = strlen(ours->guest);
        memcpy(at, ours->guest, len);
        at += len;
        *at++ = ':';
    }
    copy_theirs(ours, value, at);
    if (*at)
        return to;
    if (want != EXEC_FOLLOW)
        return NULL;
    at[-1] = '\0';
    return to;
}

static bool stays(const struct exec_ours *ours, char *variable,
                  enum exec_want want)
{
    char *const alone[] = {variable, NULL};
    if (want == EXEC_FORGET)
        return !exec_env_is_ours(variable);
    for (const char *const *v = ours->variables; *v && want == EXEC_FOLLOW; v++)
        if (same_name(*v, variable))
            return has(alone, *v);
    return true;
}

char *const *exec_env_make(void *room, const struct exec_ours *ours,
                           char *const *envp, enum exec_want want)
{
    char **to = room;
    const char *value = preload_of(envp);
    size_t slots = count(envp) + 2;
    for (const char *const *v = ours->variables; *v; v++)
        slots++;
    char *preload = make_preload((char *)(to + slots), ours, value, want);
    for (char *const *v = envp; v && *v; v++) {
        if (begins(*v, PRELOAD)) {
            if (preload)
                *to++ = preload;
            preload = NULL;
        } else if (stays(ours, *v, want)) {
            *to++ = *v;
        }
    }
    if (preload)
        *to++ = preload;
    for (const char *const *v = ours->variables; want == EXEC_FOLLOW && *v; v++)
        if (!has(envp, *v))
            *to++ = (char *)*v;
    *to = NULL;
    return room;
}

void exec_env_forget(const struct exec_ours *ours, char **envp)
{
    char **to = envp;
    for (char **v = envp; v && *v; v++) {
        char *value = begins(*v, PRELOAD) ? *v + strlen(PRELOAD) : NULL;
        if (value)
            copy_theirs(ours, value, value);
        if (!exec_env_is_ours(*v) && (!value || *value))
            *to++ = *v;
    }
    if (to)
        *to = NULL;
}
