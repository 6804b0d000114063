/* SPDX-License-Identifier: MIT */
/*
 * check_cclog.c - graphs as text: what is typed is what is analysed, what is
 * written can be read again, and what makes no sense is refused with its line
 */
#include "cclog/cclog.h"
#include "cclog/cclog_compare.h"
#include "finding_kit.h"
#include "random_graph.h"

static struct cclog logged;
static struct end_state state;
static struct cclog_losses lost;
static struct err error;
static bool is_read, is_loaded;
static char path[64];

static void set_up(void)
{
    snprintf(path, sizeof path, "/tmp/check_cclog.%d.trace", (int)getpid());
}

static void release(void)
{
    if (is_read)
        cclog_release(&logged);
    if (is_loaded)
        end_state_release(&state);
    is_read = is_loaded = false;
    unlink(path);
}

static int read_bytes(const char *text, size_t len)
{
    FILE *f =
        len > 0 ? fmemopen((char *)text, len, "r") : fopen("/dev/null", "r");
    ck_assert_ptr_nonnull(f);
    const int rc = cclog_read(&logged, f, "log", &error);
    fclose(f);
    is_read = rc == 0;
    return rc;
}

static void load(void)
{
    unlink(path);
    if (cclog_to_trace(&logged, "log", path, &lost, &error) != 0 ||
        end_state_read(&state, path, NULL, &error) != 0)
        ck_abort_msg("%s", error.text);
    is_loaded = true;
}

static void import(const char *text)
{
    if (read_bytes(text, strlen(text)) != 0)
        ck_abort_msg("%s", error.text);
    load();
}

/* The caller frees it. */
static char *exported(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(f);
    cclog_write(&state, f);
    fclose(f);
    return text;
}

static const struct object *object_at(uint64_t addr)
{
    for (uint32_t v = 0; v < state.shadow.n_objects; v++)
        if (state.shadow.objects[v].addr == addr)
            return &state.shadow.objects[v];
    ck_abort_msg("no object at %lx", (unsigned long)addr);
}

static bool is_garbage(uint64_t addr)
{
    return state.garbage.in[object_at(addr) - state.shadow.objects];
}

static const char *text_of(uint32_t string)
{
    return state.trace.strings.text[string];
}

START_TEST(what_is_typed_is_what_is_analysed)
{
    import("# two, and one more\n"
           "0x10 [rc=1] a person  with blanks \n"
           "> 0x20 partner\n"
           "> 0x20 partner\n"
           "> 0x30\n"
           "\n"
           "00000020 [rc=2] person\r\n"
           "> 0x10 a \\ b\r\n"
           "AbC30 [rc=0]\n"
           "0x30 [rc=5] \n");

    ck_assert_uint_eq(state.shadow.n_objects, 4);
    ck_assert_uint_eq(state.shadow.n_links, 4);
    ck_assert_str_eq(text_of(object_at(0x10)->type), "a person  with blanks ");
    ck_assert_str_eq(text_of(object_at(0x20)->type), "person");
    ck_assert_str_eq(text_of(object_at(0x30)->type), "");
    ck_assert_int_eq(object_at(0x30)->rc, 5);
    ck_assert_int_eq(object_at(0xabc30)->rc, 0);
    ck_assert_str_eq(text_of(state.shadow.links[3].field), "a \\ b");
    ck_assert(is_garbage(0x10) && is_garbage(0x20) && is_garbage(0xabc30));
    ck_assert(!is_garbage(0x30));
}
END_TEST

