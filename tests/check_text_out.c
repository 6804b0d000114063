/* SPDX-License-Identifier: MIT */
/* check_text_out.c - names and numbers fit into columns */
#include "report/text_stack.h"
#include "report_kit.h"

static const struct {
    const char *name;
    int max;
    const char *shown;
} names[] = {
    {"short", 20, "short"},
    {"a_function_in_c_with_a_long_name", 20, "a_function_in_c_w..."},
    {"ns::f(int, int, int, int)", 12, "ns::f(...)"},
    {"ns::C<int, std::less<int> >::f(int)", 20, "ns::C<...>::f(int)"},
    {"outer::inner::deepest::f(int)", 16, "...epest::f(...)"},
    {"(anonymous namespace)::f(int, int)", 29, "(anonymous namespace)::f(...)"},
    {"C::operator<(C const&, C const&)", 18, "C::operator<(...)"},
    {"C::operator()(int, long, char) const", 26, "C::operator()(...) const"},
    {"C::operator->(int, long)", 20, "C::operator->(...)"},
    {"f<a->b, 12345678>(int)", 12, "f<...>(int)"},
    {"unclosed<a, b, c, d", 12, "unclosed<..."},
};

START_TEST(names_are_shortened_where_it_hurts_least)
{
    const struct text t = text_function(names[_i].name, names[_i].max);
    ck_assert_int_le(t.columns, names[_i].max);
    ck_assert_str_eq(t.bytes, names[_i].shown);
}
END_TEST

START_TEST(random_names_never_break_the_line)
{
    static char name[3000];
    static struct place p = {.file = name, .function = name, .module = ""};
    srandom((unsigned)_i);
    const long len = random() % (long)sizeof name;
    for (long i = 0; i < len; i++)
        name[i] =
            (char)(_i % 2 ? 1 + random() % 255
                          : "<>():-,operator \xe2\x82\xac/"[random() % 20]);
    name[len] = 0;
    p.line = (uint32_t)random();
    p.inlined = _i % 3 == 0;
    struct text_out o = {.to = open_memstream(&written, &written_len)};
    text_stack(&o, 4 + _i % 14, (struct places){1, &p});
    fclose(o.to);
    assert_tidy();
}
END_TEST

START_TEST(numbers_have_commas)
{
    ck_assert_str_eq(text_number(0).bytes, "0");
    ck_assert_str_eq(text_number(999).bytes, "999");
    ck_assert_str_eq(text_number(1000).bytes, "1,000");
    ck_assert_str_eq(text_number(UINT64_MAX).bytes,
                     "18,446,744,073,709,551,615");
    ck_assert_str_eq(text_count(1, "byte").bytes, "1 byte");
    ck_assert_str_eq(text_count(12310, "byte").bytes, "12,310 bytes");
}
END_TEST

Suite *text_out_suite(void);

Suite *text_out_suite(void)
{
    Suite *s = suite_create("text_out");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_loop_test(t, names_are_shortened_where_it_hurts_least, 0,
                        sizeof names / sizeof names[0]);
    tcase_add_loop_test(t, random_names_never_break_the_line, 0, 200);
    tcase_add_test(t, numbers_have_commas);
    suite_add_tcase(s, t);
    return s;
}
