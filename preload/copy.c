/* SPDX-License-Identifier: MIT */
#include "copy.h"

#include "descriptor.h"
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static long name_space(const char *path, char *name, size_t room)
{
    return RAW_CALL4(SYS_readlinkat, AT_FDCWD, path, name, room);
}

/* The first child in a new namespace of processes is its init, and with it the
   namespace ends: the host has yet to make that one. */
static bool would_be_init(void)
{
    char here[64], there[64];
    const long n = name_space("/proc/self/ns/pid", here, sizeof here);
    const long m =
        name_space("/proc/self/ns/pid_for_children", there, sizeof there);
    return n > 0 && (n != m || memcmp(here, there, (size_t)n) != 0);
}

long copy_make(void)
{
    const long parent = RAW_CALL0(SYS_getpid);
    if (would_be_init())
        return -EPERM;
    /* Without a signal for its end, and out of a tracer's sight. */
    const long pid = RAW_CALL6(SYS_clone, CLONE_UNTRACED, 0, 0, 0, 0, 0);
    if (pid != 0)
        return pid;
    RAW_CALL2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    if (RAW_CALL0(SYS_getppid) != parent)
        copy_end(0);
    descriptor_close_others();
    return 0;
}

_Noreturn void copy_end(int status)
{
    for (;;)
        RAW_CALL1(SYS_exit_group, status);
}

int copy_wait(long pid)
{
    int status = -1;
    long ret;
    do
        ret = RAW_CALL4(SYS_wait4, pid, &status, __WALL, 0);
    while (ret == -EINTR);
    return ret == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
