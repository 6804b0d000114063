/* SPDX-License-Identifier: MIT */
#include "explain/kept.h"

#include "explain/system_path.h"

#include <stddef.h>
#include <string.h>

/*
 * A rule holds for a leak if one of its innermost DEPTH places, with nothing
 * but the system's own inside of it, is in a module whose file name begins with
 * `module`, in a function whose name, without glibc's private prefixes, is
 * `function` (begins with it, where that ends in '*'; any function where it is
 * "" - then it must be the first place). `bytes` is the size of the block, 0
 * for any.
 */
struct rule {
    const char *module, *function;
    uint64_t bytes;
    const char *why;
    bool lost; /* also where memory shows that nothing leads there: what libc
                  keeps, it finds again, but not all of that is seen */
};

enum { DEPTH = 8 };

static const struct rule rules[] = {
    {"libc.so", "_IO_file_doallocate", 0, "a stream's buffer", true},
    {"libc.so", "_IO_wfile_doallocate", 0, "a stream's buffer", true},
    {"libstdc++.so", "", 72704, "libstdc++'s reserve for exceptions", true},
    {"libstdc++.so", "", 73728, "libstdc++'s reserve for exceptions", true},
    {"ld-linux", "", 0, "the loader's own", true},
    {"libc.so", "_dl_*", 0, "the loader's own", true},
    {"libc.so", "dl_*", 0, "the loader's own", true},
    {"libc.so", "dlerror_*", 0, "the loader's own", true},
    {"libc.so", "allocate_stack", 0, "a thread's", true},
    {"libc.so", "setlocale", 0, "a locale", false},
    {"libc.so", "_nl_*", 0, "a locale", false},
    {"libc.so", "wcsmbs_*", 0, "a locale", false},
    {"libc.so", "gconv_*", 0, "a conversion", false},
    {"libc.so", "nss_*", 0, "the name service", false},
    {"libc.so", "getpwnam", 0, "the name service", false},
    {"libc.so", "getpwuid", 0, "the name service", false},
    {"libc.so", "getgrnam", 0, "the name service", false},
    {"libc.so", "getgrgid", 0, "the name service", false},
    {"libc.so", "gethostbyname", 0, "the name service", false},
    {"libc.so", "tzset*", 0, "the time zone", false},
    {"libc.so", "tzfile_*", 0, "the time zone", false},
    {"libc.so", "new_exitfn", 0, "exit handlers", false},
    {"libc.so", "cxa_atexit", 0, "exit handlers", false},
    {"libc.so", "add_to_environ", 0, "the environment", false},
    {"libc.so", "putenv", 0, "the environment", false},
    {"libc.so", "setenv", 0, "the environment", false},
    {"libc.so", "bindtextdomain", 0, "message catalogues", false},
    {"libc.so", "textdomain", 0, "message catalogues", false},
    {"libc.so", "dcigettext", 0, "message catalogues", false},
    {"libc.so", "dcgettext", 0, "message catalogues", false},
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* glibc's names with and without its own debug information. */
static const char *plain_name(const char *function)
{
    if (strncmp(function, "__GI_", 5) == 0)
        function += 5;
    if (strncmp(function, "__", 2) == 0)
        function += 2;
    return function;
}

static bool is_named(const char *function, const char *pattern)
{
    const size_t len = strlen(pattern);
    if (len > 0 && pattern[len - 1] == '*')
        return strncmp(function, pattern, len - 1) == 0;
    return strcmp(function, pattern) == 0;
}

static bool holds(const struct rule *r, const struct finding *f, uint32_t where)
{
    const struct place *p = &f->stack.at[where];
    if (strncmp(base_name(p->module), r->module, strlen(r->module)) != 0)
        return false;
    if (r->bytes > 0 && f->bytes != r->bytes * f->blocks)
        return false;
    if (r->function[0] == '\0')
        return where == 0;
    return is_named(plain_name(p->function), r->function);
}

/* The libraries of the rules may stand anywhere. */
static bool is_of_system(const struct place *p)
{
    const char *name = base_name(p->module);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strncmp(name, rules[i].module, strlen(rules[i].module)) == 0)
            return true;
    return path_is_system(p->module);
}

/* What the system calls back (a constructor at dlopen) keeps things on its own
   account. */
const char *kept_reason(const struct finding *f)
{
    if (f->kind != FINDING_LEAK)
        return NULL;
    for (uint32_t where = 0; where < f->stack.n && where < DEPTH; where++) {
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
            if ((rules[i].lost || f->reach != REACH_DEFINITE) &&
                holds(&rules[i], f, where))
                return rules[i].why;
        if (!is_of_system(&f->stack.at[where]))
            return NULL;
    }
    return NULL;
}

/* With what it holds, and what is the same elsewhere. */
static void add(struct kept *k, const struct finding *f)
{
    const bool holds_more = f->retained_blocks > f->blocks;
    k->blocks += holds_more ? f->retained_blocks : f->blocks;
    k->bytes += holds_more ? f->retained_bytes : f->bytes;
    for (uint32_t i = 0; i < f->n_elsewhere; i++) {
        k->blocks += f->elsewhere[i].blocks;
        k->bytes += f->elsewhere[i].bytes;
    }
}

struct kept kept_set_aside(struct findings *f)
{
    struct kept k = {0, 0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!kept_reason(&f->at[i])) {
            f->at[n++] = f->at[i];
            continue;
        }
        add(&k, &f->at[i]);
    }
    f->n = n;
    return k;
}
