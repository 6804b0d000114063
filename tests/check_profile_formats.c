/* SPDX-License-Identifier: MIT */
/* check_profile_formats.c - profiles made by hand, as every format writes them:
   whatever stands in a name, it stays one name */
#include "explain/symbolizer.h"
#include "report/call_tree.h"
#include "report/csv_out.h"
#include "report/profile_format.h"
#include "report/proto_out.h"
#include "report/timeline.h"
#include "trace/state.h"

#include "arena.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LONG_NAME = 10240, FRAMES = 8 };

static struct arena arena;
static struct trace t;
static struct trace_state no_modules;
static struct image image;
static struct profile p;
static struct usage_row rows[FRAMES];
static char *written;
static size_t len;

static void begin(void)
{
    memset(&t, 0, sizeof t);
    memset(&p, 0, sizeof p);
    stacks_init(&t.stacks);
    image = (struct image){.pid = 7, .path = "r.ouro/7.0.trace"};
    image.trace.exe = "/bin/prog";
    t.exe = "/bin/prog";
    t.state = &no_modules;
    p.trace = &t;
    p.usage.rows = rows;
    p.innermost = UINT32_MAX;
    p.symbols.of = ARENA_ARRAY(&arena, FRAMES + 1, struct places);
}

static void release(void)
{
    stacks_release(&t.stacks);
    arena_release(&arena);
    free(written);
    written = NULL;
}

/* The stack of these frames under `parent`: `n` functions inlined into each
   other, innermost first. */
static uint32_t call(uint32_t parent, uint32_t n, const char *const *functions)
{
    const uint32_t frame =
        stacks_frame(&t.stacks, 0x1000 + t.stacks.n_frames, 0);
    struct place *at = ARENA_ARRAY(&arena, n, struct place);
    ck_assert_uint_le(frame, FRAMES);
    for (uint32_t i = 0; i < n; i++)
        at[i] = (struct place){functions[i], "",           0,
                               "/bin/prog",  0x10 + frame, i + 1 < n};
    p.symbols.of[frame] = (struct places){n, at};
    return stacks_push(&t.stacks, parent, frame);
}

static uint32_t call_one(uint32_t parent, const char *function)
{
    return call(parent, 1, &function);
}

static void use(uint32_t stack, uint64_t bytes)
{
    rows[p.usage.n++] = (struct usage_row){
        stack, {[INUSE_SPACE] = bytes, 1, [ALLOC_SPACE] = 10 * bytes, 10}};
    p.usage.total[INUSE_SPACE] += bytes;
}

static const char *write_as(const struct profile_format *format,
                            enum usage_value value, bool several)
{
    struct timeline line;
    struct profile_out o = {.recording = "r.ouro",
                            .value = value,
                            .several = several,
                            .timeline = &line};
    free(written);
    o.to = open_memstream(&written, &len);
    timeline_init(&line, 0, 100, p.usage.total[INUSE_SPACE]);
    const struct usage_watch watch = timeline_watch(&line);
    watch.after(watch.to, 50, &p.usage);
    timeline_finish(&line, &p.usage);
    format->begin(&o);
    format->image(&o, &image, &p);
    format->end(&o);
    fclose(o.to);
    timeline_release(&line);
    return written;
}

START_TEST(folded_stacks_are_merged_by_name_and_sorted)
{
    const char *const inlined[] = {"leaf", "middle"};
    begin();
    const uint32_t main_1 = call_one(0, "main");
    const uint32_t main_2 = call_one(0, "main");
    use(call(main_1, 2, inlined), 30);
    use(call(main_2, 2, inlined), 4);
    use(call_one(main_1, "first"), 1);
    use(main_1, 5);

    ck_assert_str_eq(write_as(&profile_folded, INUSE_SPACE, false),
                     "main 5\nmain;first 1\nmain;middle;leaf 34\n");
    ck_assert_str_eq(write_as(&profile_folded, ALLOC_OBJECTS, true),
                     "prog (7);main 10\nprog (7);main;first 10\n"
                     "prog (7);main;middle;leaf 20\n");
    release();
}
END_TEST

START_TEST(what_has_no_name_or_no_stack_is_a_frame_too)
{
    begin();
    use(0, 3);
    use(call_one(0, ""), 4);
    ck_assert_str_eq(write_as(&profile_folded, INUSE_SPACE, false),
                     "(no stack recorded) 3\nprog+0x11 4\n");
    release();
}
END_TEST

START_TEST(the_guests_frames_are_left_out)
{
    begin();
    const uint32_t stack = call_one(call_one(0, "main"), "malloc");
    ((struct place *)p.symbols.of[t.stacks.frame[stack]].at)->module =
        "/usr/lib/libouro.so";
    use(stack, 3);
    ck_assert_str_eq(write_as(&profile_folded, INUSE_SPACE, false), "main 3\n");
    release();
}
END_TEST

