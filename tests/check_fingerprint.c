/* SPDX-License-Identifier: MIT */
/* check_fingerprint.c - the same finding in another run, another one if not */
#include "explain/fingerprint.h"
#include "explain/site.h"
#include "finding_kit.h"

/* Stacks with names that no symbol file had to be read for. */
static struct names {
    struct arena arena;
    struct trace t;
    struct symbols symbols;
    struct places of[64];
    struct sites sites;
} names;

static void names_begin(void)
{
    stacks_init(&names.t.stacks);
    names.symbols = (struct symbols){.trace = &names.t, .of = names.of};
}

static void names_release(void)
{
    sites_release(&names.sites);
    stacks_release(&names.t.stacks);
    arena_release(&names.arena);
    memset(&names, 0, sizeof names);
}

/* "inner|outer|main"; what stands before a '@' is the module. */
static uint32_t stack_of(const char *text)
{
    char copy[512];
    const char *functions[40];
    uint32_t n = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *at = strtok(copy, "|"); at; at = strtok(NULL, "|"))
        functions[n++] = at;
    uint32_t stack = 0;
    while (n-- > 0) {
        const uint32_t frame = names.t.stacks.n_frames;
        struct place *p = ARENA_ARRAY(&names.arena, 1, struct place);
        const char *at = strchr(functions[n], '@');
        const char *function = at ? at + 1 : functions[n];
        *p = (struct place){
            .function = arena_text(&names.arena, function, strlen(function)),
            .file = "",
            .line = frame,
            .module = at ? arena_text(&names.arena, functions[n],
                                      (size_t)(at - functions[n]))
                         : "/bin/program",
            .offset = 16 * ((uint64_t)frame + 1),
        };
        names.of[stacks_frame(&names.t.stacks, 0x1000 + 16 * (uint64_t)frame,
                              0)] = (struct places){1, p};
        stack = stacks_push(&names.t.stacks, stack, frame);
    }
    return stack;
}

static const char *text_of(const char *functions)
{
    const uint32_t stack = stack_of(functions);
    sites_release(&names.sites);
    sites_init(&names.sites, &names.arena, &names.t, &names.symbols);
    return sites_text(&names.sites, stack);
}

static const struct {
    const char *stack, *site;
} sites[] = {
    {"inner|outer|main", "inner\nouter\nmain\n"},
    {"f|f|f|main", "f\nmain\n"},
    {"eval|apply|eval|apply|eval|main", "eval\napply\nmain\n"},
    {"xmalloc|make|main|__libc_start_call_main|__libc_start_main|_start",
     "make\nmain\n"},
    {"make|main|/lib/libc.so.6@|__libc_start_main|_start", "make\nmain\n"},
    {"work|/lib/libstdc++.so.6@|/lib/libc.so.6@|/lib/libc.so.6@", "work\n"},
    {"operator new(unsigned long)|std::allocator<int>::allocate(unsigned "
     "long)|make()|main",
     "make()\nmain\n"},
    {"work|std::thread::_Invoker<x>::operator()()|start_thread|clone3",
     "work\n"},
    {"init|/lib64/ld-linux-x86-64.so.2@call_it|main", "init\nmain\n"},
    {"f.part.0|g.constprop.3.isra.1|h() [clone .cold]|main",
     "f\ng\nh()\nmain\n"},
    {"f.part.0|f|main", "f\nmain\n"},
    {"a|b|c|d|e|f|g|h|i|j|main", "a\nb\nc\nd\ne\nf\ng\nh\n"},
    {"", ""},
};

START_TEST(a_site_is_the_functions_that_matter)
{
    ck_assert_str_eq(text_of(sites[_i].stack), sites[_i].site);
    ck_assert(!names.sites.fragile);
}
END_TEST

START_TEST(a_site_without_names_is_offsets_and_fragile)
{
    ck_assert_str_eq(text_of("@|/opt/lib/x.so@|named"),
                     "?\nx.so+0x30\nnamed\n");
    ck_assert(names.sites.fragile);
}
END_TEST

