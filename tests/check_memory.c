/* SPDX-License-Identifier: MIT */
/*
 * check_memory.c - which block points at which, and what the roots reach
 */
#include "random_memory.h"

#include "shadow/c_runtime.h"

enum { A = 0x1000010, B = 0x1000110, C = 0x1000210, D = 0x1000310 };

static void four_blocks(void)
{
    memory_begin();
    BLOCK(A, 64);
    BLOCK(B, 64);
    BLOCK(C, 64);
    BLOCK(D, 64);
    memory_snapshot();
}

static void data(uint64_t value)
{
    build_region(&kit.b, DATA, PAGE, OURO_SNAP_FILE, "/nowhere/program");
    build_word(&kit.b, DATA + 8, value);
}

static void heap(void)
{
    build_region(&kit.b, HEAP, 16 * PAGE, OURO_SNAP_HEAP, "[heap]");
}

START_TEST(a_global_holds_a_list_and_nothing_holds_a_ring)
{
    four_blocks();
    data(A);
    heap();
    build_word(&kit.b, A, B);
    build_word(&kit.b, C, D);
    build_word(&kit.b, D + 8, C);
    remembered();

    ck_assert_int_eq(reached(A), REACHED_SURELY);
    ck_assert_int_eq(reached(B), REACHED_SURELY);
    ck_assert_int_eq(reached(C), REACHED_NOT);
    ck_assert_int_eq(reached(D), REACHED_NOT);
}
END_TEST

START_TEST(a_pointer_into_the_middle_is_perhaps_one)
{
    four_blocks();
    data(A + 16);
    heap();
    build_word(&kit.b, A, B);
    build_word(&kit.b, B, C + 64); /* behind its end */
    remembered();

    ck_assert_int_eq(reached(A), REACHED_PERHAPS);
    ck_assert_int_eq(reached(B), REACHED_PERHAPS);
    ck_assert_int_eq(reached(C), REACHED_NOT);
}
END_TEST

START_TEST(a_word_that_points_into_its_own_block_is_no_edge)
{
    four_blocks();
    heap();
    build_word(&kit.b, A, A);
    build_word(&kit.b, A + 8, A + 8);
    const struct memory *m = remembered();

    ck_assert_uint_eq(m->g.first[m->g.n], 0);
}
END_TEST

static uint64_t world_seed;

/* The node that is `i` here, in what was found. */
static uint32_t node_of(const struct memory *m, int i)
{
    if (i >= slow.n_blocks)
        return memory_node(m, slow.runs[i - slow.n_blocks]);
    const struct slow_block *b = &slow.blocks[i];
    for (uint32_t k = 0; k < m->n_blocks; k++)
        if (m->blocks[k].addr == b->addr && m->blocks[k].pool == b->pool)
            return k;
    return OURO_NONE;
}

static int edge_of(const struct memory *m, uint32_t from, uint32_t to)
{
    for (uint32_t i = m->g.first[from]; i < m->g.first[from + 1]; i++)
        if (m->g.to[i] == to)
            return m->unsure[i] ? 1 : 2;
    return 0;
}

static void check_now(const struct memory *m, const struct slow_block *b,
                      uint32_t v)
{
    const uint32_t now = m->now[v];
    ck_assert_msg((now != OURO_NONE) == b->now, "seed %lu: %lx lives on",
                  (unsigned long)world_seed, (unsigned long)b->addr);
    if (now != OURO_NONE)
        ck_assert_uint_eq(kit.s.blocks[now].addr, b->moved_to);
}

/* Where it is, for messages. */
static unsigned long place_of(int i)
{
    return i < slow.n_blocks ? slow.blocks[i].addr
                             : slow.runs[i - slow.n_blocks];
}

static void check_node(const struct memory *m, int i, const uint32_t *node)
{
    ck_assert_msg(m->root[node[i]] == slow.root[i],
                  "seed %lu: root of %lx: %d not %d", (unsigned long)world_seed,
                  place_of(i), m->root[node[i]], slow.root[i]);
    ck_assert_msg(m->reached[node[i]] == slow.level[i],
                  "seed %lu: %lx is reached: %d not %d",
                  (unsigned long)world_seed, place_of(i), m->reached[node[i]],
                  slow.level[i]);
    for (int k = 0; k < slow.n_nodes; k++)
        if (node[k] != OURO_NONE)
            ck_assert_msg(edge_of(m, node[i], node[k]) == slow.edge[i][k],
                          "seed %lu: %lx to %lx: %d not %d",
                          (unsigned long)world_seed, place_of(i), place_of(k),
                          edge_of(m, node[i], node[k]), slow.edge[i][k]);
}

