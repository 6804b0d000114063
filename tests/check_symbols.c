/* SPDX-License-Identifier: MIT */
/* check_symbols.c - addresses get their right names, whatever the files say */
#include "arena.h"
#include "explain/demangle.h"
#include "explain/open_files.h"
#include "explain/symbol_reader.h"
#include "explain/symbolizer.h"
#include "explain/symbols.h"
#include "trace/state.h"

#include <check.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

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

static void path_of(char *path, const char *name)
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

static void shell(const char *fmt, ...)
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

static void build_library(void)
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

static void remove_library(void)
{
    shell("rm -rf %s", dir);
}

static void release_image(void)
{
    stacks_release(&trace.stacks);
    free(trace.modules);
    free(state.by_start);
    free(state.reach);
    memset(&state, 0, sizeof state);
    arena_release(&arena);
    memset(&trace, 0, sizeof trace);
}

static void release(void)
{
    release_image();
    symbolizer_end(symbolizer);
    symbolizer = NULL;
}

static void begin(void)
{
    if (!symbolizer)
        symbolizer = symbolizer_begin();
    stacks_init(&trace.stacks);
    trace.cwd = trace.exe = "";
    trace.state = &state;
}

static const unsigned char *build_id_of(const struct dl_phdr_info *info,
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

static int add_module(struct dl_phdr_info *info, size_t size, void *unused)
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

static void *load(void)
{
    char path[256];
    path_of(path, "whole.so");
    void *library = dlopen(path, RTLD_NOW);
    ck_assert_ptr_nonnull(library);
    begin();
    dl_iterate_phdr(add_module, NULL);
    return library;
}

static uint64_t call(void *library, const char *name)
{
    void *(*function)(void) = NULL;
    void *symbol = dlsym(library, name);
    ck_assert_ptr_nonnull(symbol);
    memcpy(&function, &symbol, sizeof symbol);
    return (uint64_t)function();
}

static struct module *find_module(uint64_t ip)
{
    for (uint32_t i = 0; i < trace.n_modules; i++)
        if (ip >= trace.modules[i].start && ip < trace.modules[i].end)
            return &trace.modules[i];
    return NULL;
}

static struct module *module_at(uint64_t ip)
{
    struct module *m = find_module(ip);
    ck_assert_msg(m, "no module holds %llx", (unsigned long long)ip);
    return m;
}

/* As if a walk had found the modules. */
static void end_walk(void)
{
    modules_index(&trace);
    state.walked = true;
}

static struct places look_up(const uint64_t *ips, int n)
{
    uint32_t s = 0;
    for (int i = 0; i < n; i++)
        s = stacks_push(&trace.stacks, s,
                        stacks_frame(&trace.stacks, ips[i], 0));
    end_walk();
    symbols_find(&symbols, symbolizer, &arena, &trace, &s, 1, NULL);
    return symbols_stack(&symbols, &arena, s);
}

static struct places look_up_one(uint64_t ip)
{
    return look_up(&ip, 1);
}

static void assert_place(const struct place *p, const char *function,
                         unsigned line, bool inlined)
{
    ck_assert_str_eq(p->function, function);
    ck_assert_uint_eq(p->line, line);
    ck_assert_int_eq(p->inlined, inlined);
    if (line > 0)
        ck_assert_str_eq(p->file, "fixture.c");
}

START_TEST(inlined_functions_have_places_of_their_own)
{
    void *library = load();
    const uint64_t ip = call(library, "outer");

    const struct places p = look_up_one(ip);

    ck_assert_uint_eq(p.n, 3);
    assert_place(&p.at[0], "innermost", 12, true);
    assert_place(&p.at[1], "middle", 16, true);
    assert_place(&p.at[2], "outer", 20, false);
    ck_assert_uint_eq(p.at[0].offset, ip - module_at(ip)->bias);
    ck_assert_str_eq(p.at[2].module, module_at(ip)->path);
    ck_assert(!symbols.lines_missing && !symbols.names_missing);
    ck_assert_str_eq(symbols.note, "");
}
END_TEST

START_TEST(a_call_that_does_not_return_is_in_its_own_function)
{
    void *library = load();
    const uint64_t ip = call(library, "stopped");
    ck_assert_ptr_eq((void *)ip, dlsym(library, "comes_next"));

    const struct places p = look_up_one(ip);

    assert_place(&p.at[0], "ends_in_a_call", 41, false);
}
END_TEST

static const char *const copies[] = {"beside.so", "below/beside.so"};

START_TEST(separate_debug_files_give_names_and_lines)
{
    char path[256];
    void *library = load();
    const uint64_t ip = call(library, "call_hidden");
    path_of(path, copies[_i]);
    module_at(ip)->path = path;

    const struct places p = look_up_one(ip);

    assert_place(&p.at[0], "hidden", 26, false);
    ck_assert(!symbols.lines_missing);
}
END_TEST

START_TEST(without_debug_information_exported_names_remain)
{
    char path[256];
    void *library = load();
    const uint64_t ips[] = {call(library, "_ZN3app4Pair4makeEi"),
                            call(library, "call_hidden")};
    path_of(path, "bare.so");
    module_at(ips[0])->path = path;

    const struct places p = look_up(ips, 2);

    ck_assert_uint_eq(p.n, 2);
    assert_place(&p.at[0], "", 0, false);
    assert_place(&p.at[1], "app::Pair::make(int)", 0, false);
    ck_assert(symbols.lines_missing && symbols.names_missing);
}
END_TEST

static sigjmp_buf after_trap;
static uint64_t trapped[2];

static void on_trap(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;
    (void)sig, (void)info;
#ifdef __x86_64__
    trapped[0] = (uint64_t)u->uc_mcontext.gregs[REG_RIP];
#else
    trapped[0] = u->uc_mcontext.pc;
#endif
    trapped[1] = (uint64_t)__builtin_return_address(0);
    siglongjmp(after_trap, 1);
}

START_TEST(what_a_signal_interrupted_is_named_by_the_instruction_itself)
{
    void *library = load();
    struct sigaction act = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &act, NULL);
    if (sigsetjmp(after_trap, 1) == 0)
        call(library, "traps");
    const uint64_t ips[] = {trapped[0], trapped[1], (uint64_t)&call + 1};
    ck_assert_ptr_eq((void *)ips[0], dlsym(library, "traps"));

    const struct places p = look_up(ips, 3);

    ck_assert_uint_eq(p.n, 3);
    ck_assert_str_eq(p.at[0].function, "call");
    /* an emulator's return to the kernel is in a page that has no module */
    if (find_module(trapped[1] - 1))
        ck_assert_str_eq(p.at[2].function, "traps");
#ifdef __x86_64__
    if (strcmp(p.at[1].function, "__restore_rt") != 0)
        ck_assert_str_eq(p.at[1].function, "<signal handler called>");
#endif
}
END_TEST

