/* SPDX-License-Identifier: MIT */
/* check_report_text.c - how the text report tells each finding */
#include "report_kit.h"

static const char cycle_text[] =
    "./app --flag  (process 12, exit status 0)\n"
    "\n"
    "cycle a41c09e2  51 objects, 1,632 bytes; retains 410 objects, 12,310 "
    "bytes\n"
    "    17 times\n"
    "    Session \"main\".window -> Window.children -> List+16 -> Session "
    "\"main\"\n"
    "    types      1 Session, 1 Window, 1 List\n"
    "    closed by  Window.children, linked 0.412 s\n"
    "                 window_add_child  window.c:88\n"
    "                 session_open      session.c:41\n"
    "                 main              app.c:120\n"
    "    orphaned   last outside reference released 1.930 s\n"
    "                 window_add_child  window.c:88\n"
    "                 session_open      session.c:41\n"
    "                 main              app.c:120\n"
    "\n"
    "    1 cycle\n"
    "    54 allocations and 3 frees; at most 1,234,567 bytes at a time, 0 "
    "bytes in 0\n"
    "    blocks at the end\n"
    "\n"
    "verdict: findings\n";

START_TEST(a_cycle_is_told_in_words)
{
    add(cycle());
    ck_assert_str_eq(text(), cycle_text);
}
END_TEST

static const char leak_text[] =
    "\n"
    "leak 1f3c9a0d  3 blocks, 96 bytes by malloc   unknown reach\n"
    "    copy                              list.h:12 (inlined)\n"
    "    grow                              "
    ".../is/written/list_of_things.c:1234\n"
    "    std::vector<...>::push_back(...)  "
    "/usr/include/c++/12/bits/stl_vector.h:1287\n"
    "    libplug.so+0x77\n"
    "    exported                          libplug.so+0x99\n"
    "    main                              app.c:99\n";

START_TEST(a_leak_is_told_with_its_stack_aligned)
{
    add(leak(0));
    text();
    assert_tidy();
    assert_shows(leak_text);
    assert_hides("_start");
}
END_TEST

START_TEST(misuse_is_told_with_both_stacks)
{
    add(misuse());
    text();
    assert_tidy();
    assert_shows("\nmisuse 1f3c9a0d  double-free   3 times\n"
                 "    freed again by\n                 copy ");
    assert_shows("    made by\n                 window_add_child");
}
END_TEST

START_TEST(a_release_of_the_dead_is_told_with_the_death)
{
    struct finding f = misuse();
    f.what = "release of the dead";
    f.label = "casper";
    f.has_death = true;
    f.death_time = 0.25;
    f.death_stack = STACK(window);
    add(f);
    text();
    assert_tidy();
    assert_shows("  release of the dead \"casper\"   3 times\n");
    assert_shows("    died at    0.250 s\n                 window_add_child");
}
END_TEST

START_TEST(an_over_release_is_told_with_its_references)
{
    struct finding f = unbalanced(REACH_DEFINITE);
    f.kind = FINDING_OVER_RELEASE;
    f.what = "fewer counts than references";
    f.stack = STACK(window);
    struct finding_member held[3] = {members[0], members[1], members[2]};
    struct finding_edge root = {OURO_NONE, 0, "cache", 2, 0.5, {0}};
    held[0].owned = 3;
    held[0].unknown = -2;
    f.n_members = f.n_edges = 3;
    f.members = held;
    f.edges = edges;
    f.n_roots = 1;
    f.roots = &root;
    f.references_more = 7;
    add(f);
    text();
    assert_tidy();
    assert_shows("    what       fewer counts than references\n"
                 "    types      1 Session, 1 Window\n"
                 "    counts     1 count for 3 references\n"
                 "    to mend    each reference needs a count of its own: take "
                 "one where it is\n"
                 "               linked, or drop the release that is too many\n"
                 "    made by\n                 window_add_child  window.c:88");
    assert_shows("    held by    Session \"main\".window, linked 0.250 s\n"
                 "    held by    Window.children, linked 0.412 s\n"
                 "    linked by\n                 window_add_child ");
    assert_shows("    held by    root cache 2 times, linked 0.500 s\n"
                 "    ... and 7 more references\n");
}
END_TEST

START_TEST(what_died_without_a_type_is_an_object)
{
    struct finding f = misuse();
    f.kind = FINDING_OVER_RELEASE;
    f.what = "died while node.next held it, and holds it yet";
    f.label = "casper";
    f.n_types = 0;
    f.types = NULL;
    f.has_death = true;
    add(f);
    text();
    assert_tidy();
    assert_shows("\nover-release 1f3c9a0d  object \"casper\"   3 times\n");
}
END_TEST

START_TEST(ten_of_a_kind_are_told_and_the_rest_counted)
{
    for (int i = 0; i < 13; i++)
        add(leak(i));
    text();
    int n = 0;
    for (const char *p = written; (p = strstr(p, "\nleak ")); p++)
        n++;
    ck_assert_int_eq(n, 10);
    assert_tidy();
    assert_shows("\n... and 3 more leaks of 288 bytes; 'ouro report --all' "
                 "tells them\n");
    assert_shows("    13 leaks\n");
}
END_TEST

