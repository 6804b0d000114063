#!/bin/sh
# idle_cells.sh - cells are idle where all of their memory is free, no more and no
# fewer
. "$(dirname "$0")/../host_kit.sh"

build idle_cells -I"$host/../../preload" "$host/../../preload/idle.c"
idle=$(./idle_cells 1 300) || fail "idle_cells"
[ "$idle" -gt 500 ] || fail "only $idle cells were idle"
