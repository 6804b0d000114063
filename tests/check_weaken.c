/* SPDX-License-Identifier: MIT */
/* check_weaken.c - which field opens a cycle, and what that frees */
#include "explain/weaken.h"
#include "inquiry_kit.h"

/* What a program would do whose fields in `weak` (as a set of type and field)
   hold no counts: objects in `held` go as their counts fall to zero. */
struct program {
    int64_t rc[KIT_OBJECTS];
    uint32_t held, gone, weak;
};

static uint32_t field_bit(uint32_t type, uint32_t field)
{
    return 1u << ((type - 1) * KIT_FIELDS + field - 1 - KIT_TYPES);
}

static uint32_t bit_of(const struct link *k)
{
    return field_bit(kit.objects[k->owner].type, k->field);
}

static void drop(struct program *p, uint32_t v)
{
    if (--p->rc[v] == 0 && p->held >> v & 1)
        p->gone |= 1u << v;
}

/* Each pass does what those that went in the last one did. */
static void run(struct program *p)
{
    for (uint32_t done = 0; done != p->gone;) {
        const uint32_t now = p->gone & ~done;
        done = p->gone;
        for (uint32_t i = 0; i < kit.s.n_links; i++) {
            const struct link *k = &kit.links[i];
            if (k->owner != OURO_NONE && now >> k->owner & 1 &&
                !(p->weak & bit_of(k)))
                drop(p, k->target);
        }
    }
}

static uint32_t freed_by(uint32_t held, uint32_t weak)
{
    struct program p = {.held = held, .weak = weak};
    for (uint32_t v = 0; v < kit.s.n_objects; v++)
        p.rc[v] = kit.objects[v].rc;
    for (uint32_t i = 0; i < kit.s.n_links; i++) {
        const struct link *k = &kit.links[i];
        if (k->owner != OURO_NONE && held >> k->owner & 1 && weak & bit_of(k))
            drop(&p, k->target);
    }
    run(&p);
    return p.gone;
}

/* The sources that became finding h, and what goes with them. */
struct region {
    uint32_t sources, held;
};

static struct region region_of(const struct cycle_group *g)
{
    struct region r = {0};
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        const uint32_t kind =
            kit.q.o.u.in[v] ? kit.q.rings.kind_of[kit.q.o.k.of[v]] : OURO_NONE;
        char id[17];
        kit_id(kit.component[v], id);
        if (kind != OURO_NONE && kit_is_source(v) &&
            strcmp(id, kit.q.holders.id[g->holder]) == 0)
            r.sources |= 1u << v;
    }
    r.held = kit_freed(r.sources);
    return r;
}

static bool opens(const struct region *r, uint32_t weak)
{
    return !(r->sources & ~freed_by(r->held, weak));
}

/* "A" to type 1, "D" to field 4: see kit_make. */
static uint32_t bit_told(const struct finding_weaken *w)
{
    return field_bit((uint32_t)(*w->type - 'A' + 1),
                     (uint32_t)(*w->field - 'A' + 1));
}

static uint64_t count_edges(const struct region *r, uint32_t weak)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < kit.s.n_links; i++) {
        const struct link *k = &kit.links[i];
        n += k->owner != OURO_NONE && r->sources >> k->owner & 1 &&
             kit.component[k->owner] >> k->target & 1 && weak & bit_of(k);
    }
    return n;
}

static uint64_t count_bytes(uint32_t set)
{
    uint64_t bytes = 0;
    for (uint32_t v = 0; v < kit.s.n_objects; v++)
        if (set >> v & 1)
            bytes += kit.q.w.bytes[v];
    return bytes;
}

static bool is_ring(uint32_t v)
{
    bool ring = kit.component[v] != 1u << v;
    for (uint32_t i = 0; i < kit.s.n_links; i++)
        ring |= kit.links[i].owner == v && kit.links[i].target == v;
    return ring;
}

static void check_stays(const struct region *r, const struct finding_weaken *w,
                        uint32_t freed, uint64_t seed)
{
    uint64_t told = 0;
    uint64_t is = 0;
    for (uint32_t i = 0; i < w->n_stays; i++)
        told += w->stays[i].objects;
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        const uint32_t bit = 1u << v;
        if (!(r->held & bit) || freed & bit || !(kit.unreachable & bit) ||
            r->sources & bit || !is_ring(v))
            continue;
        is++;
        char id[17];
        bool listed = false;
        kit_id(kit.component[v], id);
        for (uint32_t i = 0; i < w->n_stays; i++)
            listed |= strcmp(w->stays[i].id, id) == 0;
        CLAIM(listed, seed);
    }
    CLAIM(told == is, seed);
}

