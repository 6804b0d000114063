/* SPDX-License-Identifier: MIT */
/* check_preflight.c - what cannot be recorded is refused before it is started
 */
#include "err.h"
#include "launch/elf_facts.h"
#include "launch/preflight.h"

#include <check.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define LOADER "/lib64/ld-linux-x86-64.so.2"
enum { MACHINE = EM_X86_64, OTHER_MACHINE = EM_AARCH64 };
#else
#define LOADER "/lib/ld-linux-aarch64.so.1"
enum { MACHINE = EM_AARCH64, OTHER_MACHINE = EM_X86_64 };
#endif

/*
 * A program as small as the facts allow: headers, a loader's name, a dynamic
 * section that needs one library, and a table with one symbol.
 */
struct tiny {
    Elf64_Ehdr head;
    Elf64_Phdr segments[3];
    char loader[64];
    Elf64_Dyn dynamic[4];
    char names[64];
    Elf64_Sym symbols[2];
    Elf64_Shdr sections[3];
};

enum { LIBRARY_AT = 1, SYMBOL_AT = 32 };

static struct tiny tiny(const char *loader, const char *library,
                        const char *symbol)
{
    struct tiny t = {
        .head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                             ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_DYN,
                 .e_machine = MACHINE,
                 .e_phoff = offsetof(struct tiny, segments),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 3,
                 .e_shoff = offsetof(struct tiny, sections),
                 .e_shentsize = sizeof(Elf64_Shdr),
                 .e_shnum = 3},
        .segments = {{.p_type = PT_LOAD, .p_filesz = sizeof t},
                     {.p_type = PT_DYNAMIC,
                      .p_offset = offsetof(struct tiny, dynamic),
                      .p_filesz = sizeof t.dynamic},
                     {.p_type = loader ? PT_INTERP : PT_NOTE,
                      .p_offset = offsetof(struct tiny, loader),
                      .p_filesz = loader ? strlen(loader) + 1 : 0}},
        .dynamic = {{DT_NEEDED, {LIBRARY_AT}},
                    {DT_STRTAB, {offsetof(struct tiny, names)}},
                    {DT_STRSZ, {sizeof t.names}},
                    {DT_NULL, {0}}},
        .symbols = {{.st_name = 0},
                    {.st_name = SYMBOL_AT,
                     .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                     .st_shndx = 1}},
        .sections = {{.sh_type = SHT_NULL},
                     {.sh_type = SHT_STRTAB,
                      .sh_offset = offsetof(struct tiny, names),
                      .sh_size = sizeof t.names},
                     {.sh_type = SHT_SYMTAB,
                      .sh_link = 1,
                      .sh_offset = offsetof(struct tiny, symbols),
                      .sh_size = sizeof t.symbols}}};
    if (loader)
        strcpy(t.loader, loader);
    strcpy(t.names + LIBRARY_AT, library);
    strcpy(t.names + SYMBOL_AT, symbol);
    return t;
}

static struct tiny normal(void)
{
    return tiny(LOADER, "libc.so.6", "main");
}

static char dir[] = "/tmp/check_preflight.XXXXXX", file[PATH_MAX];

static void make_dir(void)
{
    strcpy(dir, "/tmp/check_preflight.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/program", dir);
}

static void remove_dir(void)
{
    unlink(file);
    rmdir(dir);
}

static void put(const void *bytes, size_t len, mode_t mode)
{
    const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

/* The sentence that preflight has to say; "" none. */
static const char *verdict(int expected)
{
    static struct err e;
    static struct program p;
    e.text[0] = '\0';
    ck_assert_int_eq(preflight(file, &p, &e), expected);
    ck_assert_ptr_null(strchr(e.text, '\n'));
    return expected ? e.text : p.note;
}

static const char *verdict_on(const struct tiny *t, int expected)
{
    put(t, sizeof *t, 0700);
    return verdict(expected);
}

static void ck_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part), "no '%s' in: %s", part, text);
}

START_TEST(a_program_of_this_machine_and_glibc_goes_ahead)
{
    const struct tiny t = normal();

    ck_assert_str_eq(verdict_on(&t, 0), "");
}
END_TEST

