/* SPDX-License-Identifier: MIT */
/* check_fold.c - a folded trace says what it said before, at every step, and
   when it is folded again */
#include "fold/fold.h"
#include "random_events.h"
#include "read_back.h"
#include "shadow/usage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EVENTS = 3000, PLACES = 48, THREADS = 4, SEEDS = 60, STEP = 150 };

static struct build b;
static struct event events[EVENTS];
static uint32_t n_events;
static int fd;
static char path[32];

/* What a program would do: in the end `held` says what is alive. */
static uint64_t held[PLACES];

static void say(struct event e)
{
    e.stamp = 1000 + (uint64_t)n_events * STEP;
    events[n_events++] = e;
}

static uint64_t place_of(uint32_t i)
{
    return 0x10000 + 0x200 * (uint64_t)i;
}

/* A free of what a realloc took away is told from other unknown ones by older
   lives there, which are left out. */
static bool moves;

static void reallocate(uint32_t i, uint32_t thread)
{
    const uint32_t to = moves ? dice(PLACES) : i;
    say((struct event){.kind = OURO_REALLOC_BEGIN,
                       .thread = thread,
                       .a = place_of(i),
                       .stack = dice(6)});
    if (dice(8) == 0) {
        say((struct event){.kind = OURO_REALLOC_FAILED, .thread = thread});
    } else if (dice(8) == 0) {
        say((struct event){.kind = OURO_REALLOC_FREED, .thread = thread});
        held[i] = 0;
    } else if (to == i || !held[to]) {
        held[i] = 0;
        held[to] = 1 + dice(500);
        say((struct event){.kind = OURO_REALLOC_END,
                           .thread = thread,
                           .a = place_of(to),
                           .size = held[to],
                           .stack = dice(6)});
    } else {
        say((struct event){.kind = OURO_REALLOC_FAILED, .thread = thread});
    }
}

static void step(uint32_t n_threads)
{
    const uint32_t i = dice(PLACES);
    const uint32_t thread = 1 + dice(n_threads);
    if (!held[i]) {
        held[i] = 1 + dice(500);
        say((struct event){.kind = (uint8_t)(OURO_ALLOC + dice(3)),
                           .thread = thread,
                           .a = place_of(i),
                           .size = held[i],
                           .stack = dice(6)});
    } else if (dice(4) == 0) {
        reallocate(i, thread);
    } else {
        held[i] = 0;
        say((struct event){.kind = OURO_FREE,
                           .thread = thread,
                           .a = place_of(i),
                           .stack = dice(2) ? dice(6) : 0});
    }
}

/* The protocol speaks of the last places alone. */
static void speak(uint32_t n_threads)
{
    static const uint8_t kinds_said[] = {OURO_REC_NEW,  OURO_REC_INCREF,
                                         OURO_REC_LINK, OURO_REC_DECREF,
                                         OURO_REC_DEAD, OURO_REC_WEAK};
    say((struct event){.kind = kinds_said[dice(sizeof kinds_said)],
                       .thread = 1 + dice(n_threads),
                       .a = place_of(PLACES - 1 - dice(8)) + 16 * dice(2),
                       .b = place_of(PLACES - 1 - dice(8)),
                       .text = 1 + dice(2)});
}

static void misbehave(uint32_t n_threads)
{
    say((struct event){.kind = dice(2) ? OURO_FREE : OURO_ALLOC,
                       .thread = 1 + dice(n_threads),
                       .a = place_of(dice(PLACES)),
                       .size = dice(100),
                       .stack = dice(6)});
}

/* Clocks of two processors disagree by a few events. */
static void skew(uint32_t n_threads)
{
    for (uint32_t i = 0; n_threads > 1 && i + 1 < n_events; i++)
        if (dice(10) == 0 && events[i].thread != events[i + 1].thread) {
            const struct event first = events[i];
            events[i] = events[i + 1];
            events[i + 1] = first;
            const uint64_t stamp = events[i].stamp;
            events[i].stamp = events[i + 1].stamp;
            events[i + 1].stamp = stamp;
        }
}

enum sort { ORDERLY, WITH_PROTOCOL, DISORDERLY, N_SORTS };

