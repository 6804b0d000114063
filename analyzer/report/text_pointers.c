/* SPDX-License-Identifier: MIT */
#include "report/text_pointers.h"

#include "report/place_name.h"
#include "report/text_caption.h"
#include "report/text_stack.h"

#include <inttypes.h>

enum { NAME = 40 };

const char *pointer_place_word(const struct pointer *p)
{
    static const char *const words[] = {
        [MEMORY_IN_BLOCK] = "block",      [MEMORY_IN_PAGES] = "pages",
        [MEMORY_IN_MODULE] = "data",      [MEMORY_IN_STACK] = "stack",
        [MEMORY_IN_TLS] = "thread-local", [MEMORY_IN_REGISTER] = "register",
        [MEMORY_IN_FREE] = "free",
    };
    return words[p->place];
}

static void add_module(struct text_line *l, const struct pointer *p)
{
    text_add(l, " in %s", text_head(path_base(p->module), NAME).bytes);
}

static void add_global(struct text_line *l, const struct pointer *p)
{
    if (*p->symbol) {
        text_add(l, "global %s", text_function(p->symbol, NAME).bytes);
        if (p->offset > 0)
            text_add(l, "+%" PRIu64, p->offset);
        add_module(l, p);
        return;
    }
    text_add(l, "data");
    if (*p->module)
        add_module(l, p);
    text_add(l, " at 0x%" PRIx64, *p->module ? p->offset : p->address);
}

static void add_block(struct text_line *l, const struct pointer *p)
{
    const bool named = *p->type || *p->label;
    if (named)
        text_add_named(l, p->type, p->label);
    else
        text_add(l, "a block");
    text_add(l, " at 0x%" PRIx64 ", offset %" PRIu64, p->address - p->offset,
             p->offset);
    if (!named && p->stack.n > 0)
        text_add(l, ", made in %s", text_place(&p->stack.at[0], NAME).bytes);
    if (p->after)
        text_add(l, ", freed since");
}

static void add_thread(struct text_line *l, const struct pointer *p)
{
    if (p->thread > 0)
        text_add(l, "thread %" PRIu32, p->thread);
    else
        text_add(l, "a thread without events (%" PRIu32 ")", p->os_thread);
}

static void add_register(struct text_line *l, const struct pointer *p)
{
    if (p->unseen)
        text_add(l, "perhaps a register that nobody saw, of ");
    else
        text_add(l, "a register of ");
    add_thread(l, p);
}

static void add_stack(struct text_line *l, const struct pointer *p)
{
    text_add(l, "the stack of ");
    add_thread(l, p);
    if (*p->symbol)
        text_add(l, ", in or near %s", text_function(p->symbol, NAME).bytes);
}

static void add_place(struct text_line *l, const struct pointer *p)
{
    switch (p->place) {
    case MEMORY_IN_BLOCK:
        add_block(l, p);
        return;
    case MEMORY_IN_PAGES:
        text_add(l, "memory of the program at 0x%" PRIx64, p->address);
        return;
    case MEMORY_IN_MODULE:
        add_global(l, p);
        return;
    case MEMORY_IN_STACK:
        add_stack(l, p);
        return;
    case MEMORY_IN_TLS:
        text_add(l, "thread-local storage of ");
        add_thread(l, p);
        return;
    case MEMORY_IN_REGISTER:
        add_register(l, p);
        return;
    case MEMORY_IN_FREE:
        text_add(l, "memory that was freed, at 0x%" PRIx64, p->address);
    }
}

void text_pointer(struct text_line *l, const struct pointer *p)
{
    add_place(l, p);
    if (p->unseen)
        return;
    if (p->into > 0)
        text_add(l, "; %" PRIu64 " bytes behind its start", p->into);
    if (p->announced)
        text_add(l, "; announced");
    if (!p->counts)
        text_add(l, "; keeps nothing alive");
    else if (p->unsure)
        text_add(l, "; perhaps no pointer");
}

void text_pointers(const struct text_out *o, const struct pointer *at,
                   uint32_t n, uint32_t most)
{
    const uint32_t told = n < most ? n : most;
    for (uint32_t i = 0; i < told; i++) {
        struct text_line l = {0};
        text_add(&l, "by ");
        text_pointer(&l, &at[i]);
        text_caption(o, i == 0 ? "pointed at" : "", l.text);
    }
    if (told < n && told > 0)
        fprintf(o->to, "%*s... and by %" PRIu32 " more\n", CAPTION_INDENT, "",
                n - told);
}
