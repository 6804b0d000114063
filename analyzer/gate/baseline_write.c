/* SPDX-License-Identifier: MIT */
#include "gate/baseline.h"

#include "report/finding_words.h"
#include "report/json_parts.h"

static void put_names(struct json_out *j, const char *key,
                      const char *const *names, uint32_t n)
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_out_text(j, names[i]);
    json_out_close(j);
}

/* What a reader can hold. */
static uint64_t most(uint64_t n)
{
    return n > INT64_MAX ? INT64_MAX : n;
}

static void put_entry(struct json_out *j, const struct entries *e, uint32_t i)
{
    const struct entry *k = &e->at[i];
    uint32_t n;
    const struct entry_ring *rings = entries_rings(e, i, &n);
    json_out_open_object(j);
    json_text(j, "id", k->id);
    json_text(j, "kind", finding_kind_word(k->kind));
    json_text(j, "reach", finding_reach_word(k->reach));
    put_names(j, "types", k->types, k->n_types);
    put_names(j, "stack", k->stack, k->n_stack);
    json_count(j, "instances", most(k->instances));
    json_count(j, "bytes", most(k->bytes));
    json_out_key(j, "holds");
    json_out_open_object(j);
    for (uint32_t r = 0; r < n; r++)
        json_count(j, rings[r].id, most(rings[r].rings));
    json_out_close(j);
    if (k->note)
        json_text(j, "note", k->note);
    json_out_close(j);
}

void baseline_write(const struct entries *e, FILE *to)
{
    struct json_out j;
    json_out_begin(&j, to);
    json_out_open_object(&j);
    json_text(&j, "schema", "ouro-baseline/1");
    json_out_key(&j, "findings");
    json_out_open_array(&j);
    for (uint32_t i = 0; i < e->n; i++)
        put_entry(&j, e, i);
    json_out_close(&j);
    json_out_close(&j);
    json_out_end(&j);
}