START_TEST(a_program_without_a_loader_is_static)
{
    struct tiny t = tiny(NULL, "libc.so.6", "main");

    ck_has(verdict_on(&t, RC_USAGE), "(static-pie)");
    t.segments[1].p_type = PT_NOTE;
    ck_has(verdict_on(&t, RC_USAGE), "without -static)");
}
END_TEST

START_TEST(a_musl_program_is_refused_with_its_loader)
{
    const struct tiny t = tiny("/lib/ld-musl-any.so.1", "libc.so", "main");

    ck_has(verdict_on(&t, RC_USAGE), "/lib/ld-musl-any.so.1");
}
END_TEST

START_TEST(another_loader_is_refused)
{
    const struct tiny t = tiny("/system/bin/linker64", "libc.so", "main");

    ck_has(verdict_on(&t, RC_USAGE), "not glibc's loader");
}
END_TEST

START_TEST(another_directory_of_glibcs_loader_is_fine)
{
    const struct tiny t = tiny(strrchr(LOADER, '/') + 1, "libc.so.6", "main");

    ck_assert_str_eq(verdict_on(&t, 0), "");
}
END_TEST

START_TEST(a_32_bit_program_and_another_machines_are_refused)
{
    struct tiny t = normal();
    t.head.e_ident[EI_CLASS] = ELFCLASS32;
    t.head.e_machine = EM_386;
    ck_has(verdict_on(&t, RC_USAGE), "32-bit");
    t = normal();
    t.head.e_machine = OTHER_MACHINE;
    ck_has(verdict_on(&t, RC_USAGE), "libouro.so is for");
    t = normal();
    t.head.e_ident[EI_DATA] = ELFDATA2MSB;
    t.head.e_type = __builtin_bswap16(ET_DYN);
    t.head.e_machine = __builtin_bswap16(EM_S390);
    ck_has(verdict_on(&t, RC_USAGE), "s390");
}
END_TEST

static const struct {
    const char *library, *symbol, *says;
} sanitized[] = {
    {"libasan.so.8", "main", "AddressSanitizer"},
    {"libtsan.so.2", "main", "ThreadSanitizer"},
    {"liblsan.so.0", "main", "LeakSanitizer"},
    {"libclang_rt.asan-x86_64.so", "main", "AddressSanitizer"},
    {"libc.so.6", "__asan_init", "AddressSanitizer"},
    {"libc.so.6", "__msan_init", "MemorySanitizer"},
    {"libc.so.6", "__tsan_init", "ThreadSanitizer"},
    {"libc.so.6", "__lsan_init", "LeakSanitizer"},
};

START_TEST(a_sanitized_program_is_refused)
{
    const struct tiny t =
        tiny(LOADER, sanitized[_i].library, sanitized[_i].symbol);

    ck_has(verdict_on(&t, RC_USAGE), sanitized[_i].says);
}
END_TEST

START_TEST(the_undefined_behaviour_sanitizer_is_no_obstacle)
{
    const struct tiny t = tiny(LOADER, "libubsan.so.1", "__ubsan_init");

    ck_assert_str_eq(verdict_on(&t, 0), "");
}
END_TEST

START_TEST(an_allocator_linked_in_is_a_note)
{
    struct tiny t = tiny(LOADER, "libc.so.6", "mallctl");
    ck_has(verdict_on(&t, 0), "jemalloc linked in: only");
    t = tiny(LOADER, "libc.so.6", "malloc");
    ck_has(verdict_on(&t, 0), "will not be seen");
    t.symbols[1].st_shndx = SHN_UNDEF;
    ck_assert_str_eq(verdict_on(&t, 0), "");
    t.symbols[1].st_shndx = 1;
    t.symbols[1].st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
    ck_assert_str_eq(verdict_on(&t, 0), "");
}
END_TEST

START_TEST(a_set_user_id_program_of_another_is_refused)
{
    const struct tiny t = normal();
    if (geteuid() != 0)
        return; /* only root can make one */
    put(&t, sizeof t, 0700);
    ck_assert_int_eq(chown(file, 12345, 12345), 0);
    ck_assert_int_eq(chmod(file, 04755), 0);
    ck_has(verdict(RC_USAGE), "set-user-ID");
    ck_assert_int_eq(chmod(file, 02755), 0);
    ck_has(verdict(RC_USAGE), "set-group-ID");
    ck_assert_int_eq(chown(file, geteuid(), getegid()), 0);
    ck_assert_int_eq(chmod(file, 06755), 0);
    ck_assert_str_eq(verdict(0), "");
}
END_TEST

