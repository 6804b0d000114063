/* SPDX-License-Identifier: MIT */
/*
 * environment.c - the variables of a scope
 *
 * For Ouro a variable is a field of its environment, under the script's name
 * for it. A binding is no object, but storage that the environment owns.
 */
#include "lisp.h"
#include "ouro.h"

#include <stdlib.h>

static struct binding *find_here(struct object *env,
                                 const struct object *symbol)
{
    struct binding *b = env->as.env.bindings;
    while (b && b->symbol != symbol)
        b = b->next;
    return b;
}

/* env moves to the environment where the variable was found. */
static struct binding *find(struct object **env, const struct object *symbol)
{
    for (; *env; *env = (*env)->as.env.parent) {
        struct binding *b = find_here(*env, symbol);
        if (b)
            return b;
    }
    fail("unbound variable", symbol);
}

struct object *borrow_variable(struct object *env, struct object *symbol)
{
    return find(&env, symbol)->value;
}

void assign(struct object *env, struct object *symbol, struct object *v)
{
    struct binding *b = find(&env, symbol);
    set_field(env, symbol->text, &b->value, v);
}

void define(struct object *env, struct object *symbol, struct object *v)
{
    struct binding *b = find_here(env, symbol);
    if (!b) {
        b = calloc(1, sizeof *b);
        if (!b)
            fail("out of memory", NULL);
        OURO_OWN(env, b);
        b->symbol = symbol;
        b->next = env->as.env.bindings;
        env->as.env.bindings = b;
    }
    set_field(env, symbol->text, &b->value, v);
}

void release_bindings(struct object *env)
{
    struct binding *b = env->as.env.bindings;
    env->as.env.bindings = NULL;
    while (b) {
        struct binding *next = b->next;
        release(b->value);
        free(b);
        b = next;
    }
}

struct object *make_globals(void)
{
    struct object *env = make_environment(NULL);
    OURO_LABEL(env, "globals");
    OURO_ROOT("globals", env);
    return env;
}

/* Global functions hold the environment that holds them: a cycle in each
   script, and the one that has to be opened by hand. */
void release_globals(struct object *env)
{
    OURO_UNLINK_ALL(env);
    release_bindings(env);
    OURO_UNROOT("globals", env);
    release(env);
}
