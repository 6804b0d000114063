/* SPDX-License-Identifier: MIT */
/* check_survivors.c - who lives on, how old, and whether there are more of them
 */
#include "explain/survivors.h"
#include "finding_kit.h"

#define CHECKPOINT(name) SAY(OURO_REC_CHECKPOINT, .text = (name))
#define COLLECT(g)       SAY(OURO_REC_COLLECT, .n = (g))
#define DEAD(p)          SAY(OURO_REC_DEAD, .a = (p))
#define OWN(p, block)    SAY(OURO_REC_OWN, .a = (p), .b = (block))
#define IGNORE(p)        SAY(OURO_REC_IGNORE, .a = (p))
#define NEW_LEAF(p, type)                                                      \
    SAY(OURO_REC_NEW_AT, .a = (p), .text = (type), .n = 1,                     \
        .flags = OURO_NEW_IS_LEAF)
#define NEVER_COLLECT() SAY(OURO_REC_THRESHOLD, .threshold = {0, 10, 10})

static struct survivors rows;
static struct symbolizer *symbolizer;

static void begin(void)
{
    kit_begin();
    AT(0);
    NEVER_COLLECT();
}

/* Of all that was said. */
static const struct survivors *survey(void)
{
    struct err e;
    snprintf(kit.path, sizeof kit.path, "/tmp/check_survivors.%d.trace",
             (int)getpid());
    ck_assert(build_save(&kit.b, kit.path));
    ck_assert_int_eq(trace_open(&kit.t, kit.path, &e), 0);
    unlink(kit.path);
    ck_assert_int_eq(shadow_build(&kit.s, &kit.t, NULL, NULL, &e), 0);
    if (!symbolizer)
        symbolizer = symbolizer_begin();
    const int rc =
        survivors_find(&rows, symbolizer, &kit.s, &kit.t, false, NULL, &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    return &rows;
}

static void release(void)
{
    survivors_release(&rows);
    shadow_release(&kit.s);
    if (kit.t.path)
        trace_close(&kit.t);
    kit_release();
}

static void end(void)
{
    release();
    symbolizer_end(symbolizer);
    symbolizer = NULL;
}

/* The row of what was made at site n, or NULL. */
static const struct survivor *row(const char *type, const char *allocator,
                                  unsigned n)
{
    const uint64_t offset = (uint64_t)SITES * (n + 1);
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct survivor *s = &rows.at[i];
        if (strcmp(s->type, type) == 0 &&
            strcmp(s->allocator, allocator) == 0 && s->stack.n > 0 &&
            s->stack.at[0].offset == offset)
            return s;
    }
    return NULL;
}

START_TEST(a_cache_that_only_grows_comes_first)
{
    begin();
    AT(1);
    for (uint64_t i = 0; i < 20; i++) /* made once, and large */
        CALLOC(0x10000 + 0x1000 * i, 4096);
    for (uint64_t round = 0; round < 8; round++) {
        CHECKPOINT("round");
        COLLECT(0);
        AT(2); /* comes and goes: eight at a time */
        for (uint64_t i = 0; i < 8; i++) {
            if (round > 0)
                FREE(0x100000 + 0x100 * i);
            MALLOC(0x100000 + 0x100 * i, 128);
        }
        AT(3);
        MALLOC(0x200000 + 0x100 * round, 32);
        NEW(0x200000 + 0x100 * round, "entry");
    }

    survey();

    ck_assert_uint_eq(rows.n, 3);
    ck_assert_str_eq(rows.at[0].type, "entry");
    ck_assert_uint_eq(rows.at[0].ages, 8);
    ck_assert_double_eq(rows.at[0].growth, 1);
    ck_assert_double_eq(rows.at[0].growth_bytes, 32);
    ck_assert(rows.at[0].grows);
    ck_assert_uint_eq(row("", "malloc", 2)->ages, 1);
    ck_assert(!row("", "malloc", 2)->grows);
    ck_assert_uint_eq(row("", "calloc", 1)->ages, 1);
    ck_assert_double_eq(row("", "calloc", 1)->growth, 0);
}
END_TEST

static void give_leaf(uint64_t owner, uint64_t leaf, const char *type)
{
    MALLOC(leaf, 16);
    NEW_LEAF(leaf, type);
    LINK(owner, "name", leaf);
}

