#!/bin/sh
# What is allocated between OURO_DISABLE and OURO_ENABLE, at the address of
# something that was freed, is freed once and not twice.
. "$(dirname "$0")/../host_kit.sh"
build disabled
same ./disabled
expect "the allocator reuses addresses" "$status" 0
intact
expect "misuses" "$(ask '[.processes[].findings[] | select(.kind == "misuse")] | length')" 0
expect "frees of what was not seen" "$(ask '.processes[0].summary.unknown_frees')" 4
