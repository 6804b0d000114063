#!/bin/sh
# Every allocation function with every function that frees: one heap, the same
# room in each block, and nothing is left or unknown.
. "$(dirname "$0")/../host_kit.sh"
build pairs -std=c++17
same ./pairs
intact
blocks=$(sed -n 's/ blocks$//p' guest.out)
[ "$blocks" -ge 1000 ] || fail "only $blocks pairs"
[ "$(ask '.processes[0].summary.allocations')" -ge "$blocks" ] || fail "pairs are missing from the trace"
expect "unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
expect "leaks of the program" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and
    any(.stack[]; .function == "main"))] | length')" 0
expect "misuses" "$(ask '[.processes[0].findings[] | select(.kind == "misuse")] | length')" 0
GLIBC_TUNABLES=glibc.malloc.tcache_count=0 same ./pairs
