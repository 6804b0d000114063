#!/bin/sh
# Blocks at equal offsets of many arenas are told apart, and found quickly.
. "$(dirname "$0")/../host_kit.sh"
build arenas
same ./arenas
intact
expect "leaks" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "thread") | "\(.blocks) \(.bytes)"] | join(";")')" "1600 160000"
expect "unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
expect "output" "$(cat guest.out)" "equal offsets"
# a search that ran along equal hashes would need minutes
timeout 20 "$OURO" report rec.ouro >report.txt || fail "the report took too long"