/* Names, comments and sections as Firefox has them. */
START_TEST(a_log_with_all_that_firefox_writes_is_read)
{
    import("# WantAllTraces=true\n"
           "0x7f21c4a5d000 [rc=4] nsDocument normal (xhtml) file:///C:\\x41\n"
           "> 0x7f21c4a5e020 [via hash] mListenerManager\n"
           "> 0x7f21c4a5e040 mChildren[i]\n"
           "> 0x7f21c4a5e040 mFirstChild\n"
           "> 0x7f21c4a5e080 Preserved wrapper\n"
           "0x7f21c4a5e020 [rc=1] EventListenerManager\n"
           "0x7f21c4a5e040 [rc=2] FragmentOrElement (xhtml) div id='a' "
           "class='b c' file:///x\n"
           "> 0x7f21c4a5d000 mOwnerManager (mDocument)\n"
           "0x7f21c4a5e080 [gc] JS Object (HTMLDivElement)\n"
           "> 0x7f21c4a5e0a0 shape\n"
           "> 0x7f21c4a5e0c0 \n"
           "0x7f21c4a5e0c0 [gc.marked] JS Object (Window)\n"
           "WeakMapEntry map=0x7f21c4a5e0c0 key=0x7f21c4a5e080 "
           "keyDelegate=0x7f21c4a5e080 value=0x7f21c4a5e0a0\n"
           "WeakMapEntry map=(nil) key=0x7f21c4a5e080 keyDelegate=(nil) "
           "value=(nil)\n"
           "IncrementalRoot 0x7f21c4a5e020\n"
           "==========\n"
           "0x7f21c4a5d000 [known=1]\n"
           "0x7f21c4a5e020 [known=1]\n");
    const struct cclog_comparison k = cclog_compare(&logged, &state);

    ck_assert_uint_eq(state.shadow.n_objects, 5);
    ck_assert_uint_eq(lost.unknown, 1);
    ck_assert_uint_eq(lost.weak, 2);
    ck_assert_uint_eq(k.only_log.n + k.only_found.n, 0);
    ck_assert_str_eq(text_of(state.shadow.objects[0].type),
                     "nsDocument normal (xhtml) file:///C:\\x41");
    ck_assert_str_eq(text_of(state.shadow.links[0].field),
                     "[via hash] mListenerManager");
}
END_TEST

START_TEST(edges_to_no_node_are_left_out_and_counted)
{
    import("0x10 [rc=0] a\n> 0x999 gone\n> 0x10 self\n# ouro-root 0x777 x\n");

    ck_assert_uint_eq(lost.unknown, 2);
    ck_assert_uint_eq(state.shadow.n_links, 1);
}
END_TEST

/* Each with what is garbage, the addresses below each other as bits. */
static const struct meaning {
    const char *text;
    unsigned garbage;
} meanings[] = {
    {"0x1 [rc=1] a\n> 0x1 self\n", 1},
    {"0x1 [rc=2] a\n> 0x1 self\n", 0},
    {"0x1 [rc=1] a\n> 0x1 one\n> 0x1 two\n", 0}, /* fewer counts than edges */
    {"0x1 [rc=-1] a\n", 0},
    {"0x1 [gc] a\n", 1},
    {"0x1 [gc.marked] a\n", 0},
    {"0x1 [gc] a\n> 0x2 x\n0x2 [rc=1] b\n", 3},
    {"0x1 [gc.marked] a\n> 0x2 x\n0x2 [gc] b\n> 0x3 y\n0x3 [rc=1] c\n", 0},
    {"0x1 [rc=2] a\n> 0x2 x\n0x2 [gc] b\n> 0x1 y\n", 0},
    {"0x1 [rc=1] a\n> 0x2 x\n0x2 [gc] b\n> 0x1 y\n", 3},
    {"0x1 [rc=1] a\n> 0x1 self\nIncrementalRoot 0x1\n", 0},
    {"IncrementalRoot 0x1\n0x1 [rc=1] a\n> 0x1 self\n", 0},
    {"0x1 [rc=2] a\n> 0x1 self\n# ouro-root 0x1 global\n", 0},
    {"0x1 [gc] m\n0x2 [gc] k\n0x3 [gc] v\n"
     "WeakMapEntry map=0x1 key=0x2 keyDelegate=0x2 value=0x3\n",
     7},
    {"0x1 [gc.marked] m\n0x2 [gc.marked] k\n0x3 [gc] v\n"
     "WeakMapEntry map=0x1 key=0x2 keyDelegate=(nil) value=0x3\n",
     0},
    {"0x1 [gc] m\n0x2 [gc] k\n0x3 [gc] v\n" /* a map that lives elsewhere */
     "WeakMapEntry map=(nil) key=0x2 keyDelegate=(nil) value=0x3\n",
     7},
    {"0x3 [gc] v\n" /* and its key too */
     "WeakMapEntry map=0x9 key=(nil) keyDelegate=(nil) value=0x3\n",
     0},
    {"0x1 [gc.marked] m\n0x2 [gc] k\n0x3 [gc] v\n" /* the delegate lives */
     "WeakMapEntry map=0x1 key=0x2 keyDelegate=0x8 value=0x3\n",
     0},
};
enum { N_MEANINGS = sizeof meanings / sizeof meanings[0] };

