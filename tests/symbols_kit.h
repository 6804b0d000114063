/* SPDX-License-Identifier: MIT */
/*
 * symbols_kit.h - a library whose addresses are asked for, as it is loaded here
 *
 *     void *library = load();
 *     const struct places p = look_up_one(call(library, "outer"));
 *
 * build_library and remove_library are unchecked fixtures, `release` is a
 * checked one.
 */
#ifndef TESTS_SYMBOLS_KIT_H
#define TESTS_SYMBOLS_KIT_H

#include "arena.h"
#include "explain/symbolizer.h"
#include "explain/symbols.h"
#include "trace/state.h"

#include <check.h>
#include <dlfcn.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The library whose addresses are asked for. It returns its own return
 * addresses; the lines that the tests name are marked.
 */
static const char source[] =
    "#include <setjmp.h>\n"
    "#define APART __attribute__((noinline, noclone))\n"
    "#define WITHIN static inline __attribute__((always_inline))\n"
    "static void *seen;\n"
    "static jmp_buf back;\n"
    "APART static void *where(void)\n"
    "{\n"
    "    return __builtin_return_address(0);\n"
    "}\n"
    "WITHIN void *innermost(void)\n"
    "{\n"
    "    return where(); /* line 12 */\n"
    "}\n"
    "WITHIN void *middle(void)\n"
    "{\n"
    "    return innermost(); /* line 16 */\n"
    "}\n"
    "APART void *outer(void)\n"
    "{\n"
    "    void *p = middle(); /* line 20 */\n"
    "    __asm__ volatile(\"\" ::: \"memory\");\n"
    "    return p;\n"
    "}\n"
    "APART static void *hidden(void)\n"
    "{\n"
    "    void *p = where(); /* line 26 */\n"
    "    __asm__ volatile(\"\" ::: \"memory\");\n"
    "    return p;\n"
    "}\n"
    "void *call_hidden(void)\n"
    "{\n"
    "    return hidden();\n"
    "}\n"
    "APART __attribute__((noreturn)) static void stop(void)\n"
    "{\n"
    "    seen = __builtin_return_address(0);\n"
    "    longjmp(back, 1);\n"
    "}\n"
    "APART void ends_in_a_call(void)\n"
    "{\n"
    "    stop(); /* line 41 */\n"
    "}\n"
    "APART void comes_next(void)\n"
    "{\n"
    "    __asm__ volatile(\"\" ::: \"memory\");\n"
    "}\n"
    "void *stopped(void)\n"
    "{\n"
    "    if (setjmp(back) == 0)\n"
    "        ends_in_a_call();\n"
    "    return seen;\n"
    "}\n"
    "void *made(void) __asm__(\"_ZN3app4Pair4makeEi\");\n"
    "void *made(void)\n"
    "{\n"
    "    void *p = where();\n"
    "    __asm__ volatile(\"\" ::: \"memory\");\n"
    "    return p;\n"
    "}\n"
    "#ifdef __x86_64__\n"
    "#define TRAP \"ud2\"\n"
    "#else\n"
    "#define TRAP \"udf #0\"\n"
    "#endif\n"
    "__asm__(\".text\\n.globl traps\\n.type traps, %function\\ntraps:\\n\"\n"
    "        \".cfi_startproc\\n\" TRAP \"\\nret\\n.cfi_endproc\\n\"\n"
    "        \".size traps, . - traps\\n\");\n";

static char dir[] = "/tmp/check_symbols.XXXXXX";
static struct arena arena;
static struct trace trace;
static struct trace_state state;
static struct symbols symbols;
static struct symbolizer *symbolizer;

static inline void path_of(char *path, const char *name)
{
    snprintf(path, 256, "%s/%s", dir, name);
}

/* What builds for the machine that this program runs on, emulated or not. */
#ifdef __aarch64__
#define MACHINE "aarch64-linux-gnu"
#else
#define MACHINE "x86_64-linux-gnu"
#endif
#define TOOLS                                                                  \
    "CC=$(command -v " MACHINE "-gcc || echo cc) "                             \
    "OBJCOPY=$(command -v " MACHINE "-objcopy || echo objcopy)"

