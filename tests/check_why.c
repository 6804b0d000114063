/* SPDX-License-Identifier: MIT */
/* check_why.c - one object explained: its counts, its holders, what keeps it */
#include "explain/deaths.h"
#include "explain/meant.h"
#include "explain/why.h"
#include "finding_kit.h"
#include "report/text_why.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000, APART = 0x1000 };

#define ACQUIRE(p, cookie) SAY(OURO_REC_ACQUIRE, .a = (p), .size = (cookie))
#define DEAD(p)            SAY(OURO_REC_DEAD, .a = (p))
#define LABEL(p, name)     SAY(OURO_REC_LABEL, .a = (p), .text = (name))
#define ROOT(name, p)      SAY(OURO_REC_ROOT, .text = (name), .b = (p))
#define OWN(p, block)      SAY(OURO_REC_OWN, .a = (p), .b = (block))
#define MARK(what, p)      SAY((what), .a = (p))

static struct why why;
static char *text;
static size_t text_len;

static void begin(void)
{
    kit_begin();
    AT(1);
}

static void end(void)
{
    why_release(&why);
    free(text);
    text = NULL;
    kit_release();
}

/* main -> a function of its own -> the site: what happens in one does not
   explain what happens in another. */
static void APART_AT(unsigned n)
{
    const uint64_t ips[] = {PROGRAM + 0x10, PROGRAM + 0x100 + n,
                            PROGRAM + (uint64_t)SITES * (n + 1)};
    build_stack(&kit.b, 3, ips);
}

static void make(uint64_t p, const char *type)
{
    MALLOC(p, 64);
    NEW(p, type);
}

/* A count becomes the owner's. */
static void give(uint64_t owner, const char *field, uint64_t p)
{
    INCREF(p);
    LINK(owner, field, p);
}

static uint32_t object_at(uint64_t addr)
{
    uint32_t object, block;
    ck_assert(meant_at(&kit.s, addr, &object, &block));
    ck_assert_uint_ne(object, OURO_NONE);
    return object;
}

static const struct why *explain(uint64_t addr, uint32_t most)
{
    struct err e;
    struct symbolizer *z = symbolizer_begin();
    const int rc =
        why_make(&why, z, &kit.s, &kit.t, NULL, object_at(addr), most, &e);
    symbolizer_end(z);
    ck_assert_msg(rc == 0, "%s", e.text);
    ck_assert_int_eq(why.object->rc, why.owned + why.rooted + why.acquired +
                                         why.taken + why.unknown);
    return &why;
}

static const struct why *explain_alone(uint64_t addr)
{
    found();
    return explain(addr, 10);
}

static const char *told(void)
{
    FILE *to = open_memstream(&text, &text_len);
    const struct text_out o = {.to = to};
    text_why(&o, &why);
    fclose(to);
    return text;
}

static void says(const char *words)
{
    ck_assert_msg(strstr(text, words) != NULL, "no \"%s\" in:\n%s", words,
                  text);
}

static void fits_the_width(void)
{
    for (const char *line = text; *line;) {
        const size_t len = strcspn(line, "\n");
        ck_assert_msg(len <= TEXT_WIDTH, "%.*s", (int)len, line);
        line += len + 1;
    }
}

static bool is_at(const struct places p, unsigned site)
{
    return p.n > 0 && p.at[0].offset == (uint64_t)SITES * (site + 1);
}