START_TEST(a_script_is_judged_by_its_interpreter)
{
    const struct tiny t = tiny(NULL, "libc.so.6", "main");
    char script[2 * PATH_MAX], interpreter[PATH_MAX];
    put(&t, sizeof t, 0700);
    snprintf(interpreter, sizeof interpreter, "%.200s/interpreter", dir);
    ck_assert_int_eq(rename(file, interpreter), 0);
    snprintf(script, sizeof script, "#! \t%s -e\nexit\n", interpreter);

    put(script, strlen(script), 0700);
    const char *says = verdict(RC_USAGE);
    unlink(interpreter);

    ck_has(says, interpreter);
    ck_has(says, "statically linked");
}
END_TEST

START_TEST(a_script_without_an_interpreter_is_not_found)
{
    const char lost[] = "#!/nonexistent/interpreter\n";

    put(lost, sizeof lost - 1, 0700);
    ck_has(verdict(PREFLIGHT_NOT_FOUND), "/nonexistent/interpreter");
}
END_TEST

START_TEST(a_script_that_runs_itself_ends)
{
    char script[PATH_MAX + 8];
    snprintf(script, sizeof script, "#!%s\n", file);

    put(script, strlen(script), 0700);
    ck_assert_str_eq(verdict(0), "");
}
END_TEST

/* Not where an emulator runs us: the shell is another machine's there. */
static bool shell_is_of_this_machine(void)
{
    Elf64_Ehdr head = {0};
    FILE *f = fopen("/bin/sh", "rb");
    ck_assert_ptr_nonnull(f);
    const size_t n = fread(&head, sizeof head, 1, f);
    fclose(f);
    return n == 1 && head.e_machine == MACHINE;
}

START_TEST(what_is_no_program_has_the_shells_exit_codes)
{
    struct err e;
    struct program p;

    put("exit 0\n", 7, 0600);
    ck_has(verdict(PREFLIGHT_NOT_EXECUTABLE), "permission denied");
    put("exit 0\n", 7, 0700);
    /* the shell's, as execvp has it */
    if (shell_is_of_this_machine())
        ck_assert_str_eq(verdict(0), "");
    else
        ck_has(verdict(RC_USAGE), "/bin/sh, which is for ");
    ck_assert_int_eq(preflight(dir, &p, &e), PREFLIGHT_NOT_EXECUTABLE);
    ck_has(e.text, "directory");
    ck_assert_int_eq(preflight("", &p, &e), PREFLIGHT_NOT_FOUND);
    ck_assert_int_eq(preflight("no-such-command-anywhere", &p, &e),
                     PREFLIGHT_NOT_FOUND);
}
END_TEST

START_TEST(a_name_is_looked_for_in_path)
{
    struct err e;
    struct program p;
    const struct tiny t = normal();
    char path[PATH_MAX];
    char *before = strdup(getenv("PATH"));
    put(&t, sizeof t, 0700);
    snprintf(path, sizeof path, "/nonexistent:%s:/bin", dir);

    ck_assert_int_eq(setenv("PATH", path, 1), 0);
    const int rc = preflight("program", &p, &e);
    setenv("PATH", before, 1);
    free(before);

    ck_assert_int_eq(rc, 0);
    ck_assert_str_eq(p.path, file);
}
END_TEST

/* Each cut in a mapping of exactly that size, so that a sanitizer sees a read
   behind it. */
START_TEST(a_program_cut_at_any_byte_is_read_within_its_bounds)
{
    const struct tiny t = tiny(LOADER, "libasan.so.8", "je_malloc");
    for (size_t len = 0; len <= sizeof t; len++) {
        unsigned char *bytes = malloc(len ? len : 1);
        ck_assert_ptr_nonnull(bytes);
        memcpy(bytes, &t, len);
        const struct elf_facts f = elf_facts_of(bytes, len);
        free(bytes);
        ck_assert_int_eq(f.damaged || f.unsure || !f.is_elf, len < sizeof t);
        if (f.is_elf && !f.unsure)
            ck_assert_str_eq(f.loader, LOADER);
    }
}
END_TEST

