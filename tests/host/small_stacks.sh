#!/bin/sh
# Where the program's stack is small, ours is smaller; where it is deep, the
# inner frames are kept. Names are right in both.
. "$(dirname "$0")/../host_kit.sh"
build small_stacks
same ./small_stacks
expect "output" "$(cat guest.out)" "failed 0"
intact
found() {
    expect "$1" "$(ask "[.processes[0].findings[] | select(.stack[0].function == \"$1\") | .blocks] | add")" "$2"
}
found lose_in_thread 30
found lose_in_handler 10
found lose_in_fiber 10
found lose_at_the_end 10
found lose_deep 1
expect "what the handler interrupted" "$(ask '.processes[0].findings[] | select(.stack[0].function == "lose_in_handler")
    | any(.stack[]; .function == "main")')" true
expect "what called at depth" "$(ask '.processes[0].findings[] | select(.stack[0].function == "lose_deep") | .stack[1].function')" deep
"$OURO" report rec.ouro >report.txt || fail "report"
[ "$(wc -l <report.txt)" -lt 200 ] || fail "a deep stack is told in $(wc -l <report.txt) lines"