START_TEST(every_count_has_its_reason)
{
    make(A, "Owner");
    ROOT("registry", A);
    make(B, "Thing");
    AT(2);
    give(A, "first", B);
    AT(3);
    ROOT("global", B);
    INCREF(B);
    AT(4);
    ACQUIRE(B, 0x77);
    const struct why *w = explain_alone(B);

    ck_assert_int_eq(w->object->rc, 4);
    ck_assert_int_eq(w->owned, 1);
    ck_assert_int_eq(w->rooted, 1);
    ck_assert_int_eq(w->acquired, 1);
    ck_assert_uint_eq(w->owners.n_told, 1);
    ck_assert_str_eq(w->owners.told[0].other.type, "Owner");
    ck_assert_uint_eq(w->owners.told[0].other.addr, A);
    ck_assert_str_eq(w->owners.told[0].field, "first");
    ck_assert(is_at(w->owners.told[0].stack, 2));
    ck_assert_str_eq(w->roots.told[0].field, "global");
    ck_assert(is_at(w->roots.told[0].stack, 3));
    ck_assert(w->takers[0].named);
    ck_assert_uint_eq(w->takers[0].cookie, 0x77);
    ck_assert(is_at(w->takers[0].stack, 4));
    told();
    says("1 owned + 1 of a root + 1 acquired + 1");
    says("root \"global\"");
    fits_the_width();
}
END_TEST

START_TEST(where_one_place_remains_it_took_the_count)
{
    APART_AT(1);
    make(A, "Thing");
    ROOT("global", A);
    APART_AT(2);
    INCREF(A);
    INCREF(A);
    const struct why *w = explain_alone(A);

    ck_assert_int_eq(w->taken, 2);
    ck_assert_int_eq(w->unknown, 0);
    ck_assert_uint_eq(w->n_takers, 1);
    ck_assert(w->takers[0].certain);
    ck_assert_uint_eq(w->takers[0].count, 2);
    ck_assert(is_at(w->takers[0].stack, 2));
    told();
    says("2 taken and not given back");
    says("taken by");
}
END_TEST

START_TEST(where_several_places_remain_none_is_certain)
{
    APART_AT(1);
    make(A, "Thing");
    APART_AT(2);
    INCREF(A);
    APART_AT(3);
    INCREF(A);
    APART_AT(4);
    DECREF(A);
    const struct why *w = explain_alone(A);

    ck_assert_int_eq(w->taken, 0);
    ck_assert_int_eq(w->unknown, 2);
    ck_assert_uint_ge(w->n_takers, 2);
    for (uint32_t i = 0; i < w->n_takers; i++)
        ck_assert(!w->takers[i].certain);
    told();
    says("perhaps by");
}
END_TEST

START_TEST(fewer_counts_than_references_are_said)
{
    make(A, "Owner");
    ROOT("r", A);
    make(B, "Thing");
    LINK(A, "x", B);
    LINK(A, "y", B);
    const struct why *w = explain_alone(B);

    ck_assert_int_eq(w->owned, 2);
    ck_assert_int_eq(w->unknown, -1);
    told();
    says("rc 1 = 2 owned - 1 given back too often");
    says("too few");
}
END_TEST

START_TEST(the_path_begins_at_the_nearest_that_is_held_from_outside)
{
    make(A, "Root");
    ROOT("r", A);
    make(B, "Middle");
    LINK(A, "long", B);
    make(C, "Near");
    LINK(B, "way", C);
    INCREF(C);
    make(D, "Thing");
    SAY(OURO_REC_LINK_AT, .a = C, .text = "list", .b = D, .n = 3);
    const struct why *w = explain_alone(D);

    ck_assert_int_eq(w->anchor, ANCHOR_COUNTS);
    ck_assert_uint_eq(w->path.n, 2);
    ck_assert_str_eq(w->path.steps[0].object.type, "Near");
    ck_assert_str_eq(w->path.steps[0].field, "list");
    ck_assert_int_eq(w->path.steps[0].index, 3);
    ck_assert_uint_eq(w->cycle.n, 0);
    told();
    says("Near.list[3] -> Thing");
    says("alive: what holds it has counts");
}
END_TEST

/* A->B->A dead, B holds C, which holds a leaf D. */
static void garbage(void)
{
    dead_pair(A, B);
    make(C, "Held");
    LINK(B, "held", C);
    MALLOC(D, 8);
    SAY(OURO_REC_NEW_AT, .a = D, .text = "Leaf", .n = 1,
        .flags = OURO_NEW_IS_LEAF);
    LINK(C, "leaf", D);
}

