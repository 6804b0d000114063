/* SPDX-License-Identifier: MIT */
/*
 * lisp.h - a small Lisp whose objects are counted
 *
 * A value is a pointer to an object; the empty list is NULL; #t and #f are
 * symbols. A function that returns an object gives its caller a count, unless
 * its name begins with borrow; arguments are borrowed, unless the comment says
 * "takes". Symbols live as long as the interpreter.
 *
 * What counts, and so every line that speaks to Ouro, is in object.c,
 * environment.c and collector.c.
 */
#ifndef LISP_H
#define LISP_H

#include <stdbool.h>
#include <stddef.h>

enum kind { NUMBER, STRING, SYMBOL, BUILTIN, PAIR, CLOSURE, ENVIRONMENT };

/* One variable of an environment. It never moves. */
struct binding {
    struct object *symbol; /* not counted */
    struct object *value;
    struct binding *next;
};

struct object {
    enum kind kind;
    long refs;
    /* of the collector, for those that can hold others: */
    struct object *older, *newer; /* in the list of them all */
    struct object *next_todo;
    long outside; /* counts that no container explains */
    bool reached;
    union {
        long number;
        struct object *(*builtin)(struct object *arguments);
        struct object *next_symbol; /* in the table of symbols */
        struct {
            struct object *car, *cdr;
        } pair;
        struct {
            struct object *params, *body, *env;
            struct object *name; /* a symbol, not counted, or NULL */
        } closure;
        struct {
            struct object *parent;
            struct binding *bindings;
        } env;
    } as;
    char text[]; /* of a string or symbol */
};

/* object.c */
struct object *retain(struct object *o);
void release(struct object *o);
struct object *make_number(long n);
struct object *make_string(const char *text, size_t len);
struct object *make_bool(bool b);
struct object *make_builtin(struct object *(*builtin)(struct object *));
struct object *make_pair(struct object *car, struct object *cdr); /* takes */
struct object *make_closure(struct object *params, struct object *body,
                            struct object *env);
struct object *make_environment(struct object *parent);
struct object *borrow_symbol(const char *text, size_t len);
void release_symbols(void);
/* `owner` holds v in *slot from now on, instead of what was there. */
void set_field(struct object *owner, const char *field, struct object **slot,
               struct object *v);
/* Names for reports: the script's own. */
void name_closure(struct object *closure, struct object *symbol);
void name_environment(struct object *env, const char *form,
                      const struct object *symbol);

/* Its last count is gone: frees it and gives up what it held. */
void release_last(struct object *o);

/* collector.c: who can hold others begins and ends; frees what no count from
   outside reaches, and says how many that were */
void collector_add(struct object *o);
void collector_remove(struct object *o);
long collect(void);

/* environment.c */
void define(struct object *env, struct object *symbol, struct object *v);
void assign(struct object *env, struct object *symbol, struct object *v);
struct object *borrow_variable(struct object *env, struct object *symbol);
struct object *make_globals(void);
void release_globals(struct object *env);
/* Gives up the bindings; the environment goes on, empty. */
void release_bindings(struct object *env);

/* reader.c: the value at *at, which moves on; false at the end of the text */
bool read_value(const char **at, struct object **v);

/* printer.c */
void print(const struct object *o);

/* eval.c */
struct object *eval(struct object *expression, struct object *env);
struct object *borrow_car(const struct object *pair);
struct object *borrow_cdr(const struct object *pair);
bool is_true(const struct object *o);

/* builtins.c */
void define_builtins(struct object *env);

/* lisp.c: says what is wrong, and with what, and ends the program */
_Noreturn void fail(const char *what, const struct object *about);

static inline bool is(const struct object *o, enum kind kind)
{
    return o && o->kind == kind;
}

#endif
