#!/bin/sh
# The same report wherever the program runs: under gdb and strace, in a user
# namespace without capabilities, without privileges, where ptrace is forbidden,
# as pid 1, in $(program), with SIGCHLD ignored, with malloc's own checks. It cannot
# tell: output and status are those of a plain run. Without /proc there is no
# snapshot, and the report says so.
. "$(dirname "$0")/../host_kit.sh"
build anywhere
build without_ptrace
guest=$BUILD/libouro.so

# told: the report, without what differs between any two runs
told() {
    "$OURO" report --show=all rec.ouro >raw || fail "no report: $(cat raw)"
    sed -E '1s/^.*anywhere  .process [0-9]+/anywhere/' raw
}

# in_place NAME COMMAND...: COMMAND ./anywhere is what it is in plain
in_place() {
    name=$1
    shift
    status=0
    "$@" ./anywhere >bare.out 2>bare.err || status=$?
    [ "$status" = 3 ] || fail "$name: status $status: $(cat bare.err)"
    rm -rf rec.ouro
    status=0
    OURO_ONLY=anywhere OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest \
        "$@" ./anywhere >out 2>err || status=$?
    [ "$status" = 3 ] || fail "$name: recorded: status $status: $(cat err)"
    cmp bare.out out || fail "$name: the program noticed: $(cat out)"
    cmp bare.err err || fail "$name: stderr: $(diff bare.err err)"
}

# as_ever NAME COMMAND...: and so is its report
as_ever() {
    in_place "$@"
    told >report
    cmp -s plain report || fail "$1: $(diff plain report)"
}

in_place plain env
told >plain
expect "the same of each kind" "$("$OURO" report --show=all --format=json rec.ouro |
    jq -r '.processes[0].findings[] | "\(.stack[0].function) \(.shape) \(.reach) \(.blocks)/\(.retained_blocks)"' | sort)" \
    "held_by_global single reachable 1/1
held_by_stack single reachable 2/2
held_by_tls single reachable 1/1
held_by_tls single reachable 2/2
held_inside single possible 1/1
lost_alone single definite 5/5
lost_by_ended single definite 1/1
lost_by_thread single possible 6/6
lost_ring ring definite 2/3"

as_ever "where ptrace is forbidden" ./without_ptrace
as_ever "MALLOC_PERTURB_" env MALLOC_PERTURB_=165
as_ever "no tcache" env GLIBC_TUNABLES=glibc.malloc.tcache_count=0
# shellcheck disable=SC2016 # for that shell
as_ever "SIGCHLD ignored" sh -c 'trap "" CHLD; exec "$@"' sh
# shellcheck disable=SC2016
as_ever '$(program)' sh -c 'x=$("$@"); status=$?; echo "$x"; exit $status' sh
as_ever "no core, no new files' bits" sh -c 'ulimit -c 0; umask 777; exec "$@"' sh

if command -v strace >/dev/null; then
    as_ever strace strace -f -qq -o trace.txt
    ! grep -E '^[0-9]+ +ptrace\(' trace.txt || fail "strace: somebody is traced"
fi
if command -v gdb >/dev/null; then
    rm -rf rec.ouro
    OURO_DIR=$PWD/rec.ouro gdb -q -batch -ex "set exec-wrapper env LD_PRELOAD=$guest" \
        -ex 'run >out' ./anywhere >gdb.out 2>&1 || fail "gdb: $(cat gdb.out)"
    grep -q 'exited with code 03' gdb.out || fail "gdb: $(cat gdb.out)"
    cmp bare.out out || fail "gdb: the program noticed: $(cat out)"
    told >report
    cmp -s plain report || fail "gdb: $(diff plain report)"
fi
if unshare -U true 2>/dev/null; then
    as_ever "a user namespace" unshare -U
fi
if unshare -Urfpm --mount-proc true 2>/dev/null; then
    as_ever "pid 1 with its /proc" unshare -Urfpm --mount-proc
fi
if setpriv --bounding-set=-all --inh-caps=-all true 2>/dev/null; then
    as_ever "no capabilities" setpriv --bounding-set=-all --inh-caps=-all --no-new-privs
fi
if unshare -Urm sh -c 'mount -t tmpfs none /proc' 2>/dev/null; then
    # shellcheck disable=SC2016
    in_place "no /proc" unshare -Urm sh -c 'mount -t tmpfs none /proc && exec "$@"' sh
    told >report
    tr -s ' \n' ' ' <report >words
    grep -q 'what is lost is not told from what is still reachable' words ||
        fail "no /proc: nothing is said of it: $(cat report)"
fi
