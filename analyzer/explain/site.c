/* SPDX-License-Identifier: MIT */
#include "explain/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMELESS = 96, SHOWN_IN_FULL = 1 << 21, INNERMOST = 32 };

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

static void index_modules(struct sites *s)
{
    const struct trace *t = s->trace;
    for (uint32_t i = 0; i < t->n_modules; i++) {
        const struct module *m = &t->modules[i];
        if (m->build_id_len == 0)
            continue;
        const uint32_t path = strings_id(&s->paths, m->path, strlen(m->path));
        while (s->n_of_path <= path) {
            GROW(s->of_path, s->n_of_path, s->of_path_room);
            s->of_path[s->n_of_path++] = 0;
        }
        if (s->of_path[path] == 0)
            s->of_path[path] = i + 1;
    }
}

void sites_init(struct sites *s, struct arena *a, const struct trace *t,
                const struct symbols *symbols)
{
    *s = (struct sites){
        .trace = t,
        .symbols = symbols,
        .arena = a,
        .number = must_calloc(t->stacks.n, sizeof *s->number),
        .shown = must_calloc(t->stacks.n, sizeof *s->shown),
    };
    strings_init(&s->names);
    strings_init(&s->paths);
    index_modules(s);
}

void sites_release(struct sites *s)
{
    strings_release(&s->names);
    strings_release(&s->paths);
    free(s->of_path);
    free(s->nameless);
    free(s->number);
    free(s->at);
    free(s->trail);
    free(s->text);
    free(s->shown);
    *s = (struct sites){0};
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool site_is_guest(const struct place *p)
{
    return strcmp(file_name(p->module), GUEST) == 0;
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
        strncmp(module, "ld-musl", 7) == 0 || site_is_guest(p))
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

/* The outermost frames of a run-time library without debug information: they
   are what `starters` names where there is some. */
static bool is_start_without_name(const struct place *p)
{
    static const char *const runtimes[] = {"libc.so.6", "libpthread.so.0",
                                           "libstdc++.so.6"};
    const char *module = file_name(p->module);
    return !*p->function &&
           is_one_of(runtimes, N_OF(runtimes), module, strlen(module));
}

static const struct module *module_of(struct sites *s, const char *path)
{
    const uint32_t id = strings_id(&s->paths, path, strlen(path));
    const uint32_t found = id < s->n_of_path ? s->of_path[id] : 0;
    return found ? &s->trace->modules[found - 1] : NULL;
}

/* Code in no module has no place that another run would find again. */
static size_t name_nameless(struct sites *s, const struct place *p,
                            char text[NAMELESS])
{
    if (!*p->module)
        return (size_t)snprintf(text, NAMELESS, "?");
    char id[41] = "";
    const struct module *m = module_of(s, p->module);
    for (uint32_t i = 0; m && i < m->build_id_len && i < 20; i++)
        snprintf(id + 2 * (size_t)i, 3, "%02x", m->build_id[i]);
    return (size_t)snprintf(text, NAMELESS, "%.40s+0x%" PRIx64,
                            m ? id : file_name(p->module), p->offset);
}

static uint32_t name_of(struct sites *s, const struct place *p)
{
    if (*p->function)
        return strings_id(&s->names, p->function, plain_length(p->function));
    char text[NAMELESS];
    const size_t len = name_nameless(s, p, text);
    const uint32_t name = strings_id(&s->names, text, len);
    while (s->n_nameless <= name) {
        GROW(s->nameless, s->n_nameless, s->nameless_room);
        s->nameless[s->n_nameless++] = 0;
    }
    s->nameless[name] = 1;
    return name;
}

static void append(struct site *k, uint32_t name)
{
    for (uint32_t i = 0; i < k->n; i++)
        if (k->name[i] == name)
            return;
    if (k->n < SITE_NAMES)
        k->name[k->n++] = name;
}

/* Names before the parent's; one that stands there already moves forward, so
   that no name which the parent had no room for is missed. */
static struct site make(struct sites *s, uint32_t stack,
                        const struct site *parent)
{
    static const struct place unknown = {"", "", 0, "", 0, false};
    const struct places p = s->symbols->of[s->trace->stacks.frame[stack]];
    struct site k = {0};
    if (p.n == 0)
        append(&k, name_of(s, &unknown));
    for (uint32_t i = 0; i < p.n; i++)
        if (!says_nothing(&p.at[i]) &&
            !(parent->n == 0 && is_start_without_name(&p.at[i])))
            append(&k, name_of(s, &p.at[i]));
    for (uint32_t i = 0; i < parent->n; i++)
        append(&k, parent->name[i]);
    return k;
}

static struct site get(struct sites *s, uint32_t stack)
{
    s->n_trail = 0;
    for (; stack > 0 && s->number[stack] == 0;
         stack = s->trace->stacks.parent[stack]) {
        GROW(s->trail, s->n_trail, s->trail_room);
        s->trail[s->n_trail++] = stack;
    }
    struct site k = {0};
    if (stack > 0)
        k = s->at[s->number[stack] - 1];
    while (s->n_trail > 0) {
        stack = s->trail[--s->n_trail];
        k = make(s, stack, &k);
        GROW(s->at, s->n, s->room);
        s->at[s->n++] = k;
        s->number[stack] = s->n;
    }
    return k;
}

static void put(struct sites *s, const char *text)
{
    for (; *text; text++) {
        GROW(s->text, s->text_len, s->text_room);
        s->text[s->text_len++] = *text;
    }
}

const char *sites_text(struct sites *s, uint32_t stack)
{
    const struct site k = get(s, stack);
    s->text_len = 0;
    for (uint32_t i = 0; i < k.n; i++) {
        put(s, s->names.text[k.name[i]]);
        put(s, "\n");
        if (k.name[i] < s->n_nameless && s->nameless[k.name[i]])
            s->fragile = true;
    }
    GROW(s->text, s->text_len, s->text_room);
    s->text[s->text_len] = 0;
    return s->text;
}

static struct places drop_guest(struct arena *a, struct places all)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < all.n; i++)
        n += !site_is_guest(&all.at[i]);
    if (n == all.n)
        return all;
    struct place *kept = ARENA_ARRAY(a, n, struct place);
    n = 0;
    for (uint32_t i = 0; i < all.n; i++)
        if (!site_is_guest(&all.at[i]))
            kept[n++] = all.at[i];
    return (struct places){n, kept};
}

struct places sites_shown(struct sites *s, uint32_t stack)
{
    struct places *p = &s->shown[stack];
    if (p->at)
        return *p;
    const uint32_t most = s->n_shown < SHOWN_IN_FULL ? UINT32_MAX : INNERMOST;
    *p = drop_guest(s->arena,
                    symbols_innermost(s->symbols, s->arena, stack, most));
    s->n_shown += p->n;
    return *p;
}
