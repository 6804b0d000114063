/* SPDX-License-Identifier: MIT */
/* check_report_cycle.c - the text says how to break a cycle, and fits a screen
 */
#include "report/text_finding.h"
#include "report_kit.h"

static struct finding_ring inner[] = {
    {"9f02b7c19f02b7c1", 1, 3},
    {"b5e1a2c3b5e1a2c3", 2, 8},
};

/* As DESIGN shows it. */
START_TEST(what_to_make_weak_is_said_with_what_that_frees)
{
    struct finding_weaken weaken[] = {
        {.type = "Window",
         .field = "session",
         .alone = true,
         .frees_objects = 38,
         .n_stays = 1,
         .stays = inner},
        {.type = "List",
         .field = "[]",
         .alone = true,
         .frees_objects = 44,
         .n_stays = 0},
        {.type = "", .field = "+8", .alone = true},
    };
    struct finding f = cycle();
    f.retained_objects = 44;
    f.n_weaken = 2;
    f.weaken = weaken;
    f.weaken_tried = f.weaken_fields = 3;
    add(f);
    text();
    assert_tidy();
    assert_shows("    to break   make Window.session weak: frees 38 of 44 "
                 "objects; a ring inside\n"
                 "               (9f02b7c1, 3 objects) would stay\n"
                 "               or List[]: frees all 44 objects\n\n");
    release();

    begin();
    f.n_weaken = 3;
    f.weaken_tried = 3;
    f.weaken_fields = 100000;
    weaken[0].n_stays = 2;
    add(f);
    text();
    assert_tidy();
    assert_shows("; 3 rings inside\n               (9f02b7c1, 3 objects; "
                 "b5e1a2c3, 8 objects) would stay\n");
    assert_shows("               3 of 100,000 fields were tried\n");
}
END_TEST

START_TEST(fields_that_only_open_it_together_are_said_together)
{
    struct finding_weaken weaken[] = {
        {.type = "A", .field = "x", .frees_objects = 410},
        {.type = "B", .field = "+8", .frees_objects = 410},
        {.type = "C", .field = "z", .frees_objects = 410},
    };
    struct finding f = cycle();
    f.n_weaken = 3;
    f.weaken = weaken;
    f.weaken_tried = f.weaken_fields = 3;
    add(f);
    text();
    assert_tidy();
    assert_shows("    to break   make A.x, B+8 and C.z weak, together: frees "
                 "all 410 objects\n");
    release();

    begin();
    f.n_weaken = 0;
    f.weaken_fields = 5000;
    add(f);
    text();
    assert_shows("    to break   no field alone: tried 3 of 5,000 fields on "
                 "the way round\n");
    release();

    begin();
    f.n_held = 1;
    f.held = inner;
    add(f);
    text();
    assert_tidy();
    assert_shows("the way round; a ring\n"
                 "               inside (9f02b7c1, 3 objects) would "
                 "stay\n");
}
END_TEST

START_TEST(what_is_shared_is_said_with_whom)
{
    const char *with[] = {"9f02b7c19f02b7c1", "b5e1a2c3b5e1a2c3"};
    struct finding_shared shared[] = {
        {.objects = 12, .bytes = 1300, .n_with = 2, .with = with},
        {.objects = 1, .bytes = 500},
        {.objects = 1, .bytes = 5},
    };
    struct finding f = cycle();
    f.n_shared = 3;
    f.shared = shared;
    f.shared_more = 4;
    add(f);
    text();
    assert_tidy();
    assert_shows("    shared     12 objects, 1,300 bytes more go when mended "
                 "with 9f02b7c1,\n"
                 "               b5e1a2c3\n"
                 "               1 object, 500 bytes more go with all 17 "
                 "instances\n"
                 "               and with 5 more sets of findings\n");
}
END_TEST