START_TEST(each_line_means_what_it_means_to_firefox)
{
    import(meanings[_i].text);

    unsigned garbage = 0;
    for (uint32_t v = 0; v < state.shadow.n_objects; v++)
        if (state.garbage.in[v])
            garbage |= 1u << (state.shadow.objects[v].addr - 1);
    ck_assert_uint_eq(garbage, meanings[_i].garbage);
}
END_TEST

static const struct refusal {
    const char *text, *says;
} refusals[] = {
    {"", "log:1: the log ends without a node"},
    {"# nothing\n", "log:2: the log ends without a node"},
    {"0x1\n", "log:1: no line of a log; write '0xADDRESS [rc=COUNT] NAME'"},
    {"# x\n0x1 [rc=] a\n", "log:2: no line of a log"},
    {"0x1 [rc=1x] a\n", "log:1: no line of a log"},
    {"0x1 [rc=-] a\n", "log:1: no line of a log"},
    {"0x1 [rc=9223372036854775808] a\n", "log:1: no line of a log"},
    {"0x1 [gc.marke] a\n", "log:1: no line of a log"},
    {"0x1 [gc]a\n", "log:1: no line of a log"},
    {"0x1 [rc=1\n", "log:1: no line of a log"},
    {"0x [rc=1] a\n", "log:1: no line of a log"},
    {"0x0 [rc=1] a\n", "log:1: no line of a log"},
    {"0x4000000000000000 [rc=1] a\n", "log:1: no line of a log"},
    {"-0x1 [rc=1] a\n", "log:1: no line of a log"},
    {"hello\n", "log:1: no line of a log"},
    {"> 0x1 a\n", "log:1: an edge before any node; write the node"},
    {"0x1 [rc=1] a\n> x1 b\n", "log:2: no edge; write '> 0xADDRESS NAME'"},
    {"0x1 [rc=1] a\n> 0x1b:\n", "log:2: no edge"},
    {"0x1 [rc=1] a\n> (nil) b\n", "log:2: no edge"},
    {"0x1 [rc=1] a\n0x01 [gc] b\n", "log:2: a second node at this address"},
    {"0x1 [rc=1] a\n==========\n0x1 [rc=1] a\n", "log:3: no result; write"},
    {"0x1 [rc=1] a\n==========\n0x1 [known=]\n", "log:3: no result"},
    {"0x1 [rc=1] a\n==========\n[garbage]\n", "log:3: no result"},
    {"0x1 [rc=1] a\n==========\n> 0x1 b\n", "log:3: no result"},
    {"IncrementalRoot\n", "log:1: no line of a log"},
    {"IncrementalRoot 0x1 now\n", "log:1: no incremental root"},
    {"WeakMapEntry map=0x1\n", "log:1: no weak map entry"},
};
enum { N_REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(a_line_that_makes_no_sense_is_named)
{
    const struct refusal *r = &refusals[_i];

