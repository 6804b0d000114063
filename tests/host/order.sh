#!/bin/sh
# Threads that hand blocks to each other: one order, in both clock modes.
. "$(dirname "$0")/../host_kit.sh"
build order
for clock in tsc counter; do
    OURO_CLOCK=$clock same ./order
    intact
    expect "$clock: blocks of order.c that live" "$(ask '[.processes[0].findings[]
        | select(.kind == "leak") | select(.stack | any(.function == "thread"))] | length')" 0
    test "$(ask '.processes[0].summary.allocations')" -ge 320000 || fail "$clock: events are missing"
    expect "$clock: unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
done
GLIBC_TUNABLES=glibc.malloc.tcache_count=0 same ./order
intact
