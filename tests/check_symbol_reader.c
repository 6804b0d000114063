/* SPDX-License-Identifier: MIT */
/* check_symbol_reader.c - what kills the child that names addresses costs its
   own answers and no others */
#include "explain/symbol_reader.h"
#include "symbols_kit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Eight queries about one file and eight about another; some kill the child. */
enum { N_QUERIES = 16 };
static struct symbol_query queries[N_QUERIES];
static struct elf_source sources[2];
static int answered[N_QUERIES];
static bool killers[N_QUERIES];
static uint64_t deadly; /* an address that kills as well */
static void (*kill_with)(int out);

static void count_answer(void *to, uint32_t query,
                         const struct symbol_answer *a)
{
    (void)to;
    if (!a)
        return;
    ck_assert_uint_eq(a->n, 1);
    answered[query]++;
}

static bool kills(uint64_t addr)
{
    return addr < N_QUERIES ? killers[addr] : addr == deadly;
}

static void serve_dangerously(const void *unused, struct child_end *end)
{
    (void)unused;
    struct symbol_server *s = symbol_server_make(end);
    for (const struct symbol_query *q; (q = symbol_server_next(s));) {
        if (kills(q->addr))
            kill_with(end->fd);
        if (!symbol_server_answer(s))
            break;
    }
    symbol_server_release(s);
}

static void crash(int out)
{
    (void)out;
    kill(getpid(), SIGSEGV);
}

static void hang(int out)
{
    (void)out;
    for (;;)
        pause();
}

static void eat_memory(int out)
{
    (void)out;
    for (char *p; (p = malloc(1 << 20));)
        memset(p, 1, 1 << 20);
    _exit(1);
}

static void refuse_memory(int out)
{
    (void)out;
    if (mmap(NULL, 1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
        MAP_FAILED)
        _exit(1);
}

static void talk_rubbish(int out)
{
    char rubbish[4096];
    memset(rubbish, 0xff, sizeof rubbish);
    for (;;)
        if (write(out, rubbish, sizeof rubbish) < 0)
            _exit(1);
}

static void end_early(int out)
{
    (void)out;
    _exit(0);
}

static void (*const ways_to_die[])(int) = {crash, hang, eat_memory,
                                           talk_rubbish, end_early};

static void spin(int out)
{
    (void)out;
    for (;;)
        continue;
}

static unsigned char deaths[2];

static struct symbol_reader make_reader(uint32_t max_deaths)
{
    memset(deaths, 0, sizeof deaths);
    sources[0] = (struct elf_source){.path = "/nowhere/a"};
    sources[1] = (struct elf_source){.path = "/nowhere/b"};
    for (uint32_t i = 0; i < N_QUERIES; i++)
        queries[i] = (struct symbol_query){i, i / 8, false, false};
    return (struct symbol_reader){
        .limits = {64 << 20, 5, 400, 5000},
        .max_deaths = max_deaths,
        .serve = serve_dangerously,
        .take = count_answer,
        .deaths = deaths,
    };
}

static void run_all(struct symbol_reader *r)
{
    const struct symbol_job job = {sources, queries, 0, N_QUERIES};
    symbol_reader_run(r, &job);
}

static struct symbol_reader run_reader(uint32_t max_deaths)
{
    struct symbol_reader r = make_reader(max_deaths);
    run_all(&r);
    symbol_reader_release(&r);
    return r;
}

START_TEST(a_query_that_kills_the_child_costs_only_its_own_answer)
{
    kill_with = ways_to_die[_i];
    killers[3] = true;

    const struct symbol_reader r = run_reader(4);

    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i != 3);
    ck_assert(deaths[0] == 1 && deaths[1] == 0 && !r.gave_up);
}
END_TEST

/* An emulator of another machine may not honour it. */
static bool memory_is_limited(void)
{
    const struct rlimit limit = {64 << 20, 64 << 20};
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_AS, &limit);
        refuse_memory(-1);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status == 0;
}

START_TEST(memory_beyond_the_limit_is_refused)
{
    if (!memory_is_limited())
        return;
    kill_with = refuse_memory;
    killers[3] = true;

    run_reader(4);

    ck_assert_int_eq(answered[3], 1);
}
END_TEST

START_TEST(a_file_that_kills_twice_is_given_up)
{
    kill_with = crash;
    killers[3] = killers[5] = true;

    const struct symbol_reader r = run_reader(4);

    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i < 8 ? i < 5 && i != 3 : 1);
    ck_assert(!r.gave_up);
}
END_TEST

START_TEST(after_too_many_deaths_the_rest_stays_unnamed)
{
    kill_with = crash;
    killers[3] = killers[9] = true;

    const struct symbol_reader r = run_reader(1);

    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i < 9 && i != 3);
    ck_assert(r.gave_up);
}
END_TEST