    ck_assert_int_eq(read_bytes(r->text, strlen(r->text)), -1);
    ck_assert_msg(strncmp(error.text, r->says, strlen(r->says)) == 0, "%s",
                  error.text);
    ck_assert_int_eq(error.code, RC_TRACE);
}
END_TEST

START_TEST(a_zero_byte_and_an_endless_line_are_refused)
{
    enum { LONG = 1 << 17 };
    char *text = must_calloc(1, LONG);

    ck_assert_int_eq(read_bytes("0x1 [rc=1] a\0b\n", 15), -1);
    ck_assert_str_eq(error.text, "log:1: a zero byte; a log is plain text");
    memset(text, 'x', LONG);
    ck_assert_int_eq(read_bytes(text, LONG), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "log:1: longer than 65,535"));
    free(text);
}
END_TEST

/* A program that is made of a random graph, and of what else there may be. */
static uint64_t address(uint32_t v)
{
    return 0x10000 + 0x100 * (uint64_t)v;
}

static const char *const names[] = {
    "Node",       "a b",          " ",  "tab\there", "new\nline", "back\\slash",
    "\\x41",      "\x01\x1f\x7f", "\r", "# x",       "> 0x1 y",   "caf\xc3\xa9",
    "\xff\xfe\\", "[rc=1]",
};
enum { N_NAMES = sizeof names / sizeof names[0] };

static const char *random_name(uint64_t *random)
{
    return names[random_below(random, N_NAMES)];
}

static void say_object(uint64_t *random, const struct random_graph *r,
                       uint32_t v)
{
    static const unsigned marks[] = {OURO_REC_UNTRACK, OURO_REC_IMMORTAL,
                                     OURO_REC_IGNORE};
    const bool leaf = random_below(random, 6) == 0;
    if (random_below(random, 2) == 0)
        MALLOC(address(v), 16 + 8 * (uint64_t)v);
    SAY(OURO_REC_NEW_AT, .a = address(v), .n = r->rc[v],
        .text = random_name(random), .flags = leaf ? OURO_NEW_IS_LEAF : 0);
    if (random_below(random, 3) == 0)
        SAY(OURO_REC_LABEL, .a = address(v), .text = random_name(random));
    if (!r->candidate[v])
        SAY(marks[random_below(random, 3)], .a = address(v));
}

static void say_program(uint64_t seed)
{
    const struct random_graph r = random_graph(seed, seed % N_RANDOM_KINDS);
    uint64_t random = seed * 99 + 1;
    kit_begin();
    for (uint32_t v = 0; v < r.n; v++)
        say_object(&random, &r, v);
    for (uint32_t i = 0; i < r.m; i++)
        LINK(address(r.edges[i].from),
             random_below(&random, 4) ? random_name(&random) : NULL,
             address(r.edges[i].to));
    for (uint32_t i = 0; i < random_below(&random, 3); i++)
        SAY(OURO_REC_ROOT, .text = random_name(&random),
            .b = address(random_below(&random, r.n)));
}

static void load_program(void)
{
    unlink(path);
    ck_assert(build_save(&kit.b, path));
    if (end_state_read(&state, path, NULL, &error) != 0)
        ck_abort_msg("%s", error.text);
    is_loaded = true;
}

/* A leaf goes with what holds it; what may not be judged lives, and so does
   what it holds; roots and labels are told. */
