/* SPDX-License-Identifier: MIT */
/* object.c - objects, their counts, and what they hold */
#include "lisp.h"
#include "ouro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    "number", "string", "symbol", "builtin", "pair", "closure", "environment"};

static struct object *symbols;

static struct object *make_object(enum kind kind, size_t bytes_of_text)
{
    struct object *o = calloc(1, sizeof *o + bytes_of_text);
    if (!o)
        fail("out of memory", NULL);
    o->kind = kind;
    o->refs = 1;
    if (kind < PAIR) {
        OURO_NEW_LEAF(o, type_names[kind]);
        return o;
    }
    collector_add(o);
    OURO_NEW(o, type_names[kind]);
    return o;
}

struct object *retain(struct object *o)
{
    if (o)
        o->refs++;
    OURO_INCREF(o);
    return o;
}

/* Frees o and gives up what it held, but for the last of it: its caller does
   that, so that a long list needs no deep stack. */
static struct object *destroy(struct object *o)
{
    struct object *last = NULL;
    OURO_DEAD(o);
    if (o->kind >= PAIR)
        collector_remove(o);
    if (o->kind == PAIR) {
        release(o->as.pair.car);
        last = o->as.pair.cdr;
    } else if (o->kind == CLOSURE) {
        release(o->as.closure.params);
        release(o->as.closure.body);
        last = o->as.closure.env;
    } else if (o->kind == ENVIRONMENT) {
        release_bindings(o);
        last = o->as.env.parent;
    }
    free(o);
    return last;
}

void release(struct object *o)
{
    while (o) {
        OURO_DECREF(o);
        if (--o->refs > 0)
            return;
        o = destroy(o);
    }
}

void release_last(struct object *o)
{
    release(destroy(o));
}

/* Takes the caller's count of v. */
static void give_field(struct object *owner, const char *field,
                       struct object **slot, struct object *v)
{
    struct object *old = *slot;
    *slot = v;
    OURO_SET(owner, field, slot, old, v);
    release(old);
}

void set_field(struct object *owner, const char *field, struct object **slot,
               struct object *v)
{
    give_field(owner, field, slot, retain(v));
}

struct object *make_number(long n)
{
    struct object *o = make_object(NUMBER, 0);
    o->as.number = n;
    return o;
}

static struct object *make_text(enum kind kind, const char *text, size_t len)
{
    struct object *o = make_object(kind, len + 1);
    memcpy(o->text, text, len);
    return o;
}

struct object *make_string(const char *text, size_t len)
{
    return make_text(STRING, text, len);
}

struct object *make_builtin(struct object *(*builtin)(struct object *))
{
    struct object *o = make_object(BUILTIN, 0);
    o->as.builtin = builtin;
    return o;
}

struct object *make_pair(struct object *car, struct object *cdr)
{
    struct object *o = make_object(PAIR, 0);
    give_field(o, "car", &o->as.pair.car, car);
    give_field(o, "cdr", &o->as.pair.cdr, cdr);
    return o;
}

struct object *make_closure(struct object *params, struct object *body,
                            struct object *env)
{
    struct object *o = make_object(CLOSURE, 0);
    set_field(o, "params", &o->as.closure.params, params);
    set_field(o, "body", &o->as.closure.body, body);
    set_field(o, "env", &o->as.closure.env, env);
    return o;
}

struct object *make_environment(struct object *parent)
{
    struct object *o = make_object(ENVIRONMENT, 0);
    set_field(o, "parent", &o->as.env.parent, parent);
    return o;
}

struct object *borrow_symbol(const char *text, size_t len)
{
    struct object *s = symbols;
    while (s && (strncmp(s->text, text, len) != 0 || s->text[len] != '\0'))
        s = s->as.next_symbol;
    if (!s) {
        s = make_text(SYMBOL, text, len);
        s->as.next_symbol = symbols;
        symbols = s;
        OURO_ROOT("symbols", s);
    }
    return s;
}

void release_symbols(void)
{
    while (symbols) {
        struct object *s = symbols;
        symbols = s->as.next_symbol;
        OURO_UNROOT("symbols", s);
        release(s);
    }
}

struct object *make_bool(bool b)
{
    return retain(borrow_symbol(b ? "#t" : "#f", 2));
}

void name_closure(struct object *closure, struct object *symbol)
{
    if (!is(closure, CLOSURE) || closure->as.closure.name)
        return;
    closure->as.closure.name = symbol;
    OURO_LABEL(closure, symbol->text);
}

void name_environment(struct object *env, const char *form,
                      const struct object *symbol)
{
    char label[80];
    if (!OURO_ACTIVE())
        return;
    snprintf(label, sizeof label, "%s %s", form,
             symbol ? symbol->text : "lambda");
    OURO_LABEL(env, label);
}