START_TEST(a_nameless_place_of_libc_counts_where_the_program_called_it)
{
    ck_assert_str_eq(text_of("by_key|/lib/libc.so.6@|qsort|main"),
                     "by_key\nlibc.so.6+0x40\nqsort\nmain\n");
    ck_assert(names.sites.fragile);
}
END_TEST

START_TEST(places_of_the_guest_are_dropped)
{
    const uint32_t stack = stack_of("/x/libouro.so@hook|make|main");
    sites_init(&names.sites, &names.arena, &names.t, &names.symbols);
    const struct places p = sites_shown(&names.sites, stack);

    ck_assert_uint_eq(p.n, 2);
    ck_assert_str_eq(p.at[0].function, "make");
    ck_assert_str_eq(sites_text(&names.sites, stack), "make\nmain\n");
}
END_TEST

START_TEST(many_deep_stacks_that_differ_in_one_frame_are_not_all_spelled_out)
{
    enum { FRAMES = 60, DEPTH = 4000, LEAVES = 2000 };
    static const struct place f = {
        .function = "f", .module = "/bin/program", .file = ""};
    struct stacks *k = &names.t.stacks;
    uint32_t base = 0;
    for (uint64_t i = 0; i < FRAMES; i++)
        names.of[stacks_frame(k, 16 * (i + 1), 0)] = (struct places){1, &f};
    for (uint32_t i = 0; i < DEPTH; i++)
        base = stacks_push(k, base, 1 + i % FRAMES);
    const uint32_t outer = stacks_push(k, base, 1);
    for (uint32_t i = 0; i < LEAVES; i++)
        stacks_push(k, stacks_push(k, outer, 1 + i / FRAMES), 1 + i % FRAMES);
    sites_init(&names.sites, &names.arena, &names.t, &names.symbols);
    struct places last = {0, NULL};
    for (uint32_t i = outer; i < k->n; i++)
        last = sites_shown(&names.sites, i);

    ck_assert_uint_eq(sites_shown(&names.sites, outer).n, DEPTH + 1);
    ck_assert_uint_eq(last.n, 33);
    ck_assert_str_eq(last.at[32].function, "(frames cut off here)");
    ck_assert_uint_lt(names.sites.n_shown, 1 << 22);
}
END_TEST

static uint64_t edge(const char *field)
{
    return fingerprint_edge(1, field, 2);
}

START_TEST(the_number_in_a_fields_brackets_does_not_count)
{
    ck_assert(edge("items[1]") == edge("items[17]"));
    ck_assert(edge("rows[1][2].next") == edge("rows[33][4].next"));
    ck_assert(edge("items[1].a") != edge("items[1].b"));
    ck_assert(edge("items") != edge("items[1]"));
    ck_assert(edge("slot1") != edge("slot2"));
    ck_assert(edge("[") != edge(""));
}
END_TEST

START_TEST(order_and_repeats_do_not_count)
{
    uint64_t one[] = {7, 3, 9};
    uint64_t two[] = {9, 9, 3, 7, 3};
    uint64_t three[] = {9, 3};
    char a[17], b[17], c[17], d[17];
    fingerprint_set(a, "cycle", one, 3);
    fingerprint_set(b, "cycle", two, 5);
    fingerprint_set(c, "cycle", three, 2);
    fingerprint_set(d, "leak", two, 3);

    ck_assert_str_eq(a, b);
    ck_assert_str_ne(a, c);
    ck_assert_str_ne(a, d);
    ck_assert_uint_eq(strlen(a), 16);
}
END_TEST

/* Ids must not change between versions: baselines hold them. */
START_TEST(ids_stay_what_they_are)
{
    uint64_t part =
        fingerprint_edge(fingerprint_object("List", "make\nmain\n"), "items",
                         fingerprint_object("Item", "main\n"));
    char id[17];
    fingerprint_set(id, "cycle", &part, 1);
    ck_assert_str_eq(id, "5ef2962ab665e1e2");
}
END_TEST

