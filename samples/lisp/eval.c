/* SPDX-License-Identifier: MIT */
/*
 * eval.c - what an expression means
 *
 * A step either finds the result, or leaves another expression to go on with in
 * another environment: calls in tail position need no stack.
 */
#include "lisp.h"

#include <string.h>

struct tail {
    struct object *expression, *env; /* counted */
    struct object *result;           /* counted; when finished */
};

/* What a step says about itself. */
enum outcome { FINISHED, GO_ON };

struct object *borrow_car(const struct object *pair)
{
    if (!is(pair, PAIR))
        fail("not a pair", pair);
    return pair->as.pair.car;
}

struct object *borrow_cdr(const struct object *pair)
{
    if (!is(pair, PAIR))
        fail("not a pair", pair);
    return pair->as.pair.cdr;
}

bool is_true(const struct object *o)
{
    return o != borrow_symbol("#f", 2);
}

static enum outcome finish(struct tail *t, struct object *result)
{
    t->result = result;
    return FINISHED;
}

static enum outcome go_on(struct tail *t, struct object *expression,
                          struct object *env)
{
    retain(expression);
    retain(env);
    release(t->expression);
    release(t->env);
    t->expression = expression;
    t->env = env;
    return GO_ON;
}

/* All but the last expression of a body; then on with that one. */
static enum outcome go_on_with_body(struct tail *t, struct object *body,
                                    struct object *env)
{
    for (; borrow_cdr(body); body = borrow_cdr(body))
        release(eval(borrow_car(body), env));
    return go_on(t, borrow_car(body), env);
}

static enum outcome do_quote(struct tail *t, struct object *form)
{
    return finish(t, retain(borrow_car(form)));
}

static enum outcome do_if(struct tail *t, struct object *form)
{
    struct object *condition = eval(borrow_car(form), t->env);
    struct object *branches = borrow_cdr(form);
    const bool yes = is_true(condition);
    release(condition);
    if (!yes)
        branches = borrow_cdr(branches);
    if (!branches)
        return finish(t, NULL);
    return go_on(t, borrow_car(branches), t->env);
}

static enum outcome do_begin(struct tail *t, struct object *form)
{
    return go_on_with_body(t, form, t->env);
}

static enum outcome do_lambda(struct tail *t, struct object *form)
{
    return finish(t, make_closure(borrow_car(form), borrow_cdr(form), t->env));
}

/* (define name value) or (define (name parameters...) body...) */
static enum outcome do_define(struct tail *t, struct object *form)
{
    struct object *name = borrow_car(form), *v = NULL;
    if (is(name, PAIR)) {
        v = make_closure(borrow_cdr(name), borrow_cdr(form), t->env);
        name = borrow_car(name);
    } else {
        v = eval(borrow_car(borrow_cdr(form)), t->env);
    }
    name_closure(v, name);
    define(t->env, name, v);
    release(v);
    return finish(t, NULL);
}

static enum outcome do_set(struct tail *t, struct object *form)
{
    struct object *name = borrow_car(form);
    struct object *v = eval(borrow_car(borrow_cdr(form)), t->env);
    name_closure(v, name);
    assign(t->env, name, v);
    release(v);
    return finish(t, NULL);
}

/* ((name value)...): each value is computed in `from`, bound in `to`. */
static void bind_all(struct object *bindings, struct object *from,
                     struct object *to)
{
    for (; bindings; bindings = borrow_cdr(bindings)) {
        struct object *binding = borrow_car(bindings);
        struct object *v = eval(borrow_car(borrow_cdr(binding)), from);
        name_closure(v, borrow_car(binding));
        define(to, borrow_car(binding), v);
        release(v);
    }
}

static struct object *make_scope(const char *form_name, struct object *bindings,
                                 struct object *parent)
{
    struct object *scope = make_environment(parent);
    name_environment(scope, form_name,
                     bindings ? borrow_car(borrow_car(bindings)) : NULL);
    return scope;
}

static enum outcome do_let(struct tail *t, struct object *form)
{
    struct object *scope = make_scope("let", borrow_car(form), t->env);
    bind_all(borrow_car(form), t->env, scope);
    const enum outcome o = go_on_with_body(t, borrow_cdr(form), scope);
    release(scope);
    return o;
}

static enum outcome do_letrec(struct tail *t, struct object *form)
{
    struct object *scope = make_scope("letrec", borrow_car(form), t->env);
    bind_all(borrow_car(form), scope, scope);
    const enum outcome o = go_on_with_body(t, borrow_cdr(form), scope);
    release(scope);
    return o;
}

static const struct form {
    const char *name;
    enum outcome (*step)(struct tail *t, struct object *form);
} forms[] = {
    {"quote", do_quote},   {"if", do_if},         {"begin", do_begin},
    {"lambda", do_lambda}, {"set!", do_set},      {"define", do_define},
    {"let", do_let},       {"letrec", do_letrec},
};

static const struct form *find_form(const struct object *head)
{
    if (!is(head, SYMBOL))
        return NULL;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].name, head->text) == 0)
            return &forms[i];
    return NULL;
}

static struct object *eval_each(struct object *list, struct object *env)
{
    if (!list)
        return NULL;
    struct object *first = eval(borrow_car(list), env);
    return make_pair(first, eval_each(borrow_cdr(list), env));
}

static enum outcome call(struct tail *t, struct object *closure,
                         struct object *arguments)
{
    struct object *params = closure->as.closure.params;
    struct object *frame = make_environment(closure->as.closure.env);
    name_environment(frame, "call", closure->as.closure.name);
    for (; params; params = borrow_cdr(params)) {
        define(frame, borrow_car(params), borrow_car(arguments));
        arguments = borrow_cdr(arguments);
    }
    const enum outcome o = go_on_with_body(t, closure->as.closure.body, frame);
    release(frame);
    return o;
}

static enum outcome apply(struct tail *t)
{
    struct object *function = eval(borrow_car(t->expression), t->env);
    struct object *arguments = eval_each(borrow_cdr(t->expression), t->env);
    enum outcome o = FINISHED;
    if (is(function, BUILTIN))
        o = finish(t, function->as.builtin(arguments));
    else if (is(function, CLOSURE))
        o = call(t, function, arguments);
    else
        fail("not a function", function);
    release(arguments);
    release(function);
    return o;
}

static enum outcome step(struct tail *t)
{
    struct object *e = t->expression;
    if (is(e, SYMBOL) && e->text[0] != '#')
        return finish(t, retain(borrow_variable(t->env, e)));
    if (!is(e, PAIR))
        return finish(t, retain(e));
    const struct form *form = find_form(borrow_car(e));
    return form ? form->step(t, borrow_cdr(e)) : apply(t);
}

struct object *eval(struct object *expression, struct object *env)
{
    struct tail t = {retain(expression), retain(env), NULL};
    while (step(&t) == GO_ON)
        continue;
    release(t.expression);
    release(t.env);
    return t.result;
}