START_TEST(modules_that_were_unloaded_are_looked_up_in_their_epoch)
{
    char path[256];
    void *library = load();
    const uint64_t ip = call(library, "outer");
    path_of(path, "gone.so");
    struct module *m = module_at(ip);
    struct module other = *m;
    m->gone = 1;
    other.epoch = 1;
    other.id = trace.n_modules;
    other.path = path;
    trace.modules =
        realloc(trace.modules, (trace.n_modules + 1) * sizeof other);
    trace.modules[trace.n_modules++] = other;
    const uint32_t then =
        stacks_push(&trace.stacks, 0, stacks_frame(&trace.stacks, ip, 0));
    const uint32_t now =
        stacks_push(&trace.stacks, 0, stacks_frame(&trace.stacks, ip, 1));

    end_walk();
    symbols_find(&symbols, symbolizer, &arena, &trace, (uint32_t[]){then, now},
                 2, NULL);

    const struct places p = symbols_stack(&symbols, &arena, then);
    const struct places q = symbols_stack(&symbols, &arena, now);
    ck_assert_str_eq(p.at[0].function, "innermost");
    ck_assert_str_eq(q.at[0].function, "");
    ck_assert_str_eq(q.at[0].module, path);
    ck_assert_msg(strstr(symbols.note, "gone.so is gone"), "%s", symbols.note);
}
END_TEST

