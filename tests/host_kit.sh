# shellcheck shell=sh
# host_kit.sh - what the host tests share; sourced by tests/host/*.sh
#
# OURO, BUILD and CC come from the runner; the current directory is a scratch
# one. A test ends with 0 (passed), 77 (skipped, with the reason said) or
# anything else (failed).
set -eu
host=$(cd "$(dirname "$0")" && pwd)
CXX=${CXX-g++}

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

skip() {
    echo "skipped: $*" >&2
    exit 77
}

# build NAME [FLAG...]: tests/host/NAME.c or NAME.cpp becomes ./NAME
build() {
    name=$1
    shift
    if [ -f "$host/$name.cpp" ]; then
        "$CXX" -g -O1 -fno-builtin -I"$host/../../include" "$host/$name.cpp" -o "$name" "$@" -lpthread
    else
        "$CC" -g -O1 -fno-builtin -D_GNU_SOURCE -I"$host/../../include" "$host/$name.c" -o "$name" "$@" -lpthread
    fi
}

# guarded CMD...: the same under the guest; the recording is rec.ouro
guarded() {
    rm -rf rec.ouro
    "$OURO" record -o rec.ouro -- "$@"
}

# same CMD...: stdout, stderr and exit status are those without the guest
same() {
    set +e
    "$@" </dev/null >plain.out 2>plain.err
    plain=$?
    guarded "$@" </dev/null >guest.out 2>guest.err
    status=$?
    set -e
    # what the shell itself says of a child that a signal killed
    sed -i -E '/^(Aborted|Terminated|Killed|Segmentation fault)( .*)?$/d' plain.err
    [ "$plain" = "$status" ] || fail "$*: status $plain, with the guest $status: $(head -3 guest.err)"
    cmp -s plain.out guest.out || fail "$*: stdout differs: $(diff plain.out guest.out | head -5)"
    cmp -s plain.err guest.err || fail "$*: stderr differs: $(diff plain.err guest.err | head -5)"
}

# ask JQ [RECORDING]: what the JSON report says
ask() {
    "$OURO" report --format=json "${2-rec.ouro}" >report.json || fail "report failed"
    jq -r "$1" report.json
}

# expect WHAT GOT WANTED
expect() {
    [ "$2" = "$3" ] || fail "$1: $2, expected $3"
}

# intact [RECORDING]: nothing lost, nothing out of order, in every image
intact() {
    expect "lost events and order conflicts" \
        "$(ask '[.processes[].summary | .lost_events, .order_conflicts] | add' "${1-rec.ouro}")" 0
}
