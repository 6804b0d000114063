/* SPDX-License-Identifier: MIT */
/* Leaves the place where it began, in the way its argument says, and goes on:
   allocates so much that the trace must grow, forks a child, starts a program.
   Prints what it could do. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile sink;

static __attribute__((noinline)) void lose_after(void)
{
    sink = malloc(48);
    sink = NULL;
}

static __attribute__((noinline)) void lose_in_child(void)
{
    sink = malloc(49);
    sink = NULL;
}

static int leave(const char *how)
{
    if (strcmp(how, "chdir") == 0)
        return chdir("/");
    if (strcmp(how, "removed") == 0)
        return mkdir("gone", 0700) != 0 || chdir("gone") != 0 ||
               rmdir("../gone") != 0;
    if (strcmp(how, "chroot") == 0)
        return chroot("jail") != 0 || chdir("/") != 0;
    if (strcmp(how, "unshare") == 0)
        return unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC);
    if (strcmp(how, "pivot") == 0)
        return unshare(CLONE_NEWNS) != 0 ||
               mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
               mount("jail", "jail", NULL, MS_BIND, NULL) != 0 ||
               chdir("jail") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
               umount2(".", MNT_DETACH) != 0 || chdir("/") != 0;
    if (strcmp(how, "setns") == 0) {
        const int fd = open("/proc/self/ns/mnt", O_RDONLY);
        return unshare(CLONE_NEWNS) != 0 || setns(fd, CLONE_NEWNS) != 0 ||
               close(fd) != 0;
    }
    if (strcmp(how, "nobody") == 0)
        return setresgid(65534, 65534, 65534) != 0 ||
               setresuid(65534, 65534, 65534) != 0;
    return 1;
}

int main(int argc, char **argv)
{
    int status = -1;
    if (argc < 2 || leave(argv[1]) != 0) {
        puts("could not leave");
        return 9;
    }
    for (int i = 0; i < 100000; i++)
        free(malloc(32));
    for (int i = 0; i < 100; i++)
        lose_after();
    const pid_t child = fork();
    if (child == 0) {
        lose_in_child();
        _exit(6);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 8;
    printf("child %d\n", WEXITSTATUS(status));
    return 0;
}
