/* SPDX-License-Identifier: MIT */
/* check_format_texts.c - text of any kind in XML, in Markdown and as a path */
#include "report/markdown_text.h"
#include "report/source_path.h"
#include "report/xml_out.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char *written;
static size_t written_len;

static void release(void)
{
    free(written);
    written = NULL;
}

static void assert_writes(void (*put)(FILE *to, const char *text),
                          const char *text, const char *wanted)
{
    FILE *to = open_memstream(&written, &written_len);
    put(to, text);
    fclose(to);
    ck_assert_str_eq(written, wanted);
    release();
}

START_TEST(markup_controls_and_bad_bytes_are_text_in_xml)
{
    assert_writes(xml_put, "a<b>&\"']]>", "a&#60;b&#62;&#38;&#34;&#39;]]&#62;");
    assert_writes(xml_put, "\x1b[0m\t\r\n", "\\x1b[0m\\x09\\x0d\n");
    assert_writes(xml_put, "\xff \xef\xbf\xbe\xef\xbf\xbf \xe2\x80\xae",
                  "\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd \\u202e");
}
END_TEST

static void as_attribute(FILE *to, const char *text)
{
    xml_attribute(to, "name", text);
}

START_TEST(an_attribute_of_xml_is_one_line)
{
    assert_writes(as_attribute, "a\n\"b\"", " name=\"a\\x0a&#34;b&#34;\"");
}
END_TEST

START_TEST(a_code_span_holds_what_would_end_it)
{
    assert_writes(markdown_code, "a.c:7 <b> *x*", "`a.c:7 <b> *x*`");
    assert_writes(markdown_code, "", "");
    assert_writes(markdown_code, "a`b", "<code>a&#96;b</code>");
    assert_writes(markdown_code, "a|b_c", "<code>a&#124;b&#95;c</code>");
    assert_writes(markdown_code, "a\\", "<code>a&#92;</code>");
    assert_writes(markdown_code, " a", "<code> a</code>");
}
END_TEST

START_TEST(code_inside_of_html_opens_no_tag)
{
    assert_writes(markdown_html_code, "</code><b>&lt;",
                  "<code>&#60;/code&#62;&#60;b&#62;&#38;lt;</code>");
}
END_TEST

START_TEST(no_line_closes_its_block)
{
    assert_writes(markdown_block, "x\n", "```text\nx\n```\n");
    assert_writes(markdown_block, "`\n```\n````\n",
                  "`````text\n`\n```\n````\n`````\n");
}
END_TEST

static const struct {
    const char *root, *file, *path, *uri;
} paths[] = {
    {"/no/where", "/no/where/src/a.c", "src/a.c", "src/a.c"},
    {"/no/where/", "/no//where/./b/../src/a.c", "src/a.c", "src/a.c"},
    {"/no/where", "/no/wherever/a.c", NULL, "file:///no/wherever/a.c"},
    {"/no/where", "/no/where", NULL, "file:///no/where"},
    {"/no/where", "/no/where/../a.c", NULL, "file:///no/a.c"},
    {"/no/where", "../src/a.c", "src/a.c", "src/a.c"},
    {"/no/where", "./a/../../../b.c", "b.c", "b.c"},
    {"/no/where", "a b%\xff:\n.c", "a b%\xff:\n.c", "a%20b%25%FF%3A%0A.c"},
    {"/no/where", "../..", "unknown", "unknown"},
    {"/no/where", "", "unknown", "unknown"},
};

START_TEST(a_file_is_told_relative_to_the_root_where_it_can_be)
{
    struct source_root root;
    char path[SOURCE_PATH], uri[3 * SOURCE_PATH + 8];
    source_root_find(&root, paths[_i].root);

    const bool relative = source_path(&root, paths[_i].file, path);
    source_uri(&root, paths[_i].file, uri);

    ck_assert_int_eq(relative, paths[_i].path != NULL);
    if (relative)
        ck_assert_str_eq(path, paths[_i].path);
    ck_assert_str_eq(uri, paths[_i].uri);
}
END_TEST

START_TEST(a_path_of_any_length_fits)
{
    struct source_root root;
    char path[SOURCE_PATH], uri[3 * SOURCE_PATH + 8];
    char *deep = malloc(100001);
    for (int i = 0; i < 50000; i++)
        memcpy(deep + 2 * i, i % 2 == 0 ? "\xff/" : "a/", 2);
    deep[100000] = 0;
    source_root_find(&root, deep);

    ck_assert(source_path(&root, deep, path));
    source_uri(&root, deep, uri);

    ck_assert_uint_lt(strlen(path), sizeof path);
    ck_assert_uint_lt(strlen(uri), sizeof uri);
    free(deep);
}
END_TEST

Suite *format_texts_suite(void);

Suite *format_texts_suite(void)
{
    Suite *s = suite_create("format_texts");
    TCase *t = tcase_create("texts");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_test(t, markup_controls_and_bad_bytes_are_text_in_xml);
    tcase_add_test(t, an_attribute_of_xml_is_one_line);
    tcase_add_test(t, a_code_span_holds_what_would_end_it);
    tcase_add_test(t, code_inside_of_html_opens_no_tag);
    tcase_add_test(t, no_line_closes_its_block);
    tcase_add_loop_test(t, a_file_is_told_relative_to_the_root_where_it_can_be,
                        0, sizeof paths / sizeof paths[0]);
    tcase_add_test(t, a_path_of_any_length_fits);
    suite_add_tcase(s, t);
    return s;
}
