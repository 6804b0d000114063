/* SPDX-License-Identifier: MIT */
/* builtins.c - the functions that a script finds there */
#include "lisp.h"

#include <stdio.h>
#include <string.h>

static struct object *first(const struct object *arguments)
{
    return borrow_car(arguments);
}

static struct object *second(const struct object *arguments)
{
    return borrow_car(borrow_cdr(arguments));
}

static long number(const struct object *o)
{
    if (!is(o, NUMBER))
        fail("not a number", o);
    return o->as.number;
}

static struct object *add(struct object *arguments)
{
    long sum = 0;
    for (; arguments; arguments = borrow_cdr(arguments))
        sum += number(first(arguments));
    return make_number(sum);
}

static struct object *subtract(struct object *arguments)
{
    return make_number(number(first(arguments)) - number(second(arguments)));
}

static struct object *multiply(struct object *arguments)
{
    long product = 1;
    for (; arguments; arguments = borrow_cdr(arguments))
        product *= number(first(arguments));
    return make_number(product);
}

static struct object *equal(struct object *arguments)
{
    return make_bool(number(first(arguments)) == number(second(arguments)));
}

static struct object *less(struct object *arguments)
{
    return make_bool(number(first(arguments)) < number(second(arguments)));
}

static struct object *cons(struct object *arguments)
{
    return make_pair(retain(first(arguments)), retain(second(arguments)));
}

static struct object *car(struct object *arguments)
{
    return retain(borrow_car(first(arguments)));
}

static struct object *cdr(struct object *arguments)
{
    return retain(borrow_cdr(first(arguments)));
}

static struct object *set_car(struct object *arguments)
{
    struct object *pair = first(arguments);
    (void)borrow_car(pair); /* fails where it is none */
    set_field(pair, "car", &pair->as.pair.car, second(arguments));
    return NULL;
}

static struct object *set_cdr(struct object *arguments)
{
    struct object *pair = first(arguments);
    (void)borrow_cdr(pair);
    set_field(pair, "cdr", &pair->as.pair.cdr, second(arguments));
    return NULL;
}

static struct object *list(struct object *arguments)
{
    return retain(arguments);
}

static struct object *is_null(struct object *arguments)
{
    return make_bool(!first(arguments));
}

static struct object *is_pair(struct object *arguments)
{
    return make_bool(is(first(arguments), PAIR));
}

static struct object *is_same(struct object *arguments)
{
    return make_bool(first(arguments) == second(arguments));
}

static struct object *invert(struct object *arguments)
{
    return make_bool(!is_true(first(arguments)));
}

static struct object *print_line(struct object *arguments)
{
    for (; arguments; arguments = borrow_cdr(arguments)) {
        print(first(arguments));
        putchar(borrow_cdr(arguments) ? ' ' : '\n');
    }
    return NULL;
}

static struct object *collect_rings(struct object *arguments)
{
    (void)arguments;
    return make_number(collect());
}

void define_builtins(struct object *env)
{
    static const struct {
        const char *name;
        struct object *(*builtin)(struct object *arguments);
    } builtins[] = {
        {"+", add},
        {"-", subtract},
        {"*", multiply},
        {"=", equal},
        {"<", less},
        {"cons", cons},
        {"car", car},
        {"cdr", cdr},
        {"set-car!", set_car},
        {"set-cdr!", set_cdr},
        {"list", list},
        {"null?", is_null},
        {"pair?", is_pair},
        {"eq?", is_same},
        {"not", invert},
        {"print", print_line},
        {"collect", collect_rings},
    };
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
        const char *name = builtins[i].name;
        struct object *b = make_builtin(builtins[i].builtin);
        define(env, borrow_symbol(name, strlen(name)), b);
        release(b);
    }
}