START_TEST(what_a_cycle_holds_does_not_live_on)
{
    begin();
    AT(1);
    dead_pair(0x10000, 0x20000);
    MALLOC(0x30000, 16);
    NEW(0x30000, "Alive");
    give_leaf(0x20000, 0x40000, "Gone");
    give_leaf(0x20000, 0x50000, "Known");
    INCREF(0x50000);
    give_leaf(0x20000, 0x60000, "Shared");
    INCREF(0x60000);
    LINK(0x30000, "name", 0x60000);

    survey();

    ck_assert_uint_eq(rows.n, 3);
    ck_assert_ptr_nonnull(row("Alive", "", 1));
    ck_assert_ptr_nonnull(row("Known", "", 1));
    ck_assert_ptr_nonnull(row("Shared", "", 1));
}
END_TEST

START_TEST(with_one_checkpoint_nothing_is_known_of_growth)
{
    begin();
    CHECKPOINT("only");
    AT(1);
    MALLOC(0x10000, 16);

    survey();

    ck_assert_uint_eq(rows.n_checkpoints, 1);
    ck_assert_int_eq(rows.by, AGES_BY_CHECKPOINTS);
    ck_assert_uint_eq(rows.at[0].n_recent, 0);
}
END_TEST

static void recurse_to(uint32_t depth)
{
    uint64_t ips[64] = {PROGRAM + 0x100};
    for (uint32_t i = 0; i <= depth; i++)
        ips[i + 1] = PROGRAM + 5 * SITES;
    build_stack(&kit.b, depth + 2, ips);
}

/* The depth that is still there did not live at the first checkpoint, the one
   that did is gone. */
START_TEST(a_recursion_is_one_row_at_whatever_depth)
{
    begin();
    recurse_to(3);
    MALLOC(0x10000, 16);
    CHECKPOINT("a");
    FREE(0x10000);
    recurse_to(20);
    MALLOC(0x20000, 16);
    recurse_to(9);
    MALLOC(0x30000, 16);
    CHECKPOINT("b");

    survey();

    ck_assert_uint_eq(rows.n, 1);
    ck_assert_uint_eq(rows.at[0].n, 2);
    ck_assert_double_eq(rows.at[0].growth, 1);
    ck_assert_int_eq(rows.at[0].recent[0], 1);
    ck_assert_int_eq(rows.at[0].recent[1], 2);
}
END_TEST

START_TEST(storage_that_is_reallocated_shows_as_bytes)
{
    begin();
    AT(1);
    MALLOC(0x10000, 16);
    NEW(0x10000, "List");
    MALLOC(0x20000, 100);
    OWN(0x10000, 0x20000);
    for (uint64_t i = 1; i <= 4; i++) {
        CHECKPOINT("round");
        SAY(OURO_REALLOC_BEGIN, .a = 0x20000);
        SAY(OURO_REALLOC_END, .a = 0x20000, .size = 100 + 50 * i);
    }

    survey();

    ck_assert_uint_eq(rows.n, 1);
    ck_assert_double_eq(rows.at[0].growth, 0);
    ck_assert_double_eq(rows.at[0].growth_bytes, 50);
    ck_assert_uint_eq(rows.at[0].bytes, 316);
}
END_TEST

/* --- random programs, counted again by long loops --- */

enum { PROGRAMS = 40, BATCHES = 10, THINGS = 300, SEEN = 64 };

static const char *const types[] = {"", "Node", "List"};

/* A block, and perhaps the object at its start. */
struct thing {
    bool alive, object, ignored, garbage;
    unsigned site, type;
    int owner;                 /* or -1 */
    uint64_t size, came, born; /* the block; the object */
    int aged, survived;        /* of the block */
    int object_survived;
};

struct moment_seen {
    int n;
    struct thing at[THINGS];
};

static struct {
    uint64_t seed, dice;
    int n, n_marks, n_collections;
    struct thing at[THINGS];
    struct moment_seen marks[SEEN];
} m;

static unsigned dice(unsigned sides)
{
    m.dice = m.dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(m.dice >> 33) % sides;
}

static uint64_t addr_of(int i)
{
    return 0x100000 + 0x1000 * (uint64_t)i;
}

static struct thing *some(void)
{
    return m.n > 0 ? &m.at[dice((unsigned)m.n)] : NULL;
}

static int number(const struct thing *t)
{
    return (int)(t - m.at);
}

static void make(bool object)
{
    if (m.n == THINGS)
        return;
    struct thing *t = &m.at[m.n];
    *t = (struct thing){.alive = true,
                        .object = object,
                        .site = dice(4),
                        .type = dice(3),
                        .owner = -1,
                        .size = 16 * (1 + dice(8))};
    AT(t->site);
    if (dice(2))
        MALLOC(addr_of(m.n), t->size);
    else
        CALLOC(addr_of(m.n), t->size), t->site += 100;
    t->came = t->born = kit.stamp;
    if (object) {
        NEW(addr_of(m.n), types[t->type]);
        t->born = kit.stamp;
    }
    m.n++;
}