START_TEST(processor_time_is_limited)
{
    struct symbol_reader r = make_reader(4);
    r.limits = (struct child_limits){64 << 20, 0, 1 << 30, 1 << 30};
    kill_with = spin;
    killers[3] = true;

    run_all(&r);

    symbol_reader_release(&r);
    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], i != 3);
}
END_TEST

static void burn(int out)
{
    const clock_t end = clock() + 7 * CLOCKS_PER_SEC / 10;
    (void)out;
    while (clock() < end)
        continue;
}

START_TEST(processor_time_is_each_requests_own)
{
    struct symbol_reader r = make_reader(4);
    r.limits = (struct child_limits){64 << 20, 1, 1 << 30, 1 << 30};
    kill_with = burn;
    killers[3] = true;

    for (int i = 0; i < 4; i++)
        run_all(&r);

    symbol_reader_release(&r);
    ck_assert_uint_eq(r.n_children, 1);
    ck_assert_uint_eq(r.n_deaths, 0);
    ck_assert_int_eq(answered[3], 4);
}
END_TEST

START_TEST(a_child_that_died_between_requests_costs_nothing)
{
    struct symbol_reader r = make_reader(4);
    run_all(&r);
    kill(r.child.pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)r.child.pid, &info, WEXITED | WNOWAIT);

    run_all(&r);

    symbol_reader_release(&r);
    ck_assert_uint_eq(r.n_children, 2);
    ck_assert_uint_eq(r.n_deaths, 0);
    for (int i = 0; i < N_QUERIES; i++)
        ck_assert_int_eq(answered[i], 2);
}
END_TEST

enum { MANY = 20000 };
static int many_answered[MANY];

static void count_many(void *to, uint32_t query, const struct symbol_answer *a)
{
    (void)to;
    many_answered[query] += a != NULL;
}

/* Answers leave together; those that had not left are not lost. */
START_TEST(a_death_among_thousands_costs_one_answer)
{
    static struct symbol_query many[MANY];
    struct symbol_reader r = make_reader(4);
    for (uint32_t i = 0; i < MANY; i++)
        many[i] = (struct symbol_query){N_QUERIES + i, 0, false, false};
    const struct symbol_job job = {sources, many, 0, MANY};
    r.take = count_many;
    kill_with = ways_to_die[_i];
    deadly = N_QUERIES + 12345;

    symbol_reader_run(&r, &job);

    symbol_reader_release(&r);
    ck_assert_uint_eq(r.n_children, 2);
    for (int i = 0; i < MANY; i++)
        ck_assert_msg(many_answered[i] == (i != 12345), "query %d", i);
}
END_TEST

START_TEST(what_killed_the_child_in_one_image_costs_the_next_nothing)
{
    const struct child_limits limits = {64 << 20, 5, 400, 5000};
    void *library = load();
    const uint64_t bad = call(library, "outer");
    const uint64_t good = call(library, "call_hidden");
    deadly = bad - module_at(bad)->bias;
    kill_with = crash;
    symbolizer_end(symbolizer);
    symbolizer = symbolizer_begin_with(&limits, serve_dangerously);
    assert_unnamed(bad, "could not be read");
    const uint32_t asked = n_asked();
    release_image();
    begin();
    dl_iterate_phdr(add_module, NULL);

    const struct places p = look_up((uint64_t[]){good, bad}, 2);

    ck_assert_uint_eq(p.n, 2);
    assert_place(&p.at[0], "", 0, false); /* and nobody was asked again */
    assert_place(&p.at[1], "hidden", 26, false);
    ck_assert_uint_eq(n_asked(), asked + 1);
    ck_assert_uint_eq(symbolizer_counts(symbolizer).children, 2);
}
END_TEST

Suite *symbol_reader_suite(void);

Suite *symbol_reader_suite(void)
{
    Suite *s = suite_create("symbol_reader");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, build_library, remove_library);
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_loop_test(t,
                        a_query_that_kills_the_child_costs_only_its_own_answer,
                        0, sizeof ways_to_die / sizeof ways_to_die[0]);
    tcase_add_test(t, memory_beyond_the_limit_is_refused);
    tcase_add_test(t, a_file_that_kills_twice_is_given_up);
    tcase_add_test(t, after_too_many_deaths_the_rest_stays_unnamed);
    tcase_add_test(t, processor_time_is_limited);
    tcase_add_test(t, processor_time_is_each_requests_own);
    tcase_add_test(t, a_child_that_died_between_requests_costs_nothing);
    tcase_add_loop_test(t, a_death_among_thousands_costs_one_answer, 0,
                        sizeof ways_to_die / sizeof ways_to_die[0]);
    tcase_add_test(t,
                   what_killed_the_child_in_one_image_costs_the_next_nothing);
    suite_add_tcase(s, t);
    return s;
}
