#!/bin/sh
# What a handler allocates has a stack through the frame of the signal, out of a
# system call, the vDSO, and another handler, to main.
. "$(dirname "$0")/../host_kit.sh"
build interrupted
same ./interrupted
intact
# stacks BYTES NAME...: all blocks of that size, and those with all these names
stacks() {
    bytes=$1
    all=$(ask "[.processes[0].findings[] | select(.kind == \"leak\" and .bytes == $bytes * .blocks) | .blocks] | add // 0")
    shift
    for name in "$@"; do
        expect "blocks of $bytes bytes below $name" "$(jq "[.processes[0].findings[] | select(.kind == \"leak\" and .bytes == $bytes * .blocks)
            | select(any(.stack[]; .function == \"$name\")) | .blocks] | add // 0" report.json)" "$all"
    done
}
stacks 701 lose handler main
[ "$all" -ge 10 ] || fail "few of 701 bytes: $all"
stacks 702 lose handler main
stacks 703 lose handler main
[ "$all" -ge 300 ] || fail "few of 703 bytes: $all"
for name in sleeps reads_the_clock computes; do
    [ "$(ask "[.processes[0].findings[] | select(any(.stack[]; .function == \"$name\")) | .blocks] | add // 0")" -ge 10 ] ||
        fail "no stack goes through $name"
done
