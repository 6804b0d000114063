#!/bin/sh
# What libc allocates for a handler inside a realloc is recorded.
. "$(dirname "$0")/../host_kit.sh"
build realloc_handler
same ./realloc_handler
intact
expect "frees of nothing" "$(ask '.processes[0].summary.unknown_frees')" 0
expect "misuses" "$(ask '[.processes[0].findings[] | select(.kind == "misuse")] | length')" 0