static void assert_unnamed(uint64_t ip, const char *why)
{
    const struct places p = look_up_one(ip);
    ck_assert_uint_eq(p.n, 1);
    assert_place(&p.at[0], "", 0, false);
    ck_assert_uint_eq(p.at[0].offset, ip - module_at(ip)->bias);
    ck_assert_msg(strstr(symbols.note, why), "note is '%s'", symbols.note);
    ck_assert(symbols.names_missing);
}

START_TEST(a_file_with_another_build_id_is_not_used)
{
    void *library = load();
    const uint64_t ip = call(library, "outer");
    unsigned char id[64];
    struct module *m = module_at(ip);
    ck_assert_uint_eq(m->build_id_len, 20);
    memcpy(id, m->build_id, m->build_id_len);
    id[19] ^= 1;
    m->build_id = id;

    assert_unnamed(ip, "another build-id");
}
END_TEST

START_TEST(debug_information_of_another_build_is_not_used)
{
    char path[256];
    void *library = load();
    const uint64_t ip = call(library, "call_hidden");
    shell("mkdir -p wrong && cp beside.so wrong/ && sed 's/stop/halt/' "
          "fixture.c > other.c && $CC -g -O2 -fPIC -shared -falign-functions=1 "
          "-fno-reorder-functions -fno-toplevel-reorder -Wl,--build-id=sha1 "
          "-o wrong/apart.debug other.c");
    path_of(path, "wrong/beside.so");
    module_at(ip)->path = path;

    assert_place(&look_up_one(ip).at[0], "", 0, false);
}
END_TEST

static const char *const strange[] = {"/dev/zero", "/dev/tty", "/tmp",
                                      "/proc/self/fd/0", "fifo"};

/* A FIFO that nobody writes, a device without end, a folder: no file. */
START_TEST(what_is_no_regular_file_is_not_read)
{
    char path[256];
    void *library = load();
    const uint64_t ip = call(library, "outer");
    path_of(path, "fifo");
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    module_at(ip)->path = *strange[_i] == '/' ? strange[_i] : path;

    assert_unnamed(ip, "");
    ck_assert_str_ne(symbols.note, "");
}
END_TEST

static void copy_damaged(const char *name, uint64_t seed)
{
    static unsigned char bytes[1 << 20];
    char path[256];
    path_of(path, "whole.so");
    FILE *f = fopen(path, "r");
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    srandom((unsigned)seed);
    if (seed % 4 == 0)
        len = (size_t)random() % len;
    const int flips = 1 << (seed % 11);
    for (int i = 0; i < flips && len > 0; i++)
        bytes[(size_t)random() % len] ^= (unsigned char)(1 << random() % 8);
    path_of(path, name);
    f = fopen(path, "w");
    fwrite(bytes, 1, len, f);
    fclose(f);
}

START_TEST(a_damaged_file_costs_names_and_nothing_else)
{
    char path[256];
    void *library = load();
    const uint64_t ips[] = {call(library, "outer"), call(library, "stopped"),
                            call(library, "call_hidden")};
    copy_damaged("damaged.so", (uint64_t)_i);
    path_of(path, "damaged.so");
    module_at(ips[0])->path = path;

    const struct places p = look_up(ips, 3);

    ck_assert_msg(p.n >= 3, "seed %d", _i);
    for (uint32_t i = 0; i < p.n; i++)
        ck_assert_str_eq(p.at[i].module, path);
}
END_TEST

/* Eight queries about one file and eight about another; some kill the child. */
enum { N_QUERIES = 16 };
static struct symbol_query queries[N_QUERIES];
static struct elf_source sources[2];
static int answered[N_QUERIES];
static bool killers[N_QUERIES];
static uint64_t deadly; /* an address that kills as well */
static void (*kill_with)(int out);

static void count_answer(void *to, uint32_t query,
                         const struct symbol_answer *a)
{
    (void)to;
    if (!a)
        return;
    ck_assert_uint_eq(a->n, 1);
    answered[query]++;
}

static bool kills(uint64_t addr)
{
    return addr < N_QUERIES ? killers[addr] : addr == deadly;
}

static void serve_dangerously(const void *unused, struct child_end *end)
{
    (void)unused;
    struct symbol_server *s = symbol_server_make(end);
    for (const struct symbol_query *q; (q = symbol_server_next(s));) {
        if (kills(q->addr))
            kill_with(end->fd);
        if (!symbol_server_answer(s))
            break;
    }
    symbol_server_release(s);
}

