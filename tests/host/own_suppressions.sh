#!/bin/sh
# A program that exports __lsan_default_suppressions is asked once, and not in
# its children; what it says is recorded and applied to its own images alone.
. "$(dirname "$0")/../host_kit.sh"
build own_suppressions -rdynamic
same ./own_suppressions
expect "it was asked once, or not at all" "$status" 0
intact
leaks='[.processes[].findings[] | select(.kind == "leak") | .stack[0].function] | unique | join(" ")'
expect "leaks told" "$(ask "$leaks")" not_meant
expect "who left them out" \
    "$(ask '.suppressed[] | "\(.rule) \(.file) \(.findings)"')" \
    "leak:^meant\$ the program's own 2"
"$OURO" dump rec.ouro | grep -c SUPPRESSIONS >records
expect "records, of the parent alone" "$(cat records)" 5

build own_suppressions -o silent
same ./silent
expect "nothing is exported, nothing said" \
    "$(ask '.suppressed | length')" 0
expect "nothing is left out" "$(ask "$leaks")" "meant not_meant"