START_TEST(a_member_of_a_cycle_is_told_its_finding_and_its_cycle)
{
    garbage();
    const struct finding *f = only(found(), FINDING_CYCLE);
    const struct why *w = explain(A, 10);

    ck_assert(w->unreachable);
    ck_assert_int_eq(w->anchor, ANCHOR_NONE);
    ck_assert_uint_eq(w->n_sources, 1);
    ck_assert_str_eq(w->sources[0].id, f->id);
    ck_assert(w->sources[0].inside);
    ck_assert_uint_eq(w->path.n, 1);
    ck_assert_uint_eq(w->cycle.n, 2);
    told();
    says("part of cycle ");
    says("Parent.child -> Child.parent -> Parent");
    ck_assert_ptr_null(strstr(text, "path"));
}
END_TEST

START_TEST(the_way_round_names_the_field_that_leads_on)
{
    make(A, "Parent");
    make(C, "Held");
    LINK(A, "aside", C);
    make(B, "Child");
    LINK(A, "child", B);
    LINK(B, "parent", A);
    const struct why *w = explain_alone(A);

    ck_assert_uint_eq(w->cycle.n, 2);
    ck_assert_str_eq(w->cycle.steps[0].field, "child");
    ck_assert_str_eq(w->cycle.steps[1].field, "parent");
}
END_TEST

START_TEST(what_garbage_holds_is_told_what_retains_it)
{
    garbage();
    const struct finding *f = only(found(), FINDING_CYCLE);
    const uint64_t held[] = {C, D};
    for (int i = 0; i < 2; i++) {
        const struct why *w = explain(held[i], 10);

        ck_assert_int_eq(w->unreachable, i == 0);
        ck_assert_int_eq(w->anchor, ANCHOR_NONE);
        ck_assert_str_eq(w->sources[0].id, f->id);
        ck_assert(!w->sources[0].inside);
        ck_assert_uint_eq(w->path.n, 2 + (uint32_t)i);
        ck_assert_str_eq(w->path.steps[0].object.type, "Child");
        ck_assert_uint_eq(w->cycle.n, 2);
        told();
        says("only garbage holds it; retained by cycle ");
        why_release(&why);
        free(text);
        text = NULL;
    }
}
END_TEST

START_TEST(what_two_cycles_hold_is_held_together)
{
    garbage();
    dead_pair(A + APART, B + APART);
    give(A + APART, "too", C);
    found();
    const struct why *w = explain(C, 10);

    ck_assert_uint_eq(w->n_sources, 2);
    told();
    says("held together by");
}
END_TEST

START_TEST(a_zombie_holds_and_its_finding_is_named)
{
    make(A, "Zombie");
    make(B, "Held");
    LINK(A, "x", B);
    AT(5);
    DECREF(A);
    const struct finding *f = only(found(), FINDING_MISUSE);
    const struct why *w = explain(B, 10);

    ck_assert_uint_eq(w->n_sources, 1);
    ck_assert_str_eq(w->sources[0].id, f->id);
    ck_assert_int_eq(w->sources[0].kind, FINDING_MISUSE);
}
END_TEST

START_TEST(flags_are_said_in_words)
{
    make(A, "Lasting");
    MARK(OURO_REC_IMMORTAL, A);
    make(B, "Loose");
    LINK(A, "x", B);
    MARK(OURO_REC_UNTRACK, B);
    const struct why *w = explain_alone(B);

    ck_assert_int_eq(w->anchor, ANCHOR_COUNTS);
    told();
    says("untracked");
    why_release(&why);
    free(text);
    explain(A, 10);
    told();
    says("immortal");
}
END_TEST