static void crash(int out)
{
    (void)out;
    kill(getpid(), SIGSEGV);
}

static void hang(int out)
{
    (void)out;
    for (;;)
        pause();
}

static void eat_memory(int out)
{
    (void)out;
    for (char *p; (p = malloc(1 << 20));)
        memset(p, 1, 1 << 20);
    _exit(1);
}

static void refuse_memory(int out)
{
    (void)out;
    if (mmap(NULL, 1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
        MAP_FAILED)
        _exit(1);
}

static void talk_rubbish(int out)
{
    char rubbish[4096];
    memset(rubbish, 0xff, sizeof rubbish);
    for (;;)
        if (write(out, rubbish, sizeof rubbish) < 0)
            _exit(1);
}

static void end_early(int out)
{
    (void)out;
    _exit(0);
}

static void (*const ways_to_die[])(int) = {crash, hang, eat_memory,
                                           talk_rubbish, end_early};

static void spin(int out)
{
    (void)out;
    for (;;)
        continue;
}

static unsigned char deaths[2];

static struct symbol_reader make_reader(uint32_t max_deaths)
{
    memset(deaths, 0, sizeof deaths);
    sources[0] = (struct elf_source){.path = "/nowhere/a"};
    sources[1] = (struct elf_source){.path = "/nowhere/b"};
    for (uint32_t i = 0; i < N_QUERIES; i++)
        queries[i] = (struct symbol_query){i, i / 8, false};
    return (struct symbol_reader){
        .limits = {64 << 20, 5, 400, 5000},
        .max_deaths = max_deaths,
        .serve = serve_dangerously,
        .take = count_answer,
        .deaths = deaths,
    };
}

static void run_all(struct symbol_reader *r)
{
    const struct symbol_job job = {sources, queries, 0, N_QUERIES};
    symbol_reader_run(r, &job);
}

static struct symbol_reader run_reader(uint32_t max_deaths)
{
    struct symbol_reader r = make_reader(max_deaths);
    run_all(&r);
    symbol_reader_release(&r);
    return r;
}

START_TEST(a_query_that_kills_the_child_costs_only_its_own_answer)
{
    kill_with = ways_to_die[_i];
    killers[3] = true;

    const struct symbol_reader r = run_reader(4);

    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i != 3);
    ck_assert(deaths[0] == 1 && deaths[1] == 0 && !r.gave_up);
}
END_TEST

/* An emulator of another machine may not honour it. */
static bool memory_is_limited(void)
{
    const struct rlimit limit = {64 << 20, 64 << 20};
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_AS, &limit);
        refuse_memory(-1);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status == 0;
}

START_TEST(memory_beyond_the_limit_is_refused)
{
    if (!memory_is_limited())
        return;
    kill_with = refuse_memory;
    killers[3] = true;

    run_reader(4);

    ck_assert_int_eq(answered[3], 1);
}
END_TEST

START_TEST(a_file_that_kills_twice_is_given_up)
{
    kill_with = crash;
    killers[3] = killers[5] = true;

    const struct symbol_reader r = run_reader(4);

    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i < 8 ? i < 5 && i != 3 : 1);
    ck_assert(!r.gave_up);
}
END_TEST

START_TEST(after_too_many_deaths_the_rest_stays_unnamed)
{
    kill_with = crash;
    killers[3] = killers[9] = true;

    const struct symbol_reader r = run_reader(1);

    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i < 9 && i != 3);
    ck_assert(r.gave_up);
}
END_TEST

START_TEST(processor_time_is_limited)
{
    struct symbol_reader r = make_reader(4);
    r.limits = (struct child_limits){64 << 20, 0, 1 << 30, 1 << 30};
    kill_with = spin;
    killers[3] = true;

    run_all(&r);

    symbol_reader_release(&r);
    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i != 3);
}
END_TEST

static void burn(int out)
{
    const clock_t end = clock() + 7 * CLOCKS_PER_SEC / 10;
    (void)out;
    while (clock() < end)
        continue;
}