START_TEST(every_word_says_what_the_rules_say_of_it)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t state = world_seed = seed + 1000 * (uint64_t)_i;
        make_world(&state);
        const struct memory *m = remembered();
        slow_answer();

        uint32_t node[SLOW_NODES];
        uint32_t n = 0;
        for (int i = 0; i < slow.n_nodes; i++) {
            const bool is = i >= slow.n_blocks || slow.blocks[i].then;
            node[i] = is ? node_of(m, i) : OURO_NONE;
            ck_assert_msg(!is || node[i] != OURO_NONE, "no node %d", i);
            n += is;
        }
        ck_assert_uint_eq(m->g.n, n);
        for (int i = 0; i < slow.n_nodes; i++) {
            if (node[i] == OURO_NONE)
                continue;
            check_node(m, i, node);
            if (i < slow.n_blocks) {
                check_now(m, &slow.blocks[i], node[i]);
                ck_assert_uint_eq(m->unseen[node[i]], slow.unseen[i]);
            }
        }
        memory_end();
    }
}
END_TEST

/* By node of what was found, who it is here. */
static void nodes_here(const struct memory *m, int *here)
{
    for (int i = 0; i < slow.n_nodes; i++)
        if (i >= slow.n_blocks || slow.blocks[i].then)
            here[node_of(m, i)] = i;
}

static bool is_same(const struct memory_word *w, const struct slow_sight *s,
                    const int *here)
{
    return w->place == s->place && here[w->to] == s->to &&
           w->counts == (s->level > 0) && w->unsure == s->perhaps &&
           (w->from == OURO_NONE ? NOBODY : here[w->from]) == s->from &&
           (w->thread == OURO_NONE ? NOBODY : (int)w->thread) == s->thread;
}

static uint32_t check_words(const struct memory_word *words, uint32_t n,
                            const int *here)
{
    uint32_t found = 0;
    for (int i = 0; i < slow.n_words; i++) {
        struct slow_sight s;
        if (!slow_see(&slow.words[i], &s))
            continue;
        uint32_t k = 0;
        while (k < n && (words[k].at != slow.words[i].at ||
                         words[k].place == MEMORY_IN_REGISTER))
            k++;
        ck_assert_msg(k < n && is_same(&words[k], &s, here),
                      "seed %lu: the word at %lx", (unsigned long)world_seed,
                      (unsigned long)slow.words[i].at);
        found++;
    }
    return found;
}

static uint32_t n_in_registers(const struct memory_word *words, uint32_t n)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct memory_word *w = &words[i];
        if (w->place != MEMORY_IN_REGISTER)
            continue;
        ck_assert(w->counts);
        ck_assert_uint_eq(w->value, slow.threads[w->thread].registers[w->at]);
        found++;
    }
    return found;
}

/* Those that count, then the others, each by address; two of a node. */
static void check_two(const struct memory_word *all, uint32_t n,
                      const struct memory_word *two, uint32_t n_two)
{
    uint32_t k = 0;
    uint32_t of_node = 0;
    for (uint32_t i = 0; i < n; i++) {
        of_node = i > 0 && all[i].to == all[i - 1].to ? of_node + 1 : 0;
        if (i > 0 && of_node > 0)
            ck_assert(all[i - 1].counts > all[i].counts ||
                      (all[i - 1].counts == all[i].counts &&
                       all[i - 1].at <= all[i].at));
        if (of_node >= 2)
            continue;
        ck_assert_uint_lt(k, n_two);
        ck_assert(all[i].at == two[k].at && all[i].to == two[k].to);
        k++;
    }
    ck_assert_uint_eq(k, n_two);
}