START_TEST(an_untracked_ring_is_not_judged)
{
    dead_pair(A, B);
    MARK(OURO_REC_UNTRACK, A);
    MARK(OURO_REC_UNTRACK, B);
    const struct why *w = explain_alone(A);

    ck_assert(!w->unreachable);
    ck_assert_int_eq(w->anchor, ANCHOR_UNJUDGED);
    told();
    says("not judged");
}
END_TEST

START_TEST(counts_that_are_a_finding_name_it)
{
    make(A, "Thing");
    DECREF(A);
    INCREF(A);
    MALLOC(C, 8);
    APART_AT(2);
    ACQUIRE(A, C);
    FREE(C);
    make(B, "Few");
    make(D, "Owner");
    ROOT("r", D);
    LINK(D, "x", B);
    LINK(D, "y", B);
    const struct finding *f = only(found(), FINDING_UNBALANCED);
    const struct why *w = explain(A, 10);

    ck_assert(w->out_of_balance);
    ck_assert_str_eq(w->balance_id, f->id);
    told();
    says("unbalanced ");
    why_release(&why);
    f = only(&kit.f, FINDING_OVER_RELEASE);
    w = explain(B, 10);
    ck_assert_str_eq(w->balance_id, f->id);
    why_release(&why);
    ck_assert(!explain(D, 10)->out_of_balance);
}
END_TEST

START_TEST(lists_are_limited_and_all_of_them_is_all)
{
    enum { MANY = 50 };
    make(A, "Thing");
    for (uint64_t i = 0; i < MANY; i++) {
        make(B + i * APART, "Owner");
        ROOT("r", B + i * APART);
        give(B + i * APART, "x", A);
    }
    found();
    const struct why *w = explain(A, 3);
    ck_assert_uint_eq(w->owners.n, MANY);
    ck_assert_uint_eq(w->owners.n_told, 3);
    told();
    says("... and 47 more references");
    why_release(&why);

    w = explain(A, UINT32_MAX);
    ck_assert_uint_eq(w->owners.n_told, MANY);
}
END_TEST

START_TEST(a_long_way_is_told_by_its_ends)
{
    enum { MANY = 40 };
    for (uint64_t i = 0; i < MANY; i++) {
        make(A + i * APART, "Link");
        if (i == 0)
            ROOT("r", A);
        else
            LINK(A + (i - 1) * APART, "next", A + i * APART);
    }
    found();
    const struct why *w = explain(A + (MANY - 1) * APART, 10);
    uint64_t n = w->path.n;
    for (uint32_t i = 0; i < w->path.n; i++)
        n += w->path.steps[i].left_out;
    ck_assert_uint_eq(n, MANY);
    ck_assert_uint_lt(w->path.n, MANY);
    ck_assert_ptr_null(w->path.steps[w->path.n - 1].field);
    told();
    says("more) ->");
    fits_the_width();
}
END_TEST

START_TEST(names_that_do_something_to_a_terminal_do_nothing)
{
    static const char nasty[] = "n\x1b[31m\"\r\n::error\xff\xe2\x80\xae\x7f";
    char name[300];
    memset(name, 'x', sizeof name);
    memcpy(name, nasty, sizeof nasty - 1);
    name[sizeof name - 1] = '\0';
    make(A, name);
    LABEL(A, name);
    ROOT(name, A);
    make(B, name);
    LINK(A, name, B);
    ACQUIRE(B, UINT64_MAX);
    explain_alone(B);
    told();
    for (size_t i = 0; i < text_len; i++)
        ck_assert(text[i] == '\n' || (unsigned char)text[i] >= ' ');
    ck_assert_ptr_null(strstr(text, "\x7f"));
}
END_TEST

START_TEST(the_collections_that_it_survived_are_counted)
{
    make(A, "Thing");
    SAY(OURO_REC_COLLECT, .n = 0);
    SAY(OURO_REC_COLLECT, .n = 0);
    SAY(OURO_REC_COLLECT, .n = 1);
    make(B, "Young");
    found();
    const struct why *w = explain(A, 10);

    ck_assert(w->survived_known);
    ck_assert_uint_eq(w->survived, 2);
    told();
    says("generation 2, survived 2 collections");
    why_release(&why);
    w = explain(B, 10);
    ck_assert(w->survived_known);
    ck_assert_uint_eq(w->survived, 0);
}
END_TEST

