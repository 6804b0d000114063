#!/bin/sh
# In a forked child of a program with many libraries there is room for a string
# that has to be told again since its modules filled the chunk.
. "$(dirname "$0")/../host_kit.sh"
children=24
where=$PWD/$(printf '%0200d' 0)
mkdir "$where"
echo 'int none;' >plugin.c
"$CC" -shared -fPIC plugin.c -o libplugin.so
libraries=
for i in $(seq 100 150); do
    cp libplugin.so "$where/$(printf '%0150d' "$i").so"
    libraries=$libraries:$where/$(printf '%0150d' "$i").so
done
build fork_strings
LD_PRELOAD=${libraries#:} guarded ./fork_strings >out || fail "status $?: $(cat out)"
expect "what it says" "$(cat out)" "done"
intact
expect "images" "$(ask '.processes | length')" $((children + 1))
expect "objects" "$(ask '[.processes[].summary.objects_created] | add')" $((children + 1))
"$OURO" dump rec.ouro >dump.out || fail "dump: status $?"
expect "objects with a name" "$(grep -c 'NEW .*type="x' dump.out)" $children