START_TEST(processor_time_is_each_requests_own)
{
    struct symbol_reader r = make_reader(4);
    r.limits = (struct child_limits){64 << 20, 1, 1 << 30, 1 << 30};
    kill_with = burn;
    killers[3] = true;

    for (int i = 0; i < 4; i++)
        run_all(&r);

    symbol_reader_release(&r);
    ck_assert_uint_eq(r.n_children, 1);
    ck_assert_uint_eq(r.n_deaths, 0);
    ck_assert_int_eq(answered[3], 4);
}
END_TEST

START_TEST(a_child_that_died_between_requests_costs_nothing)
{
    struct symbol_reader r = make_reader(4);
    run_all(&r);
    kill(r.child.pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)r.child.pid, &info, WEXITED | WNOWAIT);

    run_all(&r);

    symbol_reader_release(&r);
    ck_assert_uint_eq(r.n_children, 2);
    ck_assert_uint_eq(r.n_deaths, 0);
    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], 2);
}
END_TEST

enum { MANY = 20000 };
static int many_answered[MANY];

static void count_many(void *to, uint32_t query, const struct symbol_answer *a)
{
    (void)to;
    many_answered[query] += a != NULL;
}

/* Answers leave together; those that had not left are not lost. */
START_TEST(a_death_among_thousands_costs_one_answer)
{
    static struct symbol_query many[MANY];
    struct symbol_reader r = make_reader(4);
    for (uint32_t i = 0; i < MANY; i++)
        many[i] = (struct symbol_query){N_QUERIES + i, 0, false};
    const struct symbol_job job = {sources, many, 0, MANY};
    r.take = count_many;
    kill_with = ways_to_die[_i];
    deadly = N_QUERIES + 12345;

    symbol_reader_run(&r, &job);

    symbol_reader_release(&r);
    ck_assert_uint_eq(r.n_children, 2);
    for (int i = 0; i < MANY; i++)
        ck_assert_msg(many_answered[i] == (i != 12345), "query %d", i);
}
END_TEST

static uint32_t n_asked(void)
{
    return symbolizer_counts(symbolizer).asked;
}

START_TEST(two_images_with_the_same_libraries_ask_once)
{
    void *library = load();
    const uint64_t ips[] = {call(library, "outer"),
                            call(library, "call_hidden")};
    look_up(ips, 2);
    const uint32_t asked = n_asked();
    release_image();
    begin();
    dl_iterate_phdr(add_module, NULL);

    const struct places p = look_up(ips, 2);

    ck_assert_uint_ge(asked, 2);
    ck_assert_uint_eq(n_asked(), asked);
    ck_assert_uint_eq(symbolizer_counts(symbolizer).children, 1);
    ck_assert_uint_eq(p.n, 4);
    assert_place(&p.at[0], "hidden", 26, false);
    assert_place(&p.at[3], "outer", 20, false);
    ck_assert_str_eq(symbols.note, "");
}
END_TEST

START_TEST(another_build_at_the_same_path_is_asked_anew)
{
    void *library = load();
    const uint64_t ip = call(library, "outer");
    unsigned char id[64];
    assert_place(&look_up_one(ip).at[0], "innermost", 12, true);
    release_image();
    begin();
    dl_iterate_phdr(add_module, NULL);
    struct module *m = module_at(ip);
    memcpy(id, m->build_id, m->build_id_len);
    id[0] ^= 1;
    m->build_id = id;

    assert_unnamed(ip, "another build-id");
}
END_TEST

START_TEST(what_killed_the_child_in_one_image_costs_the_next_nothing)
{
    const struct child_limits limits = {64 << 20, 5, 400, 5000};
    void *library = load();
    const uint64_t bad = call(library, "outer");
    const uint64_t good = call(library, "call_hidden");
    deadly = bad - module_at(bad)->bias;
    kill_with = crash;
    symbolizer_end(symbolizer);
    symbolizer = symbolizer_begin_with(&limits, serve_dangerously);
    assert_unnamed(bad, "could not be read");
    const uint32_t asked = n_asked();
    release_image();
    begin();
    dl_iterate_phdr(add_module, NULL);

    const struct places p = look_up((uint64_t[]){good, bad}, 2);

    ck_assert_uint_eq(p.n, 2);
    assert_place(&p.at[0], "", 0, false); /* and nobody was asked again */
    assert_place(&p.at[1], "hidden", 26, false);
    ck_assert_uint_eq(n_asked(), asked + 1);
    ck_assert_uint_eq(symbolizer_counts(symbolizer).children, 2);
}
END_TEST