static void make_events(uint32_t n_threads, enum sort sort)
{
    memset(held, 0, sizeof held);
    n_events = 0;
    while (n_events + 4 < EVENTS) {
        if (dice(500) == 0)
            say((struct event){.kind =
                                   dice(2) ? OURO_REC_CHECKPOINT : OURO_FORKED,
                               .thread = 1,
                               .text = 1});
        if (sort == WITH_PROTOCOL && dice(10) == 0)
            speak(n_threads);
        else if (sort == DISORDERLY && dice(100) == 0)
            misbehave(n_threads);
        else
            step(n_threads);
    }
    if (sort != ORDERLY)
        skew(n_threads);
}

/* As a file: each thread's events in chunks, the last of them still open. */

static void stand_at(uint32_t stack)
{
    const uint64_t ips[] = {0x400000, 0x400010, 0x400020 + 16 * stack,
                            0x400100};
    build_stack(&b, 1 + stack % 4, ips);
}

static void write_event(const struct event *e)
{
    static const char *const texts[] = {NULL, "Node", "Edge"};
    if (e->stack)
        stand_at(e->stack);
    build_record(&b, e->kind,
                 &(struct build_record){.stamp = e->stamp,
                                        .has_stack = e->stack != 0,
                                        .a = e->a,
                                        .b = e->b,
                                        .size = e->size,
                                        .text = texts[e->text]});
}

static bool has_process;

static void write_thread(uint32_t thread)
{
    uint32_t last = 0;
    uint32_t left = 0;
    for (uint32_t i = 0; i < n_events; i++)
        if (events[i].thread == thread)
            last = i;
    for (uint32_t i = 0; i < n_events; i++) {
        if (events[i].thread != thread)
            continue;
        if (left == 0) {
            left = 20 + dice(300);
            b.seal = true;
            build_chunk(&b, thread, events[i].stamp);
            if (thread == 1 && !has_process) {
                has_process = true;
                const char *const argv[] = {"prog", "arg"};
                build_process(&b, events[i].stamp, "/bin/prog", "/tmp", 2, 2,
                              argv);
                build_module(&b, events[i].stamp, 0, 1, 0x400000, 0x400000,
                             0x500000, "id", "/bin/prog");
            }
        }
        left--;
        write_event(&events[i]);
        if (i == last)
            b.seal = false;
    }
    build_end_chunk(&b);
}

static void write_file(uint32_t n_threads)
{
    build_begin(&b);
    has_process = false;
    for (uint32_t i = 1; i <= n_threads; i++)
        write_thread(i);
    build_header(&b)->end = b.len;
    build_header(&b)->last_stamp = events[n_events - 1].stamp;
    const struct file f = file_of(b.bytes, b.len);
    fd = f.fd;
    memcpy(path, f.path, sizeof path);
    build_release(&b);
}

/* All that the analysis knows, as text. */

static void tell_stack(FILE *to, const struct trace *t, uint32_t stack)
{
    for (; stack; stack = t->stacks.parent[stack])
        fprintf(to, " %" PRIx64, t->stacks.frames[t->stacks.frame[stack]].ip);
    fputs("\n", to);
}

/* What waits in the replay for another thread's event is alive a little longer
   or shorter for who folds. */
static bool peak_is_exact;

static void tell_totals(FILE *to, const struct shadow_totals *t)
{
    struct shadow_totals told = *t;
    if (!peak_is_exact)
        told.peak_bytes = 0;
    const uint64_t *numbers = (const uint64_t *)&told;
    for (size_t i = 0; i < sizeof told / sizeof *numbers; i++)
        fprintf(to, "%" PRIu64 " ", numbers[i]);
    fputs("\n", to);
}