static inline void shell(const char *fmt, ...)
{
    char command[1024], all[1300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(command, sizeof command, fmt, ap);
    va_end(ap);
    snprintf(all, sizeof all, "cd %s && { " TOOLS "; %s; } >/dev/null 2>&1",
             dir, command);
    ck_assert_msg(system(all) == 0, "%s", all);
}

static inline void build_library(void)
{
    strcpy(dir, "/tmp/check_symbols.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char path[256];
    path_of(path, "fixture.c");
    FILE *f = fopen(path, "w");
    fputs(source, f);
    fclose(f);
    shell("$CC -g -O2 -fPIC -shared -falign-functions=1 -fno-reorder-functions "
          "-fno-toplevel-reorder -Wl,--build-id=sha1 -o whole.so fixture.c");
    shell("$OBJCOPY --only-keep-debug whole.so apart.debug");
    shell("$OBJCOPY --strip-all --add-gnu-debuglink=apart.debug whole.so "
          "beside.so");
    shell("mkdir -p below/.debug && cp beside.so below/ && "
          "cp apart.debug below/.debug/");
    shell("$OBJCOPY --strip-all whole.so bare.so");
}

static inline void remove_library(void)
{
    shell("rm -rf %s", dir);
}

static inline void release_image(void)
{
    stacks_release(&trace.stacks);
    free(trace.modules);
    free(state.by_start);
    free(state.reach);
    memset(&state, 0, sizeof state);
    arena_release(&arena);
    memset(&trace, 0, sizeof trace);
}

static inline void release(void)
{
    release_image();
    symbolizer_end(symbolizer);
    symbolizer = NULL;
}

static inline void begin(void)
{
    if (!symbolizer)
        symbolizer = symbolizer_begin();
    stacks_init(&trace.stacks);
    trace.cwd = trace.exe = "";
    trace.state = &state;
}

static inline const unsigned char *build_id_of(const struct dl_phdr_info *info,
                                               uint32_t *len)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_NOTE)
            continue;
        const unsigned char *at =
            (const unsigned char *)(info->dlpi_addr + p->p_vaddr);
        const unsigned char *end = at + p->p_memsz;
        while (end - at >= 16) {
            const ElfW(Nhdr) *n = (const void *)at;
            const size_t name = (n->n_namesz + 3u) & ~3u;
            if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4) {
                *len = n->n_descsz;
                return at + sizeof *n + name;
            }
            at += sizeof *n + name + ((n->n_descsz + 3u) & ~3u);
        }
    }
    *len = 0;
    return NULL;
}

static inline int add_module(struct dl_phdr_info *info, size_t size,
                             void *unused)
{
    (void)size, (void)unused;
    struct module m = {.gone = UINT32_MAX, .bias = info->dlpi_addr};
    m.id = trace.n_modules;
    m.path = *info->dlpi_name ? info->dlpi_name : "/proc/self/exe";
    m.start = UINT64_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD)
            continue;
        const uint64_t at = info->dlpi_addr + p->p_vaddr;
        m.start = at < m.start ? at : m.start;
        m.end = at + p->p_memsz > m.end ? at + p->p_memsz : m.end;
    }
    m.build_id = build_id_of(info, &m.build_id_len);
    trace.modules = realloc(trace.modules, (trace.n_modules + 1) * sizeof m);
    trace.modules[trace.n_modules++] = m;
    return 0;
}

static inline void *load(void)
{
    char path[256];
    path_of(path, "whole.so");
    void *library = dlopen(path, RTLD_NOW);
    ck_assert_ptr_nonnull(library);
    begin();
    dl_iterate_phdr(add_module, NULL);
    return library;
}

static inline uint64_t call(void *library, const char *name)
{
    void *(*function)(void) = NULL;
    void *symbol = dlsym(library, name);
    ck_assert_ptr_nonnull(symbol);
    memcpy(&function, &symbol, sizeof symbol);
    return (uint64_t)function();
}

static inline struct module *find_module(uint64_t ip)
{
    for (uint32_t i = 0; i < trace.n_modules; i++)
        if (ip >= trace.modules[i].start && ip < trace.modules[i].end)
            return &trace.modules[i];
    return NULL;
}

static inline struct module *module_at(uint64_t ip)
{
    struct module *m = find_module(ip);
    ck_assert_msg(m, "no module holds %llx", (unsigned long long)ip);
    return m;
}

/* As if a walk had found the modules. */
static inline void end_walk(void)
{
    modules_index(&trace);
    state.walked = true;
}

static inline struct places look_up(const uint64_t *ips, int n)
{
    uint32_t s = 0;
    for (int i = 0; i < n; i++)
        s = stacks_push(&trace.stacks, s,
                        stacks_frame(&trace.stacks, ips[i], 0));
    end_walk();
    symbols_find(&symbols, symbolizer, &arena, &trace, &s, 1, NULL);
    return symbols_stack(&symbols, &arena, s);
}

static inline struct places look_up_one(uint64_t ip)
{
    return look_up(&ip, 1);
}

static inline void assert_place(const struct place *p, const char *function,
                                unsigned line, bool inlined)
{
    ck_assert_str_eq(p->function, function);
    ck_assert_uint_eq(p->line, line);
    ck_assert_int_eq(p->inlined, inlined);
    if (line > 0)
        ck_assert_str_eq(p->file, "fixture.c");
}

static inline void assert_unnamed(uint64_t ip, const char *why)
{
    const struct places p = look_up_one(ip);
    ck_assert_uint_eq(p.n, 1);
    assert_place(&p.at[0], "", 0, false);
    ck_assert_uint_eq(p.at[0].offset, ip - module_at(ip)->bias);
    ck_assert_msg(strstr(symbols.note, why), "note is '%s'", symbols.note);
    ck_assert(symbols.names_missing);
}

static inline uint32_t n_asked(void)
{
    return symbolizer_counts(symbolizer).asked;
}

#endif
