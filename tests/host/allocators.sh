#!/bin/sh
# Other allocators behind and before the guest: the same leaks.
. "$(dirname "$0")/../host_kit.sh"
build entries_new -std=c++17
build leaks
lib=/usr/lib/$("$CC" -dumpmachine | sed 's/-pc//')
tried=0
for other in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2.0; do
    path=$(ls "$lib/$other" 2>/dev/null || :)
    [ -n "$path" ] || continue
    tried=$((tried + 1))
    LD_PRELOAD=$path same ./leaks
    expect "$other: leaks" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and .stack[0].function == "lose") | "\(.blocks) \(.bytes)"] | join(";")')" "100 4800"
    expect "$other: unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
    # its blocks hold what the allocator left in them: links to the next
    OURO_SNAPSHOT=none LD_PRELOAD=$path same ./entries_new without-failures
    expect "$other: operator new" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and (.stack[0].function | startswith("leak_new"))) | .blocks] | add')" 8
done
# the guest behind another wrapper of malloc, by hand
"$CC" -O1 -fPIC -shared -fno-builtin "$host/wrapper.c" -o libwrapper.so
guest=$(dirname "$OURO")/libouro.so
for order in "$guest $PWD/libwrapper.so" "$PWD/libwrapper.so $guest"; do
    rm -rf rec.ouro
    OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$order ./leaks >out
    expect "$order: output" "$(cat out)" "lost 100"
    expect "$order: leaks" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and any(.stack[]; .function == "lose")) | .blocks] | add')" 100
done
[ "$tried" -gt 0 ] || skip "no other allocator is installed"
