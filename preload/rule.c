/* SPDX-License-Identifier: MIT */
#include "rule.h"

#include "cfi.h"
#include "own.h"
#include "raw.h"

#include <errno.h>
#include <sys/mman.h>

enum { FEW = 256 };

static struct rule_slot shim_few[FEW] __attribute__((aligned(64)));

HOT struct rule_table rule_table = {.mask = FEW - RULE_WAYS, .slots = shim_few};

void rule_start(void)
{
    const long at =
        RAW_CALL6(SYS_mmap, 0, RULE_SLOTS * sizeof(struct rule_slot),
                  PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!raw_is_address(at))
        return;
    own_note((void *)at, RULE_SLOTS * sizeof(struct rule_slot));
    atomic_store(&rule_table.slots, (struct rule_slot *)at);
    atomic_store(&rule_table.mask, RULE_SLOTS - RULE_WAYS);
}

static bool fits(int64_t offset, int bits)
{
    const int64_t limit = (int64_t)1 << (bits - 1);
    return offset % 8 == 0 && offset / 8 < limit && offset / 8 >= -limit;
}

static uint64_t field(int64_t offset, int bits)
{
    return (uint64_t)(offset / 8) & (((uint64_t)1 << bits) - 1);
}

uint64_t rule_make(unsigned kinds, int64_t a, int64_t b, int64_t c)
{
    if ((kinds >> 2 & 3) == RULE_FP_SAME)
        b = c;
    if (!fits(a, 20) || !fits(b, 18) || !fits(c, 18))
        return RULE_NONE;
    return kinds | RULE_SET | field(a, 20) << 8 | field(b, 18) << 28 |
           field(c, 18) << 46;
}

static void write_slot(struct rule_slot *slot, uint64_t key, uint64_t rule)
{
    atomic_store_explicit(&slot->check, key ^ rule, memory_order_relaxed);
    atomic_store_explicit(&slot->rule, rule, memory_order_relaxed);
}

/* An empty way, one of another epoch, or the one that pc's low bits choose. */
static void keep(uint64_t key, uintptr_t pc, uint64_t rule)
{
    struct rule_slot *way = rule_ways(pc);
    struct rule_slot *into = &way[(pc >> 2) % RULE_WAYS];
    for (int i = 0; i < RULE_WAYS; i++) {
        const uint64_t held =
            atomic_load_explicit(&way[i].check, memory_order_relaxed) ^
            atomic_load_explicit(&way[i].rule, memory_order_relaxed);
        if (held >> 48 != key >> 48 || held == 0) {
            into = &way[i];
            break;
        }
    }
    write_slot(into, key, rule);
}

/* Epochs have 16 bits in a key: rules that are 65,536 epochs old must not be
   met again. Whoever sees a new half of the circle first wipes what the other
   half left; nothing that is still in use is lost for longer than a miss. */
static void wipe_old(uint32_t epoch)
{
    static _Atomic uint32_t half;
    uint32_t seen = atomic_load_explicit(&half, memory_order_relaxed);
    if (seen == epoch >> 15 ||
        !atomic_compare_exchange_strong(&half, &seen, epoch >> 15))
        return;
    const uint64_t n = atomic_load(&rule_table.mask) + RULE_WAYS;
    struct rule_slot *slots = atomic_load(&rule_table.slots);
    for (uint64_t i = 0; i < n; i++)
        write_slot(&slots[i], 0, 0);
}

static uint64_t learn(uintptr_t pc)
{
    const struct module *m = module_find(pc);
    if (!m)
        return cfi_undescribed(pc);
    const uint32_t epoch = module_epoch();
    wipe_old(epoch);
    const uint64_t rule = cfi_rule(m, pc);
    keep(pc | rule_epoch(epoch), pc, rule);
    return rule;
}

uint64_t rule_learn(uintptr_t pc)
{
    const int saved = errno;
    const uint64_t rule = learn(pc);
    errno = saved;
    return rule;
}
