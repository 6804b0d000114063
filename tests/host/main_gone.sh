#!/bin/sh
# A process whose main thread has ended is recorded until the last one ends it.
. "$(dirname "$0")/../host_kit.sh"
build main_gone
for _ in 1 2 3 4 5; do
    same ./main_gone
    intact
    expect "complete, ended" "$(ask '.processes[0] | "\(.complete) \(.ended)"')" "true exit:0"
    expect "blocks lost when main was gone" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose_late") | .blocks] | add')" 1000
done