START_TEST(a_program_cut_in_its_headers_is_not_called_static)
{
    const struct tiny t = normal();
    for (size_t len = EI_NIDENT; len < offsetof(struct tiny, loader);
         len += 7) {
        put(&t, len, 0700);
        ck_assert_str_eq(verdict(0), "");
    }
}
END_TEST

/* Each of them all of the file, if they were believed: minutes. */
START_TEST(tables_of_symbols_that_overlap_are_damage)
{
    enum { SECTIONS = 65535 };
    struct tiny t = normal();
    const size_t len = sizeof t + SECTIONS * sizeof(Elf64_Shdr);
    unsigned char *bytes = calloc(1, len);
    ck_assert_ptr_nonnull(bytes);
    t.head.e_shoff = sizeof t;
    t.head.e_shnum = SECTIONS;
    memcpy(bytes, &t, sizeof t);
    for (size_t i = 0; i < SECTIONS; i++) {
        const Elf64_Shdr all = {.sh_type = SHT_SYMTAB, .sh_size = len};
        memcpy(bytes + sizeof t + i * sizeof all, &all, sizeof all);
    }
    const struct elf_facts f = elf_facts_of(bytes, len);
    free(bytes);
    ck_assert(f.damaged);
    ck_assert(!f.unsure);
}
END_TEST

START_TEST(any_changed_bytes_are_read_within_the_bounds)
{
    const unsigned seed = 20230823;
    unsigned state = seed;
    for (int round = 0; round < 20000; round++) {
        struct tiny *t = malloc(sizeof *t);
        ck_assert_ptr_nonnull(t);
        *t = tiny(LOADER, "libasan.so.8", "je_malloc");
        for (int i = 0; i < 4; i++) {
            state = state * 1103515245 + 12345;
            const size_t at = SELFMAG + (state >> 8) % (sizeof *t - SELFMAG);
            ((unsigned char *)t)[at] = (unsigned char)(state >> 5);
        }
        const struct elf_facts f = elf_facts_of(t, sizeof *t);
        free(t);
        ck_assert_msg(memchr(f.loader, '\0', sizeof f.loader), "seed %u", seed);
    }
}
END_TEST

Suite *preflight_suite(void);
Suite *preflight_suite(void)
{
    Suite *s = suite_create("preflight");
    TCase *c = tcase_create("programs");
    tcase_add_checked_fixture(c, make_dir, remove_dir);
    tcase_add_test(c, a_program_of_this_machine_and_glibc_goes_ahead);
    tcase_add_test(c, a_program_without_a_loader_is_static);
    tcase_add_test(c, a_musl_program_is_refused_with_its_loader);
    tcase_add_test(c, another_loader_is_refused);
    tcase_add_test(c, another_directory_of_glibcs_loader_is_fine);
    tcase_add_test(c, a_32_bit_program_and_another_machines_are_refused);
    tcase_add_loop_test(c, a_sanitized_program_is_refused, 0,
                        (int)(sizeof sanitized / sizeof sanitized[0]));
    tcase_add_test(c, the_undefined_behaviour_sanitizer_is_no_obstacle);
    tcase_add_test(c, an_allocator_linked_in_is_a_note);
    tcase_add_test(c, a_set_user_id_program_of_another_is_refused);
    tcase_add_test(c, a_script_is_judged_by_its_interpreter);
    tcase_add_test(c, a_script_without_an_interpreter_is_not_found);
    tcase_add_test(c, a_script_that_runs_itself_ends);
    tcase_add_test(c, what_is_no_program_has_the_shells_exit_codes);
    tcase_add_test(c, a_name_is_looked_for_in_path);
    tcase_add_test(c, a_program_cut_in_its_headers_is_not_called_static);
    suite_add_tcase(s, c);
    c = tcase_create("bytes");
    tcase_add_test(c, a_program_cut_at_any_byte_is_read_within_its_bounds);
    tcase_add_test(c, tables_of_symbols_that_overlap_are_damage);
    tcase_add_test(c, any_changed_bytes_are_read_within_the_bounds);
    suite_add_tcase(s, c);
    return s;
}
