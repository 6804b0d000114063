#!/bin/sh
# Under gdb and strace, with other preloaded helpers, and pid 1 of a namespace.
. "$(dirname "$0")/../host_kit.sh"
build leaks
guest=$(dirname "$OURO")/libouro.so

lost() {
    expect "$1: leaks" "$(ask '[.processes[].findings[] | select(.stack[0].function == "lose") | .blocks] | add')" 100
}

strace -f -o trace.txt "$OURO" record -o rec.ouro -- ./leaks >out || fail "under strace"
expect "strace" "$(cat out)" "lost 100"
lost strace
rm -rf rec.ouro
OURO_DIR=$PWD/rec.ouro gdb -q -batch -ex "set exec-wrapper env LD_PRELOAD=$guest" -ex run ./leaks >out 2>&1 || fail "under gdb"
grep -q 'lost 100' out || fail "gdb: $(cat out)"
lost gdb
same stdbuf -o0 ./leaks
if unshare -Urpf true 2>/dev/null; then
    rm -rf rec.ouro
    for i in 1 2; do
        OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest unshare -Urpf ./leaks >out || fail "as pid 1, run $i"
    done
fi
expect "threads that the guest adds" "$(OURO_DIR=$PWD/t.ouro LD_PRELOAD=$guest grep Threads: /proc/self/status | tr -d '\t')" "Threads:1"
cat >newuser.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
int main(void) { const int r = unshare(CLONE_NEWUSER); printf("%d %d\n", r, r ? errno : 0); return 0; }
C
"$CC" newuser.c -o newuser
same ./newuser
# a handler of SIGCHLD, and waitpid(-1), see only the program's own children
cat >sigchld.c <<'C'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile int seen;
static void on(int s) { (void)s; seen++; }
static void last(void) { const pid_t p = waitpid(-1, NULL, WNOHANG); printf("%d %d\n", seen, p < 0); }
int main(void)
{
    signal(SIGCHLD, on);
    atexit(last);
    free(malloc(10));
    if (fork() == 0) _exit(0);
    while (wait(NULL) < 0) continue;
    return 0;
}
C
"$CC" sigchld.c -o sigchld
same ./sigchld
# shellcheck disable=SC2016
same sh -c 'x=$(./leaks); echo "$x"'
