/* SPDX-License-Identifier: MIT */
/*
 * lisp.c - runs the scripts it is given, one after another
 *
 *     lisp SCRIPT...
 *
 * Scripts share their global variables. When they are done everything is given
 * back: what is left then, a script's cycle keeps.
 */
#include "lisp.h"

#include <stdio.h>
#include <stdlib.h>

void fail(const char *what, const struct object *about)
{
    fflush(stdout);
    fprintf(stderr, "lisp: %s", what);
    if (about) {
        fputs(": ", stderr);
        fputs(is(about, SYMBOL) ? about->text : "this value", stderr);
    }
    fputc('\n', stderr);
    exit(1);
}

/* The whole file; the caller frees it. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t len = 0, room = 4096;
    char *text = malloc(room);
    if (!file) {
        perror(path);
        exit(1);
    }
    while (text && (len += fread(text + len, 1, room - len, file)) == room)
        text = realloc(text, room *= 2);
    if (!text)
        fail("out of memory", NULL);
    text[len] = '\0';
    fclose(file);
    return text;
}

static void run(const char *path, struct object *env)
{
    char *text = read_file(path);
    const char *at = text;
    struct object *expression = NULL;
    while (read_value(&at, &expression)) {
        release(eval(expression, env));
        release(expression);
    }
    free(text);
}

int main(int argc, char **argv)
{
    struct object *globals = make_globals();
    if (argc < 2) {
        fputs("usage: lisp SCRIPT...\n", stderr);
        return 2;
    }
    define_builtins(globals);
    for (int i = 1; i < argc; i++)
        run(argv[i], globals);
    release_globals(globals);
    release_symbols();
    return 0;
}
