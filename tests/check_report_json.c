/* SPDX-License-Identifier: MIT */
/* check_report_json.c - the JSON report keeps its contract */
#include "report_kit.h"

#include <math.h>

/* The contract: one letter a key. s text, n whole number, b truth, a array,
   o object, x time; a capital: or null. */
struct key {
    const char *name;
    char type;
};

static const struct key report_keys[] = {
    {"schema", 's'}, {"verdict", 's'}, {"processes", 'a'}, {0}};
static const struct key process_keys[] = {{"pid", 'n'},       {"exe", 's'},
                                          {"argv", 'a'},      {"complete", 'b'},
                                          {"ended", 's'},     {"summary", 'o'},
                                          {"collector", 'o'}, {"findings", 'a'},
                                          {"survivors", 'a'}, {0}};
static const struct key summary_keys[] = {{"events", 'n'},
                                          {"allocations", 'n'},
                                          {"frees", 'n'},
                                          {"allocated_bytes", 'n'},
                                          {"peak_bytes", 'n'},
                                          {"live_blocks", 'n'},
                                          {"live_bytes", 'n'},
                                          {"objects_created", 'n'},
                                          {"objects_live", 'n'},
                                          {"increfs", 'n'},
                                          {"decrefs", 'n'},
                                          {"links", 'n'},
                                          {"unlinks", 'n'},
                                          {"lost_events", 'n'},
                                          {"order_conflicts", 'n'},
                                          {"unknown_frees", 'n'},
                                          {0}};
static const struct key generation_keys[] = {{"generation", 'n'},
                                             {"collections", 'n'},
                                             {"unreachable", 'n'},
                                             {"uncollectable", 'n'},
                                             {"objects", 'n'},
                                             {"bytes", 'n'},
                                             {0}};
static const struct key finding_keys[] = {{"id", 's'},
                                          {"kind", 's'},
                                          {"evidence", 's'},
                                          {"what", 's'},
                                          {"shape", 's'},
                                          {"reach", 's'},
                                          {"generation", 'N'},
                                          {"instances", 'n'},
                                          {"objects", 'n'},
                                          {"blocks", 'n'},
                                          {"bytes", 'n'},
                                          {"retained_objects", 'n'},
                                          {"retained_blocks", 'n'},
                                          {"retained_bytes", 'n'},
                                          {"types", 'a'},
                                          {"members", 'a'},
                                          {"edges", 'a'},
                                          {"witness", 'a'},
                                          {"closing_edge", 'N'},
                                          {"last_release", 'O'},
                                          {"orphaned", 'O'},
                                          {"held_cycles", 'a'},
                                          {"shared", 'a'},
                                          {"unreleased", 'a'},
                                          {"weaken", 'a'},
                                          {"allocator", 's'},
                                          {"stack", 'a'},
                                          {"label", 's'},
                                          {"death_time", 'X'},
                                          {"death_stack", 'a'},
                                          {0}};
static const struct key member_keys[] = {{"address", 's'},   {"type", 's'},
                                         {"label", 's'},     {"bytes", 'n'},
                                         {"refcount", 'n'},  {"owned", 'n'},
                                         {"anonymous", 'n'}, {"unknown", 'n'},
                                         {"stack", 'a'},     {0}};
static const struct key edge_keys[] = {
    {"from", 'n'},  {"to", 'n'}, {"field", 's'}, {"count", 'n'}, {"time", 'x'},
    {"stack", 'a'}, {0}};
static const struct key orphaned_keys[] = {
    {"time", 'x'}, {"by", 's'}, {"stack", 'a'}, {0}};
static const struct key release_keys[] = {{"time", 'x'}, {"stack", 'a'}, {0}};
static const struct key frame_keys[] = {{"function", 's'},
                                        {"file", 's'},
                                        {"line", 'n'},
                                        {"module", 's'},
                                        {"offset", 's'},
                                        {"inlined", 'b'},
                                        {0}};

static bool has_type(const json_t *v, char type)
{
    switch (type) {
    case 's':
        return json_is_string(v);
    case 'n':
        return json_is_integer(v);
    case 'x':
        return json_is_real(v);
    case 'b':
        return json_is_boolean(v);
    case 'a':
        return json_is_array(v);
    case 'o':
        return json_is_object(v);
    case 'N':
        return json_is_null(v) || json_is_integer(v);
    case 'X':
        return json_is_null(v) || json_is_real(v);
    case 'O':
        return json_is_null(v) || json_is_object(v);
    }
    return false;
}

