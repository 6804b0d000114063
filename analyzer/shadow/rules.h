/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what each event means: the parts of replay.c
 *
 * A rule returns false, having changed nothing, where its event is not possible
 * yet; with `must` it says what the event means nevertheless, and returns true.
 */
#ifndef ANALYZER_SHADOW_RULES_H
#define ANALYZER_SHADOW_RULES_H

#include "shadow/replay.h"

typedef bool rule(struct replay *r, const struct event *e, bool must);

/* The rule of e->kind applied. */
rule rules_apply;

/* heap_rules.c */
rule rule_alloc, rule_free;
rule rule_realloc_begin, rule_realloc_end, rule_realloc_failed;
rule rule_realloc_freed;
/* pool_rules.c */
rule rule_pool_create, rule_pool_alloc, rule_pool_free, rule_pool_reset;
rule rule_pool_destroy;
/* object_rules.c */
rule rule_new, rule_dead, rule_move, rule_type, rule_label, rule_flag;
rule rule_ignore, rule_own;
/* count_rules.c */
rule rule_incref, rule_decref, rule_add, rule_acquire, rule_release;
rule rule_count;
/* link_rules.c */
rule rule_link, rule_unlink, rule_unlink_all, rule_root, rule_unroot;
rule rule_weak;

/* Who holds a reference that is written at an address. */
struct whose {
    enum holder_kind kind;
    uint32_t who;   /* object or block */
    uint64_t start; /* of the object or block; 0: of nothing */
    uint32_t owner; /* the object whose reference it is, or OURO_NONE */
};

/* resolve.c: the object meant by an address, or OURO_NONE; and its holder,
   which is OURO_NONE where nothing is held yet, unless it shall be made. */
uint32_t resolve_object(const struct replay *r, uint64_t addr);
struct whose resolve_owner(const struct replay *r, uint64_t addr);
uint32_t resolve_holder(const struct replay *r, const struct whose *w,
                        uint64_t addr);
uint32_t resolve_make_holder(struct replay *r, const struct whose *w,
                             uint64_t addr);
/* The object whose references a holder holds, or OURO_NONE. */
uint32_t resolve_owner_of(const struct replay *r, uint32_t holder);

/* ending.c: the end of a thing and of what goes with it. `freed`: by a free,
   and not because its address shows that it must be gone. */
void end_link(struct replay *r, uint32_t link);
void end_links_of(struct replay *r, uint32_t holder);
void end_links_owned(struct replay *r, uint32_t object); /* all that it holds */
void end_object(struct replay *r, uint32_t object);
void end_block(struct replay *r, uint32_t block, bool freed);

/* heap_rules.c: a block leaves its address with all that lives in it, and comes
   to another (or back to the same). */
void block_leaves(struct replay *r, uint32_t block);
void block_comes(struct replay *r, uint32_t block, uint64_t addr);

/* ending.c: a block comes to be owned by an object, and by none. */
void block_owned(struct replay *r, uint32_t extra, uint32_t object);
void block_disowned(struct replay *r, uint32_t extra);

/* object_rules.c: an object that is in no block comes to live in one. */
void object_enters(struct replay *r, uint32_t object, uint32_t block);

/* misuses.c */
void misuse_note(struct replay *r, enum misuse what, uint64_t addr,
                 uint32_t type, uint32_t birth_stack);
void misuse_of_object(struct replay *r, enum misuse what,
                      const struct live_object *k);
/* A protocol event about what is no object: nothing, or `gives_up` something
   that is known to be dead. */
void misuse_unknown(struct replay *r, const struct event *e, bool gives_up);
void misuse_unknown_free(struct replay *r, uint64_t addr);
/* What was freed twice may have been handed out unseen in between: such frees
   are unknown ones. */
void misuse_doubt_frees(struct replay *r);

/* replay.c */
struct replay_thread *replay_thread(struct replay *r, uint32_t number);
void replay_tell(struct replay *r, uint32_t object, enum ouro_kind kind,
                 int64_t n, uint64_t cookie);
/* DEAD and COUNT. */
void replay_tell_note(struct replay *r, uint32_t object, enum ouro_kind kind,
                      int64_t n);
void replay_tell_link(struct replay *r, const struct live_link *link,
                      enum ouro_kind kind);

#endif
