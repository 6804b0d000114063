#!/bin/sh
# Handlers that allocate are recorded too, also when they strike inside us.
. "$(dirname "$0")/../host_kit.sh"
build signals
"$CC" -O1 -fPIC -shared -fno-builtin "$host/bump.c" -o libbump.so
LD_PRELOAD=$PWD/libbump.so same ./signals
expect "blocks of the handler" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and .stack[0].function == "in_handler") | .blocks] | add')" 50
expect "lost events" "$(ask '.processes[0].summary.lost_events')" 0
expect "blocks of main" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "main")] | length')" 0