static void assert_keys(const json_t *o, const struct key *keys)
{
    for (; keys->name; keys++)
        ck_assert_msg(has_type(json_object_get(o, keys->name), keys->type),
                      "key %s, type %c", keys->name, keys->type);
}

START_TEST(json_has_every_key_of_the_contract)
{
    add(cycle());
    add(leak(0));
    json_t *report = json();
    const json_t *process = at(report, "processes", 0);
    const json_t *generations = json_object_get(process, "collector");
    const json_t *ring = at(process, "findings", 0);

    assert_keys(report, report_keys);
    assert_keys(process, process_keys);
    assert_keys(json_object_get(process, "summary"), summary_keys);
    for (size_t g = 0; g < 3; g++)
        assert_keys(at(generations, "generations", g), generation_keys);
    ck_assert_int_eq(json_integer_value(at(generations, "thresholds", 0)), 700);
    for (size_t i = 0; i < 2; i++)
        assert_keys(at(process, "findings", i), finding_keys);
    assert_keys(at(ring, "members", 2), member_keys);
    assert_keys(at(ring, "edges", 2), edge_keys);
    assert_keys(json_object_get(ring, "orphaned"), orphaned_keys);
    assert_keys(json_object_get(ring, "last_release"), release_keys);
    assert_keys(at(at(ring, "edges", 1), "stack", 0), frame_keys);
    ck_assert_str_eq(json_string_value(json_object_get(report, "schema")),
                     "ouro-report/1");
    json_decref(report);
}
END_TEST

START_TEST(json_says_what_the_finding_says)
{
    add(cycle());
    json_t *report = json();
    const json_t *f = at(at(report, "processes", 0), "findings", 0);
    const json_t *list = at(f, "members", 2);
    const json_t *frame = at(at(f, "edges", 1), "stack", 0);

    ck_assert_str_eq(json_string_value(json_object_get(list, "address")),
                     "0x8000000000000000");
    ck_assert_int_eq(json_integer_value(json_object_get(list, "unknown")), -2);
    ck_assert(json_is_null(json_object_get(f, "generation")));
    ck_assert_int_eq(json_integer_value(json_object_get(f, "closing_edge")), 1);
    ck_assert_int_eq(json_integer_value(at(f, "witness", 2)), 2);
    ck_assert_double_eq(
        json_real_value(json_object_get(at(f, "edges", 1), "time")), 0.412);
    ck_assert_str_eq(json_string_value(json_object_get(frame, "offset")),
                     "0x1188");
    ck_assert_int_eq(json_integer_value(json_object_get(frame, "line")), 88);
    json_decref(report);
}
END_TEST

START_TEST(json_says_what_is_held_shared_and_to_be_weak)
{
    static struct finding_ring inner = {"9f02b7c19f02b7c1", 1, 3};
    const char *with = "b5e1a2c3b5e1a2c3";
    struct finding_shared shared = {
        .n_with = 1, .with = &with, .objects = 12, .bytes = 130};
    struct finding_weaken weaken = {.type = "Window",
                                    .field = "session",
                                    .alone = true,
                                    .edges = 2,
                                    .frees_objects = 38,
                                    .frees_bytes = 1200,
                                    .n_stays = 1,
                                    .stays = &inner};
    struct finding made = cycle();
    made.n_held = made.n_shared = made.n_weaken = 1;
    made.held = &inner;
    made.shared = &shared;
    made.weaken = &weaken;
    made.orphaned_by = "link";
    add(made);
    json_t *report = json();
    const json_t *f = at(at(report, "processes", 0), "findings", 0);
    const json_t *w = at(f, "weaken", 0);
    const json_t *s = at(f, "shared", 0);

    ck_assert_str_eq(json_string_value(at(f, "held_cycles", 0)), inner.id);
    ck_assert_str_eq(json_string_value(at(s, "with", 0)), with);
    ck_assert_int_eq(json_integer_value(json_object_get(s, "objects")), 12);
    ck_assert_int_eq(json_integer_value(json_object_get(s, "bytes")), 130);
    ck_assert_str_eq(json_string_value(json_object_get(w, "type")), "Window");
    ck_assert_str_eq(json_string_value(json_object_get(w, "field")), "session");
    ck_assert_int_eq(json_integer_value(json_object_get(w, "edges")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(w, "frees_objects")),
                     38);
    ck_assert_int_eq(json_integer_value(json_object_get(w, "frees_bytes")),
                     1200);
    ck_assert_str_eq(json_string_value(at(w, "stays", 0)), inner.id);
    ck_assert(json_is_true(json_object_get(w, "alone")));
    ck_assert_str_eq(json_string_value(
                         json_object_get(json_object_get(f, "orphaned"), "by")),
                     "link");
    json_decref(report);
}
END_TEST

