#!/bin/sh
# Forked children have records of their own and report only what is theirs.
. "$(dirname "$0")/../host_kit.sh"
build forks
same ./forks
intact
parent='.processes[] | select(.exe | endswith("/forks")) | select([.summary.allocations][0] > 1000)'
expect "the parent's own leaks" "$(ask "$parent | [.findings[] | select(.stack | any(.function == \"main\"))] | length")" 0
expect "leaks of children" "$(ask '[.processes[].findings[] | select(.stack[0].function == "child_leak") | .blocks] | add')" 21
expect "findings of children beside them" "$(ask "[.processes[] | select(.exe | endswith(\"/forks\")) | select(.summary.allocations < 1000) | .findings[]
    | select(.stack[0].function != \"child_leak\")] | length")" 0

# a handler's event while a child begins is not another beginning
build fork_signals
same ./fork_signals
expect "files" "$(find rec.ouro -name '*.trace' | wc -l)" 101
