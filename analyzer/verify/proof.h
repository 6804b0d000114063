/* SPDX-License-Identifier: MIT */
/*
 * proof.h - what the steps of a verification share (verify.h)
 *
 * Each step returns false at the first thing that does not hold, with the
 * clause that says so in proof.why.
 */
#ifndef ANALYZER_VERIFY_PROOF_H
#define ANALYZER_VERIFY_PROOF_H

#include "verify/verify.h"

/* The components of the claimed unreachable set, by two walks in turn. */
struct rings {
    uint32_t n;
    uint32_t *of;          /* by object; OURO_NONE: not in the set */
    uint32_t *first;       /* n + 1: members are member[first[c]] and on */
    uint32_t *member;      /* objects */
    uint64_t *into;        /* references from other objects of the set */
    uint32_t *pointed_by;  /* one of those objects, or OURO_NONE */
    unsigned char *closed; /* a reference inside it: it is a cycle */
};

/* What goes with a component, while it is counted. */
struct falling {
    uint64_t *of_object; /* references to it that came from what has gone */
    uint64_t *of_ring;
    uint32_t *todo;
    uint32_t n_todo;
    /* of what is in todo, with some fields weak: */
    unsigned char *goes; /* by object */
    uint32_t *freed;
};

struct fallen {
    uint64_t objects;             /* the component's own too */
    uint64_t rings, ring_objects; /* cycles among them, without it */
};

struct proof {
    const struct shadow *s;
    const struct trace *t;
    const struct findings *f;
    struct arena a;
    uint32_t *first;       /* what v holds: links[first[v]] .. [first[v + 1]] */
    uint64_t *owned;       /* references to it, roots' too */
    uint64_t *explained;   /* of them: from objects that are judged */
    unsigned char *judged; /* tracked containers that may die */
    unsigned char *bound;  /* has a finalizer, or is held by what has: a
                              collector  could not free it */
    uint32_t *position;    /* a cycle's members: their index; else OURO_NONE */
    struct rings rings;
    struct falling falling;
    char *why;
};

/* Fills why; false. */
__attribute__((format(printf, 2, 3))) bool refute(struct proof *p,
                                                  const char *fmt, ...);

enum { OBJECT_NAME = 128 };
/* "0x5000 (Node)" */
const char *name_object(const struct proof *p, uint32_t object,
                        char text[OBJECT_NAME]);

/* Immortal, kept on purpose or from before a fork: never a finding. */
bool may_not_be_told(const struct shadow *s, uint32_t object);

bool prove_unreachable(struct proof *p);
void find_rings(struct proof *p);
bool prove_finding(struct proof *p, const struct finding *f);
bool prove_cycle(struct proof *p, const struct finding *f);

void falling_init(struct proof *p);
/* What goes with component c; falling.todo lists it until the next call. */
struct fallen count_fallen(struct proof *p, uint32_t c);
bool prove_weaken(struct proof *p, const struct finding *f, uint32_t component);
/* Nothing is left out or told twice. */
bool prove_totals(struct proof *p);

#endif
