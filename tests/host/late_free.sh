#!/bin/sh
# Blocks that static destructors free are no leaks.
. "$(dirname "$0")/../host_kit.sh"
build late_free
same ./late_free
intact
expect "leaks with main.cpp's frames" "$(ask '[.processes[0].findings[]
    | select(.kind == "leak") | select(.stack | any(.file | test("late_free")))] | length')" 0
