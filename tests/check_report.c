/* SPDX-License-Identifier: MIT */
/* check_report.c - what both reports say about findings made by hand */
#include "report/report.h"
#include "report/text_out.h"
#include "report/text_stack.h"
#include "report/utf8.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything that should not reach a terminal, or break a format. */
#define NASTY                                                                  \
    "n\x1b[31m\"\\</script>]]>%0A::error\r\n=1+1\xff\xe2\x80\xae\x7f\xc2\x9b"

static struct image image;
static char *written;
static size_t written_len;

static const struct place window[] = {
    {"window_add_child", "window.c", 88, "/opt/app/app", 0x1188, false},
    {"session_open", "session.c", 41, "/opt/app/app", 0x1141, false},
    {"main", "app.c", 120, "/opt/app/app", 0x1120, false},
    {"", "", 0, "/lib/libc.so.6", 0x2718a, false},
    {"_start", "", 0, "/opt/app/app", 0x1000, false},
};
static const struct place lost[] = {
    {"copy", "list.h", 12, "/opt/app/app", 0x2012, true},
    {"grow",
     "a/very/long/path/to/the/place/where/this/function/is/written/"
     "list_of_things.c",
     1234, "/opt/app/app", 0x2040, false},
    {"std::vector<std::pair<std::string, std::map<int, std::string> >, "
     "std::allocator<int> >::push_back(std::pair<std::string, int>&&)",
     "/usr/include/c++/12/bits/stl_vector.h", 1287, "/opt/app/app", 0x2080,
     false},
    {"", "", 0, "/opt/app/plugins/libplug.so", 0x77, false},
    {"exported", "", 0, "/opt/app/plugins/libplug.so", 0x99, false},
    {"main", "app.c", 99, "/opt/app/app", 0x1199, false},
};

#define PLACES(array)                                                          \
    {                                                                          \
        sizeof(array) / sizeof(array)[0], array                                \
    }
#define STACK(array) ((struct places)PLACES(array))

static struct finding_member members[] = {
    {.type = "Session",
     .label = "main",
     .addr = 0x5000,
     .bytes = 32,
     .refcount = 1,
     .owned = 1,
     .stack = PLACES(window)},
    {.type = "Window", .label = "", .addr = 0x6000, .stack = PLACES(window)},
    {.type = "List",
     .label = "",
     .addr = UINT64_C(1) << 63,
     .refcount = -1,
     .owned = 1,
     .unknown = -2},
};
static struct finding_edge edges[] = {
    {.from = 0, .to = 1, .field = "window", .count = 1, .time = 0.25},
    {1, 2, "children", 1, 0.412, PLACES(window)},
    {2, 0, "+16", 1, 0.3, PLACES(window)},
};
static struct finding_type types[] = {
    {"Session", 1}, {"Window", 1}, {"List", 1}};
static uint32_t witness[] = {0, 1, 2};

static struct finding cycle(void)
{
    return (struct finding){
        .id = "a41c09e2a41c09e2",
        .kind = FINDING_CYCLE,
        .evidence = "counted",
        .what = "cycle",
        .shape = "ring",
        .reach = REACH_DEFINITE,
        .generation = -1,
        .instances = 17,
        .objects = 51,
        .blocks = 51,
        .bytes = 1632,
        .retained_objects = 410,
        .retained_blocks = 410,
        .retained_bytes = 12310,
        .n_types = 3,
        .types = types,
        .n_members = 3,
        .members = members,
        .n_edges = 3,
        .edges = edges,
        .n_witness = 3,
        .witness = witness,
        .closing_edge = 1,
        .has_orphaned = true,
        .orphaned_time = 1.93,
        .orphaned_by = "release",
        .orphaned_stack = STACK(window),
        .has_last_release = true,
        .last_release_time = 2,
        .last_release_stack = STACK(window),
        .allocator = "",
    };
}

static struct finding leak(int i)
{
    struct finding f = {
        .id = "1f3c9a0d00000000",
        .kind = FINDING_LEAK,
        .evidence = "recorded",
        .what = "leak",
        .shape = "single",
        .reach = REACH_UNKNOWN,
        .generation = -1,
        .instances = 3,
        .blocks = 3,
        .bytes = 96,
        .retained_blocks = 3,
        .retained_bytes = 96,
        .closing_edge = OURO_NONE,
        .allocator = "malloc",
        .stack = STACK(lost),
    };
    f.id[15] = (char)('a' + i % 26);
    return f;
}