static const struct {
    const char *name, *folded, *massif;
} nasty[] = {
    {"a;b", "a:b", "a;b"},
    {"{lambda()#1}", "{lambda()#1}", "{lambda()@1}"},
    {"two\nlines\r\t", "two\\x0alines\\x0d\\x09", "two\\x0alines\\x0d\\x09"},
    {"\x1b[31m\x7f\xc2\x9b\xe2\x80\xae", "\\x1b[31m\\x7f\\x9b\\u202e",
     "\\x1b[31m\\x7f\\x9b\\u202e"},
    {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"f 12", "f 12", "f 12"},
    {"n0: 5 0x1: x\"'</script>]]>%s", "n0: 5 0x1: x\"'</script>]]>%s",
     "n0: 5 0x1: x\"'</script>]]>%s"},
};
enum { N_NASTY = sizeof nasty / sizeof nasty[0] };

START_TEST(a_nasty_name_is_one_frame_of_a_folded_stack)
{
    char wanted[256];
    begin();
    use(call_one(0, nasty[_i].name), 9);
    snprintf(wanted, sizeof wanted, "%s 9\n", nasty[_i].folded);
    ck_assert_str_eq(write_as(&profile_folded, INUSE_SPACE, false), wanted);
    release();
}
END_TEST

START_TEST(a_nasty_name_is_one_line_of_massifs_tree)
{
    char wanted[256];
    begin();
    use(call_one(0, nasty[_i].name), 9);
    write_as(&profile_massif, INUSE_SPACE, false);
    snprintf(wanted, sizeof wanted, "\n n0: 9 0x1001: %s (in /bin/prog)\n",
             nasty[_i].massif);
    ck_assert_msg(strstr(written, wanted) != NULL, "no '%s' in %.3000s", wanted,
                  written);
    release();
}
END_TEST

START_TEST(a_nasty_name_is_one_frame_of_speedscope)
{
    begin();
    use(call_one(0, nasty[_i].name), 9);
    json_error_t e;
    json_t *root =
        json_loads(write_as(&profile_speedscope, ALLOC_SPACE, false), 0, &e);
    ck_assert_msg(root != NULL, "%s in %.3000s", e.text, written);
    const json_t *frames =
        json_object_get(json_object_get(root, "shared"), "frames");
    const json_t *first = json_array_get(json_object_get(root, "profiles"), 0);
    ck_assert_uint_eq(json_array_size(frames), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(first, "endValue")), 9);
    ck_assert_int_eq(
        json_integer_value(json_object_get(root, "activeProfileIndex")),
        ALLOC_SPACE);
    json_decref(root);
    release();
}
END_TEST

START_TEST(a_name_of_10_kb_is_whole_in_every_format)
{
    static const struct profile_format *const formats[] = {
        &profile_folded, &profile_speedscope, &profile_massif,
        &profile_csv_sites};
    char *name = malloc(LONG_NAME + 1);
    memset(name, '<', LONG_NAME);
    name[LONG_NAME] = 0;
    begin();
    use(call_one(0, name), 9);
    ck_assert_ptr_nonnull(
        strstr(write_as(formats[_i], INUSE_SPACE, false), name));
    release();
    free(name);
}
END_TEST

START_TEST(massif_counts_what_is_small_and_sorts_the_rest)
{
    begin();
    use(call_one(0, "small"), 5);
    use(call_one(0, "large"), 1000);
    use(call_one(0, "tiny"), 4);
    use(call_one(0, "medium"), 100);
    write_as(&profile_massif, INUSE_SPACE, false);
    const char *tree = strstr(written, "heap_tree=peak\n");
    ck_assert_ptr_nonnull(tree);
    static const char wanted[] =
        "heap_tree=peak\n"
        "n3: 1109 (heap allocation functions) malloc/new/new[], --alloc-fns, "
        "etc.\n"
        " n0: 1000 0x1002: large (in /bin/prog)\n"
        " n0: 100 0x1004: medium (in /bin/prog)\n"
        " n0: 9 in 2 places, all below massif's threshold (1.00%)\n"
        "#";
    ck_assert_msg(strncmp(tree, wanted, strlen(wanted)) == 0, "%.600s", tree);
    release();
}
END_TEST

START_TEST(a_deep_stack_is_cut_in_massif_and_whole_elsewhere)
{
    enum { DEEP = 3000 };
    begin();
    uint32_t stack = call_one(0, "main");
    const uint32_t frame =
        t.stacks.frame[call_one(stack, "f")]; /* the same at each depth */
    for (int i = 0; i < DEEP; i++)
        stack = stacks_push(&t.stacks, stack, frame);
    use(stack, 8);
    ck_assert_uint_eq(strlen(write_as(&profile_folded, INUSE_SPACE, false)),
                      strlen("main 8\n") + DEEP * strlen(";f"));
    write_as(&profile_massif, INUSE_SPACE, false);
    const char *tree = strstr(written, "heap_tree=peak\n");
    int lines = 0;
    for (const char *at = tree; *at && *at != '#'; at++)
        lines += *at == '\n';
    ck_assert_int_eq(lines, 1 + 1 + 30);
    release();
}
END_TEST