START_TEST(each_object_is_written_as_what_it_is)
{
    kit_begin();
    NEW(0x10, "pair");
    SAY(OURO_REC_LABEL, .a = 0x10, .text = "my\tpair");
    SAY(OURO_REC_NEW_AT, .a = 0x20, .text = "leaf", .n = 1,
        .flags = OURO_NEW_IS_LEAF);
    SAY(OURO_REC_NEW_AT, .a = 0x30, .text = "fixed", .n = 7);
    SAY(OURO_REC_IMMORTAL, .a = 0x30);
    SAY(OURO_REC_NEW_AT, .a = 0x40, .text = "held", .n = 1);
    SAY(OURO_REC_NEW_AT, .a = 0x50, .text = "back\\slash", .n = 3);
    LINK(0x10, "self", 0x10);
    LINK(0x10, NULL, 0x20);
    LINK(0x30, "it", 0x40);
    LINK(0x40, "new\nline", 0x50);
    SAY(OURO_REC_ROOT, .text = "a global", .b = 0x50);
    load_program();

    char *text = exported();

    ck_assert_str_eq(text,
                     "# cycle collector log\n"
                     "# ouro-names: \\xNN is a byte, a tab stands before a "
                     "label\n"
                     "0x10 [rc=1] pair\tmy\\x09pair\n"
                     "> 0x10 self\n"
                     "> 0x20 +0\n"
                     "0x20 [rc=1] leaf\n"
                     "0x30 [gc.marked] fixed\n"
                     "> 0x40 it\n"
                     "0x40 [rc=1] held\n"
                     "> 0x50 new\\x0aline\n"
                     "0x50 [rc=3] back\\x5cslash\n"
                     "# ouro-root 0x50 a global\n"
                     "==========\n"
                     "0x50 [known=1]\n"
                     "0x10 [garbage]\n"
                     "0x20 [garbage]\n");
    free(text);
    kit_release();
}
END_TEST

START_TEST(a_random_program_comes_back_the_same)
{
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        say_program(seed);
        load_program();
        char *first = exported();
        release();
        import(first);
        const struct cclog_comparison k = cclog_compare(&logged, &state);
        CLAIM(k.only_log.n + k.only_found.n == 0, seed);
        char *second = exported();
        if (strcmp(first, second) != 0)
            ck_abort_msg("seed %lu:\n%s\n%s", (unsigned long)seed, first,
                         second);
        free(first);
        free(second);
        release();
        kit_release();
    }
}
END_TEST

/* Is everything judged? What is not is immortal when it comes back, and then
   nothing retains it. */
static bool all_are_judged(void)
{
    for (uint32_t v = 0; v < state.shadow.n_objects; v++)
        if (!state.judged[v])
            return false;
    return true;
}

/* "id instances objects retained" of each cycle, in order of their ids. */
static char *cycles_found(void)
{
    struct findings f;
    struct symbolizer *z = symbolizer_begin();
    if (findings_make(&f, z, &state.shadow, &state.trace, NULL, NULL, false,
                      false, NULL, &error) != 0)
        ck_abort_msg("%s", error.text);
    symbolizer_end(z);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    const char *last = "";
    for (bool more = true; more;) {
        const struct finding *next = NULL;
        for (uint32_t i = 0; i < f.n; i++)
            if (f.at[i].kind == FINDING_CYCLE && strcmp(f.at[i].id, last) > 0 &&
                (!next || strcmp(f.at[i].id, next->id) < 0))
                next = &f.at[i];
        more = next != NULL;
        if (next)
            fprintf(
                out, "%s %lu %lu %lu\n", next->id,
                (unsigned long)next->instances, (unsigned long)next->objects,
                (unsigned long)(all_are_judged() ? next->retained_objects : 0));
        last = next ? next->id : "";
    }
    fclose(out);
    findings_release(&f);
    return text;
}

START_TEST(a_cycle_has_the_same_id_before_and_after)
{
    unsigned n_cycles = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        say_program(seed);
        load_program();
        char *before = cycles_found();
        char *text = exported();
        release();
        import(text);
        char *after = cycles_found();
        if (strcmp(before, after) != 0)
            ck_abort_msg("seed %lu:\n%s\n%s\n%s", (unsigned long)seed, before,
                         after, text);
        n_cycles += *before != '\0';
        free(before);
        free(after);
        free(text);
        release();
        kit_release();
    }
    ck_assert_uint_gt(n_cycles, 50);
}
END_TEST

/* A log as Firefox might write it, with what its own rules make of it, found in
   another way: white until something black is seen, over and over. */
