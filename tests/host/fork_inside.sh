#!/bin/sh
# A handler that forks by a bare system call, in the middle of the guest's own
# work: the parent's record stays whole, the child has one of its own, without
# the event that was interrupted at most, which is counted.
. "$(dirname "$0")/../host_kit.sh"
build fork_inside
"$CC" -O1 -fPIC -shared -fno-builtin "$host/bump.c" -o libbump.so
LD_PRELOAD=$PWD/libbump.so
# Nothing that is freed comes back from it: 300 snapshots of that are too many.
OURO_SNAPSHOT=none
export LD_PRELOAD OURO_SNAPSHOT
same ./fork_inside
unset LD_PRELOAD
expect "output" "$(cat guest.out)" "300 children"
parent='.processes[] | select(.summary.allocations > 100000)'
child='.processes[] | select(.summary.allocations < 100000)'
of_size() {
    ask "[$1 | .findings[] | select(.kind == \"leak\" and .bytes == $2 * .blocks) | .blocks] | add // 0"
}
"$OURO" report rec.ouro >report.txt || fail "report: status $?"
grep -iE 'damage|checksum|cannot have happened' report.txt && fail "that was said of the parent or a child"
expect "lost by the parent" "$(of_size "$parent" 1717)" 300
expect "complete, lost and impossible events of the parent" "$(ask "$parent | [.complete, .summary.lost_events, .summary.order_conflicts, .summary.unknown_frees] | @json")" "[true,0,0,0]"
expect "images of children" "$(ask "[$child] | length")" 300
expect "lost by the children" "$(of_size "$child" 333)" 300
expect "children that miss two events or more" "$(ask "[$child | select(.summary.lost_events > 1)] | length")" 0
[ "$(ask "[$child | select(.summary.lost_events == 1)] | length")" -gt 0 ] || fail "no handler struck inside"