static void tell_graph(FILE *to, const struct shadow *s)
{
    for (uint32_t i = 0; i < s->n_blocks; i++) {
        const struct block *k = &s->blocks[i];
        fprintf(to, "block %" PRIx64 " %" PRIu64 " %" PRIu64 " %u %u", k->addr,
                k->size, k->stamp, k->entry, k->object);
        tell_stack(to, s->trace, k->stack);
    }
    for (uint32_t i = 0; i < s->n_objects; i++) {
        const struct object *k = &s->objects[i];
        fprintf(to, "object %" PRIx64 " %" PRIu64 " %" PRId64 " %u %s", k->addr,
                k->birth, k->rc, k->generation,
                s->trace->strings.text[k->type]);
        tell_stack(to, s->trace, k->stack);
    }
    for (uint32_t i = 0; i < s->n_links; i++)
        fprintf(to, "link %u %u %" PRIu64 "\n", s->links[i].owner,
                s->links[i].target, s->links[i].stamp);
    for (uint32_t i = 0; i < s->n_misuses; i++) {
        const struct misuse_event *m = &s->misuses[i];
        fprintf(to, "misuse %u %" PRIx64 " %" PRIu64, m->what, m->addr,
                m->stamp);
        tell_stack(to, s->trace, m->birth_stack);
    }
    for (uint32_t i = 0; i < s->n_oddities; i++)
        fprintf(to, "oddity %u %u %" PRIu64 " %" PRIx64 "\n",
                s->oddities[i].what, s->oddities[i].kind, s->oddities[i].n,
                s->oddities[i].addr);
}

static int by_text(const void *a, const void *c)
{
    return strcmp(*(char *const *)a, *(char *const *)c);
}

static void tell_usage(FILE *to, struct shadow *s, struct trace *t)
{
    const struct gc_options o = {.ends = false};
    struct usage u;
    struct err e;
    ck_assert_int_eq(usage_find(&u, s, t, NULL, &o, NULL, &e), 0);
    char **lines = must_calloc(u.n + 1, sizeof *lines);
    for (uint32_t i = 0; i < u.n; i++) {
        size_t len;
        FILE *line = open_memstream(&lines[i], &len);
        for (int k = 0; k < N_USAGE_VALUES; k++)
            fprintf(line, "%" PRIu64 " ", u.rows[i].value[k]);
        tell_stack(line, t, u.rows[i].stack);
        fclose(line);
    }
    if (u.n > 0)
        qsort(lines, u.n, sizeof *lines, by_text);
    for (uint32_t i = 0; i < u.n; i++) {
        fprintf(to, "site %s", lines[i]);
        free(lines[i]);
    }
    free(lines);
    usage_release(&u);
}

/* At the end, or up to a stamp. */
static char *told(uint64_t until)
{
    const struct gc_options o = {.ends = until > 0, .until = until};
    struct trace t;
    struct shadow s;
    struct err e;
    char *text;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    must_open(&t, path);
    ck_assert_msg(shadow_build(&s, &t, NULL, &o, &e) == 0, "%s", e.text);
    fprintf(to, "%s %s %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", t.exe, t.argv[1],
            t.n_threads, t.n_modules, s.checkpoints.n);
    tell_totals(to, &s.totals);
    tell_graph(to, &s);
    if (until == 0)
        tell_usage(to, &s, &t);
    shadow_release(&s);
    trace_close(&t);
    fclose(to);
    return text;
}

static struct ouro_trace_header *map(void)
{
    void *at = mmap(NULL, sizeof(struct ouro_trace_header),
                    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert_ptr_ne(at, MAP_FAILED);
    return at;
}

static void must_say(const char *wanted, int seed, const char *when)
{
    char *is = told(0);
    if (strcmp(wanted, is) != 0) {
        fprintf(stderr, "was\n%s\nis\n%s\n", wanted, is);
        ck_abort_msg("seed %d, %s: it says something else", seed, when);
    }
    free(is);
}

static void hole(const struct ouro_replaced *r, uint64_t from, uint64_t to)
{
    ck_assert_int_eq(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                               (off_t)(r->offset + from), (off_t)(to - from)),
                     0);
}

/* What a kill in the middle of making holes leaves. */
static void make_some_holes(const struct fold *f)
{
    const uint32_t n = dice(f->n_replaced + 1);
    for (uint32_t i = 0; i < n; i++)
        hole(&f->replaced[i], 0, f->replaced[i].len);
    if (n < f->n_replaced && f->replaced[n].len > 4096)
        hole(&f->replaced[n], 4096, f->replaced[n].len);
}

