/* SPDX-License-Identifier: MIT */
/*
 * inquiry.h - how findings are made, in four steps
 *
 *   1. gather  what is found, grouped by what needs no names; and which
 *              objects' histories are wanted
 *   2. date    with the histories: when and where a thing was orphaned
 *   3. ask     which stacks must be named (all kinds together: one request)
 *   4. draft   with the names: fingerprints; drafts with one fingerprint become
 *              one finding (drafts.h), and only its smallest is described
 *
 * Each kind is a file with some of these steps. What is grouped is small: a
 * recursion may leave a group behind at each of thousands of depths, and stacks
 * are spelled out, in `describe`, for what is shown alone.
 */
#ifndef ANALYZER_EXPLAIN_INQUIRY_H
#define ANALYZER_EXPLAIN_INQUIRY_H

#include "explain/appearances.h"
#include "explain/finding.h"
#include "explain/group.h"
#include "explain/lost.h"
#include "explain/references.h"
#include "explain/ring_kinds.h"
#include "explain/shared.h"
#include "explain/site.h"
#include "explain/weak_fall.h"
#include "shadow/history.h"

/* When an object's count, or a cycle's support, was lowered last. */
struct lowering {
    bool known;
    uint64_t stamp;
    uint32_t stack;
};

/* Equal cycles, as far as can be told without names. */
struct cycle_group {
    uint32_t component; /* of the smallest: fewest objects, then eldest */
    uint64_t birth;
    uint64_t instances;
    uint32_t appeared; /* appearances.h */
    struct held own;
    uint32_t holder; /* its finding's (shared.h) */
    uint32_t n_types;
    struct finding_type *types;
    struct lowering released, linked; /* of the smallest */
};

/* An object with more counts than references. */
struct unbalanced {
    uint32_t object;
    uint32_t group; /* in balances; OURO_NONE: it is not told */
    bool looked_at; /* its history was */
    bool rooted;    /* a root reaches it */
};

/* Counts that a group's objects took at one place and did not give back. */
struct unreleased {
    uint32_t group, stack;
    int64_t n; /* below zero: given back, and nobody took it near there */
    bool certain, holder_dead;
};

/* An object that lives with a count of zero. */
struct zombie {
    uint32_t object;
    uint32_t group; /* in misuses, or OURO_NONE */
};

struct inquiry;

struct draft {
    char id[17];
    enum finding_kind kind;
    uint32_t index;       /* of the group, among those of the kind */
    uint64_t size, birth; /* of its smallest instance */
    uint64_t instances;
    uint32_t appeared; /* appearances.h */
    uint32_t holder;   /* shared.h; OURO_NONE: it retains `held` */
    struct held own, held;
    enum reach reach;
    struct finding_type type;         /* "": none, or several: */
    uint32_t n_types;                 /* 0: one at most */
    const struct finding_type *types; /* each once */
    /* Tells group `index`; NULL: as its kind does. */
    void (*describe)(struct inquiry *q, uint32_t index, struct finding *f);
};

enum { FIELD_TEXT = 32 };

struct inquiry {
    const struct shadow *s;
    struct trace *t;
    const struct memory *m; /* the last snapshot's, or NULL */
    struct arena *out;      /* the findings' */
    struct arena scratch;   /* given back at the end */
    struct object_graph o;
    struct weights w;

    struct ring_kinds rings;
    uint32_t n_cycles, cycles_room;
    struct cycle_group *cycles;
    uint32_t n_zombies, zombies_room;
    struct zombie *zombies;
    struct appearances appearances;
    struct groups leaks, balances, misuses, danglings, lasting, ghosts;
    uint32_t n_unbalanced, unbalanced_room;
    struct unbalanced *unbalanced; /* by birth */
    uint64_t *looked_at;           /* by group in balances: how many were */
    uint32_t *of_type;             /* by string: first group in balances, + 1 */
    uint32_t *next_of_type;        /* by group: the next of its type, + 1; 0 */
    uint32_t n_unreleased, unreleased_room;
    struct unreleased *unreleased; /* by group */
    struct references references;

    uint64_t *type_counts;        /* by string; zero between uses */
    unsigned char *uncollectable; /* by object: gc_end.h */
    unsigned char *wanted;        /* by object: its history is */
    struct history history;

    uint32_t n_stacks, stacks_room;
    uint32_t *stacks;
    unsigned char *asked; /* by stack */
    bool asks_leaks_alone;
    struct sites sites;
    struct holders holders;
    struct lost lost;               /* where there is memory, */
    unsigned char *is_leak;         /* by block */
    struct holder_sets ring_stacks; /* of several call stacks */
    uint32_t *leak_of[2];           /* by component of what is lost, of what
                                       perhaps is: its group + 1, or 0 */
    struct holders lost_holders;    /* the leaks' */
    struct pointing pointing;       /* at what findings are about */
    uint32_t *entry; /* by component of what is perhaps lost: the first node
                        that a doubtful word leads to */
    uint32_t *link_to, *next_link; /* by object, by link: the first, the next
                                      of its target's, + 1; or 0 */
    struct weak_fall weak;

