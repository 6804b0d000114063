/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include "raw.h"

#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <fcntl.h>
#endif

HOT uint32_t shim_clock;
struct clock_counter shim_counter;

uint64_t clock_ns(int clock)
{
    struct timespec now = {0};
    RAW_CALL2(SYS_clock_gettime, clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#if defined(__x86_64__)
static bool is_invariant(void)
{
    enum { INVARIANT_TSC = 1 << 8 };
    unsigned a;
    unsigned b;
    unsigned c;
    unsigned d;
    return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & INVARIANT_TSC);
}

/* The kernel measured whether the cores agree. Where it does not say (no /sys),
   CPUID's word must do. */
static bool is_trusted(void)
{
    static const char path[] =
        "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    char name[16] = "";
    const long fd =
        RAW_CALL4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return true;
    RAW_CALL3(SYS_read, fd, name, sizeof name - 1);
    RAW_CALL1(SYS_close, fd);
    return strcmp(name, "tsc\n") == 0;
}
#endif

void clock_start(bool counter)
{
    shim_clock = OURO_CLOCK_COUNTER;
#if defined(__x86_64__)
    if (!counter && is_invariant() && is_trusted())
        shim_clock = OURO_CLOCK_TSC;
#elif defined(__aarch64__)
    if (!counter)
        shim_clock = OURO_CLOCK_CNTVCT;
#endif
}