static void check_offer(const struct region *r, const struct finding_weaken *w,
                        uint32_t weak, uint64_t seed)
{
    const uint32_t freed = freed_by(r->held, weak);
    CLAIM(opens(r, weak), seed);
    CLAIM(w->frees_objects == (uint64_t)__builtin_popcount(freed), seed);
    CLAIM(w->frees_bytes == count_bytes(freed), seed);
    CLAIM(w->edges == count_edges(r, bit_told(w)), seed);
    check_stays(r, w, freed, seed);
}

/* Together they open it, and without any of them the others do not. */
static void check_set(const struct region *r, const struct finding *f,
                      uint64_t seed)
{
    uint32_t weak = 0;
    for (uint32_t i = 0; i < f->n_weaken; i++) {
        CLAIM(!f->weaken[i].alone, seed);
        weak |= bit_told(&f->weaken[i]);
    }
    CLAIM((uint32_t)__builtin_popcount(weak) == f->n_weaken, seed);
    for (uint32_t i = 0; i < f->n_weaken; i++) {
        check_offer(r, &f->weaken[i], weak, seed);
        CLAIM(!opens(r, weak & ~bit_told(&f->weaken[i])), seed);
    }
}

struct counts {
    uint32_t alone, sets, staying, several;
};

static void check_group(const struct cycle_group *g, struct counts *n,
                        uint64_t seed)
{
    struct inquiry *q = &kit.q;
    struct finding f = {0};
    const struct region r = region_of(g);
    const struct witness w =
        witness_find(&q->scratch, &q->o.g, &q->o.k, g->component);
    const struct link *way[KIT_OBJECTS];
    uint32_t fields = 0;
    uint32_t closing = 0;
    for (uint32_t i = 0; i < w.n; i++) {
        way[i] = object_graph_link(&q->o, w.edge[i]);
        fields |= bit_of(way[i]);
        if (way[i]->stamp > way[closing]->stamp)
            closing = i;
    }
    f.objects = (uint64_t)__builtin_popcount(r.sources);
    weaken_find(q, g, way, w.n, &f);

    uint32_t alone = 0;
    for (uint32_t bit = 1; bit <= fields; bit <<= 1)
        if (fields & bit && opens(&r, bit))
            alone |= bit;
    CLAIM(f.weaken_fields == (uint32_t)__builtin_popcount(fields), seed);
    CLAIM(f.weaken_tried == f.weaken_fields, seed);
    CLAIM(f.n_weaken > 0, seed);
    n->staying += f.weaken[0].n_stays > 0;
    n->several += f.objects > q->o.k.size[g->component];
    if (alone == 0) {
        n->sets++;
        check_set(&r, &f, seed);
        return;
    }
    n->alone++;
    CLAIM(f.n_weaken == (uint32_t)__builtin_popcount(alone), seed);
    CLAIM(!(alone & bit_of(way[closing])) ||
              bit_told(&f.weaken[0]) == bit_of(way[closing]),
          seed);
    for (uint32_t i = 0; i < f.n_weaken; i++) {
        CLAIM(f.weaken[i].alone, seed);
        check_offer(&r, &f.weaken[i], bit_told(&f.weaken[i]), seed);
    }
}

START_TEST(what_is_offered_frees_what_a_program_would_free)
{
    struct counts n = {0};
    const uint64_t n_rounds = trials(40000);
    for (uint64_t seed = 1; seed <= n_rounds; seed++) {
        kit_make(seed);
        for (uint32_t i = 0; i < kit.q.n_cycles; i++)
            check_group(&kit.q.cycles[i], &n, seed);
        kit_release();
    }
    ck_assert_uint_gt(n.alone, trials(2000));
    ck_assert_uint_gt(n.sets, trials(100));
    ck_assert_uint_gt(n.staying, trials(50));
    ck_assert_uint_gt(n.several, trials(100));
}
END_TEST

Suite *weaken_suite(void);

Suite *weaken_suite(void)
{
    Suite *s = suite_create("weaken");
    TCase *t = tcase_create("programs");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_is_offered_frees_what_a_program_would_free);
    suite_add_tcase(s, t);
    return s;
}