START_TEST(all_of_a_kind_are_told_if_asked_for)
{
    struct report r = {.out = open_memstream(&written, &written_len),
                       .all = true};
    for (int i = 0; i < 13; i++)
        add(leak(i));
    report_text.begin(&r);
    report_image(&r, &report_text, &image);
    report_text.end(&r);
    fclose(r.out);
    int n = 0;
    for (const char *p = written; (p = strstr(p, "\nleak ")); p++)
        n++;
    ck_assert_int_eq(n, 13);
    assert_hides("more leaks");
}
END_TEST

START_TEST(unbalanced_for_unknown_reasons_is_one_line_and_no_finding)
{
    for (int i = 0; i < 3; i++)
        add(unbalanced(REACH_UNKNOWN));
    text();
    assert_tidy();
    assert_shows("\nunbalanced  12 objects (Session, Window) from 3 sites: "
                 "unexplained\n\n");
    assert_hides("nothing found");
    assert_shows("    nothing certain; 12 objects with unexplained counts "
                 "('ouro report --all'\n    tells them)\n");
    assert_shows("verdict: clean\n");
}
END_TEST

START_TEST(unbalanced_beside_a_finding_is_not_summed_up_again)
{
    add(unbalanced(REACH_UNKNOWN));
    add(leak(0));
    text();
    assert_shows("    1 leak\n");
}
END_TEST

START_TEST(unbalanced_in_clean_images_is_not_nothing)
{
    add(unbalanced(REACH_UNKNOWN));
    write_images(&report_text, 2);
    ck_assert_str_eq(written, "2 process images: nothing certain; 8 objects "
                              "with unexplained counts\nverdict: clean\n");
}
END_TEST

START_TEST(unbalanced_for_known_reasons_is_a_finding)
{
    add(unbalanced(REACH_DEFINITE));
    text();
    assert_shows("unbalanced 1f3c9a0d  4 objects, 96 bytes   definite\n"
                 "    types      1 Session, 1 Window\n");
    assert_shows("verdict: findings\n");
}
END_TEST

START_TEST(what_roots_reach_is_not_told)
{
    add(unbalanced(REACH_REACHABLE));
    text();
    assert_hides("1f3c9a0d");
    assert_shows("verdict: clean\n");
}
END_TEST

START_TEST(a_long_stack_loses_its_middle)
{
    static struct place deep[500];
    for (int i = 0; i < 500; i++)
        deep[i] =
            (struct place){"descend", "deep.c", (uint32_t)i + 1, "", 0, false};
    struct finding f = leak(0);
    f.stack = STACK(deep);
    add(f);
    text();
    assert_shows("    descend  deep.c:9\n    ... 488 more frames\n"
                 "    descend  deep.c:498\n");
}
END_TEST

START_TEST(a_long_witness_loses_its_middle)
{
    static struct finding_member many[100];
    static struct finding_edge chain[100];
    static uint32_t all[100];
    for (uint32_t i = 0; i < 100; i++) {
        many[i].type = "Node";
        chain[i] = (struct finding_edge){.from = i, .to = (i + 1) % 100};
        chain[i].field = "next";
        all[i] = i;
    }
    struct finding f = cycle();
    f.n_members = f.n_edges = f.n_witness = 100;
    f.members = many;
    f.edges = chain;
    f.witness = all;
    add(f);
    text();
    assert_tidy();
    assert_shows("-> (93 more)\n"
                 "      -> Node.next -> Node.next -> Node\n");
}
END_TEST

START_TEST(nasty_names_do_nothing_to_a_terminal)
{
    make_nasty();
    text();
    assert_tidy();
    assert_shows("n\\x1b[31m\"\\</script>]]>%0A::error\\x0d\\x0a");
}
END_TEST

START_TEST(colours_come_only_when_asked_for)
{
    struct report r = {.colour = true};
    add(leak(0));
    text();
    assert_hides("\x1b");
    free(written);
    r.out = open_memstream(&written, &written_len);
    report_text.begin(&r);
    report_image(&r, &report_text, &image);
    report_text.end(&r);
    fclose(r.out);
    assert_shows("\x1b[1;31mleak 1f3c9a0d\x1b[0m  3 blocks");
}
END_TEST

Suite *report_text_suite(void);

Suite *report_text_suite(void)
{
    Suite *s = suite_create("report_text");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, a_cycle_is_told_in_words);
    tcase_add_test(t, a_leak_is_told_with_its_stack_aligned);
    tcase_add_test(t, misuse_is_told_with_both_stacks);
    tcase_add_test(t, a_release_of_the_dead_is_told_with_the_death);
    tcase_add_test(t, an_over_release_is_told_with_its_references);
    tcase_add_test(t, what_died_without_a_type_is_an_object);
    tcase_add_test(t, ten_of_a_kind_are_told_and_the_rest_counted);
    tcase_add_test(t, all_of_a_kind_are_told_if_asked_for);
    tcase_add_test(t,
                   unbalanced_for_unknown_reasons_is_one_line_and_no_finding);
    tcase_add_test(t, unbalanced_beside_a_finding_is_not_summed_up_again);
    tcase_add_test(t, unbalanced_in_clean_images_is_not_nothing);
    tcase_add_test(t, unbalanced_for_known_reasons_is_a_finding);
    tcase_add_test(t, what_roots_reach_is_not_told);
    tcase_add_test(t, a_long_stack_loses_its_middle);
    tcase_add_test(t, a_long_witness_loses_its_middle);
    tcase_add_test(t, nasty_names_do_nothing_to_a_terminal);
    tcase_add_test(t, colours_come_only_when_asked_for);
    suite_add_tcase(s, t);
    return s;
}
