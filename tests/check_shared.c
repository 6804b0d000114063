/* SPDX-License-Identifier: MIT */
/* check_shared.c - what is freed with one finding, and what with several */
#include "inquiry_kit.h"

/* The objects of all sources that became finding h. */
static uint32_t sources_of(uint32_t holder)
{
    const struct inquiry *q = &kit.q;
    uint32_t set = 0;
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        char id[17];
        kit_id(kit.component[v], id);
        if (kit_is_source(v) && q->rings.kind_of[q->o.k.of[v]] != OURO_NONE &&
            strcmp(id, q->holders.id[holder]) == 0)
            set |= 1u << v;
    }
    for (uint32_t i = 0; i < q->n_zombies; i++) {
        char id[17];
        const struct zombie *z = &q->zombies[i];
        snprintf(id, sizeof id, "z%015x", kit.objects[z->object].type);
        if (z->group != OURO_NONE && strcmp(id, q->holders.id[holder]) == 0)
            set |= 1u << z->object;
    }
    return set;
}

static struct held weigh(uint32_t set)
{
    struct held sum = {0};
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        if (!(set >> v & 1))
            continue;
        sum.objects++;
        if (kit.objects[v].block == OURO_NONE)
            sum.bytes += kit.objects[v].bytes;
        for (uint32_t b = 0; b < kit.s.n_blocks; b++)
            if (kit.blocks[b].owner == v || kit.blocks[b].object == v) {
                sum.blocks++;
                sum.bytes += kit.blocks[b].size;
            }
    }
    return sum;
}

static bool is_equal(struct held a, struct held b)
{
    return a.objects == b.objects && a.blocks == b.blocks && a.bytes == b.bytes;
}

/* Is all of v's set among the holders in `mended`? */
static bool is_within(uint32_t v, uint32_t mended)
{
    const struct holders *h = &kit.q.holders;
    const uint32_t set = h->set[v];
    if (set == OURO_NONE || set == holder_sets_nobody(&h->sets))
        return false;
    for (uint32_t i = 0; i < h->sets.at[set].n; i++)
        if (!(mended >> h->sets.members[h->sets.at[set].first + i] & 1))
            return false;
    return true;
}

static void check_mended(uint32_t mended, uint64_t seed)
{
    uint32_t gone = 0;
    uint32_t said = 0;
    for (uint32_t h = 0; h < kit.q.holders.sets.n_holders; h++)
        if (mended >> h & 1)
            gone |= sources_of(h);
    for (uint32_t v = 0; v < kit.s.n_objects; v++)
        said |= (uint32_t)is_within(v, mended) << v;
    CLAIM(said == kit_freed(gone), seed);
}

/* Of one source after the other. */
static void check_retained(uint32_t holder, uint64_t seed)
{
    const struct holders *h = &kit.q.holders;
    const uint32_t sources = sources_of(holder);
    struct held sum = {0};
    uint32_t alone = 0;
    for (uint32_t left = sources; left != 0;) {
        const uint32_t v = (uint32_t)__builtin_ctz(left);
        const uint32_t freed = kit_freed(kit.component[v]);
        held_add(&sum, weigh(freed));
        alone |= freed;
        left &= ~kit.component[v];
    }
    CLAIM(is_equal(sum, h->retained[holder]), seed);
    CLAIM(is_equal(weigh(kit_freed(sources) & ~alone), h->shared[holder]),
          seed);
}

/* What each set of several shares: freed with all of it, not with less. */
static void check_joint(uint32_t set, uint64_t seed)
{
    const struct holders *h = &kit.q.holders;
    const struct holder_set *s = &h->sets.at[set];
    uint32_t all = 0;
    uint32_t less = 0;
    for (uint32_t i = 0; i < s->n; i++)
        all |= sources_of(h->sets.members[s->first + i]);
    for (uint32_t i = 0; i < s->n; i++)
        less |= kit_freed(all & ~sources_of(h->sets.members[s->first + i]));
    CLAIM(is_equal(weigh(kit_freed(all) & ~less), h->shared[set]), seed);
}

START_TEST(what_is_shared_falls_when_all_its_holders_are_mended)
{
    uint32_t n_shared = 0;
    uint32_t n_within = 0;
    const uint64_t n_rounds = trials(40000);
    for (uint64_t seed = 1; seed <= n_rounds; seed++) {
        kit_make(seed);
        const struct holders *h = &kit.q.holders;
        const uint32_t n = h->sets.n_holders;
        for (uint32_t mended = 0; mended < 1u << (n < 4 ? n : 4); mended++)
            check_mended(mended, seed);
        for (uint32_t i = 0; i < n; i++) {
            check_retained(i, seed);
            n_within += h->shared[i].objects > 0;
        }
        for (uint32_t set = n + 1; set < h->sets.n; set++) {
            check_joint(set, seed);
            n_shared += h->shared[set].objects > 0;
        }
        kit_release();
    }
    ck_assert_uint_gt(n_shared, trials(500));
    ck_assert_uint_gt(n_within, trials(50));
}
END_TEST

static bool is_ring(uint32_t members)
{
    for (uint32_t i = 0; i < kit.s.n_links; i++) {
        const struct link *k = &kit.links[i];
        if (k->owner != OURO_NONE && members >> k->owner & 1 &&
            members >> k->target & 1)
            return true;
    }
    return false;
}