static void make_garbage(void)
{
    if (m.n + 2 > THINGS)
        return;
    AT(0);
    const uint64_t before = kit.stamp;
    dead_pair(addr_of(m.n), addr_of(m.n + 1));
    for (int i = 0; i < 2; i++)
        m.at[m.n++] = (struct thing){.alive = true,
                                     .object = true,
                                     .garbage = true,
                                     .owner = -1,
                                     .came = before,
                                     .born = before};
}

static void disown_all(int owner)
{
    for (int i = 0; i < m.n; i++)
        if (m.at[i].owner == owner)
            m.at[i].owner = -1;
}

static void die(struct thing *t, bool block_too)
{
    if (!t || !t->alive || t->garbage || (!t->object && !block_too))
        return;
    AT(dice(4));
    if (t->object)
        DEAD(addr_of(number(t)));
    disown_all(number(t));
    t->object = false;
    if (!block_too)
        return;
    FREE(addr_of(number(t)));
    t->alive = false;
}

static void own(struct thing *by, struct thing *what)
{
    if (!by || !by->alive || !by->object || by->garbage || !what->alive ||
        what->object || what == by)
        return;
    OWN(addr_of(number(by)), addr_of(number(what)));
    what->owner = number(by);
}

static void ignore(struct thing *t)
{
    if (!t || !t->alive || t->garbage)
        return;
    IGNORE(addr_of(number(t)));
    t->ignored = true;
}

static void collect_all(int g)
{
    COLLECT(g);
    m.n_collections++;
    for (int i = 0; i < m.n; i++) {
        m.at[i].survived++;
        m.at[i].object_survived++;
        if (m.at[i].aged <= g)
            m.at[i].aged = g == 2 ? 2 : g + 1;
    }
}

static void mark(void)
{
    if (m.n_marks == SEEN)
        return;
    CHECKPOINT("mark");
    struct moment_seen *s = &m.marks[m.n_marks++];
    s->n = m.n;
    memcpy(s->at, m.at, sizeof m.at);
}

static void one_step(unsigned collections, unsigned checkpoints)
{
    const unsigned what = dice(40);
    if (what < 9)
        make(false);
    else if (what < 18)
        make(true);
    else if (what < 27)
        die(some(), true);
    else if (what < 29)
        die(some(), false);
    else if (what < 33)
        own(some(), some());
    else if (what < 34)
        make_garbage();
    else if (what < 35)
        ignore(some());
    else if (what < 37 && collections)
        collect_all((int)dice(3));
    else if (what < 40 && checkpoints)
        mark();
}

/* Which row a thing is in as it is here; -1: none. */
static int row_of(const struct thing *t)
{
    if (!t->alive || t->ignored || t->garbage)
        return -1;
    if (t->object)
        return (int)(t->type * 1000 + t->site % 100);
    return t->owner >= 0 ? -1 : (int)(10000 + t->site);
}

static void check_growth(const struct survivor *s, int wanted)
{
    int64_t n[SEEN], bytes[SEEN];
    for (int k = 0; k < m.n_marks; k++) {
        const struct moment_seen *seen = &m.marks[k];
        n[k] = bytes[k] = 0;
        for (int i = 0; i < seen->n; i++) {
            const struct thing *t = &seen->at[i];
            if (row_of(t) == wanted) {
                n[k]++;
                bytes[k] += (int64_t)t->size;
            }
            if (t->alive && !t->object && t->owner >= 0 &&
                row_of(&seen->at[t->owner]) == wanted)
                bytes[k] += (int64_t)t->size;
        }
    }
    const int last = m.n_marks - 1;
    ck_assert_msg(s->growth == (double)(n[last] - n[0]) / last &&
                      s->growth_bytes ==
                          (double)(bytes[last] - bytes[0]) / last,
                  "seed %lu, row %d: growth %f, %f bytes", m.seed, wanted,
                  s->growth, s->growth_bytes);
    const int shown = m.n_marks < 16 ? m.n_marks : 16;
    ck_assert_uint_eq(s->n_recent, (unsigned)shown);
    for (int k = 0; k < shown; k++)
        ck_assert_msg(s->recent[k] == n[m.n_marks - shown + k],
                      "seed %lu, row %d, mark %d", m.seed, wanted, k);
}

