/* SPDX-License-Identifier: MIT */
/* Names that would do something to a terminal, to JSON, to HTML or to a build
   log: of a type, a field, an object, a function, a program and a library. */
#include "ouro.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define NASTY                                                                  \
    "](x)`|@a "                                                                \
    "\x1b[31m\x1b]0;title\x07\r\n::error::x%0A</script>]]>\"'\\\x01\x7f"       \
    "\xff\xc3\x28\xe2\x80\xae=cmd|'&<b>"

struct node {
    long count;
    struct node *other;
};

static void *volatile sink;

__attribute__((noinline, noclone)) void named_later(size_t n);
void named_later(size_t n)
{
    sink = malloc(n);
    sink = NULL;
}

static struct node *make(void)
{
    struct node *n = calloc(1, sizeof *n);
    n->count = 1;
    OURO_NEW(n, "type" NASTY);
    OURO_LABEL(n, "label" NASTY);
    return n;
}

static void hold(struct node *owner, struct node *target)
{
    owner->other = target;
    target->count++;
    OURO_INCREF(target);
    OURO_LINK(owner, "field" NASTY, target);
}

static void drop(struct node *n)
{
    OURO_DECREF(n);
    n->count--;
}

int main(int argc, char **argv)
{
    struct node *a = make(), *b = make();
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    void *(*lose)(size_t);
    if (!library)
        return 1;
    *(void **)&lose = dlsym(library, "lose_there");
    sink = lose(321);
    named_later(123);
    sink = NULL;
    hold(a, b);
    hold(b, a);
    drop(a);
    drop(b);
    struct node *balanced_out = make();
    OURO_INCREF(balanced_out);
    puts("done");
    return 0;
}
