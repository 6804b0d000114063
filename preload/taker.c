/* SPDX-License-Identifier: MIT */
#include "taker.h"

#include "raw.h"
#include "registers.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>

_Static_assert((int)REGISTERS_KEPT < (int)STANDSTILL_REGISTERS, "room");

/* Frames of exit() and of what calls its handlers, at most. */
enum { DEEPEST = 8 };

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

/* The address is behind the call of a function that does not return, which may
   be behind exit's end too. */
static bool is_in_exit(const struct registers *r)
{
    return r->now.at[SWITCH_IP] - 1 - shim_exit < shim_exit_size;
}

/* To whoever called exit(); r stays where it is if that is not found. */
static void leave_exit(struct registers *r)
{
    struct registers outer = *r;
    for (int i = 0; i < DEEPEST; i++) {
        const bool was_in_exit = is_in_exit(&outer);
        if (!registers_leave(&outer))
            return;
        if (was_in_exit) {
            *r = outer;
            return;
        }
    }
}

void taker_find(struct standstill_thread *k, bool in_exit)
{
    struct registers r = {.is_return = false};
    registers_here(&r);
    struct registers outer = r;
    /* Else what nobody can name is in our own frames: they keep it alive. */
    if (registers_leave_us(&outer)) {
        r = outer;
        if (in_exit)
            leave_exit(&r);
    }
    k->thread = shim_visitor.number;
    k->os_thread = (uint32_t)RAW_CALL0(SYS_gettid);
    k->seen = OURO_SNAP_TAKER;
    k->sp = k->sure = r.now.at[SWITCH_SP];
    k->tp = (uintptr_t)__builtin_thread_pointer();
    k->n_registers = REGISTERS_KEPT;
    registers_list(&r, k->registers);
    if (shim_visitor.subject)
        k->registers[k->n_registers++] = shim_visitor.subject;
}
