/* SPDX-License-Identifier: MIT */
/*
 * oracle.h - a script beside the tests that asks CPython, and its answers
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int64_t oracle_number(FILE *in)
{
    long long value = 0;
    if (fscanf(in, "%lld", &value) != 1)
        ck_abort_msg("the oracle was cut");
    return value;
}

/* Says so, and returns true, where there is no CPython to ask. */
static bool oracle_cannot(FILE *in, const char *script)
{
    const int c = getc(in);
    if (c != 's' && c != EOF) {
        ungetc(c, in);
        return false;
    }
    char why[128] = "";
    if (c == EOF || !fgets(why, sizeof why, in))
        snprintf(why, sizeof why, "kip: python3 did not run\n");
    fprintf(stderr, "%s: s%s", script, why);
    return true;
}

/* NULL: nobody can be asked, which was said. */
static FILE *oracle_start(const char *script, int trials)
{
    const char *slash = strrchr(__FILE__, '/');
    const int len = slash ? (int)(slash - __FILE__) + 1 : 0;
    char command[1024];
    snprintf(command, sizeof command, "python3 '%.*s%s' %d", len, __FILE__,
             script, trials);
    FILE *in = popen(command, "r");
    ck_assert_ptr_nonnull(in);
    if (!oracle_cannot(in, script))
        return in;
    pclose(in);
    return NULL;
}

static void oracle_end(FILE *in)
{
    ck_assert_int_eq(pclose(in), 0);
}

#endif
