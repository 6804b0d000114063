#!/bin/sh
# A program with holes between its segments: stacks go all the way, with names.
. "$(dirname "$0")/../host_kit.sh"
build leaks -Wl,-z,separate-code -Wl,-z,max-page-size=0x200000
same ./leaks
expect "stack of the leak" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose") | .stack[:2][].function] | join(" ")')" "lose main"
build leaks -no-pie -Wl,-z,separate-code -Wl,-z,max-page-size=0x200000
same ./leaks
expect "stack of the leak, not PIE" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose") | .stack[:2][].function] | join(" ")')" "lose main"
