#!/bin/sh
# Each entry point, leaked once: exact bytes, the right function and name.
. "$(dirname "$0")/../host_kit.sh"

# leaked FUNCTION BYTES ALLOCATOR
leaked() {
    expect "$1" "$(ask "[.processes[0].findings[] | select(.kind == \"leak\" and
        (.stack[0].function | test(\"^$1(\\\\(|$)\"))) | \"\(.blocks) \(.bytes) \(.allocator)\"] | join(\";\")")" "1 $2 $3"
}

build entries
same ./entries
grep -q 'edges 0, arena 1' guest.out || fail "an edge behaves otherwise: $(cat guest.out)"
intact
leaked leak_malloc 1001 malloc
leaked leak_calloc 1001 calloc
leaked leak_realloc 1002 realloc
leaked leak_realloc_moved 100003 realloc
leaked leak_reallocarray 1023 reallocarray
leaked leak_aligned_alloc 1024 aligned_alloc
leaked leak_memalign 1025 memalign
leaked leak_valloc 1026 valloc
leaked leak_pvalloc 1027 pvalloc
leaked leak_posix_memalign 1028 posix_memalign
leaked leak_nothing 0 malloc
expect "unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
expect "what the edges left" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "edges")] | length')" 0

build entries_new -std=c++17
same ./entries_new
intact
leaked leak_new 2001 "operator new"
leaked leak_new_array 2002 "operator new[]"
leaked leak_new_nothrow 2003 "operator new(nothrow)"
leaked leak_new_array_nothrow 2004 "operator new[](nothrow)"
leaked leak_new_aligned 2005 "operator new(align)"
leaked leak_new_array_aligned 2006 "operator new[](align)"
leaked leak_new_aligned_nothrow 2007 "operator new(align, nothrow)"
leaked leak_new_array_aligned_nothrow 2008 "operator new[](align, nothrow)"
leaked handler 3003 malloc
expect "blocks of main and deletes that live" "$(ask '[.processes[0].findings[]
    | select(.stack[0].function == "main" or (.stack[0].function | startswith("deletes")))] | length')" 0
expect "unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