static int age_of(const struct thing *t)
{
    if (m.n_collections > 0)
        return t->object ? t->object_survived : t->survived;
    const uint64_t born = t->object ? t->born : t->came;
    int n = 0;
    if (m.n_marks > 0) {
        for (int k = 0; k < m.n_marks; k++)
            n += number(t) >= m.marks[k].n;
        return n;
    }
    const uint64_t first = kit.t.header.start_stamp;
    for (uint64_t i = 1; i < 32; i++)
        n += born - first >= (kit.t.last_stamp - first) * i / 32;
    return n;
}

static int generation_of(const struct thing *t)
{
    if (t->object) {
        for (uint32_t i = 0; i < kit.s.n_objects; i++)
            if (kit.s.objects[i].addr == addr_of(number(t)))
                return kit.s.objects[i].generation;
        ck_abort();
    }
    if (m.n_collections > 0)
        return t->aged;
    int left = 0;
    for (int k = 0; k < m.n_marks; k++)
        left += number(t) < m.marks[k].n;
    return left < 2 ? left : 2;
}

static void check_row(const struct survivor *s, int wanted)
{
    uint64_t n = 0, bytes = 0, in[3] = {0}, ages = 0;
    bool seen[THINGS] = {false};
    for (int i = 0; i < m.n; i++) {
        const struct thing *t = &m.at[i];
        if (t->alive && !t->object && t->owner >= 0 &&
            row_of(&m.at[t->owner]) == wanted)
            bytes += t->size;
        if (row_of(t) != wanted)
            continue;
        n++;
        bytes += t->size;
        in[generation_of(t)]++;
        ages += !seen[age_of(t)];
        seen[age_of(t)] = true;
    }
    ck_assert_msg(s->n == n && s->bytes == bytes && s->ages == ages &&
                      memcmp(s->in, in, sizeof in) == 0,
                  "seed %lu, row %d: %lu, not %lu, of %lu, not %lu bytes, "
                  "%lu, not %lu ages, %lu %lu %lu, not %lu %lu %lu",
                  m.seed, wanted, s->n, n, s->bytes, bytes, s->ages, ages,
                  s->in[0], s->in[1], s->in[2], in[0], in[1], in[2]);
    if (m.n_marks > 1)
        check_growth(s, wanted);
}

static void one_program(void)
{
    begin();
    const unsigned collections = dice(2);
    const unsigned checkpoints = dice(4);
    for (int steps = (int)dice(400); steps > 0; steps--)
        one_step(collections, checkpoints);
    survey();
    uint32_t met = 0;
    for (int wanted = 0; wanted < 11000; wanted++) {
        bool there = false;
        for (int i = 0; i < m.n; i++)
            there |= row_of(&m.at[i]) == wanted;
        if (!there)
            continue;
        const bool object = wanted < 10000;
        const struct survivor *s = row(object ? types[wanted / 1000] : "",
                                       object                 ? ""
                                       : wanted % 1000 >= 100 ? "calloc"
                                                              : "malloc",
                                       (unsigned)(wanted % 100));
        ck_assert_msg(s, "seed %lu: row %d is missing", m.seed, wanted);
        check_row(s, wanted);
        met++;
    }
    ck_assert_msg(met == rows.n, "seed %lu: %u rows, not %u", m.seed, rows.n,
                  met);
    release();
}

START_TEST(any_program_gives_what_long_loops_give)
{
    for (uint64_t i = 0; i < PROGRAMS; i++) {
        memset(&m, 0, sizeof m);
        m.dice = m.seed = (uint64_t)_i * PROGRAMS + i + 1;
        one_program();
    }
}
END_TEST

Suite *survivors_suite(void);

Suite *survivors_suite(void)
{
    Suite *s = suite_create("survivors");
    TCase *t = tcase_create("rows");
    tcase_add_checked_fixture(t, NULL, end);
    tcase_add_test(t, a_cache_that_only_grows_comes_first);
    tcase_add_test(t, what_a_cycle_holds_does_not_live_on);
    tcase_add_test(t, with_one_checkpoint_nothing_is_known_of_growth);
    tcase_add_test(t, a_recursion_is_one_row_at_whatever_depth);
    tcase_add_test(t, storage_that_is_reallocated_shows_as_bytes);
    suite_add_tcase(s, t);
    t = tcase_create("programs");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, NULL, end);
    tcase_add_loop_test(t, any_program_gives_what_long_loops_give, 0, BATCHES);
    suite_add_tcase(s, t);
    return s;
}