struct typed {
    uint32_t n;
    unsigned held; /* bits: have counts of their own */
    unsigned to[MAX_OBJECTS];
    char text[8192];
};

static struct typed type_log(uint64_t seed)
{
    const struct random_graph r = random_graph(seed, RANDOM_SOUND);
    uint64_t random = seed * 7 + 3;
    struct typed t = {.n = r.n};
    FILE *f = fmemopen(t.text, sizeof t.text, "w");
    for (uint32_t v = 0; v < r.n; v++) {
        int64_t edges = 0;
        for (uint32_t i = 0; i < r.m; i++)
            edges += r.edges[i].to == v;
        const uint32_t kind = random_below(&random, 6);
        if (kind == 0)
            fprintf(f, "0x%x [gc] JS Object\n", v + 1);
        else if (kind == 1)
            fprintf(f, "0x%x [gc.marked] JS Object\n", v + 1);
        else
            fprintf(f, "0x%x [rc=%d] Node\n", v + 1, (int)r.rc[v]);
        if (kind == 1 || (kind > 1 && r.rc[v] != edges))
            t.held |= 1u << v;
        for (uint32_t i = 0; i < r.m; i++)
            if (r.edges[i].from == v) {
                fprintf(f, "> 0x%x edge\n", r.edges[i].to + 1);
                t.to[v] |= 1u << r.edges[i].to;
            }
    }
    unsigned black = t.held;
    for (uint32_t round = 0; round < r.n; round++)
        for (uint32_t v = 0; v < r.n; v++)
            if (black >> v & 1)
                black |= t.to[v];
    fputs("==========\n", f);
    for (uint32_t v = 0; v < r.n; v++)
        if (!(black >> v & 1))
            fprintf(f, "0x%x [garbage]\n", v + 1);
    fclose(f);
    return t;
}

START_TEST(a_second_implementation_agrees_on_garbage)
{
    unsigned n_garbage = 0;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        const struct typed t = type_log(seed);
        import(t.text);
        const struct cclog_comparison k = cclog_compare(&logged, &state);
        if (k.only_log.n + k.only_found.n > 0)
            ck_abort_msg("seed %lu:\n%s", (unsigned long)seed, t.text);
        n_garbage += k.n_found;
        release();
    }
    ck_assert_uint_gt(n_garbage, 2000);
}
END_TEST

START_TEST(what_differs_is_counted_and_shown)
{
    char words[128];
    import("0x1 [rc=1] a\n> 0x1 x\n0x2 [rc=2] b\n> 0x2 x\n==========\n"
           "0x2 [garbage]\n0x2 [garbage]\n0x99 [garbage]\n0xa1 [garbage]\n"
           "0xa2 [garbage]\n0xa3 [garbage]\n");

    const struct cclog_comparison k = cclog_compare(&logged, &state);

    ck_assert_uint_eq(k.n_log, 5);
    ck_assert_uint_eq(k.n_found, 1);
    cclog_difference_words(&k.only_log, words, sizeof words);
    ck_assert_str_eq(words, "0x2, 0x99, 0xa1, 0xa2 and 1 more");
    cclog_difference_words(&k.only_found, words, sizeof words);
    ck_assert_str_eq(words, "0x1");
}
END_TEST

/* Bytes changed, left out, doubled, and pieces moved. */
static size_t corrupt(uint64_t *random, char *text, size_t len, size_t room)
{
    static const char likely[] = "0x1> []=#\n\r\t\\rcgmknow(nil)-";
    const uint32_t times = 1 + random_below(random, 6);
    for (uint32_t i = 0; i < times && len > 1; i++) {
        const size_t at = random_below(random, (uint32_t)len);
        const size_t from = random_below(random, (uint32_t)len);
        size_t n = 1 + random_below(random, 40);
        n = n < len - at ? n : len - at;
        n = n < len - from ? n : len - from;
        switch (random_below(random, 5)) {
        case 0:
            text[at] = (char)random_below(random, 256);
            break;
        case 1:
            text[at] = likely[random_below(random, sizeof likely - 1)];
            break;
        case 2:
            memmove(text + at, text + from, n);
            break;
        case 3:
            memmove(text + at, text + at + n, len - at - n);
            len -= n;
            break;
        default:
            if (len + n <= room) {
                memmove(text + at + n, text + at, len - at);
                len += n;
            }
            break;
        }
    }
    return len;
}

