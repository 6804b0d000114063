#!/bin/sh
# Blocks that static destructors free are no leaks.
. "$(dirname "$0")/../host_kit.sh"
build late_free
same ./late_free
intact
expect "leaks of the program's own" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and
    any(.stack[:6][]; .function | test("main|string|vector|map")))] | length')" 0
