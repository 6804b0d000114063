/* SPDX-License-Identifier: MIT */
/* check_dot.c - the picture of a finding is DOT, whole, and about the finding,
   however large it is and whatever the names in it are */
#include "finding_kit.h"
#include "report/dot_choice.h"
#include "report/dot_finding.h"
#include "report/dot_text.h"

#include <ctype.h>
#include <inttypes.h>

enum { MANY = 100, LONG_NAME = 10240 };

static const char *const nasty[] = {
    "\"];x->y[label=\"",
    "\\",
    "a\\\\\"",
    "\\N\\G\\l",
    "&lt;b&gt;&nosuch;&#0;&#x1f;&amp;lt;",
    "a&b;c& d&",
    "</script><script>alert(1)</script>]]>-->",
    "\n\r\t\x1b[31m\x7f",
    "\xff\xfe\xc3\xe2\x80\xae\xf0\x9f\x90\x8d\xf4\x90\x80\x80",
    "\xef\xbf\xbe\xef\xbf\xbf",
    "{|}<f0>",
    "%s%n$(id)`id`;#//*",
};
enum { N_NASTY = sizeof nasty / sizeof nasty[0] };

static struct image image;
static struct finding f;
static char *dot;
static size_t dot_len;

static void begin(void)
{
    kit_begin();
    memset(&image, 0, sizeof image);
    image.path = "r.ouro/12.0.trace";
    image.pid = 12;
    image.trace.exe = "/opt/app/app";
    f = (struct finding){.id = "a41c09e2a41c09e2",
                         .kind = FINDING_CYCLE,
                         .shape = "ring",
                         .generation = -1,
                         .instances = 1,
                         .closing_edge = OURO_NONE,
                         .orphaned_by = "",
                         .allocator = ""};
}

static void release(void)
{
    free(dot);
    dot = NULL;
    free(f.members);
    free(f.edges);
    free(f.witness);
    kit_release();
}

static const char *draw(const struct finding *what, uint32_t most)
{
    free(dot);
    FILE *to = open_memstream(&dot, &dot_len);
    dot_finding(to, &image, what, most);
    ck_assert_int_eq(fclose(to), 0);
    return dot;
}

static void make(uint32_t n_members, uint32_t n_edges, uint32_t n_witness)
{
    f.objects = f.blocks = f.retained_objects = f.retained_blocks = n_members;
    f.n_members = n_members;
    f.n_edges = n_edges;
    f.n_witness = n_witness;
    f.members = must_calloc(n_members + 1, sizeof *f.members);
    f.edges = must_calloc(n_edges + 1, sizeof *f.edges);
    f.witness = must_calloc(n_witness + 1, sizeof *f.witness);
    for (uint32_t i = 0; i < n_members; i++)
        f.members[i] = (struct finding_member){.object = i,
                                               .type = "Node",
                                               .label = "",
                                               .addr = 0x1000 * (i + 1),
                                               .bytes = 32,
                                               .refcount = 1,
                                               .owned = 1};
}

/* 0 -> 1 -> ... -> 0; the edge numbered `closing` closed it. */
static void make_ring(uint32_t n, uint32_t more_members, uint32_t more_edges,
                      uint32_t closing)
{
    make(n + more_members, n + more_edges, n);
    for (uint32_t i = 0; i < n; i++) {
        f.edges[i] = (struct finding_edge){
            .from = i, .to = (i + 1) % n, .field = "next", .count = 1};
        f.witness[i] = i;
    }
    f.closing_edge = closing;
}

static uint32_t how_often(const char *text)
{
    uint32_t n = 0;
    for (const char *at = dot; (at = strstr(at, text)); at += strlen(text))
        n++;
    return n;
}

static void assert_shows(const char *text)
{
    ck_assert_msg(strstr(dot, text) != NULL, "no '%s' in:\n%.3000s", text, dot);
}

static void assert_hides(const char *text)
{
    ck_assert_msg(strstr(dot, text) == NULL, "'%s' in:\n%.3000s", text, dot);
}

/* At the opening quotes of a string; returns what is behind it. */
static const char *read_string(const char *s)
{
    for (s++; *s != '"'; s++) {
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            ck_abort_msg("a raw %x in %s", *s, dot);
        if (*s == '&' && strncmp(s, "&amp;", 5) != 0)
            ck_abort_msg("an entity: %.40s", s);
        if (*s == '\\' && (!*++s || !strchr("\"\\nl", *s)))
            ck_abort_msg("an escape: %.40s", s);
    }
    return s + 1;
}