START_TEST(a_damaged_log_is_read_or_refused)
{
    unsigned n_read = 0;
    for (uint64_t seed = 1; seed <= 10000; seed++) {
        uint64_t random = seed * 31 + 7;
        struct typed t = type_log(seed % 64 + 1);
        size_t len = strlen(t.text);
        len = corrupt(&random, t.text, len, sizeof t.text);
        if (read_bytes(t.text, len) != 0) {
            CLAIM(strncmp(error.text, "log:", 4) == 0, seed);
            continue;
        }
        n_read++;
        if (n_read % 8 == 0) {
            load();
            cclog_compare(&logged, &state);
        }
        release();
    }
    ck_assert_uint_gt(n_read, 500);
    ck_assert_uint_lt(n_read, 9500);
}
END_TEST

/* The longest names of all, and more of them than a chunk has room for. */
START_TEST(names_longer_than_a_trace_can_hold_are_cut_and_counted)
{
    enum { N = 1000, LONG = OURO_MAX_STRING };
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    for (int v = 1; v <= N; v++)
        fprintf(f, "0x%x [rc=1] %0*d\n> 0x%x %0*d\n", v, LONG + v % 2, v,
                v % N + 1, LONG, v);
    fclose(f);
    import(text);

    ck_assert_uint_eq(lost.cut, N / 2);
    ck_assert_uint_eq(state.garbage.n, N);
    for (uint32_t v = 0; v < N; v++) {
        CLAIM(strlen(text_of(state.shadow.objects[v].type)) == LONG, v);
        CLAIM(atoi(text_of(state.shadow.links[v].field)) == (int)v + 1, v);
    }
    free(text);
}
END_TEST

START_TEST(a_ring_of_many_is_read)
{
    enum { N = 300000 };
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    for (unsigned v = 1; v <= N; v++)
        fprintf(f, "0x%x [rc=1] link\n> 0x%x next\n", v, v % N + 1);
    fclose(f);
    import(text);
    free(text);

    ck_assert_uint_eq(state.garbage.n, N);
}
END_TEST

Suite *cclog_suite(void);

Suite *cclog_suite(void)
{
    Suite *s = suite_create("cclog");
    TCase *t = tcase_create("lines");
    tcase_add_checked_fixture(t, set_up, release);
    tcase_add_test(t, what_is_typed_is_what_is_analysed);
    tcase_add_test(t, a_log_with_all_that_firefox_writes_is_read);
    tcase_add_test(t, edges_to_no_node_are_left_out_and_counted);
    tcase_add_loop_test(t, each_line_means_what_it_means_to_firefox, 0,
                        N_MEANINGS);
    tcase_add_loop_test(t, a_line_that_makes_no_sense_is_named, 0, N_REFUSALS);
    tcase_add_test(t, a_zero_byte_and_an_endless_line_are_refused);
    tcase_add_test(t, what_differs_is_counted_and_shown);
    tcase_add_test(t, names_longer_than_a_trace_can_hold_are_cut_and_counted);
    tcase_add_test(t, a_ring_of_many_is_read);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    t = tcase_create("graphs");
    tcase_add_checked_fixture(t, set_up, release);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, each_object_is_written_as_what_it_is);
    tcase_add_test(t, a_random_program_comes_back_the_same);
    tcase_add_test(t, a_cycle_has_the_same_id_before_and_after);
    tcase_add_test(t, a_second_implementation_agrees_on_garbage);
    tcase_add_test(t, a_damaged_log_is_read_or_refused);
    suite_add_tcase(s, t);
    return s;
}
