/* SPDX-License-Identifier: MIT */
/*
 * main.c - every unit test suite, one line each
 *
 * CK_RUN_SUITE=name and CK_RUN_CASE=name pick, CK_FORK=no is for a debugger.
 */
#include <check.h>
#include <stddef.h>
#include <stdlib.h>

#define SUITES(X)                                                              \
    X(addrmap)                                                                 \
    X(ahead)                                                                   \
    X(aims)                                                                    \
    X(appearances)                                                             \
    X(balances)                                                                \
    X(baseline)                                                                \
    X(cascade)                                                                 \
    X(cclog)                                                                   \
    X(census)                                                                  \
    X(certificate)                                                             \
    X(cmd)                                                                     \
    X(collect)                                                                 \
    X(completion)                                                              \
    X(components)                                                              \
    X(coverage)                                                                \
    X(cpython)                                                                 \
    X(damaged)                                                                 \
    X(dangling)                                                                \
    X(decode)                                                                  \
    X(decode_plain)                                                            \
    X(demangle)                                                                \
    X(dominators)                                                              \
    X(dot)                                                                     \
    X(dump)                                                                    \
    X(finding)                                                                 \
    X(fingerprint)                                                             \
    X(fold)                                                                    \
    X(format_texts)                                                            \
    X(graph)                                                                   \
    X(heap)                                                                    \
    X(held_cycles)                                                             \
    X(history)                                                                 \
    X(identity)                                                                \
    X(json_out)                                                                \
    X(kept)                                                                    \
    X(large)                                                                   \
    X(lasting)                                                                 \
    X(leaks)                                                                   \
    X(live_dominators)                                                         \
    X(lost)                                                                    \
    X(lost_blocks)                                                             \
    X(memory)                                                                  \
    X(merge)                                                                   \
    X(misuses)                                                                 \
    X(oddities)                                                                \
    X(open_files)                                                              \
    X(pack)                                                                    \
    X(packed)                                                                  \
    X(path)                                                                    \
    X(plain_blocks)                                                            \
    X(pointing)                                                                \
    X(preflight)                                                               \
    X(profile_formats)                                                         \
    X(reach)                                                                   \
    X(recording)                                                               \
    X(replay)                                                                  \
    X(replay_scale)                                                            \
    X(report_cycle)                                                            \
    X(report_files)                                                            \
    X(report_formats)                                                          \
    X(report_images)                                                           \
    X(report_json)                                                             \
    X(report_text)                                                             \
    X(retained)                                                                \
    X(retainers)                                                               \
    X(schedule)                                                                \
    X(seen_objects)                                                            \
    X(shadow)                                                                  \
    X(shared)                                                                  \
    X(snapshot)                                                                \
    X(stacks)                                                                  \
    X(strings)                                                                 \
    X(suppressions)                                                            \
    X(survivors)                                                               \
    X(symbol_reader)                                                           \
    X(symbols)                                                                 \
    X(takings)                                                                 \
    X(text_out)                                                                \
    X(to_break)                                                                \
    X(trace)                                                                   \
    X(trace_writer)                                                            \
    X(unreleased)                                                              \
    X(usage)                                                                   \
    X(verdicts)                                                                \
    X(verify)                                                                  \
    X(waiting)                                                                 \
    X(weaken)                                                                  \
    X(why)                                                                     \
    X(why_query)                                                               \
    X(witness)

#define DECLARE(name) Suite *name##_suite(void);
#define MAKE(name)    name##_suite,

SUITES(DECLARE)

int main(void)
{
    static Suite *(*const make[])(void) = {SUITES(MAKE)};
    SRunner *runner = srunner_create(make[0]());
    for (size_t i = 1; i < sizeof make / sizeof make[0]; i++)
        srunner_add_suite(runner, make[i]());
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