START_TEST(who_points_at_a_node_is_told_word_by_word)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct err e;
        struct arena a = {0};
        struct memory_word *all, *two;
        uint32_t n, n_two;
        uint64_t state = world_seed = seed + 5000;
        make_world(&state);
        remembered();
        slow_answer();
        int here[SLOW_NODES];
        unsigned char wanted[SLOW_NODES];
        memset(wanted, 1, sizeof wanted);
        nodes_here(&kit.m, here);
        ck_assert_int_eq(
            memory_words(&kit.m, &kit.t, wanted, SLOW_WORDS, &a, &all, &n, &e),
            0);
        ck_assert_int_eq(
            memory_words(&kit.m, &kit.t, wanted, 2, &a, &two, &n_two, &e), 0);

        ck_assert_uint_eq(check_words(all, n, here) + n_in_registers(all, n),
                          n);
        check_two(all, n, two, n_two);
        memset(wanted, 0, sizeof wanted);
        ck_assert_int_eq(
            memory_words(&kit.m, &kit.t, wanted, 2, &a, &two, &n_two, &e), 0);
        ck_assert_uint_eq(n_two, 0);
        arena_release(&a);
        memory_end();
    }
}
END_TEST

START_TEST(slots_are_filled_with_what_stood_there)
{
    struct err e;
    uint64_t state = 77;
    make_world(&state);
    remembered();
    struct memory_slot slots[SLOW_WORDS];
    uint32_t n = 0;
    for (uint64_t at = HEAP - 64; at < HEAP + 2 * PAGE; at += 4)
        slots[n++] = (struct memory_slot){.at = at, .value = 1};
    ck_assert_int_eq(memory_slots(&kit.m, &kit.t, slots, n, &e), 0);

    for (uint32_t i = 0; i < n; i++)
        ck_assert_uint_eq(slots[i].value, slow_word(slots[i].at));
}
END_TEST

/* What is the guest's own is cut out of it. */
START_TEST(thread_local_storage_goes_on_behind_a_hole)
{
    memory_begin();
    BLOCK(A, 64);
    BLOCK(B, 64);
    memory_snapshot();
    SNAP_THREAD(&kit.b, .thread = 1, .seen = OURO_SNAP_TAKER, .sp = STACK + 8,
                .sure = STACK + 8, .tp = PAGES + 0x780);
    heap();
    build_region(&kit.b, PAGES, 0x700, OURO_SNAP_ANONYMOUS, "");
    build_word(&kit.b, PAGES + 0x10, A);
    build_region(&kit.b, PAGES + 0x740, 2 * PAGE - 0x740, OURO_SNAP_ANONYMOUS,
                 "");
    build_region(&kit.b, PAGES + 3 * PAGE, PAGE, OURO_SNAP_ANONYMOUS, "");
    build_word(&kit.b, PAGES + 3 * PAGE, B);
    const struct memory *m = remembered();

    ck_assert_int_eq(reached(A), REACHED_SURELY);
    ck_assert_int_eq(reached(B), REACHED_NOT);
    ck_assert_uint_eq(m->n_pages, 2); /* the heap's is one */
}
END_TEST

/* A pthread_t that is left over leads there. */
static int reached_through_stack_of(uint8_t seen)
{
    memory_begin();
    BLOCK(A, 64);
    memory_snapshot();
    SNAP_THREAD(&kit.b, .thread = 2, .seen = seen, .tp = PAGES + 0x1780);
    data(PAGES + 0x1780);
    heap();
    build_region(&kit.b, PAGES, 3 * PAGE, OURO_SNAP_ANONYMOUS, "");
    build_word(&kit.b, PAGES + 0x800, A);
    remembered();
    const int how = reached(A);
    memory_end();
    return how;
}

START_TEST(the_stack_of_a_thread_that_has_ended_holds_nothing)
{
    ck_assert_int_eq(reached_through_stack_of(OURO_SNAP_ENDED), REACHED_NOT);
    ck_assert_int_eq(reached_through_stack_of(OURO_SNAP_UNSEEN),
                     REACHED_SURELY);
}
END_TEST