static uint32_t how_often(const char *what)
{
    uint32_t n = 0;
    for (const char *at = written;
         (at = memmem(at, len - (size_t)(at - written), what, strlen(what)));
         at++)
        n++;
    return n;
}

START_TEST(where_stacks_are_cut_a_frame_says_so_and_nothing_is_lost)
{
    begin();
    uint32_t stack = call_one(0, "main");
    use(stack, 7);
    const uint32_t frame = t.stacks.frame[call_one(stack, "f")];
    for (int i = 0; i < PROFILE_INNERMOST + 5; i++)
        stack = stacks_push(&t.stacks, stack, frame);
    use(stack, 8);
    p.innermost = PROFILE_INNERMOST;
    write_as(&profile_folded, INUSE_SPACE, false);
    ck_assert_ptr_eq(strstr(written, "(frames cut off here);f;f"), written);
    ck_assert_uint_eq(how_often(";f"), PROFILE_INNERMOST);
    ck_assert_uint_eq(how_often("f 8\nmain 7\n"), 1);
    write_as(&profile_csv_sites, INUSE_SPACE, false);
    ck_assert_uint_eq(how_often(";f"), PROFILE_INNERMOST);
    ck_assert_uint_eq(how_often("\"(frames cut off here);f"), 1);
    release();
}
END_TEST

START_TEST(a_few_stacks_are_whole_and_very_many_deep_ones_are_cut)
{
    enum { DEEP = 6000 };
    struct arena names = {0};
    struct symbolizer *z = symbolizer_begin();
    struct usage_row *many = calloc(DEEP, sizeof *many);
    begin();
    const uint32_t frame = stacks_frame(&t.stacks, 0x1000, 0);
    uint32_t stack = 0;
    for (int i = 0; i < DEEP; i++)
        many[i] = (struct usage_row){.stack = stack =
                                         stacks_push(&t.stacks, stack, frame)};
    p.usage = (struct usage){.rows = many, .n = 5000};
    profile_name(&p, z, &names, &t, NULL);
    ck_assert_uint_eq(p.innermost, UINT32_MAX);
    p.usage.n = DEEP;
    profile_name(&p, z, &names, &t, NULL);
    ck_assert_uint_eq(p.innermost, PROFILE_INNERMOST);
    symbolizer_end(z);
    arena_release(&names);
    free(many);
    release();
}
END_TEST

START_TEST(a_message_is_these_bytes)
{
    struct proto_out inner = {0};
    struct proto_out m = {0};
    const uint64_t list[] = {0, 300, UINT64_MAX};
    static const unsigned char wanted[] = {
        0x08, 0x96, 0x01,                                    /* 1: 150 */
        0x12, 0x07, 't',  'e',  's',  't',  'i',  'n',  'g', /* 2: "testing" */
        0x1a, 0x03, 0x08, 0x96, 0x01,                        /* 3: { 1: 150 } */
        0x22, 0x0d, 0x00, 0xac, 0x02, /* 4: [0, 300, ... */
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0x01, 0x80, 0x01, 0x01, /* 16: 1 */
    };
    proto_number(&inner, 1, 150);
    proto_number(&m, 1, 150);
    proto_bytes(&m, 2, "testing", 7);
    proto_message(&m, 3, &inner);
    proto_numbers(&m, 4, list, 3);
    proto_numbers(&m, 5, list, 0);
    proto_number(&m, 6, 0);
    proto_number(&m, 16, 1);
    ck_assert_uint_eq(m.n, sizeof wanted);
    ck_assert_mem_eq(m.at, wanted, sizeof wanted);
    proto_out_release(&m);
    proto_out_release(&inner);
}
END_TEST

START_TEST(pprof_is_compressed_and_holds_the_names)
{
    enum { ROOM = 1 << 16 };
    begin();
    use(call_one(call_one(0, "main"), "a;b\xff"), 9);
    write_as(&profile_pprof, INUSE_SPACE, true);
    unsigned char *plain = malloc(ROOM);
    z_stream z = {.next_in = (unsigned char *)written,
                  .avail_in = (unsigned)len,
                  .next_out = plain,
                  .avail_out = ROOM};
    ck_assert_int_eq(inflateInit2(&z, 16 + 15), Z_OK);
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(z.avail_in, 0);
    inflateEnd(&z);
    ck_assert_ptr_nonnull(memmem(plain, z.total_out,
                                 "\x32\x06"
                                 "a;b\xef\xbf\xbd",
                                 8));
    ck_assert_ptr_nonnull(memmem(plain, z.total_out, "\x32\x04main", 6));
    ck_assert_ptr_nonnull(memmem(plain, z.total_out, "\x32\x04prog", 6));
    free(plain);
    release();
}
END_TEST