START_TEST(an_image_without_stacks_asks_nothing)
{
    load();
    end_walk();

    symbols_find(&symbols, symbolizer, &arena, &trace, NULL, 0, NULL);

    ck_assert_uint_eq(n_asked(), 0);
    ck_assert(!symbols.names_missing && !symbols.lines_missing);
    ck_assert_str_eq(symbols.note, "");
}
END_TEST

static struct open_files files;

static struct symbol_file *open_file(const char *name)
{
    char path[256];
    path_of(path, name);
    void *library = load();
    const uint64_t ip = call(library, "outer");
    const struct module *m = module_at(ip);
    const struct elf_source is = {path, {m->build_id, m->build_id_len}, 0};
    struct symbol_file *f = open_files_get(&files, &is);
    release_image();
    ck_assert_int_eq(f->status, ELF_FILE_OK);
    ck_assert_str_eq(f->source->path, path);
    return f;
}

START_TEST(the_file_unused_for_longest_is_closed_first)
{
    open_files_init(&files, 2, UINT64_C(1) << 40);

    open_file("whole.so");
    open_file("beside.so");
    open_file("whole.so");
    ck_assert_uint_eq(files.n_opened, 2);
    open_file("bare.so"); /* closes beside.so */
    open_file("whole.so");
    ck_assert_uint_eq(files.n_opened, 3);
    open_file("beside.so");
    ck_assert_uint_eq(files.n_opened, 4);
    ck_assert_uint_eq(files.n, 2);

    open_files_release(&files);
}
END_TEST

START_TEST(files_that_hold_too_much_memory_are_closed)
{
    open_files_init(&files, OPEN_FILES_MAX, 0);
    files.mapped = 0;

    open_file("whole.so");
    open_file("beside.so");
    open_file("bare.so");
    ck_assert_uint_eq(files.n, 1);

    open_files_release(&files);
}
END_TEST

START_TEST(frames_without_a_module_show_their_address)
{
    begin();
    const uint64_t ips[] = {0, 0x1234};

    const struct places p = look_up(ips, 2);

    ck_assert_uint_eq(p.n, 2);
    ck_assert_uint_eq(p.at[0].offset, 0x1234);
    ck_assert_str_eq(p.at[0].module, "");
    ck_assert_str_eq(p.at[0].function, "");
    ck_assert_str_eq(p.at[1].function, "(frames cut off here)");
}
END_TEST

static const struct {
    const char *mangled, *shown;
} names[] = {
    {"_ZN3foo3barEi", "foo::bar(int)"},
    {"_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
     "core::fmt::Write::write_fmt"},
    {"_RNvC6_123foo3bar", "123foo::bar"},
    {"_D3std5stdio7writelnFZv", "std.stdio.writeln()"},
    {"main", NULL},
    {"_Z", NULL},
    {"_RNvB_1a", NULL},
    {"_ZN3foo", NULL},
};

START_TEST(names_are_demangled_in_three_languages)
{
    static struct demangled d;
    const bool done = demangle(&d, names[_i].mangled);

    ck_assert_int_eq(done, names[_i].shown != NULL);
    if (done)
        ck_assert_str_eq(d.text, names[_i].shown);
}
END_TEST

START_TEST(a_name_that_would_grow_without_end_is_cut)
{
    /* each argument is a pair of the one before: 2 to the 24 names */
    static struct demangled d;
    char bomb[512];
    int n = snprintf(bomb, sizeof bomb, "_Z1f1AIiiE");
    for (int i = 0; i < 24; i++) {
        const char digit = (char)(i < 10 ? '0' + i : 'A' + i - 10);
        n += snprintf(bomb + n, sizeof bomb - (size_t)n, "S_IS%c_S%c_E", digit,
                      digit);
    }

    ck_assert(demangle(&d, bomb));
    ck_assert_uint_eq(d.len, DEMANGLE_MAX_OUT - 1);
    ck_assert_uint_eq(strlen(d.text), d.len);
}
END_TEST

