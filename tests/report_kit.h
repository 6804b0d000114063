/* SPDX-License-Identifier: MIT */
/*
 * report_kit.h - a process image with findings made by hand, and its report
 *
 *     add(cycle());               between begin() and release()
 *     text();                     or json()
 *     assert_shows("cycle a41c09e2");
 */
#ifndef TESTS_REPORT_KIT_H
#define TESTS_REPORT_KIT_H

#include "report/report.h"
#include "report/text_out.h"
#include "report/utf8.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Everything that should not reach a terminal, or break a format. */
#define NASTY                                                                  \
    "n\x1b[31m\"\\</script>]]>%0A::error\r\n=1+1\xff\xe2\x80\xae\x7f\xc2\x9b"

static struct image image;
static const struct judge *judging; /* NULL: nobody does */
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

static inline struct finding cycle(void)
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

static inline struct finding leak(int i)
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

static inline struct finding unbalanced(enum reach reach)
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

static inline struct finding misuse(void)
{
    struct finding f = leak(1);
    f.kind = FINDING_MISUSE;
    f.what = "double-free";
    f.birth_stack = STACK(window);
    return f;
}

static inline void begin(void)
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

static inline void release(void)
{
    free(image.findings.at);
    free(written);
    written = NULL;
    judging = NULL;
}

static inline void add(struct finding f)
{
    struct findings *all = &image.findings;
    all->at = realloc(all->at, (all->n + 1) * sizeof f);
    all->at[all->n++] = f;
}

static inline void write_images(const struct report_format *format, int n)
{
    struct report r = {.out = open_memstream(&written, &written_len),
                       .judge = judging};
    format->begin(&r);
    for (int i = 0; i < n; i++)
        report_image(&r, format, &image);
    format->end(&r);
    fclose(r.out);
    ck_assert(!r.failed);
}

static inline const char *text(void)
{
    write_images(&report_text, 1);
    return written;
}

static inline json_t *json(void)
{
    json_error_t e;
    write_images(&report_json, 1);
    json_t *report = json_loads(written, 0, &e);
    ck_assert_msg(report != NULL, "%s, line %d:\n%s", e.text, e.line, written);
    return report;
}

static inline void assert_shows(const char *line)
{
    ck_assert_msg(strstr(written, line) != NULL, "no '%s' in:\n%.3600s", line,
                  written);
}

static inline void assert_hides(const char *line)
{
    ck_assert_msg(strstr(written, line) == NULL, "'%s' in:\n%.3600s", line,
                  written);
}

/* At most 80 characters a line, none of which does anything. */
static inline void assert_tidy(void)
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

static inline const json_t *at(const json_t *o, const char *key, size_t i)
{
    const json_t *v = json_array_get(json_object_get(o, key), i);
    ck_assert_msg(v != NULL, "%s[%zu]", key, i);
    return v;
}

static inline struct finding nasty_finding(void)
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

static inline void make_nasty(void)
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

#endif