static const struct {
    const char *text, *cell;
} cells[] = {
    {"plain, text", "\"plain, text\""},
    {"", "\"\""},
    {"say \"x\"", "\"say \"\"x\"\"\""},
    {"=1+1", "\"'=1+1\""},
    {"+1", "\"'+1\""},
    {"-1", "\"'-1\""},
    {"@SUM(A1)", "\"'@SUM(A1)\""},
    {"a=b", "\"a=b\""},
    {"\t=1", "\"\\x09=1\""},
    {"\r\n=1", "\"\\x0d\\x0a=1\""},
    {"\xff", "\"\xef\xbf\xbd\""},
};
enum { N_CELLS = sizeof cells / sizeof cells[0] };

START_TEST(a_text_is_one_cell_and_no_formula)
{
    char wanted[128];
    struct csv_out c = {.to = open_memstream(&written, &len)};
    csv_text(&c, cells[_i].text);
    csv_count(&c, 5);
    csv_empty(&c);
    csv_open_list(&c, ';');
    csv_add(&c, cells[_i].text);
    csv_close_list(&c);
    csv_end_row(&c);
    csv_release(&c);
    fclose(c.to);
    snprintf(wanted, sizeof wanted, "%s,5,,%s\r\n", cells[_i].cell,
             cells[_i].cell);
    ck_assert_str_eq(written, wanted);
    free(written);
    written = NULL;
}
END_TEST

static int by_frame(const void *to, const struct call_node *a,
                    const struct call_node *b)
{
    (void)to;
    return (a->frame > b->frame) - (a->frame < b->frame);
}

START_TEST(a_tree_is_walked_in_order_however_deep_it_is)
{
    enum { DEEP = 1000000 };
    struct call_tree tree;
    call_tree_init(&tree);
    uint32_t node = 0;
    for (uint32_t i = 0; i < DEEP; i++)
        node = call_tree_child(&tree, node, 1);
    const uint32_t b = call_tree_child(&tree, 0, 2);
    const uint32_t a = call_tree_child(&tree, 0, 0);
    ck_assert_uint_eq(call_tree_child(&tree, 0, 2), b);
    call_tree_order(&tree, by_frame, NULL);
    uint32_t n = call_tree_next(&tree, 0);
    ck_assert_uint_eq(n, a);
    for (uint32_t i = 0; i < DEEP; i++)
        n = call_tree_next(&tree, n);
    ck_assert_uint_eq(n, node);
    ck_assert_uint_eq(call_tree_next(&tree, n), b);
    ck_assert_uint_eq(call_tree_next(&tree, b), 0);
    call_tree_release(&tree);
}
END_TEST

Suite *profile_formats_suite(void);

Suite *profile_formats_suite(void)
{
    Suite *suite = suite_create("profile_formats");
    TCase *tc = tcase_create("profile_formats");
    tcase_add_test(tc, folded_stacks_are_merged_by_name_and_sorted);
    tcase_add_test(tc, what_has_no_name_or_no_stack_is_a_frame_too);
    tcase_add_test(tc, the_guests_frames_are_left_out);
    tcase_add_loop_test(tc, a_nasty_name_is_one_frame_of_a_folded_stack, 0,
                        N_NASTY);
    tcase_add_loop_test(tc, a_nasty_name_is_one_line_of_massifs_tree, 0,
                        N_NASTY);
    tcase_add_loop_test(tc, a_nasty_name_is_one_frame_of_speedscope, 0,
                        N_NASTY);
    tcase_add_loop_test(tc, a_name_of_10_kb_is_whole_in_every_format, 0, 4);
    tcase_add_test(tc, massif_counts_what_is_small_and_sorts_the_rest);
    tcase_add_test(tc, a_deep_stack_is_cut_in_massif_and_whole_elsewhere);
    tcase_add_test(tc,
                   where_stacks_are_cut_a_frame_says_so_and_nothing_is_lost);
    tcase_add_test(tc, a_few_stacks_are_whole_and_very_many_deep_ones_are_cut);
    tcase_add_test(tc, a_message_is_these_bytes);
    tcase_add_test(tc, pprof_is_compressed_and_holds_the_names);
    tcase_add_loop_test(tc, a_text_is_one_cell_and_no_formula, 0, N_CELLS);
    tcase_add_test(tc, a_tree_is_walked_in_order_however_deep_it_is);
    suite_add_tcase(suite, tc);
    return suite;
}