START_TEST(nasty_names_are_valid_json)
{
    make_nasty();
    json_t *report = json();
    const json_t *process = at(report, "processes", 0);
    const json_t *m = at(at(process, "findings", 0), "members", 0);
    ck_assert_str_eq(json_string_value(json_object_get(m, "label")),
                     "n\x1b[31m\"\\</script>]]>%0A::error\r\n=1+1\xef\xbf\xbd"
                     "\xe2\x80\xae\x7f\xc2\x9b");
    json_decref(report);
}
END_TEST

static const struct {
    enum ending ending;
    int status;
    bool complete, finding;
    const char *ended, *verdict;
} endings[] = {
    {ENDING_EXIT, 0, true, false, "exit:0", "clean"},
    {ENDING_EXIT, 3, true, true, "exit:3", "findings"},
    {ENDING_EXIT, 0, false, true, "exit:0", "findings"},
    {ENDING_EXIT, 0, false, false, "exit:0", "indeterminate"},
    {ENDING_EXEC, 0, true, false, "exec", "clean"},
    {ENDING_SIGNAL, 9, false, false, "signal:9", "indeterminate"},
    {ENDING_SIGNAL, 9, false, true, "signal:9", "indeterminate"},
    {ENDING_UNKNOWN, 0, false, true, "unknown", "indeterminate"},
    {ENDING_NOT, 0, false, false, "unknown", "indeterminate"},
};

START_TEST(the_verdict_follows_from_end_and_findings)
{
    image.ending = endings[_i].ending;
    image.status = endings[_i].status;
    image.complete = endings[_i].complete;
    if (endings[_i].finding)
        add(leak(0));
    json_t *report = json();
    const json_t *process = at(report, "processes", 0);

    ck_assert_str_eq(json_string_value(json_object_get(report, "verdict")),
                     endings[_i].verdict);
    ck_assert_str_eq(json_string_value(json_object_get(process, "ended")),
                     endings[_i].ended);
    ck_assert_int_eq(json_is_true(json_object_get(process, "complete")),
                     endings[_i].complete);
    ck_assert_uint_eq(json_array_size(json_object_get(process, "findings")),
                      endings[_i].finding);
    json_decref(report);
}
END_TEST

START_TEST(a_damaged_image_says_so_and_has_all_keys)
{
    image = (struct image){.path = "r.ouro/12.0.trace", .damaged = true};
    strcpy(image.damage.text, "r.ouro/12.0.trace: byte 64: not a chunk");
    json_t *report = json();
    const json_t *process = at(report, "processes", 0);
    assert_keys(process, process_keys);
    ck_assert_str_eq(json_string_value(json_object_get(process, "error")),
                     image.damage.text);
    json_decref(report);
    free(written);
    text();
    assert_shows("note: r.ouro/12.0.trace: byte 64: not a chunk\n");
    assert_shows("verdict: indeterminate");
}
END_TEST

Suite *report_json_suite(void);

Suite *report_json_suite(void)
{
    Suite *s = suite_create("report_json");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, json_has_every_key_of_the_contract);
    tcase_add_test(t, json_says_what_the_finding_says);
    tcase_add_test(t, json_says_what_is_held_shared_and_to_be_weak);
    tcase_add_test(t, nasty_names_are_valid_json);
    tcase_add_loop_test(t, the_verdict_follows_from_end_and_findings, 0,
                        sizeof endings / sizeof endings[0]);
    tcase_add_test(t, a_damaged_image_says_so_and_has_all_keys);
    suite_add_tcase(s, t);
    return s;
}