/* One mapping is told in pieces where it is long. */
START_TEST(pieces_of_a_mapping_are_one_node)
{
    memory_begin();
    BLOCK(A, 64);
    memory_snapshot();
    data(PAGES + 8);
    heap();
    build_region(&kit.b, PAGES, PAGE, OURO_SNAP_ANONYMOUS, "");
    build_region(&kit.b, PAGES + PAGE, PAGE, OURO_SNAP_ANONYMOUS, "");
    build_word(&kit.b, PAGES + PAGE + 8, A);
    build_region(&kit.b, PAGES + 2 * PAGE, PAGE, OURO_SNAP_SHARED, "/dev/zero");
    const struct memory *m = remembered();

    ck_assert_int_eq(reached(A), REACHED_SURELY);
    ck_assert_uint_eq(m->n_pages, 3); /* the heap's is one */
    ck_assert_int_eq(m->reached[m->n_blocks + 2], REACHED_NOT);
}
END_TEST

START_TEST(a_file_may_be_a_modules_where_not_all_could_be_told)
{
    memory_begin();
    build_header(&kit.b)->flags |= OURO_HEADER_MODULES_FULL;
    BLOCK(A, 64);
    memory_snapshot();
    heap();
    build_region(&kit.b, PAGES, PAGE, OURO_SNAP_FILE, "/usr/lib/plugin.so");
    build_word(&kit.b, PAGES + 8, A);
    remembered();

    ck_assert_int_eq(reached(A), REACHED_SURELY);
}
END_TEST

START_TEST(a_thread_leads_to_its_dynamic_storage_on_both_machines)
{
    static const unsigned machines[] = {OURO_MACHINE_X86_64,
                                        OURO_MACHINE_AARCH64};
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t tp = PAGES + 0x780;
        memory_begin();
        build_header(&kit.b)->machine = machines[i];
        BLOCK(A, 64);
        memory_snapshot();
        SNAP_THREAD(&kit.b, .thread = 1, .seen = OURO_SNAP_TAKER, .tp = tp);
        heap();
        build_region(&kit.b, PAGES, PAGE, OURO_SNAP_ANONYMOUS, "");
        build_word(&kit.b, tp + (_i == 0 ? 8 : 0), A + 16);
        remembered();

        ck_assert_int_eq(reached(A),
                         (int)i == _i ? REACHED_SURELY : REACHED_PERHAPS);
        memory_end();
    }
}
END_TEST

START_TEST(a_block_that_is_reallocated_just_then_is_where_it_was)
{
    memory_begin();
    BLOCK(A, 64);
    SAY(OURO_REALLOC_BEGIN, .a = A);
    memory_snapshot();
    data(A);
    heap();
    const struct memory *m = remembered();

    ck_assert_uint_eq(m->n_blocks, 1);
    ck_assert_int_eq(reached(A), REACHED_SURELY);
}
END_TEST

/* The parent's A holds the child's C; its B came after the fork. */
static void forked_child(bool parent_is_there)
{
    struct err e;
    struct trace parent;
    char path[64];
    snprintf(path, sizeof path, "/tmp/check_memory.%d.parent", (int)getpid());
    memory_begin();
    BLOCK(A, 64);
    const uint64_t fork_stamp = kit.stamp;
    BLOCK(B, 64);
    ck_assert(build_save(&kit.b, path));
    build_release(&kit.b);
    memory_begin();
    build_header(&kit.b)->parent_pid = 1;
    build_header(&kit.b)->fork_stamp = fork_stamp;
    BLOCK(C, 64);
    BLOCK(D, 64);
    memory_snapshot();
    heap();
    build_word(&kit.b, A + 8, C);
    build_word(&kit.b, B + 8, D);
    build_snapshot_end(&kit.b);
    memory_open();
    ck_assert_int_eq(trace_open(&parent, path, &e), 0);
    unlink(path);
    struct trace *by = parent_is_there ? &parent : NULL;
    const struct snapshot *last = snapshots_last(&kit.snapshots);
    const struct gc_options o = {.catches = true, .catch_at = last->stamp};
    ck_assert_int_eq(shadow_build(&kit.s, &kit.t, by, &o, &e), 0);
    ck_assert_int_eq(memory_make(&kit.m, &kit.s, &kit.t, by, last, &e), 0);
    trace_close(&parent);
    kit.made = true;
}

START_TEST(what_the_parent_made_is_known_and_kept)
{
    forked_child(true);

    ck_assert_int_eq(reached(A), REACHED_SURELY);
    ck_assert_int_eq(reached(C), REACHED_SURELY);
    ck_assert_int_eq(reached(D), REACHED_NOT);
    ck_assert_uint_eq(memory_node(&kit.m, B), OURO_NONE);
}
END_TEST

