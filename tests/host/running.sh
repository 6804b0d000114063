#!/bin/sh
# Threads that run while the process ends cut nothing and break no order.
. "$(dirname "$0")/../host_kit.sh"
build running
for _ in 1 2 3 4 5 6 7 8 9 10; do
    same ./running
    intact
    [ "$(ask '.processes[0].complete')" = true ] || fail "not complete: $("$OURO" report rec.ouro)"
done
