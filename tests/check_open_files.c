/* SPDX-License-Identifier: MIT */
/* check_open_files.c - files that are read for their symbols do not pile up */
#include "explain/open_files.h"
#include "symbols_kit.h"

static struct open_files files;

static struct symbol_file *open_file(const char *name)
{
    char path[256];
    path_of(path, name);
    void *library = load();
    const uint64_t ip = call(library, "outer");
    const struct module *m = module_at(ip);
    const struct elf_source is = {.path = path,
                                  .id = {m->build_id, m->build_id_len}};
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

Suite *open_files_suite(void);

Suite *open_files_suite(void)
{
    Suite *s = suite_create("open_files");
    TCase *t = tcase_create("all");
    tcase_add_unchecked_fixture(t, build_library, remove_library);
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_test(t, the_file_unused_for_longest_is_closed_first);
    tcase_add_test(t, files_that_hold_too_much_memory_are_closed);
    suite_add_tcase(s, t);
    return s;
}
