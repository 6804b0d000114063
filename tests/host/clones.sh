#!/bin/sh
# Children by raw clone: one record for one memory, another for a copy of it.
. "$(dirname "$0")/../host_kit.sh"
build clones
same ./clones
intact
parent='.processes[] | select(.summary.allocations > 10000)'
lost() {
    ask "[$1 | .findings[] | select(any(.stack[:2][]; .function == \"child_loses\")) | .blocks] | add"
}
expect "images" "$(find rec.ouro -name '*.trace' | wc -l)" 2
expect "lost in the shared memory" "$(lost "$parent")" 30
expect "lost by the child apart" "$(lost '.processes[] | select(.summary.allocations < 10000)')" 1
expect "unknown frees" "$(ask '[.processes[].summary.unknown_frees] | add')" 0
expect "other leaks of the parent" "$(ask "[$parent | .findings[] | select(any(.stack[]; .function == \"run\" or .function == \"child\"))
    | select(any(.stack[:2][]; .function == \"child_loses\") | not)] | length")" 0
