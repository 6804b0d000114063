#!/bin/sh
# A handler that forks by a bare system call strikes after any instruction of an
# event: the first of a process, one that meets a new library, one that ends a
# chunk. The parent's record stays whole; a child misses one event at most, which
# is counted, and knows where its blocks come from. SEED picks the places.
. "$(dirname "$0")/../host_kit.sh"
[ "$(uname -m)" = x86_64 ] || skip "only x86-64 programs trap after each of their own instructions"
seed=${SEED-$$}
echo "SEED=$seed"
build fork_steps -Wl,-z,now
"$CC" -O1 -fPIC -shared -fno-builtin "$host/bump.c" -o libbump.so
printf '#include <stdlib.h>\nvoid *plugin_malloc(size_t n) { void *volatile p = malloc(n); return p; }\n' >plugin.c
"$CC" -g -O1 -fPIC -shared -fno-builtin plugin.c -o libplugin.so
# Nothing that is freed comes back from it: hundreds of snapshots of that are too many.
LD_PRELOAD=$PWD/libbump.so OURO_SNAPSHOT=none guarded ./fork_steps "$seed" "${ONE_IN-150}" >out || fail "status $?: $(cat out)"
read -r n n_allocate <out
[ "$n" -gt 0 ] || skip "no traps here"
is_parent='any(.findings[]; .kind == "leak" and .bytes == 1717 * .blocks)'
child='[.processes[] | select(any(.findings[]; .kind == "leak" and .bytes == 333 * .blocks))]'
"$OURO" report rec.ouro >report.txt || fail "report: status $?"
grep -iE 'damage|checksum|cannot have happened' report.txt && fail "that was said of a parent or a child"
blocks_in() {
    ask "[.processes[].findings[] | select(.kind == \"leak\" and .bytes == $1 * .blocks and .stack[0].function == \"$2\") | .blocks] | add // 0"
}
expect "parents" "$(ask "[.processes[] | select($is_parent)] | length")" 4
expect "blocks lost by parents" "$(blocks_in 1717 lose)" 4
expect "lost, impossible and unknown of parents" "$(ask "[.processes[] | select($is_parent).summary | .lost_events, .order_conflicts, .unknown_frees] | add")" 0
expect "children" "$(ask "$child | length")" "$n"
expect "blocks lost by children" "$(blocks_in 333 lose)" "$n"
expect "blocks lost by handlers in children" "$(blocks_in 77 begin_child)" "$n_allocate"
expect "other blocks lost" "$(ask '[.processes[].findings[] | select(.kind == "leak" and (.bytes / .blocks | IN(1717, 333, 77, 99) | not))] | length')" 0
expect "children that miss two events or more" "$(ask "[${child}[] | select(.summary.lost_events > 1)] | length")" 0
expect "children that miss what is not counted" "$(ask "[${child}[].summary | select(.unknown_frees > .lost_events or .order_conflicts > 0)] | length")" 0
expect "frames in no module" "$(ask '[.processes[].findings[].stack[] | select(.module == "")] | length')" 0