    uint32_t n_drafts, drafts_room;
    struct draft *drafts;
};

/* Steps of the kinds. */
void cycles_gather(struct inquiry *q);
void cycles_date(struct inquiry *q);
void cycles_ask(struct inquiry *q);
void cycles_draft(struct inquiry *q);
void cycles_describe(struct inquiry *q, uint32_t index, struct finding *f);

void zombies_gather(struct inquiry *q);
void zombies_identify(struct inquiry *q, uint32_t object, char id[17]);
void misuses_date(struct inquiry *q); /* zombies too */
void misuses_ask(struct inquiry *q);
void misuses_draft(struct inquiry *q);
void misuses_describe(struct inquiry *q, uint32_t index, struct finding *f);

/* Over-releases too, of what is dead or was put right. */
void danglings_gather(struct inquiry *q);
void danglings_ask(struct inquiry *q);
void danglings_draft(struct inquiry *q);
void lasting_gather(struct inquiry *q);
void lasting_ask(struct inquiry *q);
void lasting_draft(struct inquiry *q);

/* What memory does not show; where there is a snapshot. 0, or -1 with e filled.
 */
int ghosts_gather(struct inquiry *q, struct err *e);
void ghosts_ask(struct inquiry *q);
void ghosts_draft(struct inquiry *q);

void balances_gather(struct inquiry *q);
int balances_date(struct inquiry *q, struct trace *parent, struct err *e);
void balances_ask(struct inquiry *q);
void balances_draft(struct inquiry *q);
void balances_describe(struct inquiry *q, uint32_t index, struct finding *f);
/* The finding of one object, where that is told by itself: fewer counts than
   references; or more, and the holder of one, `taken` at that stack, is dead.
   False: there is none. */
bool balances_identify(struct inquiry *q, uint32_t object, bool bereft,
                       uint32_t taken, enum finding_kind *kind, char id[17]);

/* leaks_share: needs drafts with their ids, sorted by them. */
void leaks_gather(struct inquiry *q);
void leaks_share(struct inquiry *q);
void leaks_ask(struct inquiry *q);
void leaks_draft(struct inquiry *q);
void leaks_describe(struct inquiry *q, uint32_t index, struct finding *f);
/* Of one group: what must be named for its id, and then that. */
void leaks_ask_one(struct inquiry *q, uint32_t group);
void leaks_identify(struct inquiry *q, uint32_t group, char id[17]);
/* Is each of them, by their innermost places, what the system keeps on purpose
   (kept.h), and holds no other? False also where that is not easily said. */
bool leaks_are_kept(struct inquiry *q);
/* The places of n drafts that are one finding. */
void leaks_places(struct inquiry *q, const struct draft *drafts, uint32_t n,
                  struct finding *f);

/* Who points at what is unbalanced or perhaps lost (pointing.h): one reading of
   memory for all findings. `date` is -1 with e filled, or 0. */
int pointers_date(struct inquiry *q, struct err *e);
void pointers_ask(struct inquiry *q);
void pointers_name(struct inquiry *q, struct symbolizer *z);
/* Fills f->pointers: words at the node, that are not in component `without` of
   what is perhaps lost (OURO_NONE: in any). `object` lives there, or
   OURO_NONE. */
void pointers_describe(struct inquiry *q, uint32_t node, uint32_t object,
                       uint32_t without, struct finding *f);
/* balances.c, leaks.c: which nodes. */
void balances_point(const struct inquiry *q, unsigned char *wanted);
void leaks_point(const struct inquiry *q, unsigned char *wanted);

/* What they share. */
/* The node of memory of the block that an object is in, or OURO_NONE. */
uint32_t inquiry_node(const struct inquiry *q, uint32_t object);
struct held inquiry_own(const struct inquiry *q, uint32_t object);
void inquiry_ask(struct inquiry *q, uint32_t stack);
struct lowering inquiry_lowering(const struct inquiry *q, uint32_t object);
struct places inquiry_places(struct inquiry *q, uint32_t stack);
const char *inquiry_text(const struct inquiry *q, uint32_t string);
/* The field's name; "[]", for any place in a block that the owner owns; or its
   offset, written into text. */
const char *inquiry_field(const struct inquiry *q, const struct link *k,
                          char text[FIELD_TEXT]);
/* The entry point that a block came from; "" where it is not known. */
const char *inquiry_allocator(const struct block *b);
struct finding_member inquiry_member(struct inquiry *q, uint32_t object);
/* The part of a fingerprint that is an object, or, without type, a site. */
uint64_t inquiry_part(struct inquiry *q, uint32_t type, uint32_t stack);
/* A draft of group `index`, else empty. Good until the next call. */
struct draft *inquiry_draft(struct inquiry *q, enum finding_kind kind,
                            uint32_t index);
/* One made of what g says. */
struct draft *inquiry_draft_group(struct inquiry *q, enum finding_kind kind,
                                  uint32_t index, const struct group *g);

#endif
