/* SPDX-License-Identifier: MIT */
#include "request.h"

#include "config.h"
#include "descriptor.h"
#include "life.h"
#include "process.h"
#include "raw.h"
#include "snapshot.h"
#include "text.h"
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

HOT _Atomic uint32_t shim_request;

void request_forked(void)
{
    atomic_store(&shim_request, 0);
}

/* False: another thread has. A vfork child, which shares our memory, leaves it
   to its parent. */
static bool take_up(uint32_t *number)
{
    uint32_t known = atomic_load(&shim_request);
    *number = __atomic_load_n(&shim_header->snapshot, __ATOMIC_RELAXED);
    if (known == *number ||
        shim_header->pid != (uint32_t)RAW_CALL0(SYS_getpid) ||
        !atomic_compare_exchange_strong(&shim_request, &known, *number))
        return false;
    __atomic_store_n(&shim_header->taken_up, *number, __ATOMIC_RELEASE);
    return true;
}

static void tell_header(void)
{
    if (file_is_buffered())
        file_write(shim_header, sizeof *shim_header, 0);
}

static void answer(const void *subject)
{
    char name[32];
    uint32_t number;
    struct text t = text_in(name, sizeof name);
    if (!take_up(&number))
        return;
    text_add(&t, "request ");
    text_add_number(&t, number);
    process_asked(name);
    shim_visitor.subject = (uintptr_t)subject;
    snapshot_take(OURO_SNAP_ASKED, name);
    shim_visitor.subject = 0;
    __atomic_store_n(&shim_header->answered, number, __ATOMIC_RELEASE);
    tell_header();
}

/* With signals blocked: a handler that does not come back would leave whoever
   asked without an answer. */
void request_answer(const void *subject)
{
    uint64_t before;
    const bool blocked = raw_block_signals(&before);
    answer(subject);
    if (blocked)
        raw_set_signals(before);
}

/* In a buffered file our header is not the one that the tool writes to. */
static void read_request(void)
{
    uint32_t number;
    const long fd = descriptor_trace();
    if (fd >= 0 && RAW_CALL4(SYS_pread64, fd, &number, sizeof number,
                             offsetof(struct ouro_trace_header, snapshot)) ==
                       sizeof number)
        __atomic_store_n(&shim_header->snapshot, number, __ATOMIC_RELAXED);
}

/* Where it strikes inside of us, the next event answers. */
static void on_signal(int number)
{
    const int saved = errno;
    (void)number;
    if (life_is_recording() && !shim_visitor.guard && !shim_visitor.own) {
        if (file_is_buffered())
            read_request();
        if (request_is_pending())
            request_answer(NULL);
    }
    errno = saved;
}

/* As the kernel has it. */
struct action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

#if defined(__x86_64__)
/* What a handler returns to, in the bytes by which unwinders know it. */
void request_return(void) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".hidden request_return\n"
        ".globl request_return\n"
        ".type request_return, @function\n"
        "nop\n" /* looked up with the address before it */
        "request_return:\n"
        "mov $15, %rax\n"
        "syscall\n"
        ".size request_return, . - request_return\n");
enum { SA_RESTORES = 0x04000000 };
#define RETURN request_return
#else
enum { SA_RESTORES = 0 };
#define RETURN NULL
#endif

void request_start(void)
{
    const uint32_t number = config()->signal;
    const struct action ours = {
        .handler = on_signal,
        .flags = SA_RESTART | (unsigned long)SA_RESTORES,
        .restorer = RETURN,
    };
    struct action theirs = {.handler = SIG_IGN};
    if (number == 0 || !life_is_recording() ||
        RAW_CALL4(SYS_rt_sigaction, number, NULL, &theirs,
                  sizeof theirs.mask) != 0 ||
        theirs.handler != SIG_DFL)
        return;
    if (RAW_CALL4(SYS_rt_sigaction, number, &ours, NULL, sizeof ours.mask) == 0)
        shim_header->signal = number;
    tell_header();
}