static struct finding unbalanced(enum reach reach)
{
    struct finding f = leak(0);
    f.kind = FINDING_UNBALANCED;
    f.evidence = "counted";
    f.reach = reach;
    f.objects = 4;
    f.n_types = 2;
    f.types = types;
    f.allocator = "";
    return f;
}

static struct finding misuse(void)
{
    struct finding f = leak(1);
    f.kind = FINDING_MISUSE;
    f.what = "double-free";
    f.birth_stack = STACK(window);
    return f;
}

static void begin(void)
{
    static const char *argv[] = {"./app", "--flag"};
    image = (struct image){
        .path = "r.ouro/12.0.trace", .pid = 12, .ending = ENDING_EXIT};
    image.complete = true;
    image.trace.exe = "/opt/app/app";
    image.trace.argv = argv;
    image.trace.n_argv = image.trace.argc = 2;
    image.trace.len = 4096;
    image.shadow.totals = (struct shadow_totals){
        .events = 99, .allocations = 54, .frees = 3, .peak_bytes = 1234567};
    image.findings.symbols_note = "";
}

static void release(void)
{
    free(image.findings.at);
    free(written);
    written = NULL;
}

static void add(struct finding f)
{
    struct findings *all = &image.findings;
    all->at = realloc(all->at, (all->n + 1) * sizeof f);
    all->at[all->n++] = f;
}

static void write_images(const struct report_format *format, int n)
{
    struct report r = {.out = open_memstream(&written, &written_len)};
    format->begin(&r);
    for (int i = 0; i < n; i++)
        report_image(&r, format, &image);
    format->end(&r);
    fclose(r.out);
    ck_assert(!r.failed);
}

static const char *text(void)
{
    write_images(&report_text, 1);
    return written;
}

static json_t *json(void)
{
    json_error_t e;
    write_images(&report_json, 1);
    json_t *report = json_loads(written, 0, &e);
    ck_assert_msg(report != NULL, "%s, line %d:\n%s", e.text, e.line, written);
    return report;
}

static void assert_shows(const char *line)
{
    ck_assert_msg(strstr(written, line) != NULL, "no '%s' in:\n%.3600s", line,
                  written);
}

static void assert_hides(const char *line)
{
    ck_assert_msg(strstr(written, line) == NULL, "'%s' in:\n%.3600s", line,
                  written);
}

/* At most 80 characters a line, none of which does anything. */
static void assert_tidy(void)
{
    int column = 0;
    for (const char *at = written; *at;) {
        const char *start = at;
        const uint32_t c = utf8_next(&at);
        column = c == '\n' ? 0 : column + 1;
        ck_assert_msg(c == '\n' || (!utf8_is_control(c)), "%x in:\n%.3600s", c,
                      written);
        ck_assert_msg(*start != (char)0xff, "a bad byte");
        ck_assert_msg(column <= TEXT_WIDTH, "a long line in:\n%.3600s",
                      written);
    }
}

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