/* Is the statement's arrow between nodes that are there? */
static void check_ends(const char *line)
{
    char from[32], to[32], node[64];
    if (sscanf(line, " %31[a-z0-9] -> %31[a-z0-9]", from, to) != 2)
        return;
    snprintf(node, sizeof node, "\n    %s [", from);
    ck_assert_msg(strstr(dot, node) != NULL, "no node %s in:\n%s", from, dot);
    snprintf(node, sizeof node, "\n    %s [", to);
    ck_assert_msg(strstr(dot, node) != NULL, "no node %s in:\n%s", to, dot);
}

/* (No ck_assert for each byte: it costs a system call.) What we write is less
 * than what DOT allows: so much is easily read. */
static void assert_is_dot(void)
{
    int depth = 0;
    for (const char *s = dot; *s;) {
        if (*s == '"') {
            s = read_string(s);
            continue;
        }
        depth += *s == '{' ? 1 : *s == '}' ? -1 : 0;
        if (!isalnum((unsigned char)*s) && !strchr(" \n{}[]=,;->.", *s))
            ck_abort_msg("'%c' outside of quotes in:\n%s", *s, dot);
        if (*s++ == '\n')
            check_ends(s);
    }
    ck_assert_int_eq(depth, 0);
}

START_TEST(boxes_say_what_an_object_is_and_what_its_count_is_made_of)
{
    make_ring(2, 0, 0, 1);
    f.members[0].type = "Session";
    f.members[0].label = "main";
    f.members[0].refcount = 7;
    f.members[0].owned = 2;
    f.members[0].acquired = 4;
    f.members[0].anonymous = 1;
    f.members[1].refcount = -1;
    f.members[1].unknown = -2;

    draw(&f, MANY);
    assert_is_dot();
    assert_shows("Session \\\"main\\\"\\n32 bytes at 0x1000\\n"
                 "rc 7 = 2 owned + 4 acquired + 1 anonymous\\n");
    assert_shows("rc -1 = 1 owned - 2 unknown");
}
END_TEST

START_TEST(equal_references_are_one_arrow_with_their_number)
{
    make_ring(2, 0, 0, 1);
    f.edges[0].count = 3;

    draw(&f, MANY);
    assert_shows("label=\"next x3\\n\"");
}
END_TEST

START_TEST(the_closing_edge_is_the_thickest_and_says_where)
{
    static const struct place place = {"marry",    "pair.c", 45,
                                       "/opt/app", 0x1000,   false};
    make_ring(3, 0, 0, 1);
    f.edges[1].field = "partner";
    f.edges[1].time = 0.25;
    f.edges[1].stack = (struct places){1, &place};

    draw(&f, MANY);
    assert_is_dot();
    ck_assert_uint_eq(how_often("penwidth=4"), 1);
    assert_shows("penwidth=4, label=\"partner\\l"
                 "closed the cycle, linked 0.250 s\\l"
                 "marry  pair.c:45\\l\"");
}
END_TEST

START_TEST(what_is_retained_is_one_box_that_names_the_rings_in_it)
{
    const char *with[] = {"bfce7a8200000000"};
    struct finding_ring ring = {"69024de8aaaaaaaa", 1, 2};
    struct finding_shared shared = {
        .n_with = 1, .with = with, .objects = 1, .blocks = 1, .bytes = 32};
    make_ring(2, 0, 0, 1);
    f.bytes = 64;
    f.retained_objects = 41;
    f.retained_bytes = 12374;
    f.n_held = 1;
    f.held = &ring;
    f.n_shared = 1;
    f.shared = &shared;

    draw(&f, MANY);
    assert_is_dot();
    assert_shows("retained besides\\n39 objects, 12,310 bytes");
    assert_shows("ring 69024de8\\n2 objects");
    assert_shows("held jointly with bfce7a82\\n1 object, 1 block, 32 bytes");
}
END_TEST

/* Sizes of rings, and how much of them may be drawn. */
START_TEST(of_a_long_way_both_ends_are_drawn_and_the_closing_edge)
{
    static const uint32_t sizes[] = {1, 2, 3, 10, 1000};
    static const uint32_t mosts[] = {1, 2, 3, 7, 100, 1000};
    const uint32_t n = sizes[_i % 5];
    const uint32_t most = mosts[_i / 5];
    const uint32_t drawn = n < most ? n : most;
    char more[64];
    make_ring(n, 0, 0, n / 2);

    draw(&f, most);
    assert_is_dot();
    ck_assert_uint_eq(how_often("rc 1 = 1 owned"), drawn);
    ck_assert_uint_eq(how_often("penwidth=4"), 1);
    ck_assert_uint_eq(how_often("penwidth=2, label=\"next"),
                      (drawn < n ? drawn + 1 : n) - 1);
    snprintf(more, sizeof more, "label=\"%" PRIu32 " more on the way",
             n - drawn);
    ck_assert_uint_eq(how_often(more), drawn < n);
}
END_TEST