START_TEST(an_address_inside_a_block_means_the_object_in_it)
{
    make(A, "Thing");
    MALLOC(B, 100);
    MALLOC(C, 40);
    OWN(A, C);
    found();
    uint32_t object, block;

    ck_assert_uint_eq(object_at(A + 63), object_at(A));
    ck_assert(!meant_at(&kit.s, A + 64, &object, &block));
    ck_assert(meant_at(&kit.s, B + 99, &object, &block));
    ck_assert_uint_eq(object, OURO_NONE);
    ck_assert_uint_eq(kit.s.blocks[block].addr, B);
    ck_assert(meant_at(&kit.s, C, &object, &block));
    ck_assert_uint_eq(kit.s.blocks[block].owner, object_at(A));
}
END_TEST

START_TEST(of_blocks_around_an_address_the_innermost_is_meant)
{
    enum { POOL = 0x99 };
    MALLOC(A, 100);
    SAY(OURO_REC_POOL_CREATE, .a = POOL, .b = A, .size = 100);
    SAY(OURO_REC_POOL_ALLOC, .a = POOL, .b = A + 16, .size = 16);
    found();
    uint32_t object, block;

    ck_assert(meant_at(&kit.s, A + 20, &object, &block));
    ck_assert_uint_eq(kit.s.blocks[block].addr, A + 16);
    ck_assert(meant_at(&kit.s, A + 32, &object, &block));
    ck_assert_uint_eq(kit.s.blocks[block].addr, A);
}
END_TEST

START_TEST(of_objects_in_one_block_the_one_around_the_address_is_meant)
{
    MALLOC(A, 100);
    SAY(OURO_REC_NEW_AT, .a = A, .text = "Whole", .n = 1, .size = 100);
    SAY(OURO_REC_NEW_AT, .a = A + 32, .text = "Part", .n = 1, .size = 16);
    found();

    ck_assert_uint_eq(kit.s.objects[object_at(A + 40)].addr, A + 32);
    ck_assert_uint_eq(kit.s.objects[object_at(A + 48)].addr, A);
}
END_TEST

START_TEST(a_word_means_a_type_a_label_or_both)
{
    static const struct {
        const char *word;
        bool means;
    } words[] = {
        {"Node", true},          {"main", true},       {"Node:main", true},
        {"Node \"main\"", true}, {"Node:", false},     {"node", false},
        {"Node:mai", false},     {"Node main", false}, {"", false},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const struct meant m = meant_parse(words[i].word);
        ck_assert_msg(meant_is_named(&m, "Node", "main") == words[i].means,
                      "%s", words[i].word);
    }
    const struct meant nested = meant_parse("ns::Node:main");
    ck_assert(meant_is_named(&nested, "ns::Node", "main"));
    ck_assert(meant_parse("0x10").is_address);
    ck_assert(!meant_parse("0x").is_address);
    ck_assert(!meant_parse("0x10g").is_address);
    ck_assert(!meant_parse("0x12345678901234567").is_address);
}
END_TEST

static struct deaths dead(const char *word)
{
    struct deaths d;
    struct err e;
    const struct meant m = meant_parse(word);
    found();
    ck_assert_int_eq(deaths_find(&d, &kit.t, NULL, &m, &e), 0);
    return d;
}

START_TEST(of_several_that_died_there_the_last_is_told)
{
    make(A, "First");
    DECREF(A);
    DEAD(A);
    FREE(A);
    AT(2);
    make(A, "Second");
    LABEL(A, "it");
    AT(3);
    DEAD(A);
    FREE(A);
    const struct deaths d = dead("0x10010");
    const struct death *last = deaths_last(&d);

    ck_assert_uint_eq(d.n_objects, 2);
    ck_assert(!last->is_block);
    ck_assert_str_eq(kit.t.strings.text[last->type], "Second");
    ck_assert_str_eq(kit.t.strings.text[last->label], "it");
    ck_assert_int_eq(last->rc, 1);
    ck_assert_uint_lt(last->born, last->died);
    ck_assert_uint_ne(last->stack, last->death_stack);
}
END_TEST