START_TEST(names_that_are_long_or_deep_do_no_harm)
{
    static struct demangled d;
    static char name[DEMANGLE_MAX_IN + 2];
    memset(name, 'P', sizeof name - 1);
    for (int i = 0; i < 4; i++)
        name[i] = "_Z1f"[i];

    ck_assert(!demangle(&d, name)); /* too long */

    name[4000] = 'i'; /* a pointer to a pointer, 3,996 deep */
    name[4001] = 0;
    if (demangle(&d, name))
        ck_assert_uint_lt(d.len, DEMANGLE_MAX_OUT);
}
END_TEST

START_TEST(what_compilers_append_to_names_is_not_shown)
{
    ck_assert_uint_eq(demangle_base_len("grow.part.0.cold"), 4);
    ck_assert_uint_eq(demangle_base_len("grow.constprop.0"), 4);
    ck_assert_uint_eq(demangle_base_len("grow"), 4);
    ck_assert_uint_eq(demangle_base_len(".cold"), 5);
}
END_TEST

static void add_hostile(TCase *t)
{
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_file_with_another_build_id_is_not_used);
    tcase_add_test(t, debug_information_of_another_build_is_not_used);
    tcase_add_loop_test(t, what_is_no_regular_file_is_not_read, 0,
                        sizeof strange / sizeof strange[0]);
    tcase_add_loop_test(t, a_damaged_file_costs_names_and_nothing_else, 0, 66);
    tcase_add_loop_test(t,
                        a_query_that_kills_the_child_costs_only_its_own_answer,
                        0, sizeof ways_to_die / sizeof ways_to_die[0]);
    tcase_add_test(t, memory_beyond_the_limit_is_refused);
    tcase_add_test(t, a_file_that_kills_twice_is_given_up);
    tcase_add_test(t, after_too_many_deaths_the_rest_stays_unnamed);
    tcase_add_test(t, processor_time_is_limited);
    tcase_add_test(t, processor_time_is_each_requests_own);
    tcase_add_test(t, a_child_that_died_between_requests_costs_nothing);
    tcase_add_loop_test(t, a_death_among_thousands_costs_one_answer, 0,
                        sizeof ways_to_die / sizeof ways_to_die[0]);
    tcase_add_test(t,
                   what_killed_the_child_in_one_image_costs_the_next_nothing);
}

static void add_kept(TCase *t)
{
    tcase_add_test(t, two_images_with_the_same_libraries_ask_once);
    tcase_add_test(t, another_build_at_the_same_path_is_asked_anew);
    tcase_add_test(t, an_image_without_stacks_asks_nothing);
    tcase_add_test(t, the_file_unused_for_longest_is_closed_first);
    tcase_add_test(t, files_that_hold_too_much_memory_are_closed);
}

static void add_names(TCase *t)
{
    tcase_add_test(t, inlined_functions_have_places_of_their_own);
    tcase_add_test(t, a_call_that_does_not_return_is_in_its_own_function);
    tcase_add_loop_test(t, separate_debug_files_give_names_and_lines, 0, 2);
    tcase_add_test(t, without_debug_information_exported_names_remain);
    tcase_add_test(
        t, what_a_signal_interrupted_is_named_by_the_instruction_itself);
    tcase_add_test(t, modules_that_were_unloaded_are_looked_up_in_their_epoch);
    tcase_add_test(t, frames_without_a_module_show_their_address);
    tcase_add_loop_test(t, names_are_demangled_in_three_languages, 0,
                        sizeof names / sizeof names[0]);
    tcase_add_test(t, a_name_that_would_grow_without_end_is_cut);
    tcase_add_test(t, names_that_are_long_or_deep_do_no_harm);
    tcase_add_test(t, what_compilers_append_to_names_is_not_shown);
}

Suite *symbols_suite(void);

Suite *symbols_suite(void)
{
    Suite *s = suite_create("symbols");
    TCase *right = tcase_create("names"), *wrong = tcase_create("hostile");
    TCase *kept = tcase_create("kept");
    TCase *cases[] = {right, wrong, kept};
    for (int i = 0; i < 3; i++) {
        tcase_add_unchecked_fixture(cases[i], build_library, remove_library);
        tcase_add_checked_fixture(cases[i], NULL, release);
        suite_add_tcase(s, cases[i]);
    }
    add_names(right);
    add_hostile(wrong);
    add_kept(kept);
    return s;
}