START_TEST(a_cycle_of_one_that_a_transfer_closed_says_so)
{
    static struct finding_edge self = {0, 0, "self", 1, 0.25, PLACES(window)};
    struct finding_weaken weaken = {
        .type = "Session", .field = "self", .alone = true, .frees_objects = 1};
    struct finding f = cycle();
    f.n_members = f.n_edges = f.n_witness = 1;
    f.objects = f.instances = 1;
    f.retained_objects = 1;
    f.edges = &self;
    f.closing_edge = 0;
    f.orphaned_by = "link";
    f.orphaned_time = 0.25;
    f.has_last_release = false;
    f.n_weaken = 1;
    f.weaken = &weaken;
    add(f);
    text();
    assert_tidy();
    assert_shows("    Session \"main\".self -> Session \"main\"\n"
                 "    closed by  Session \"main\".self, linked 0.250 s\n");
    assert_shows("    orphaned   by the same link: it took the last outside "
                 "reference with it\n"
                 "    to break   make Session.self weak: frees it\n");
}
END_TEST

/* Deep stacks, long names, many of everything. */
static struct finding huge(enum finding_kind kind)
{
    static struct place deep[200];
    static struct finding_member many[9];
    static struct finding_edge way[9];
    static struct finding_type kinds[9];
    static struct finding_weaken weaken[9];
    static struct finding_unreleased taken[9];
    static uint32_t round[9];
    static char name[200];
    memset(name, 'n', sizeof name - 1);
    for (int i = 0; i < 200; i++)
        deep[i] = (struct place){name, name, 7, "", 0, false};
    for (uint32_t i = 0; i < 9; i++) {
        many[i] = (struct finding_member){.type = name, .label = name};
        way[i] = (struct finding_edge){i, (i + 1) % 9, name, 1, 1, STACK(deep)};
        kinds[i] = (struct finding_type){name, 1};
        weaken[i] = (struct finding_weaken){
            .type = name, .field = name, .n_stays = 2, .stays = inner};
        taken[i] = (struct finding_unreleased){3, STACK(deep), true, true};
        round[i] = i;
    }
    struct finding f = cycle();
    f.kind = kind;
    f.what = name;
    f.label = name;
    f.n_types = f.n_members = f.n_edges = f.n_witness = f.n_weaken = 9;
    f.n_unreleased = 9;
    f.types = kinds;
    f.members = many;
    f.edges = way;
    f.witness = round;
    f.weaken = weaken;
    f.unreleased = taken;
    f.stack = f.birth_stack = f.orphaned_stack = STACK(deep);
    f.has_death = kind == FINDING_MISUSE;
    f.death_stack = STACK(deep);
    return f;
}

START_TEST(a_finding_is_never_more_than_a_screen)
{
    static const enum finding_kind kinds[] = {
        FINDING_CYCLE,      FINDING_UNBALANCED, FINDING_OVER_RELEASE,
        FINDING_GHOST_EDGE, FINDING_LEAK,       FINDING_MISUSE,
    };
    const struct finding f = huge(kinds[_i]);
    struct text_out o = {.to = open_memstream(&written, &written_len)};
    text_finding(&o, &f, NULL);
    fclose(o.to);
    assert_tidy();
    int lines = 0;
    for (const char *at = written; (at = strchr(at, '\n')); at++)
        lines++;
    ck_assert_int_le(lines, 23);
    ck_assert_int_ge(lines, 8);
}
END_TEST

Suite *report_cycle_suite(void);

Suite *report_cycle_suite(void)
{
    Suite *s = suite_create("report_cycle");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, what_to_make_weak_is_said_with_what_that_frees);
    tcase_add_test(t, fields_that_only_open_it_together_are_said_together);
    tcase_add_test(t, what_is_shared_is_said_with_whom);
    tcase_add_test(t, a_cycle_of_one_that_a_transfer_closed_says_so);
    tcase_add_loop_test(t, a_finding_is_never_more_than_a_screen, 0, 6);
    suite_add_tcase(s, t);
    return s;
}