START_TEST(a_block_that_came_after_the_object_is_told_instead)
{
    make(A, "First");
    DEAD(A);
    FREE(A);
    MALLOC(A, 16);
    FREE(A);
    const struct deaths d = dead("0x10000");

    ck_assert(deaths_last(&d)->is_block);
    ck_assert_uint_eq(deaths_last(&d)->bytes, 16);
}
END_TEST

START_TEST(the_dead_are_known_by_name_too)
{
    make(A, "Thing");
    LABEL(A, "it");
    FREE(A);
    make(B, "Other");
    const struct deaths d = dead("Thing:it");

    ck_assert_uint_eq(d.n_objects, 1);
    ck_assert_uint_eq(deaths_last(&d)->addr, A);
}
END_TEST

START_TEST(nothing_died_where_nothing_was)
{
    make(A, "Thing");
    FREE(A);
    const struct deaths d = dead("0x999");

    ck_assert_ptr_null(deaths_last(&d));
}
END_TEST

static TCase *counts_case(void)
{
    TCase *t = tcase_create("counts");
    tcase_add_test(t, every_count_has_its_reason);
    tcase_add_test(t, where_one_place_remains_it_took_the_count);
    tcase_add_test(t, where_several_places_remain_none_is_certain);
    tcase_add_test(t, fewer_counts_than_references_are_said);
    tcase_add_test(t, counts_that_are_a_finding_name_it);
    tcase_add_test(t, lists_are_limited_and_all_of_them_is_all);
    tcase_add_test(t, the_collections_that_it_survived_are_counted);
    tcase_add_test(t, names_that_do_something_to_a_terminal_do_nothing);
    return t;
}

static TCase *ways_case(void)
{
    TCase *t = tcase_create("ways");
    tcase_add_test(t, the_path_begins_at_the_nearest_that_is_held_from_outside);
    tcase_add_test(t, a_member_of_a_cycle_is_told_its_finding_and_its_cycle);
    tcase_add_test(t, the_way_round_names_the_field_that_leads_on);
    tcase_add_test(t, what_garbage_holds_is_told_what_retains_it);
    tcase_add_test(t, what_two_cycles_hold_is_held_together);
    tcase_add_test(t, a_zombie_holds_and_its_finding_is_named);
    tcase_add_test(t, flags_are_said_in_words);
    tcase_add_test(t, an_untracked_ring_is_not_judged);
    tcase_add_test(t, a_long_way_is_told_by_its_ends);
    return t;
}

static TCase *meant_case(void)
{
    TCase *t = tcase_create("meant");
    tcase_add_test(t, an_address_inside_a_block_means_the_object_in_it);
    tcase_add_test(t, of_blocks_around_an_address_the_innermost_is_meant);
    tcase_add_test(t,
                   of_objects_in_one_block_the_one_around_the_address_is_meant);
    tcase_add_test(t, a_word_means_a_type_a_label_or_both);
    tcase_add_test(t, of_several_that_died_there_the_last_is_told);
    tcase_add_test(t, a_block_that_came_after_the_object_is_told_instead);
    tcase_add_test(t, the_dead_are_known_by_name_too);
    tcase_add_test(t, nothing_died_where_nothing_was);
    return t;
}

Suite *why_suite(void);

Suite *why_suite(void)
{
    Suite *s = suite_create("why");
    TCase *cases[] = {counts_case(), ways_case(), meant_case()};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tcase_add_checked_fixture(cases[i], begin, end);
        suite_add_tcase(s, cases[i]);
    }
    return s;
}
