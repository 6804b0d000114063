/* SPDX-License-Identifier: MIT */
/* printer.c - values become text */
#include "lisp.h"

#include <stdio.h>

static void print_list(const struct object *o)
{
    putchar('(');
    print(o->as.pair.car);
    for (o = o->as.pair.cdr; is(o, PAIR); o = o->as.pair.cdr) {
        putchar(' ');
        print(o->as.pair.car);
    }
    if (o) {
        fputs(" . ", stdout);
        print(o);
    }
    putchar(')');
}

void print(const struct object *o)
{
    if (!o) {
        fputs("()", stdout);
        return;
    }
    switch (o->kind) {
    case NUMBER:
        printf("%ld", o->as.number);
        break;
    case STRING:
    case SYMBOL:
        fputs(o->text, stdout);
        break;
    case PAIR:
        print_list(o);
        break;
    case CLOSURE:
        printf("<closure %s>",
               o->as.closure.name ? o->as.closure.name->text : "lambda");
        break;
    case BUILTIN:
        fputs("<builtin>", stdout);
        break;
    case ENVIRONMENT:
        fputs("<environment>", stdout);
        break;
    }
}
