/* SPDX-License-Identifier: MIT */
/* check_symbols.c - addresses get their right names, whatever the files say */
#include "symbols_kit.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

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

/* And no answer of the one kind is taken for one of the other. */
START_TEST(plain_names_of_the_systems_files_have_no_lines)
{
    void *library = load();
    const uint64_t own = call(library, "outer");
    const uint64_t puts_ip = (uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, "puts");
    struct places whole = look_up((const uint64_t[]){puts_ip + 4, own}, 2);
    ck_assert_uint_eq(whole.n, 4);
    const uint32_t s = trace.stacks.n - 1;

    symbols_find_plain(&symbols, symbolizer, &arena, &trace, &s, 1);
    const struct places plain = symbols_stack(&symbols, &arena, s);
    ck_assert_uint_eq(plain.n, 4);
    assert_place(&plain.at[0], "innermost", 12, true);
    assert_place(&plain.at[2], "outer", 20, false);
    ck_assert_str_ne(plain.at[3].function, "");
    ck_assert_str_eq(plain.at[3].file, "");
    ck_assert_uint_eq(plain.at[3].line, 0);
    ck_assert_str_eq(symbols.note, "");
    ck_assert(!symbols.lines_missing);

    const struct place before = whole.at[3];
    symbols_find(&symbols, symbolizer, &arena, &trace, &s, 1, NULL);
    whole = symbols_stack(&symbols, &arena, s);
    ck_assert(place_looks_like(&whole.at[3], &before));
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
}

static void add_kept(TCase *t)
{
    tcase_add_test(t, two_images_with_the_same_libraries_ask_once);
    tcase_add_test(t, another_build_at_the_same_path_is_asked_anew);
    tcase_add_test(t, plain_names_of_the_systems_files_have_no_lines);
    tcase_add_test(t, an_image_without_stacks_asks_nothing);
}

static void add_hostile(TCase *t)
{
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_file_with_another_build_id_is_not_used);
    tcase_add_test(t, debug_information_of_another_build_is_not_used);
    tcase_add_loop_test(t, what_is_no_regular_file_is_not_read, 0,
                        sizeof strange / sizeof strange[0]);
    tcase_add_loop_test(t, a_damaged_file_costs_names_and_nothing_else, 0, 66);
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