static const json_t *at(const json_t *o, const char *key, size_t i)
{
    const json_t *v = json_array_get(json_object_get(o, key), i);
    ck_assert_msg(v != NULL, "%s[%zu]", key, i);
    return v;
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
    f.n_members = f.n_edges = 3;
    f.members = members;
    f.edges = edges;
    add(f);
    text();
    assert_tidy();
    assert_shows("    what       fewer counts than references\n"
                 "    types      1 Session, 1 Window\n"
                 "    made by\n                 window_add_child  window.c:88");
    assert_shows("    held by    Session \"main\".window, linked 0.250 s\n"
                 "    held by    Window.children, linked 0.412 s\n"
                 "    linked by\n                 window_add_child ");
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
    assert_shows(
        "\nunbalanced  12 objects (Session, Window) from 3 sites (copy "
        "list.h:12 and\n    others): counts that no edge explains;");
    assert_hides("nothing found");
    assert_shows("    nothing certain; 12 objects with unexplained counts\n");
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

static struct finding nasty_finding(void)
{
    static struct place places[] = {{NASTY, NASTY, 7, NASTY, 1, true},
                                    {"", "", 0, "/tmp/" NASTY, 2, false}};
    static struct finding_member bad[] = {
        {.type = NASTY, .label = NASTY, .stack = PLACES(places)}};
    static struct finding_edge loop[] = {
        {.field = NASTY, .count = 1, .stack = PLACES(places)}};
    static struct finding_type type[] = {{NASTY, 1}};
    static uint32_t zero[] = {0};
    struct finding f = cycle();
    f.n_members = f.n_edges = f.n_types = f.n_witness = 1;
    f.members = bad;
    f.edges = loop;
    f.types = type;
    f.witness = zero;
    f.closing_edge = 0;
    f.orphaned_stack = STACK(places);
    return f;
}

static void make_nasty(void)
{
    static const char *argv[] = {NASTY, NASTY};
    add(nasty_finding());
    struct finding f = nasty_finding();
    f.kind = FINDING_LEAK;
    f.allocator = NASTY;
    f.stack = f.orphaned_stack;
    add(f);
    f.kind = FINDING_MISUSE;
    f.what = NASTY;
    f.label = NASTY;
    f.has_death = true;
    f.death_stack = f.birth_stack = f.stack;
    add(f);
    f.kind = FINDING_UNBALANCED;
    add(f);
    image.trace.argv = argv;
    image.trace.exe = NASTY;
    image.findings.symbols_note = "/tmp/" NASTY " is gone";
}

START_TEST(nasty_names_do_nothing_to_a_terminal)
{
    make_nasty();
    text();
    assert_tidy();
    assert_shows("n\\x1b[31m\"\\</script>]]>%0A::error\\x0d\\x0a");
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

START_TEST(equal_input_gives_equal_bytes)
{
    static const struct report_format *const formats[] = {&report_text,
                                                          &report_json};
    make_nasty();
    add(leak(0));
    write_images(formats[_i], 3);
    char *first = written;
    write_images(formats[_i], 3);
    ck_assert_str_eq(first, written);
    free(first);
}
END_TEST

START_TEST(clean_images_share_one_line)
{
    write_images(&report_text, 12);
    ck_assert_str_eq(written,
                     "12 process images: nothing found\nverdict: clean\n");
}
END_TEST

START_TEST(the_only_image_is_told_even_if_clean)
{
    text();
    assert_shows("./app --flag  (process 12, exit status 0)\n"
                 "    nothing found\n    54 allocations and 3 frees;");
    assert_shows("\nverdict: clean\n");
}
END_TEST

START_TEST(troubled_images_without_findings_are_told_up_to_ten)
{
    image.ending = ENDING_UNKNOWN;
    image.complete = false;
    write_images(&report_text, 14);
    assert_shows("(process 12, its end was not seen)\n    nothing found\n");
    assert_shows("... and 4 more process images without findings that cannot "
                 "be called clean;\n    'ouro report --all' tells them\n");
    assert_shows("verdict: indeterminate, as process 12 ended unseen\n");
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

START_TEST(losses_and_hints_are_noted)
{
    image.trace.n_lost = 5;
    image.trace.cut = true;
    image.trace.header.end = 81920;
    image.trace.header.stopped = OURO_STOPPED_SPACE;
    image.shadow.totals.order_conflicts = 1;
    image.findings.lines_missing = true;
    image.findings.symbols_note = "/x.so is gone or unreadable";
    add(leak(0));
    text();
    assert_tidy();
    assert_shows("    note: 5 events lost\n");
    assert_shows("    note: recording stopped early: no space left\n");
    assert_shows("    note: the trace is cut off at byte 4096 of 81920\n");
    assert_shows("    note: 1 order conflict: events");
    assert_shows("    note: /x.so is gone or unreadable\n");
    assert_shows("    note: compile with -g to see files and lines\n");
}
END_TEST

static const struct {
    bool cut;
    enum ouro_stopped stopped;
    uint64_t lost;
    const char *alive, *moment, *why;
} gaps[] = {
    {true, 0, 0, "alive when recording stopped", "when recording stopped",
     "left a trace that is cut off"},
    {false, OURO_STOPPED_SIZE, 0, "alive when recording stopped",
     "when recording stopped", "was not recorded to its end"},
    {false, 0, 3, "perhaps freed unseen", "at the end",
     "had events that were lost"},
};
enum { N_GAPS = sizeof gaps / sizeof gaps[0] };

static void make_gap(int i)
{
    image.trace.cut = gaps[i].cut;
    image.trace.header.end = 81920;
    image.trace.header.stopped = gaps[i].stopped;
    image.trace.n_lost = gaps[i].lost;
    image.complete = false;
}

START_TEST(what_may_have_been_freed_unseen_is_told_and_counts_for_nothing)
{
    char line[160];
    make_gap(_i);
    add(leak(0));
    struct finding f = misuse();
    f.what = "zombie";
    add(f);
    struct report r = {.out = open_memstream(&written, &written_len)};
    report_text.begin(&r);
    report_image(&r, &report_text, &image);
    report_text.end(&r);
    fclose(r.out);

    ck_assert(!r.totals.found);
    assert_tidy();
    snprintf(line, sizeof line, "96 bytes by malloc   %s\n", gaps[_i].alive);
    assert_shows(line);
    snprintf(line, sizeof line, "nothing certain; 1 leak, 1 misuse %s\n",
             gaps[_i].alive);
    assert_shows(line);
    snprintf(line, sizeof line, "blocks %s\n", gaps[_i].moment);
    assert_shows(line);
    snprintf(line, sizeof line, "verdict: indeterminate, as it %s\n",
             gaps[_i].why);
    assert_shows(line);
}
END_TEST

START_TEST(what_happened_counts_whatever_is_missing)
{
    make_gap(_i);
    add(misuse());
    add(leak(0));
    text();
    assert_shows("    1 misuse; 1 leak ");
    assert_shows(gaps[_i].cut ? "verdict: indeterminate"
                              : "verdict: findings\n");
}
END_TEST

static const struct {
    enum ending ending;
    bool cut;
    const char *line;
} doubts[] = {
    {ENDING_SIGNAL, false,
     "verdict: indeterminate, as it was killed by signal "
     "9\n"},
    {ENDING_SIGNAL, true,
     "verdict: indeterminate, as it was killed by signal "
     "9\n"},
    {ENDING_NOT, false, "verdict: indeterminate, as it still runs\n"},
    {ENDING_NOT, true, "verdict: indeterminate, as it still runs\n"},
    {ENDING_UNKNOWN, false, "verdict: indeterminate, as it ended unseen\n"},
};

START_TEST(an_indeterminate_verdict_says_why)
{
    image.ending = doubts[_i].ending;
    image.status = 9;
    image.trace.cut = doubts[_i].cut;
    text();
    assert_shows(doubts[_i].line);
}
END_TEST

START_TEST(what_still_runs_is_told_as_of_now)
{
    image.ending = ENDING_NOT;
    image.trace.cut = true;
    image.shadow.totals.objects_created = 7;
    image.shadow.totals.objects_live = 2;
    add(leak(0));
    text();
    assert_shows("blocks now; 7 objects, 2 alive now\n");
    assert_shows("unknown reach\n");
    assert_hides("at the end");
    assert_hides("cut off");
}
END_TEST

START_TEST(hints_need_a_finding_that_is_shown)
{
    image.findings.lines_missing = true;
    image.findings.fingerprints_fragile = true;
    struct finding f = leak(0);
    f.stack = STACK(window);
    add(f);
    f = unbalanced(REACH_REACHABLE);
    add(f);
    text();
    assert_hides("compile with -g");
    assert_hides("rest on addresses");
    free(written);
    add(leak(1));
    text();
    assert_shows("compile with -g");
    assert_shows("rest on addresses");
}
END_TEST

START_TEST(incomplete_instrumentation_is_noted)
{
    static const char *texts[] = {"", "Node", "List"};
    static struct mismatch wrong[] = {
        {.type = 1, .stamp = 5, .said = 3, .announced = 2, .n = 7},
        {.type = 2, .stamp = 9, .said = 1, .announced = 2, .n = 1}};
    image.shadow.totals.unannounced = 4;
    image.shadow.mismatches = wrong;
    image.shadow.n_mismatches = 2;
    image.trace.strings.text = texts;
    text();
    image.trace.strings.text = NULL;
    assert_tidy();
    assert_shows("    note: 4 protocol events about what is no announced "
                 "object: the\n          instrumentation is incomplete ('ouro "
                 "coverage' says where)\n");
    assert_shows("    note: OURO_COUNT differs from what was announced: Node 7 "
                 "times, first at\n          0.");
    assert_shows("(it said 3, 2 announced), List 1 time");
}
END_TEST

START_TEST(a_program_without_a_name_has_the_manifests)
{
    static const char *command[] = {"./typed", "--so"};
    image.trace.n_argv = 0;
    image.trace.exe = "";
    text();
    assert_shows("12.0.trace  (process 12, exit status 0)\n");
    assert_hides("r.ouro");
    free(written);
    image.command = command;
    image.n_command = 2;
    text();
    assert_shows("./typed --so  (process 12, exit status 0)\n");
    free(written);
    json_t *report = json();
    const json_t *typed = at(at(report, "processes", 0), "argv", 1);
    ck_assert_str_eq(json_string_value(typed), "--so");
    json_decref(report);
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
    struct text_out o = {open_memstream(&written, &written_len), false};
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

static void add_doubt_tests(TCase *t)
{
    tcase_add_loop_test(
        t, what_may_have_been_freed_unseen_is_told_and_counts_for_nothing, 0,
        N_GAPS);
    tcase_add_loop_test(t, what_happened_counts_whatever_is_missing, 0, N_GAPS);
    tcase_add_loop_test(t, an_indeterminate_verdict_says_why, 0,
                        sizeof doubts / sizeof doubts[0]);
    tcase_add_test(t, what_still_runs_is_told_as_of_now);
    tcase_add_test(t, hints_need_a_finding_that_is_shown);
    tcase_add_test(t, incomplete_instrumentation_is_noted);
    tcase_add_test(t, a_program_without_a_name_has_the_manifests);
}

static void add_text_tests(TCase *t)
{
    tcase_add_test(t, a_cycle_is_told_in_words);
    tcase_add_test(t, a_leak_is_told_with_its_stack_aligned);
    tcase_add_test(t, misuse_is_told_with_both_stacks);
    tcase_add_test(t, a_release_of_the_dead_is_told_with_the_death);
    tcase_add_test(t, an_over_release_is_told_with_its_references);
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
    tcase_add_test(t, clean_images_share_one_line);
    tcase_add_test(t, the_only_image_is_told_even_if_clean);
    tcase_add_test(t, troubled_images_without_findings_are_told_up_to_ten);
    tcase_add_test(t, losses_and_hints_are_noted);
    add_doubt_tests(t);
    tcase_add_test(t, colours_come_only_when_asked_for);
    tcase_add_loop_test(t, names_are_shortened_where_it_hurts_least, 0,
                        sizeof names / sizeof names[0]);
    tcase_add_loop_test(t, random_names_never_break_the_line, 0, 200);
    tcase_add_test(t, numbers_have_commas);
}

static void add_json_tests(TCase *t)
{
    tcase_add_test(t, json_has_every_key_of_the_contract);
    tcase_add_test(t, json_says_what_the_finding_says);
    tcase_add_test(t, nasty_names_are_valid_json);
    tcase_add_loop_test(t, equal_input_gives_equal_bytes, 0, 2);
    tcase_add_loop_test(t, the_verdict_follows_from_end_and_findings, 0,
                        sizeof endings / sizeof endings[0]);
    tcase_add_test(t, a_damaged_image_says_so_and_has_all_keys);
}

Suite *report_suite(void);

Suite *report_suite(void)
{
    Suite *s = suite_create("report");
    TCase *words = tcase_create("text"), *keys = tcase_create("json");
    tcase_add_checked_fixture(words, begin, release);
    tcase_add_checked_fixture(keys, begin, release);
    add_text_tests(words);
    add_json_tests(keys);
    suite_add_tcase(s, words);
    suite_add_tcase(s, keys);
    return s;
}
