/* SPDX-License-Identifier: MIT */
#include "taker.h"

#include "foreign.h"
#include "module.h"
#include "thread.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>

_Static_assert((int)TAKER_REGISTERS > (int)FOREIGN_REGISTERS, "room");

static uintptr_t shim_exit, shim_exit_size;

void taker_start(void)
{
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    void *at = dlsym(RTLD_NEXT, "exit");
    if (!at || !dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
        return;
    shim_exit = (uintptr_t)at;
    shim_exit_size = symbol->st_size;
}

static bool is_in_exit(const struct stack_frame *f)
{
    return f->ip - 1 - shim_exit < shim_exit_size;
}

/* Whom exit() would return to; else the first who is not us. */
static const struct stack_frame *find_caller(const struct stack *s)
{
    for (uint32_t i = s->n; i > 1; i--)
        if (is_in_exit(&s->at[i - 1]))
            return &s->at[i - 2];
    for (uint32_t i = s->n; i > 0; i--)
        if (!module_is_ours(s->at[i - 1].ip))
            return &s->at[i - 1];
    return NULL;
}

static struct stack_here find_exit(struct stack *s)
{
    stack_capture(s, STACK_HERE());
    const struct stack_frame *f = find_caller(s);
    return f ? (struct stack_here){.ip = f->ip, .sp = f->sp, .fp = f->fp}
             : (struct stack_here){0, 0, 0};
}

void taker_find(struct taker *k, struct stack *s, const struct stack_here *here)
{
    struct stack_here from = here ? *here : find_exit(s);
    k->tp = (uintptr_t)__builtin_thread_pointer();
    k->n_registers = from.sp ? foreign_registers(s, from, k->registers) : 0;
    /* What nobody can name is in our own frames: they keep it alive. */
    if (k->n_registers == 0)
        from.sp = (uintptr_t)__builtin_frame_address(0);
    k->sp = k->sure = from.sp;
    if (shim_visitor.subject)
        k->registers[k->n_registers++] = shim_visitor.subject;
}
