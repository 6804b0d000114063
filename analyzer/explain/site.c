/* SPDX-License-Identifier: MIT */
#include "explain/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INNERMOST = 8, NAMELESS = 96 };

#define GUEST "libouro.so"

/* Whose frames say nothing about where something was made. */
static const char *const wrappers[] = {
    "malloc",         "calloc",         "realloc",   "reallocarray",
    "posix_memalign", "aligned_alloc",  "memalign",  "valloc",
    "pvalloc",        "strdup",         "strndup",   "__strdup",
    "__strndup",      "xmalloc",        "xcalloc",   "xrealloc",
    "xzalloc",        "xstrdup",        "xstrndup",  "g_malloc",
    "g_malloc0",      "g_malloc_n",     "g_realloc", "g_malloc0_n",
    "g_realloc_n",    "g_try_malloc",   "g_strdup",  "g_strndup",
    "g_slice_alloc",  "g_slice_alloc0",
};

static const char *const starters[] = {
    "_start",
    "__libc_start_main",
    "__libc_start_main_impl",
    "__libc_start_call_main",
    "__libc_csu_init",
    "call_init",
    "_dl_init",
    "_dl_catch_exception",
    "start_thread",
    "thread_start",
    "clone",
    "clone3",
    "__clone",
    "__clone3",
    "execute_native_thread_routine",
};

/* C++ functions, by how they begin. */
static const char *const beginnings[] = {
    "operator new",           "std::allocator<",
    "std::__new_allocator<",  "__gnu_cxx::new_allocator<",
    "std::allocator_traits<", "std::__allocate_guarded<",
    "std::thread::_",
};

/* What compilers append to the name of a function they have copied or cut. */
static const char *const clones[] = {
    ".part.", ".constprop.", ".isra.",   ".cold",
    ".llvm.", ".lto_priv.",  " [clone ",
};

#define N_OF(array) (sizeof(array) / sizeof *(array))

void sites_init(struct sites *s, struct arena *a, const struct trace *t,
                const struct symbols *symbols)
{
    *s = (struct sites){
        .trace = t,
        .symbols = symbols,
        .arena = a,
        .number = must_calloc(t->stacks.n, sizeof *s->number),
    };
}

void sites_release(struct sites *s)
{
    free(s->at);
    free(s->number);
    *s = (struct sites){0};
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static struct places drop_guest(struct arena *a, struct places all)
{
    struct place *kept = ARENA_ARRAY(a, all.n, struct place);
    uint32_t n = 0;
    for (uint32_t i = 0; i < all.n; i++)
        if (strcmp(file_name(all.at[i].module), GUEST) != 0)
            kept[n++] = all.at[i];
    return (struct places){n, kept};
}

/* How much of a function's name the compiler did not append. */
static size_t plain_length(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < N_OF(clones); i++) {
        const char *at = strstr(name, clones[i]);
        if (at && at != name && (size_t)(at - name) < len)
            len = (size_t)(at - name);
    }
    return len;
}

static bool is_one_of(const char *const *names, size_t n, const char *name,
                      size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

static bool says_nothing(const struct place *p)
{
    const char *module = file_name(p->module);
    if (strncmp(module, "ld-linux", 8) == 0 ||
        strncmp(module, "ld-musl", 7) == 0)
        return true;
    const size_t len = plain_length(p->function);
    if (is_one_of(wrappers, N_OF(wrappers), p->function, len) ||
        is_one_of(starters, N_OF(starters), p->function, len))
        return true;
    for (size_t i = 0; i < N_OF(beginnings); i++)
        if (strncmp(p->function, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static const struct module *module_of(const struct trace *t, const char *path)
{
    for (uint32_t i = 0; i < t->n_modules; i++)
        if (t->modules[i].build_id_len > 0 &&
            strcmp(t->modules[i].path, path) == 0)
            return &t->modules[i];
    return NULL;
}

/* Code in no module has no place that another run would find again. */
static size_t name_nameless(const struct sites *s, const struct place *p,
                            char text[NAMELESS])
{
    if (!*p->module)
        return (size_t)snprintf(text, NAMELESS, "?");
    char id[41] = "";
    const struct module *m = module_of(s->trace, p->module);
    for (uint32_t i = 0; m && i < m->build_id_len && i < 20; i++)
        snprintf(id + 2 * (size_t)i, 3, "%02x", m->build_id[i]);
    return (size_t)snprintf(text, NAMELESS, "%.40s+0x%" PRIx64,
                            m ? id : file_name(p->module), p->offset);
}

struct name {
    const char *text;
    size_t len;
};

static bool is_among(const struct name *names, uint32_t n, struct name name)
{
    for (uint32_t i = 0; i < n; i++)
        if (names[i].len == name.len &&
            memcmp(names[i].text, name.text, name.len) == 0)
            return true;
    return false;
}

static const char *join(struct arena *a, const struct name *names, uint32_t n)
{
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++)
        len += names[i].len + 1;
    char *text = arena_alloc(a, len + 1);
    char *at = text;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(at, names[i].text, names[i].len);
        at += names[i].len;
        *at++ = '\n';
    }
    return text;
}

static const char *recognise(struct sites *s, struct places shown)
{
    char nameless[INNERMOST][NAMELESS];
    struct name names[INNERMOST];
    uint32_t n = 0;
    for (uint32_t i = 0; i < shown.n && n < INNERMOST; i++) {
        const struct place *p = &shown.at[i];
        if (says_nothing(p))
            continue;
        names[n] = (struct name){p->function, plain_length(p->function)};
        if (!*p->function) {
            s->fragile = true;
            names[n].text = nameless[n];
            names[n].len = name_nameless(s, p, nameless[n]);
        }
        if (!is_among(names, n, names[n]))
            n++;
    }
    return join(s->arena, names, n);
}

static struct site *get(struct sites *s, uint32_t stack)
{
    if (s->number[stack] == 0) {
        const struct places all = symbols_stack(s->symbols, s->arena, stack);
        GROW(s->at, s->n, s->room);
        s->at[s->n++] = (struct site){.shown = drop_guest(s->arena, all)};
        s->number[stack] = s->n;
    }
    return &s->at[s->number[stack] - 1];
}

struct places sites_shown(struct sites *s, uint32_t stack)
{
    return get(s, stack)->shown;
}

const char *sites_text(struct sites *s, uint32_t stack)
{
    struct site *site = get(s, stack);
    if (!site->text)
        site->text = recognise(s, site->shown);
    return site->text;
}