/* How many objects of `in` are in rings with that id that something holds. */
static uint64_t count_in_rings(uint32_t in, const char *id)
{
    uint64_t n = 0;
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        char own[17];
        if (!(in >> v & 1) || !(kit.unreachable >> v & 1) || kit_is_source(v) ||
            !is_ring(kit.component[v]))
            continue;
        kit_id(kit.component[v], own);
        n += !id || strcmp(own, id) == 0;
    }
    return n;
}

/* Each id once, and together they are all rings in `freed`. */
static void check_rings(const struct finding_ring *held, uint32_t n,
                        uint32_t freed, uint64_t seed)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        CLAIM(i == 0 || strcmp(held[i - 1].id, held[i].id) < 0, seed);
        CLAIM(held[i].objects == count_in_rings(freed, held[i].id), seed);
        sum += held[i].objects;
    }
    CLAIM(sum == count_in_rings(freed, NULL), seed);
}

START_TEST(every_ring_inside_is_listed_by_who_holds_it)
{
    uint32_t n_held = 0;
    const uint64_t n_rounds = trials(40000);
    for (uint64_t seed = 1; seed <= n_rounds; seed++) {
        kit_make(seed);
        for (uint32_t i = 0; i < kit.q.holders.sets.n_holders; i++) {
            struct finding f = {0};
            holders_describe(&kit.q, &kit.q.holders, i, &f);
            check_rings(f.held, f.n_held, kit_freed(sources_of(i)), seed);
            n_held += f.n_held;
        }
        kit_release();
    }
    ck_assert_uint_gt(n_held, trials(500));
}
END_TEST

START_TEST(a_finding_tells_each_set_that_it_is_in)
{
    uint32_t n_told = 0;
    const uint64_t n_rounds = trials(10000);
    for (uint64_t seed = 1; seed <= n_rounds; seed++) {
        kit_make(seed);
        const struct holders *h = &kit.q.holders;
        uint64_t told = 0;
        for (uint32_t i = 0; i < h->sets.n_holders; i++) {
            struct finding f = {0};
            holders_describe(&kit.q, &kit.q.holders, i, &f);
            CLAIM(f.shared_more == 0, seed);
            for (uint32_t k = 0; k < f.n_shared; k++) {
                told += f.shared[k].objects;
                CLAIM(k == 0 || f.shared[k - 1].bytes >= f.shared[k].bytes,
                      seed);
            }
        }
        uint64_t is = 0;
        for (uint32_t set = 0; set < h->sets.n; set++)
            is += h->shared[set].objects * h->sets.at[set].n;
        CLAIM(told == is, seed);
        n_told += told > 0;
        kit_release();
    }
    ck_assert_uint_gt(n_told, trials(100));
}
END_TEST

START_TEST(equal_sets_are_one_in_whatever_order_they_are_united)
{
    uint64_t state = 7;
    struct holder_sets s;
    holder_sets_init(&s, 12);
    uint32_t of_mask[1 << 12];
    memset(of_mask, 0xff, sizeof of_mask);
    for (int i = 0; i < 20000; i++) {
        uint32_t mask = 0;
        uint32_t set = OURO_NONE;
        for (uint32_t k = 1 + random_below(&state, 8); k > 0; k--) {
            const uint32_t holder = random_below(&state, 12);
            mask |= 1u << holder;
            set =
                set == OURO_NONE ? holder : holder_sets_unite(&s, set, holder);
        }
        if (of_mask[mask] == OURO_NONE)
            of_mask[mask] = set;
        CLAIM(of_mask[mask] == set, i);
        CLAIM(s.at[set].n == (uint32_t)__builtin_popcount(mask), i);
    }
    holder_sets_release(&s);
}
END_TEST

START_TEST(a_set_of_many_keeps_the_smallest)
{
    struct holder_sets s;
    holder_sets_init(&s, 1000);
    uint32_t up = 0;
    uint32_t down = 999;
    for (uint32_t i = 1; i < 1000; i++) {
        up = holder_sets_unite(&s, up, i);
        down = holder_sets_unite(&s, 999 - i, down);
    }

    ck_assert_uint_eq(up, down);
    ck_assert_uint_eq(s.at[up].n, HOLDERS_MOST);
    ck_assert(s.at[up].more);
    for (uint32_t i = 0; i < HOLDERS_MOST; i++)
        ck_assert_uint_eq(s.members[s.at[up].first + i], i);
    ck_assert_uint_eq(holder_sets_unite(&s, up, holder_sets_nobody(&s)),
                      holder_sets_nobody(&s));
    holder_sets_release(&s);
}
END_TEST

Suite *shared_suite(void);

Suite *shared_suite(void)
{
    Suite *s = suite_create("shared");
    TCase *t = tcase_create("sets");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_is_shared_falls_when_all_its_holders_are_mended);
    tcase_add_test(t, every_ring_inside_is_listed_by_who_holds_it);
    tcase_add_test(t, a_finding_tells_each_set_that_it_is_in);
    tcase_add_test(t, equal_sets_are_one_in_whatever_order_they_are_united);
    tcase_add_test(t, a_set_of_many_keeps_the_smallest);
    suite_add_tcase(s, t);
    return s;
}