/* A ring of two, and a tail that leads away from it. */
START_TEST(what_is_next_to_the_way_is_drawn_before_what_is_far)
{
    make_ring(2, 8, 8, 0);
    for (uint32_t i = 0; i < 8; i++) /* 1 -> 9 -> 8 -> ... -> 2 */
        f.edges[2 + i] = (struct finding_edge){
            .from = i == 0 ? 1 : 10 - i, .to = 9 - i, .field = "f", .count = 1};

    draw(&f, 4);
    assert_is_dot();
    assert_shows("\n    m9 [");
    assert_shows("\n    m8 [");
    assert_hides("m7 ");
    assert_shows("more [style=dashed, label=\"6 objects more\\n\"");
    assert_shows("m8 -> more");
}
END_TEST

START_TEST(a_blot_of_arrows_is_cut_and_counted)
{
    enum { N = 50, MOST = 2 * N };
    make_ring(N, 0, N * N, 0);
    for (uint32_t i = 0; i < N * N; i++)
        f.edges[N + i] = (struct finding_edge){
            .from = i / N, .to = i % N, .field = "f", .count = 2};

    draw(&f, MANY);
    assert_is_dot();
    ck_assert_uint_eq(how_often("label=\"f x2"), MOST);
    assert_shows("4,800 references more between those drawn");
}
END_TEST

START_TEST(every_member_is_drawn_or_counted_once)
{
    enum { ROUNDS = 200 };
    unsigned seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t n = 1 + (uint32_t)rand_r(&seed) % 30;
        const uint32_t ring = 1 + (uint32_t)rand_r(&seed) % n;
        const uint32_t m = (uint32_t)rand_r(&seed) % 60;
        const uint32_t most = 1 + (uint32_t)rand_r(&seed) % 30;
        make_ring(ring, n - ring, m, (uint32_t)rand_r(&seed) % ring);
        for (uint32_t i = 0; i < m; i++)
            f.edges[ring + i] =
                (struct finding_edge){.from = (uint32_t)rand_r(&seed) % n,
                                      .to = (uint32_t)rand_r(&seed) % n,
                                      .field = "f",
                                      .count = 1};

        struct arena a = {0};
        const struct dot_choice c = dot_choice_make(&a, &f, most);
        ck_assert_msg(c.n_drawn + c.n_on_way + c.n_beside == n &&
                          c.n_drawn == (n < most ? n : most) &&
                          (c.n_on_way == 0 || c.n_beside == n - ring) &&
                          c.way[ring - 1] == f.closing_edge,
                      "round %d", round);
        arena_release(&a);
        draw(&f, most);
        assert_is_dot();
        free(f.members);
        free(f.edges);
        free(f.witness);
        f.members = NULL;
        f.edges = NULL;
        f.witness = NULL;
    }
}
END_TEST

/* The same ring elsewhere in memory. */
START_TEST(no_order_follows_an_address)
{
    enum { N = 20 };
    make_ring(N, 0, 0, 3);
    for (uint32_t i = 0; i < N; i++)
        f.members[i].addr = 0x10000 + i;
    char *first = strdup(draw(&f, MANY));
    for (uint32_t i = 0; i < N; i++)
        f.members[i].addr = 0x10000 + N - 1 - i;
    draw(&f, MANY);

    ck_assert_uint_eq(strlen(first), strlen(dot));
    for (size_t i = 0, k; first[i]; i++) {
        k = strncmp(first + i, "0x100", 5) == 0 ? 7 : 0;
        i += k;
        ck_assert_int_eq(first[i], dot[i]);
    }
    free(first);
}
END_TEST

static void name_everything(const char *name, struct place *p)
{
    *p = (struct place){name, name, 1, name, 1, true};
    for (uint32_t i = 0; i < f.n_members; i++)
        f.members[i].type = f.members[i].label = name;
    for (uint32_t i = 0; i < f.n_edges; i++) {
        f.edges[i].field = name;
        f.edges[i].stack = (struct places){1, p};
    }
    f.has_orphaned = true;
    f.orphaned_stack = (struct places){1, p};
    image.trace.exe = name;
}