/* How many events it left out. */
static uint64_t fold_in_steps(const char *wanted, int seed, enum fold_how how)
{
    struct ouro_trace_header *h = map();
    struct fold f;
    fold_prepare(&f, path, h, fold_safe_stamp(h), how);
    if (f.n_replaced > 0) {
        ck_assert_int_eq(fold_write(&f), FOLD_DONE);
        must_say(wanted, seed, "written");
        ck_assert_int_eq(fold_seal(&f), FOLD_DONE);
        must_say(wanted, seed, "sealed");
        make_some_holes(&f);
        must_say(wanted, seed, "with some holes");
        const uint64_t before = h->given_back;
        ck_assert_int_eq(fold_give_back(&f), FOLD_DONE);
        ck_assert_uint_eq(h->given_back - before, f.replaced_bytes);
        must_say(wanted, seed, "given back");
    }
    fold_release(&f);
    munmap(h, sizeof *h);
    struct trace t;
    must_open(&t, path);
    struct seen s = must_walk(&t);
    unsee(&s);
    const uint64_t folded = t.n_folded;
    trace_close(&t);
    return folded;
}

/* Every chunk comes to its end, as when their threads go on. */
static void seal_all(void)
{
    struct trace t;
    must_open(&t, path);
    for (uint32_t i = 0; i < t.n_chunks; i++) {
        const uint64_t at = t.chunks[i].offset;
        struct ouro_chunk head;
        ck_assert_int_eq(pread(fd, &head, sizeof head, (off_t)at), sizeof head);
        unsigned char *bytes = must_calloc(1, head.committed + 1);
        ck_assert_int_eq(
            pread(fd, bytes, head.committed, (off_t)(at + sizeof head)),
            (ssize_t)head.committed);
        head.sealed = 1;
        head.checksum = ouro_checksum(bytes, head.committed);
        ck_assert_int_eq(pwrite(fd, &head, sizeof head, (off_t)at),
                         sizeof head);
        free(bytes);
    }
    trace_close(&t);
}

/* Where a report of that moment ends; 0: there is none. */
static uint64_t last_mark(void)
{
    uint32_t i = n_events - 1;
    while (i > 0 && events[i].kind != OURO_REC_CHECKPOINT)
        i--;
    return i > 0 ? events[i].stamp : 0;
}

static void check_seed(int seed, uint32_t n_threads, enum sort sort)
{
    dice_state = (uint64_t)seed;
    moves = sort == ORDERLY || (sort == WITH_PROTOCOL && n_threads == 1);
    peak_is_exact = sort == ORDERLY || n_threads == 1;
    make_events(n_threads, sort);
    write_file(n_threads);
    /* What was freed twice is told by the last lives. */
    const enum fold_how how =
        sort == DISORDERLY || seed % 2 == 0 ? FOLD_ALWAYS : FOLD_ALL;
    char *wanted = told(0);
    const uint64_t mark = last_mark();
    char *wanted_there = told(mark);
    const uint64_t first = fold_in_steps(wanted, seed, how);
    seal_all();
    const uint64_t second = fold_in_steps(wanted, seed, how);
    const uint64_t third = fold_in_steps(wanted, seed, how);
    char *there = told(mark);
    ck_assert_msg(strcmp(there, wanted_there) == 0,
                  "seed %d: at stamp %" PRIu64 " was\n%.1500s\nis\n%.1500s",
                  seed, mark, wanted_there, there);
    free(there);
    free(wanted_there);
    if (sort == ORDERLY) {
        ck_assert_uint_gt(first, 0);
        ck_assert_uint_ge(second, first);
    }
    ck_assert_uint_ge(third, second);
    free(wanted);
    close(fd);
}

START_TEST(one_thread_s_folded_trace_says_the_same)
{
    for (int seed = 1; seed <= SEEDS; seed++)
        check_seed(seed, 1, (enum sort)_i);
}
END_TEST

START_TEST(several_threads_folded_trace_says_the_same)
{
    for (int seed = 1; seed <= SEEDS; seed++)
        check_seed(seed, THREADS, (enum sort)_i);
}
END_TEST

Suite *fold_suite(void);

Suite *fold_suite(void)
{
    Suite *s = suite_create("fold");
    TCase *tc = tcase_create("steps");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, one_thread_s_folded_trace_says_the_same, 0,
                        N_SORTS);
    tcase_add_loop_test(tc, several_threads_folded_trace_says_the_same, 0,
                        N_SORTS);
    suite_add_tcase(s, tc);
    return s;
}
