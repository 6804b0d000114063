#!/bin/sh
# No descriptors, no space, no size, no memory, no /proc: the program runs on.
. "$(dirname "$0")/../host_kit.sh"
build order
build leaks
guest=$(dirname "$OURO")/libouro.so

# alone CMD...: with nothing but LD_PRELOAD, the output and status unchanged
alone() {
    rm -rf rec.ouro
    OURO_DIR=${DIR-$PWD/rec.ouro} LD_PRELOAD=$guest "$@" >guest.out 2>guest.err || fail "$*: status $?: $(cat guest.err)"
    expect "$*: stderr" "$(cat guest.err)" ""
    expect "$*: stdout" "$(cat guest.out)" "done"
}

alone sh -c 'ulimit -n 4; exec ./order'
alone sh -c 'ulimit -f 1; exec ./order'
alone sh -c 'ulimit -f 1000; exec ./order'
test -n "$(ls rec.ouro/*.trace)" || fail "ulimit -f 1000: no trace"
"$OURO" report rec.ouro >out 2>&1 || fail "ulimit -f 1000: no report"
grep -qi 'stopped' out || fail "the report does not say that recording stopped: $(cat out)"
alone sh -c 'ulimit -v 400000; exec ./order'
alone sh -c 'ulimit -s 128; exec ./order'
alone sh -c 'ulimit -l 0; exec ./order'

for DIR in /dev/null /dev/full /nonexistent/a/b "$PWD/file" "$PWD/fifo" "" /proc/self/fd; do
    : >file
    [ -p fifo ] || mkfifo fifo
    alone ./order
done
unset DIR

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    mkdir -p small
    # shellcheck disable=SC2016  # the inner shell's variables
    unshare -m sh -c 'mount -t tmpfs -o size=1m none small && OURO_DIR=$PWD/small/r LD_PRELOAD='"$guest"' ./order >guest.out 2>guest.err; s=$?; '"$OURO"' report small/r >report.txt 2>&1; exit $s' ||
        fail "a full disk: status $?"
    expect "a full disk" "$(cat guest.out)$(cat guest.err)" "done"
    grep -qi 'no space\|stopped' report.txt || fail "the report does not say that the disk was full: $(cat report.txt)"
    # no /proc and an empty root, after the start
    cat >jail.c <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void *volatile sink;
static __attribute__((noinline)) void lose(void) { sink = malloc(48); }
int main(void)
{
    if (chroot("jail") != 0 || chdir("/") != 0 || setresuid(65534, 65534, 65534) != 0) return 1;
    for (int i = 0; i < 300000; i++) free(malloc(32));
    for (int i = 0; i < 100; i++) lose();
    puts("jailed");
    return 0;
}
C
    "$CC" -g jail.c -o jailed
    mkdir -p jail
    same ./jailed
    expect "events of a jailed program" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose") | .blocks] | add')" 100
    intact
else
    echo "limits: not root, the full disk and the jail were left out" >&2
fi

# buffered: nothing is mapped, little is lost by a kill, and it says so
OURO_IO=buffered same ./leaks
expect "buffered" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose") | .blocks] | add')" 100