START_TEST(no_name_leaves_its_quotes)
{
    struct place p;
    make_ring(3, 0, 0, 1);
    name_everything(nasty[_i], &p);

    draw(&f, MANY);
    assert_is_dot();
    ck_assert_uint_eq(how_often(" -> "), 4);
}
END_TEST

START_TEST(no_name_of_random_bytes_leaves_its_quotes)
{
    enum { ROUNDS = 2000, MAX = 80 };
    static const char bytes[] =
        "\"\\&;#xX0nlN</>-\n\r\x1b\x7f\xff\xc3\xe2\xef\xbf"
        "\xbe\x80\xf0"
        "ab {}[]";
    struct place p;
    unsigned seed = 11;
    make_ring(3, 0, 0, 1);
    for (int round = 0; round < ROUNDS; round++) {
        char name[MAX + 1] = {0};
        const int len = rand_r(&seed) % MAX;
        for (int i = 0; i < len; i++)
            name[i] = bytes[(size_t)rand_r(&seed) % (sizeof bytes - 1)];
        name_everything(name, &p);
        draw(&f, MANY);
        assert_is_dot();
        ck_assert_msg(how_often(" -> ") >= 4, "round %d", round);
    }
}
END_TEST

START_TEST(a_long_name_is_cut)
{
    struct place p;
    char *name = must_calloc(LONG_NAME + 1, 1);
    memset(name, '<', LONG_NAME);
    make_ring(2, 0, 0, 1);
    name_everything(name, &p);

    draw(&f, MANY);
    assert_is_dot();
    ck_assert_uint_lt(dot_len, 4096);
    free(name);
}
END_TEST

START_TEST(what_xml_forbids_is_spelled_out)
{
    FILE *to = open_memstream(&dot, &dot_len);
    dot_line(to, "\x01 \xef\xbf\xbe \xff &#1; &&a; & b");
    fclose(to);

    ck_assert_str_eq(dot, "\\\\x01 \\\\ufffe \xef\xbf\xbd \\\\x26#1; "
                          "&amp;\\\\x26a; &amp; b\\n");
}
END_TEST

START_TEST(a_leak_is_drawn_as_the_calls_that_made_it)
{
    static const struct place places[] = {
        {"add_line", "list.c", 19, "/opt/app", 1, true},
        {"load", "list.c", 40, "/opt/app", 1, false},
        {"main", "list.c", 45, "/opt/app", 2, false},
        {"_start", "", 0, "/opt/app", 3, false}};
    f.kind = FINDING_LEAK;
    f.blocks = f.retained_blocks = 3;
    f.bytes = 48;
    f.allocator = "malloc";
    f.stack = (struct places){4, places};

    draw(&f, MANY);
    assert_is_dot();
    assert_shows("c2 [shape=box, style=rounded, label=\"main  list.c:45");
    assert_shows("c2 -> c1");
    assert_shows("c1 -> c0");
    assert_shows("c0 -> thing [label=\"malloc");
    assert_shows("3 blocks, 48 bytes");
    assert_hides("_start");
}
END_TEST

START_TEST(a_misuse_is_drawn_with_the_places_of_its_events)
{
    static const struct place born = {"make", "a.c", 1, "/opt/app", 1, false};
    static const struct place gone = {"drop", "a.c", 2, "/opt/app", 2, false};
    struct finding_type type = {"Node", 1};
    f.kind = FINDING_MISUSE;
    f.what = "double-free";
    f.n_types = 1;
    f.types = &type;
    f.birth_stack = (struct places){1, &born};
    f.stack = (struct places){1, &gone};

    draw(&f, MANY);
    assert_is_dot();
    assert_shows("thing [label=\"Node\\n\"]");
    assert_shows("freed again by\\ldrop  a.c:2\\l");
    assert_shows("made by\\lmake  a.c:1\\l");
}
END_TEST

enum { A = 0x10000, B = 0x20000, C = 0x30000 };

static void draw_recorded(enum finding_kind kind, uint32_t most)
{
    const struct findings *all = found();
    image.shadow = kit.s;
    for (uint32_t i = 0; i < all->n; i++)
        if (all->at[i].kind == kind &&
            strcmp(all->at[i].members[0].type, "Held") == 0)
            draw(&all->at[i], most);
    ck_assert_ptr_nonnull(dot);
    assert_is_dot();
}

