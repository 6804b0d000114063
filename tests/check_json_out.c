/* SPDX-License-Identifier: MIT */
/* check_json_out.c - what is written is JSON, whatever the texts are */
#include "report/json_out.h"
#include "report/utf8.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct json_out j;
static char *written;
static size_t written_len;

static void begin(void)
{
    json_out_begin(&j, open_memstream(&written, &written_len));
}

static json_t *end(void)
{
    json_error_t e;
    json_out_end(&j);
    fclose(j.to);
    json_t *parsed = json_loads(written, JSON_DECODE_ANY, &e);
    ck_assert_msg(parsed != NULL, "%s in:\n%s", e.text, written);
    return parsed;
}

static void release(void)
{
    free(written);
    written = NULL;
}

START_TEST(objects_arrays_and_values_come_back)
{
    begin();
    json_out_open_object(&j);
    json_out_key(&j, "list");
    json_out_open_array(&j);
    json_out_number(&j, UINT64_C(9007199254740993));
    json_out_signed(&j, -3);
    json_out_bool(&j, true);
    json_out_null(&j);
    json_out_hex(&j, UINT64_C(1) << 63);
    json_out_open_array(&j);
    json_out_close(&j);
    json_out_close(&j);
    json_out_key(&j, "nothing");
    json_out_open_object(&j);
    json_out_close(&j);
    json_out_close(&j);

    json_t *o = end();
    const json_t *list = json_object_get(o, "list");
    ck_assert_uint_eq(json_array_size(list), 6);
    ck_assert_int_eq(json_integer_value(json_array_get(list, 0)),
                     INT64_C(9007199254740993));
    ck_assert_int_eq(json_integer_value(json_array_get(list, 1)), -3);
    ck_assert(json_is_true(json_array_get(list, 2)));
    ck_assert(json_is_null(json_array_get(list, 3)));
    ck_assert_str_eq(json_string_value(json_array_get(list, 4)),
                     "0x8000000000000000");
    ck_assert_uint_eq(json_object_size(json_object_get(o, "nothing")), 0);
    json_decref(o);
}
END_TEST

START_TEST(flat_parts_stand_on_one_line)
{
    begin();
    json_out_open_array(&j);
    for (int i = 0; i < 2; i++) {
        json_out_open_flat_object(&j);
        json_out_key(&j, "a");
        json_out_open_flat_array(&j);
        json_out_number(&j, 1);
        json_out_number(&j, 2);
        json_out_close(&j);
        json_out_key(&j, "b");
        json_out_number(&j, 3);
        json_out_close(&j);
    }
    json_out_close(&j);

    json_decref(end());
    ck_assert_str_eq(written, "[\n  {\"a\": [1, 2], \"b\": 3},\n"
                              "  {\"a\": [1, 2], \"b\": 3}\n]\n");
}
END_TEST

static const struct {
    const char *text, *comes_back;
} texts[] = {
    {"", ""},
    {"plain", "plain"},
    {"\"quoted\\\"", "\"quoted\\\""},
    {"line\nfeed\ttab\rreturn\x01", "line\nfeed\ttab\rreturn\x01"},
    {"\x1b[31mred\x7f", "\x1b[31mred\x7f"},
    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90"
                                             "\x8d"},
    {"bad\xff", "bad\xef\xbf\xbd"},
    {"cut\xe2\x82", "cut\xef\xbf\xbd\xef\xbf\xbd"},
    {"over\xc0\xafslash", "over\xef\xbf\xbd\xef\xbf\xbdslash"},
    {"\xed\xa0\x80 is half", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd is half"},
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xe2\x80\xae"
     "backwards",
     "\xe2\x80\xae"
     "backwards"},
    {"</script>]]>", "</script>]]>"},
};

START_TEST(texts_come_back_and_bad_bytes_are_replaced)
{
    begin();
    json_out_text(&j, texts[_i].text);

    json_t *s = end();
    ck_assert_str_eq(json_string_value(s), texts[_i].comes_back);
    json_decref(s);
    for (const char *c = written; *c; c++)
        ck_assert(*c == '\n' || ((unsigned char)*c >= 0x20 && *c != 0x7f));
    ck_assert_ptr_null(strstr(written, "\xe2\x80\xae"));
}
END_TEST

START_TEST(random_bytes_are_valid_json)
{
    char text[256];
    srandom((unsigned)_i);
    for (size_t k = 0; k < sizeof text - 1; k++)
        text[k] = (char)(1 + random() % 255);
    text[sizeof text - 1] = 0;
    begin();
    json_out_text(&j, text);

    json_t *s = end(); /* jansson refuses what is no UTF-8 */
    ck_assert_msg(json_is_string(s), "seed %d", _i);
    json_decref(s);
}
END_TEST

START_TEST(times_that_are_no_numbers_are_null)
{
    begin();
    json_out_open_array(&j);
    json_out_seconds(&j, 0.4125);
    json_out_seconds(&j, NAN);
    json_out_seconds(&j, INFINITY);
    json_out_close(&j);

    json_t *a = end();
    ck_assert_double_eq(json_real_value(json_array_get(a, 0)), 0.4125);
    ck_assert(json_is_null(json_array_get(a, 1)));
    ck_assert(json_is_null(json_array_get(a, 2)));
    json_decref(a);
}
END_TEST

START_TEST(every_character_is_written_as_it_is_read)
{
    for (uint32_t c = 1; c <= 0x10ffff; c++) {
        char bytes[5] = {0};
        const char *at = bytes;
        const unsigned n = utf8_put(bytes, c);
        const bool half = c >= 0xd800 && c <= 0xdfff;
        const uint32_t read = utf8_next(&at);
        if (read != (half ? UTF8_BAD : c) || at - bytes != (half ? 1 : (int)n))
            ck_abort_msg("character %x", c);
    }
}
END_TEST

Suite *json_out_suite(void);

Suite *json_out_suite(void)
{
    Suite *s = suite_create("json_out");
    TCase *t = tcase_create("writing");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_test(t, objects_arrays_and_values_come_back);
    tcase_add_test(t, flat_parts_stand_on_one_line);
    tcase_add_loop_test(t, texts_come_back_and_bad_bytes_are_replaced, 0,
                        sizeof texts / sizeof texts[0]);
    tcase_add_loop_test(t, random_bytes_are_valid_json, 0, 20);
    tcase_add_test(t, times_that_are_no_numbers_are_null);
    tcase_add_test(t, every_character_is_written_as_it_is_read);
    suite_add_tcase(s, t);
    return s;
}
