/* SPDX-License-Identifier: MIT */
#include "explain/address_names.h"

#include "explain/symbolizer.h"
#include "explain/symbols.h"

#include <stdlib.h>
#include <string.h>

/* False: nothing on a disk can name it. */
static bool make_query(struct symbolizer *z, struct arena *a,
                       const struct trace *t, struct address_name *n,
                       struct symbol_query *q)
{
    struct elf_source source;
    const struct module *m = trace_module(t, n->addr, n->epoch);
    n->name = n->module = "";
    n->behind = 0;
    if (!m)
        return false;
    n->module = m->path;
    n->behind = n->addr - m->bias;
    if (!symbols_source(a, t, m, &source))
        return false;
    *q = (struct symbol_query){n->behind, symbolizer_source(z, &source),
                               n->exact, false};
    return true;
}

static void take(struct symbolizer *z, struct arena *a,
                 const struct symbol_query *q, struct address_name *n)
{
    const struct known k = symbolizer_answer(z, q);
    if (k.n == 0)
        return;
    const char *name = k.at[k.n - 1].function;
    if (!*name)
        return;
    n->name = arena_text(a, name, strlen(name));
    n->behind = k.behind;
}

void address_names_find(struct symbolizer *z, struct arena *a,
                        const struct trace *t, struct address_name *at,
                        uint32_t n)
{
    struct symbol_query *queries = must_calloc(n, sizeof *queries);
    uint32_t *of = must_calloc(n, sizeof *of);
    uint32_t asked = 0;
    for (uint32_t i = 0; i < n; i++)
        if (make_query(z, a, t, &at[i], &queries[asked]))
            of[asked++] = i;
    symbolizer_ask(z, queries, asked, NULL);
    for (uint32_t i = 0; i < asked; i++)
        take(z, a, &queries[i], &at[of[i]]);
    free(of);
    free(queries);
}