START_TEST(without_the_parents_trace_free_memory_may_hold_a_block)
{
    forked_child(false);

    ck_assert_int_eq(reached(C), REACHED_PERHAPS);
    ck_assert_int_eq(reached(D), REACHED_PERHAPS);
}
END_TEST

/* The list's head is where `data` points; no time is asserted. */
START_TEST(a_list_of_a_million_blocks_hangs_on_its_head)
{
    enum { MILLION = 1000000, STEP = 48 };
    memory_begin();
    for (uint64_t i = 0; i < MILLION; i++)
        BLOCK(HEAP + 16 + STEP * i, 40);
    memory_snapshot();
    if (_i == 1)
        data(HEAP + 16);
    build_region(&kit.b, HEAP, STEP * MILLION + PAGE, OURO_SNAP_HEAP, "");
    for (uint64_t i = 0; i + 1 < MILLION; i++) {
        if (i % 10000 == 0)
            build_words_end(&kit.b);
        build_word(&kit.b, HEAP + 16 + STEP * i, HEAP + 16 + STEP * (i + 1));
    }
    const struct memory *m = remembered();

    ck_assert_uint_eq(m->g.first[m->g.n], MILLION - 1);
    ck_assert_int_eq(reached(HEAP + 16), _i ? REACHED_SURELY : REACHED_NOT);
    ck_assert_int_eq(reached(HEAP + 16 + STEP * (MILLION - 1)),
                     _i ? REACHED_SURELY : REACHED_NOT);
}
END_TEST

START_TEST(the_c_library_and_the_loader_are_known_by_their_files)
{
    static const char *const are[] = {
        "/lib/x86_64-linux-gnu/libc.so.6", "/lib/libc-2.31.so",
        "/lib/libpthread-2.31.so",         "/lib/libdl.so.2",
        "/lib64/ld-linux-x86-64.so.2",     "/lib/ld-linux-aarch64.so.1",
        "/lib/x86_64-linux-gnu/ld-2.31.so"};
    static const char *const are_not[] = {"/usr/lib/libcrypto.so.3",
                                          "/usr/lib/libc++.so.1",
                                          "/usr/lib/libjemalloc.so.2",
                                          "/home/libc.so.6/program",
                                          "",
                                          "/usr/lib/libstdc++.so.6"};
    for (size_t i = 0; i < sizeof are / sizeof are[0]; i++)
        ck_assert_msg(path_is_c_runtime(are[i]), "%s", are[i]);
    for (size_t i = 0; i < sizeof are_not / sizeof are_not[0]; i++)
        ck_assert_msg(!path_is_c_runtime(are_not[i]), "%s", are_not[i]);
}
END_TEST

Suite *memory_suite(void);

Suite *memory_suite(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("reach");
    tcase_add_checked_fixture(t, NULL, memory_end);
    tcase_add_test(t, a_global_holds_a_list_and_nothing_holds_a_ring);
    tcase_add_test(t, a_pointer_into_the_middle_is_perhaps_one);
    tcase_add_test(t, a_word_that_points_into_its_own_block_is_no_edge);
    tcase_add_loop_test(t, every_word_says_what_the_rules_say_of_it, 0, 3);
    tcase_add_test(t, who_points_at_a_node_is_told_word_by_word);
    tcase_add_test(t, slots_are_filled_with_what_stood_there);
    tcase_add_test(t, thread_local_storage_goes_on_behind_a_hole);
    tcase_add_test(t, the_stack_of_a_thread_that_has_ended_holds_nothing);
    tcase_add_test(t, pieces_of_a_mapping_are_one_node);
    tcase_add_test(t, a_file_may_be_a_modules_where_not_all_could_be_told);
    tcase_add_loop_test(
        t, a_thread_leads_to_its_dynamic_storage_on_both_machines, 0, 2);
    tcase_add_test(t, a_block_that_is_reallocated_just_then_is_where_it_was);
    tcase_add_test(t, what_the_parent_made_is_known_and_kept);
    tcase_add_test(t, without_the_parents_trace_free_memory_may_hold_a_block);
    tcase_add_loop_test(t, a_list_of_a_million_blocks_hangs_on_its_head, 0, 2);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_c_library_and_the_loader_are_known_by_their_files);
    suite_add_tcase(s, t);
    return s;
}