/* More references than counts: who holds it is what there is to see. */
START_TEST(who_holds_an_object_at_the_end_is_drawn)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Owner");
    MALLOC(B, 64);
    NEW(B, "Held");
    LINK(A, "first", B);
    LINK(A, "second", B);
    LINK(A, "second", B);
    SAY(OURO_REC_ROOT, .text = "table", .b = B);

    draw_recorded(FINDING_OVER_RELEASE, MANY);
    assert_shows("m1 [label=\"Owner\\n");
    assert_shows("m1 -> m0 [label=\"first\\n\"]");
    assert_shows("m1 -> m0 [constraint=false, xlabel=\"second x2\\n\"]");
    assert_shows("h0 [shape=ellipse, label=\"root table\\n\"]");
    assert_shows("h0 -> m0 [");
    assert_shows("rc 1 = 4 owned - 3 unknown");
}
END_TEST

static void hold_by(uint64_t n, uint64_t target)
{
    for (uint64_t i = 0; i < n; i++) {
        MALLOC(C + 64 * i, 64);
        NEW(C + 64 * i, "Owner");
        INCREF(target);
        LINK(C + 64 * i, "f", target);
    }
}

/* Holders are members of an over-release, and not of what is unbalanced. */
START_TEST(of_many_holders_the_eldest_are_drawn_and_the_rest_counted)
{
    AT(1);
    MALLOC(B, 64);
    NEW(B, "Held");
    hold_by(10, B);
    if (_i == 1)
        for (int k = 0; k < 2; k++)
            DECREF(B);
    AT(2);
    MALLOC(A, 64);
    NEW(A, "Dead");
    if (_i == 0) {
        INCREF(B);
        LINK(A, "f", B);
        FREE(A);
    }

    draw_recorded(_i == 0 ? FINDING_UNBALANCED : FINDING_OVER_RELEASE, 4);
    ck_assert_uint_eq(how_often("label=\"Owner\\n"), 3);
    assert_shows(_i == 0 ? "held by 7 references more" : "7 objects more");
}
END_TEST

START_TEST(an_unbalanced_object_is_drawn_with_who_took_its_counts)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Owner");
    AT(2);
    MALLOC(B, 64);
    NEW(B, "Held");
    AT(3);
    LINK(A, "child", B);
    FREE(A);

    draw_recorded(FINDING_UNBALANCED, MANY);
    assert_shows("taken here, never released; whoever held it is gone");
    assert_shows("label=\"1 count\"");
    assert_shows("born\\l");
}
END_TEST

Suite *dot_suite(void);

Suite *dot_suite(void)
{
    Suite *s = suite_create("dot");
    TCase *t = tcase_create("cycles");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t,
                   boxes_say_what_an_object_is_and_what_its_count_is_made_of);
    tcase_add_test(t, equal_references_are_one_arrow_with_their_number);
    tcase_add_test(t, the_closing_edge_is_the_thickest_and_says_where);
    tcase_add_test(t, what_is_retained_is_one_box_that_names_the_rings_in_it);
    tcase_add_test(t, no_order_follows_an_address);
    suite_add_tcase(s, t);

    t = tcase_create("giants");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_loop_test(
        t, of_a_long_way_both_ends_are_drawn_and_the_closing_edge, 0, 30);
    tcase_add_test(t, what_is_next_to_the_way_is_drawn_before_what_is_far);
    tcase_add_test(t, a_blot_of_arrows_is_cut_and_counted);
    tcase_add_test(t, every_member_is_drawn_or_counted_once);
    suite_add_tcase(s, t);

    t = tcase_create("names");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_loop_test(t, no_name_leaves_its_quotes, 0, N_NASTY);
    tcase_add_test(t, no_name_of_random_bytes_leaves_its_quotes);
    tcase_add_test(t, a_long_name_is_cut);
    tcase_add_test(t, what_xml_forbids_is_spelled_out);
    suite_add_tcase(s, t);

    t = tcase_create("other_kinds");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, a_leak_is_drawn_as_the_calls_that_made_it);
    tcase_add_test(t, a_misuse_is_drawn_with_the_places_of_its_events);
    tcase_add_test(t, who_holds_an_object_at_the_end_is_drawn);
    tcase_add_loop_test(
        t, of_many_holders_the_eldest_are_drawn_and_the_rest_counted, 0, 2);
    tcase_add_test(t, an_unbalanced_object_is_drawn_with_who_took_its_counts);
    suite_add_tcase(s, t);
    return s;
}