/* A ring of n, at an address, whose members point through a field. */
static void ring(uint64_t at, uint64_t n, const char *field)
{
    AT(1);
    for (uint64_t i = 0; i < n; i++) {
        MALLOC(at + 0x40 * i, 32);
        NEW(at + 0x40 * i, "Link");
    }
    AT(2);
    for (uint64_t i = 0; i < n; i++)
        LINK(at + 0x40 * i, field, at + 0x40 * ((i + 1) % n));
}

static void id_of_ring(char id[17], uint64_t at, uint64_t n, const char *field)
{
    kit_begin();
    ring(at, n, field);
    memcpy(id, only(found(), FINDING_CYCLE)->id, 17);
    ck_assert(kit.f.fingerprints_fragile);
    kit_release();
}

START_TEST(addresses_and_length_of_a_ring_do_not_count_but_its_field_does)
{
    char a[17], b[17], c[17], d[17];
    id_of_ring(a, 0x10000, 3, "next");
    id_of_ring(b, 0x7f0000001000, 3, "next");
    id_of_ring(c, 0x10000, 100, "next");
    id_of_ring(d, 0x10000, 3, "other");

    ck_assert_str_eq(a, b);
    ck_assert_str_eq(a, c);
    ck_assert_str_ne(a, d);
}
END_TEST

static void many_findings(void)
{
    kit_begin();
    for (unsigned i = 0; i < 30; i++) {
        AT(i);
        MALLOC(0x100000 + 0x1000 * (uint64_t)i, 64 + i / 2);
        AT(100 + i);
        MALLOC(0x200000 + 0x1000 * (uint64_t)i, 32);
        NEW(0x200000 + 0x1000 * (uint64_t)i, "Self");
        LINK(0x200000 + 0x1000 * (uint64_t)i, i % 2 ? "a" : "b",
             0x200000 + 0x1000 * (uint64_t)i);
    }
}

START_TEST(the_same_recording_gives_the_same_findings_in_the_same_order)
{
    char ids[60][17];
    many_findings();
    const struct findings *f = found();
    ck_assert_uint_eq(f->n, 60);
    for (uint32_t i = 0; i < f->n; i++) {
        memcpy(ids[i], f->at[i].id, 17);
        if (i > 0)
            ck_assert_uint_le(f->at[i].retained_bytes,
                              f->at[i - 1].retained_bytes);
    }
    kit_release();

    many_findings();
    f = found();
    for (uint32_t i = 0; i < f->n; i++)
        ck_assert_str_eq(f->at[i].id, ids[i]);
    kit_release();
}
END_TEST

Suite *fingerprint_suite(void);

Suite *fingerprint_suite(void)
{
    Suite *s = suite_create("fingerprint");
    TCase *t = tcase_create("site");
    tcase_add_checked_fixture(t, names_begin, names_release);
    tcase_add_loop_test(t, a_site_is_the_functions_that_matter, 0,
                        sizeof sites / sizeof sites[0]);
    tcase_add_test(t, a_site_without_names_is_offsets_and_fragile);
    tcase_add_test(t,
                   a_nameless_place_of_libc_counts_where_the_program_called_it);
    tcase_add_test(t, places_of_the_guest_are_dropped);
    tcase_add_test(
        t, many_deep_stacks_that_differ_in_one_frame_are_not_all_spelled_out);
    suite_add_tcase(s, t);
    t = tcase_create("id");
    tcase_add_checked_fixture(t, NULL, kit_release);
    tcase_add_test(t, the_number_in_a_fields_brackets_does_not_count);
    tcase_add_test(t, order_and_repeats_do_not_count);
    tcase_add_test(t, ids_stay_what_they_are);
    tcase_add_test(
        t, addresses_and_length_of_a_ring_do_not_count_but_its_field_does);
    tcase_add_test(
        t, the_same_recording_gives_the_same_findings_in_the_same_order);
    suite_add_tcase(s, t);
    return s;
}
